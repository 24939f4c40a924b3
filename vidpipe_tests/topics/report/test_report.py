"""The report of a topic run, in a real browser: what it shows, what it lets happen, how large."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from vidpipe.topics.report.report import DatedEvent, LineageStep, MappedVideo, Report, render
from vidpipe_tests.topics.report import reports
from vidpipe_tests.topics.report.chromium import Chromium, Page, executable

pytestmark = pytest.mark.skipif(executable() is None, reason="no Chromium on this machine")

MAX_BYTES = 20_000_000
# Numbers of topics in the page: the largest first, then by id, the account's own one last.
HARBOUR, SOUP, CATS, ANNAS_HARBOUR = 0, 1, 3, 4
PLACES_OF_TEXTS = (
    "h1",
    "#made",
    "#notes",
    "#legend",
    "#hover-card p",
    "#hover-card .account",
    "#hover-card .topic-line",
    "#hover-card .id",
    "#topic-cards .card h3",
    "#topic-cards .words",
    "#topic-cards .id",
    "#account-list",
    "#account-page h3",
    "#account-page .focus",
    "#account-page .events",
    "#lineage",
)
ATTACKS = (
    "<script>window.hacked = 1</script>",
    "</script><script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    '"><svg onload="window.hacked = 1">',
    "'; window.hacked = 1; //",
    "<a href='javascript:window.hacked = 1'>look</a> <b>bold</b>",
    "<!-- ${window.hacked = 1} $title $data",
    "safe\u202egpj.exe\u2066 and \u2028 a line",
    "half\ud800 and nul \0",
    "&lt;b&gt; &amp;",
    "word " * 20_000,
)


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with Chromium.start(tmp_path_factory.mktemp("chromium")) as started:
        yield started


@pytest.fixture(scope="module")
def small_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(reports.small(), tmp_path_factory.mktemp("small"))


@pytest.fixture
def page(chromium: Chromium, small_file: Path) -> Iterator[Page]:
    """The small report, which must still be without fault when a test has ended."""
    with chromium.page(small_file) as opened:
        yield opened
        assert_undisturbed(opened, small_file)


def written(report: Report, folder: Path) -> Path:
    file = folder / "report.html"
    file.write_text(render(report), "utf-8")
    return file


def assert_undisturbed(page: Page, file: Path) -> None:
    """No error, no breach of the policy, and nothing asked for but the file."""
    assert page.errors == []
    assert [url for url in page.requests if not url.startswith(("data:", "blob:"))] == [
        file.as_uri()
    ]


def hover(page: Page, plot: str, trace: int, video: int) -> None:
    """Move the mouse over the point of one video."""
    page.evaluate(f"document.querySelector('{plot}').scrollIntoView({{behavior: 'instant'}})")
    x_px, y_px = page.evaluate(f"""(() => {{
        const plot = document.querySelector('{plot}');
        const {{ xaxis, yaxis }} = plot._fullLayout;
        const {{ x, y, customdata }} = plot._fullData[{trace}];
        const point = customdata.indexOf({video});
        const box = plot.getBoundingClientRect();
        const across = xaxis._offset + xaxis.d2p(x[point]);
        return [box.x + across, box.y + yaxis._offset + yaxis.d2p(y[point])];
    }})()""")
    page.move_mouse(x_px + 40, y_px + 40)
    page.move_mouse(x_px, y_px)
    page.wait_for("!document.querySelector('#hover-card').hidden")


def set_date(page: Page, name: str, day: str) -> None:
    page.evaluate(f"document.querySelector('#{name}-filter').value = '{day}'")
    page.evaluate(
        f"document.querySelector('#{name}-filter').dispatchEvent("
        "new Event('input', {bubbles: true}))"
    )


def test_a_report_opens_without_error_and_asks_for_nothing(page: Page) -> None:
    assert page.text("h1") == "Topics of the week"
    assert "60 videos, 2 accounts, 4 topics" in page.text("#made")
    assert page.text("#notes") == "3 videos had no keyframes and are left out."
    page.wait_for_text("#shown-count", "60 of 60 videos shown")
    assert page.evaluate("document.querySelector('#map')._fullData[1].type") == "scattergl"


def test_a_point_under_the_mouse_tells_its_video(page: Page) -> None:
    hover(page, "#map", 1, 5)
    card = page.text("#hover-card")
    assert "béla · tiktok" in card
    assert "2025-01-11 13:00 UTC" in card
    assert "Cooking soup number 5 #soup" in card
    page.wait_for("document.querySelector('#hover-card img').naturalWidth === 96")
    page.move_mouse(1, 1)
    page.wait_for("document.querySelector('#hover-card').hidden")


def test_a_topic_can_be_chosen_and_another_one_added(page: Page) -> None:
    page.click(f"#legend [data-topic='{SOUP}']")
    page.wait_for_text("#shown-count", "15 of 60 videos shown")
    page.click("#legend [data-topic='-1']")
    page.wait_for_text("#shown-count", "30 of 60 videos shown")
    page.wait_for("document.querySelector('#map')._fullData[1].x.length === 30")
    page.click("#clear-filters")
    page.wait_for_text("#shown-count", "60 of 60 videos shown")


def test_filters_of_account_text_and_dates_act_together(page: Page) -> None:
    page.type_into("#account-filter", "béla · tiktok")
    page.wait_for_text("#shown-count", "15 of 60 videos shown")
    page.wait_for_text(f"#legend [data-topic='{SOUP}'] .count", "5")
    page.type_into("#text-filter", "SOUP")
    page.wait_for_text("#shown-count", "5 of 60 videos shown")
    page.type_into("#account-filter", "")
    page.wait_for_text("#shown-count", "15 of 60 videos shown")
    page.type_into("#text-filter", "")
    set_date(page, "from", "2025-01-06")
    page.wait_for_text("#shown-count", "59 of 60 videos shown")  # one has no date
    set_date(page, "to", "2025-01-08")
    page.wait_for_text("#shown-count", "3 of 60 videos shown")


def test_a_topic_card_filters_the_map(page: Page) -> None:
    assert page.evaluate("document.querySelectorAll('#topic-cards .card').length") == 4
    card = page.text(f"#topic-cards [data-topic='{HARBOUR}']")
    assert "14 contents · 15 videos · 3 accounts" in card
    assert "crane" in card
    page.click(f"#topic-cards [data-topic='{CATS}'] .sizes")
    page.wait_for_text("#shown-count", "0 of 60 videos shown")
    page.click(f"#account-page [data-topic='{ANNAS_HARBOUR}'] .card-title")
    page.wait_for_text("#shown-count", "15 of 60 videos shown")


def test_an_account_page_tells_focus_topics_and_events(page: Page) -> None:
    assert page.text(".focus") == "14 of 28 contents, 0.50 (0.33 to 0.67), are Anna's harbour."
    labels = "[...document.querySelectorAll('.over-time .annotation-text')]"
    drawn = page.evaluate(f"{labels}.map((one) => one.textContent)")
    plain = [text.strip("\u2068\u2069") for text in drawn]
    assert plain == ["Anna's harbour", "in no topic", "Election", "Anna's interview"]
    shapes = "document.querySelector('.over-time')._fullLayout.shapes.map((one) => one.type)"
    assert page.evaluate(shapes) == ["rect", "rect", "line", "line"]
    assert "Béla's holiday" not in page.text("#account-page")
    hours = page.evaluate("document.querySelector('.hours')._fullData[0].z")
    assert hours == [[(day * hour) % 5 for hour in range(24)] for day in range(7)]
    hover(page, ".over-time", 0, 8)
    assert "within the account: Anna's harbour" in page.text("#hover-card")


def test_accounts_are_found_by_name_and_too_few_videos_are_said(page: Page) -> None:
    names = "[...document.querySelectorAll('.account-entry .label')].map((one) => one.textContent)"
    assert page.evaluate(names) == ["anna · tiktok", "béla · tiktok", "carl"]
    page.type_into("#account-search", "BÉ")
    page.wait_for(f"{names}.join() === 'béla · tiktok'")
    page.click(".account-entry")
    page.wait_for_text(".focus", "Too few videos to tell what it is about (6 contents).")
    assert "No topics were found within this account." in page.text("#account-page")
    page.type_into("#account-search", "carl")
    page.click(".account-entry")
    page.wait_for_text_in("#account-page", "No posts with known dates.")


def test_kept_topics_are_folded_away(page: Page) -> None:
    assert page.text("#lineage summary") == "1 topic kept from last week"
    assert "Snow" in page.text("#lineage")
    assert "Harbour" not in page.text("#lineage")
    page.click("#lineage summary")
    page.wait_for_text_in("#lineage", "Harbour")


def test_an_empty_report_says_what_there_is_not(chromium: Chromium, tmp_path: Path) -> None:
    file = written(reports.EMPTY, tmp_path)
    with chromium.page(file) as page:
        body = page.text("body")
        assert_undisturbed(page, file)
    for said in (
        "There are no videos in this report.",
        "No topics were found in the corpus.",
        "There are no accounts in this report.",
        "First run: there is no earlier week to compare with.",
    ):
        assert said in body
    assert "Notes" not in body


def test_the_map_is_drawn_without_webgl(tmp_path: Path, small_file: Path) -> None:
    with Chromium.start(tmp_path, "--disable-3d-apis") as plain, plain.page(small_file) as page:
        assert page.evaluate("document.querySelector('#map')._fullData[1].type") == "scatter"
        hover(page, "#map", 1, 5)
        assert "béla · tiktok" in page.text("#hover-card")
        assert_undisturbed(page, small_file)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: ascii(attack[:20]))
def test_hostile_texts_are_shown_as_text(chromium: Chromium, tmp_path: Path, attack: str) -> None:
    file = written(hostile(attack), tmp_path)
    shown = " ".join(attack.replace("\ud800", "").split())[:60]
    with chromium.page(file) as page:
        hover(page, "#map", 1, 0)
        for place in PLACES_OF_TEXTS:
            content = f"document.querySelector('{place}').textContent"
            assert shown in page.evaluate(content), place
        page.click("#account-page button")
        page.click("#account-page .card-title")
        page.wait_for_text("#shown-count", "1 of 1 video shown")
        drawn = page.evaluate("document.querySelector('.over-time').textContent")
        assert shown.replace("\u202e", "").replace("\u2066", "")[:25] in drawn
        assert "\u202e" not in drawn, "SVG has no <bdi>"
        assert page.evaluate("document.querySelectorAll('script').length") == 3
        assert page.evaluate("document.querySelectorAll('[onerror], [onload], main a').length") == 0
        assert page.evaluate("window.hacked") is None
        assert page.evaluate(
            "[...document.querySelectorAll('bdi')]"
            ".every((one) => getComputedStyle(one).unicodeBidi === 'isolate')"
        )
        assert_undisturbed(page, file)


def hostile(text: str) -> Report:
    """A report of one video, all of whose texts are `text`."""
    report = reports.small()
    [corpus, *_, own] = report.topics
    video: MappedVideo = replace(
        report.videos[0], video_id=text, platform=text, account=text, description=text
    )
    corpus = replace(corpus, label=text, words=(text,), medoid_video_id=text)
    own = replace(own, platform=text, account=text, label=text, words=(text,))
    return replace(
        report,
        title=text,
        model=text,
        notes=(text,),
        videos=(video,),
        topics=(corpus, own),
        lineage=(LineageStep(text, 0, None, text, 0.5, 3),),
        events=(DatedEvent(date(2025, 1, 6), text, None, None),),
        accounts=(replace(report.accounts[0], platform=text, account=text),),
    )


def test_the_policy_stops_what_should_ever_slip_through(
    chromium: Chromium, small_file: Path
) -> None:
    markup = "<img src=x onerror='hacked = 1'><iframe srcdoc='<script>parent.hacked = 1</script>'>"
    with chromium.page(small_file) as page:
        page.evaluate(f"document.body.insertAdjacentHTML('beforeend', {json.dumps(markup)})")
        page.evaluate(
            "document.body.append(Object.assign(document.createElement('script'), "
            "{textContent: 'hacked = 1'}))"
        )
        page.wait_for_error("Content Security Policy")
        page.evaluate("new Promise((done) => setTimeout(done, 300))")
        assert page.evaluate("window.hacked") is None


def test_7500_videos_of_200_accounts_stay_small_and_usable(
    chromium: Chromium, tmp_path: Path
) -> None:
    file = written(reports.large(7500, 200), tmp_path)
    assert file.stat().st_size <= MAX_BYTES
    with chromium.page(file) as page:
        page.wait_for_text("#shown-count", "7,500 of 7,500 videos shown")
        assert "pictures are left out to keep this file small" in page.text("#notes")
        hover(page, "#map", 1, 7499)
        page.type_into("#text-filter", "account 199")
        page.wait_for("/^3[78] of 7,500 videos/.test(document.querySelector('#shown-count').value)")
        page.click("#topic-cards .more")
        page.wait_for("document.querySelectorAll('#topic-cards .card').length === 60")
        assert_undisturbed(page, file)
