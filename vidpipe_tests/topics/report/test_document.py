"""The report of a topic run, in a real browser: what it shows, what it lets happen, how large."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from vidpipe.topics.report.contents import DatedEvent, LineageStep, MappedVideo, Report
from vidpipe.topics.report.document import render
from vidpipe_tests.browser import Seen, launch, opened
from vidpipe_tests.topics.report import reports
from vidpipe_tests.topics.report.reports import READY

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
def small_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(reports.small(), tmp_path_factory.mktemp("small"))


@pytest.fixture
def page(chromium: Browser, small_file: Path) -> Iterator[Page]:
    """The small report, which must still be without fault when a test has ended."""
    with opened(chromium, small_file, ready=READY) as (shown, seen):
        yield shown
        assert_undisturbed(seen, small_file)


def written(report: Report, folder: Path) -> Path:
    file = folder / "report.html"
    file.write_text(render(report), "utf-8")
    return file


def assert_undisturbed(seen: Seen, file: Path) -> None:
    """No error, no breach of the policy, and nothing asked for but the file."""
    assert seen.errors == []
    assert [url for url in seen.requests if not url.startswith(("data:", "blob:"))] == [
        file.as_uri()
    ]


def hover(page: Page, plot: str, trace: int, video: int) -> None:
    """Moves the mouse over the point of one video."""
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
    page.mouse.move(x_px + 40, y_px + 40)
    page.mouse.move(x_px, y_px)
    page.wait_for_function("!document.querySelector('#hover-card').hidden")


def expect_text(page: Page, selector: str, text: str) -> None:
    """Waits until a person reads exactly this in the first element that a selector finds."""
    expect(page.locator(selector).first).to_have_text(text, use_inner_text=True)


def expect_text_in(page: Page, selector: str, text: str) -> None:
    """Waits until a person reads this somewhere in the first element that a selector finds."""
    expect(page.locator(selector).first).to_contain_text(text, use_inner_text=True)


def test_a_report_opens_without_error_and_asks_for_nothing(page: Page) -> None:
    assert page.inner_text("h1") == "Topics of the week"
    assert "60 different videos, 2 accounts, 4 topics" in page.inner_text("#made")
    assert "Posts of 2025-01-17 to 2025-03-03" in page.inner_text("#made")
    assert page.inner_text("#notes") == "3 videos had no keyframes and are left out."
    expect_text(page, "#shown-count", "60 of 60 videos shown")
    assert page.evaluate("document.querySelector('#map')._fullData[1].type") == "scattergl"


def test_a_point_under_the_mouse_tells_its_video(page: Page) -> None:
    hover(page, "#map", 1, 5)
    card = page.inner_text("#hover-card")
    assert "béla · tiktok" in card
    assert "2025-01-11 13:00 UTC" in card
    assert "Cooking soup number 5 #soup" in card
    page.wait_for_function("document.querySelector('#hover-card img').naturalWidth === 96")
    page.mouse.move(1, 1)
    page.wait_for_function("document.querySelector('#hover-card').hidden")


def test_a_topic_can_be_chosen_and_another_one_added(page: Page) -> None:
    page.click(f"#legend [data-topic='{SOUP}']")
    expect_text(page, "#shown-count", "15 of 60 videos shown")
    page.click("#legend [data-topic='-1']")
    expect_text(page, "#shown-count", "30 of 60 videos shown")
    page.wait_for_function("document.querySelector('#map')._fullData[1].x.length === 30")
    page.click("#clear-filters")
    expect_text(page, "#shown-count", "60 of 60 videos shown")


def test_filters_of_account_text_and_dates_act_together(page: Page) -> None:
    page.fill("#account-filter", "béla · tiktok")
    expect_text(page, "#shown-count", "15 of 60 videos shown")
    expect_text(page, f"#legend [data-topic='{SOUP}'] .count", "5")
    page.fill("#text-filter", "SOUP")
    expect_text(page, "#shown-count", "5 of 60 videos shown")
    page.fill("#account-filter", "")
    expect_text(page, "#shown-count", "15 of 60 videos shown")
    page.fill("#text-filter", "")
    page.fill("#from-filter", "2025-01-06")
    expect_text(page, "#shown-count", "59 of 60 videos shown")  # one has no date
    page.fill("#to-filter", "2025-01-08")
    expect_text(page, "#shown-count", "3 of 60 videos shown")


def test_a_topic_card_filters_the_map(page: Page) -> None:
    assert page.evaluate("document.querySelectorAll('#topic-cards .card').length") == 4
    card = page.inner_text(f"#topic-cards [data-topic='{HARBOUR}']")
    assert "15 posts of 14 different videos · 3 accounts" in card
    assert "crane" in card
    page.click(f"#topic-cards [data-topic='{CATS}'] .sizes")
    expect_text(page, "#shown-count", "0 of 60 videos shown")
    page.click(f"#account-page [data-topic='{ANNAS_HARBOUR}'] .card-title")
    expect_text(page, "#shown-count", "15 of 60 videos shown")


def test_an_account_page_tells_focus_topics_and_events(page: Page) -> None:
    assert (
        page.inner_text(".focus") == "14 of 28 contents, 0.50 (0.33 to 0.67), are Anna's harbour."
    )
    labels = "[...document.querySelectorAll('.over-time .annotation-text')]"
    drawn = page.evaluate(f"{labels}.map((one) => one.textContent)")
    plain = [text.strip("\u2068\u2069") for text in drawn]
    assert plain == ["Anna's harbour", "in no topic", "Election", "Anna's interview"]
    shapes = "document.querySelector('.over-time')._fullLayout.shapes.map((one) => one.type)"
    assert page.evaluate(shapes) == ["rect", "rect", "line", "line"]
    assert "Béla's holiday" not in page.inner_text("#account-page")
    hours = page.evaluate("document.querySelector('.hours')._fullData[0].z")
    assert hours == [[(day * hour) % 5 for hour in range(24)] for day in range(7)]
    hover(page, ".over-time", 0, 8)
    assert "within the account: Anna's harbour" in page.inner_text("#hover-card")


def test_accounts_are_found_by_name_and_too_few_videos_are_said(page: Page) -> None:
    names = "[...document.querySelectorAll('.account-entry .label')].map((one) => one.textContent)"
    assert page.evaluate(names) == ["anna · tiktok", "béla · tiktok", "carl"]
    page.fill("#account-search", "BÉ")
    page.wait_for_function(f"{names}.join() === 'béla · tiktok'")
    page.click(".account-entry")
    expect_text(page, ".focus", "Too few videos to tell what it is about (6 different videos).")
    assert "No topics were found within this account." in page.inner_text("#account-page")
    page.fill("#account-search", "carl")
    page.click(".account-entry")
    expect_text_in(page, "#account-page", "No posts with known dates.")


def test_kept_topics_are_folded_away(page: Page) -> None:
    assert page.inner_text("#lineage summary") == "1 topic kept from last week"
    assert "Snow" in page.inner_text("#lineage")
    assert "Harbour" not in page.inner_text("#lineage")
    page.click("#lineage summary")
    expect_text_in(page, "#lineage", "Harbour")


def test_an_empty_report_says_what_there_is_not(chromium: Browser, tmp_path: Path) -> None:
    file = written(reports.EMPTY, tmp_path)
    with opened(chromium, file, ready=READY) as (page, seen):
        body = page.inner_text("body")
        assert_undisturbed(seen, file)
    for said in (
        "There are no videos in this report.",
        "No topics were found in the corpus.",
        "There are no accounts in this report.",
        "First run: there is no earlier week to compare with.",
    ):
        assert said in body
    assert "Notes" not in body


def test_the_map_is_drawn_without_webgl(chromium: Browser, small_file: Path) -> None:
    with (
        launch(chromium.browser_type, "--disable-3d-apis") as plain,
        opened(plain, small_file, ready=READY) as (page, seen),
    ):
        assert page.evaluate("document.querySelector('#map')._fullData[1].type") == "scatter"
        hover(page, "#map", 1, 5)
        assert "béla · tiktok" in page.inner_text("#hover-card")
        assert_undisturbed(seen, small_file)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: ascii(attack[:20]))
def test_hostile_texts_are_shown_as_text(chromium: Browser, tmp_path: Path, attack: str) -> None:
    file = written(hostile(attack), tmp_path)
    shown = " ".join(attack.replace("\ud800", "").split())[:60]
    with opened(chromium, file, ready=READY) as (page, seen):
        hover(page, "#map", 1, 0)
        for place in PLACES_OF_TEXTS:
            content = f"document.querySelector('{place}').textContent"
            assert shown in page.evaluate(content), place
        page.click("#account-page button")
        page.click("#account-page .card-title")
        expect_text(page, "#shown-count", "1 of 1 video shown")
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
        assert_undisturbed(seen, file)


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
    chromium: Browser, small_file: Path
) -> None:
    markup = "<img src=x onerror='hacked = 1'><iframe srcdoc='<script>parent.hacked = 1</script>'>"
    with opened(chromium, small_file, ready=READY) as (page, seen):
        page.evaluate(f"document.body.insertAdjacentHTML('beforeend', {json.dumps(markup)})")
        page.evaluate(
            "document.body.append(Object.assign(document.createElement('script'), "
            "{textContent: 'hacked = 1'}))"
        )
        page.wait_for_timeout(300)
        assert any("Content Security Policy" in error for error in seen.errors)
        assert page.evaluate("window.hacked") is None


def test_7500_videos_of_200_accounts_stay_small_and_usable(
    chromium: Browser, tmp_path: Path
) -> None:
    file = written(reports.large(7500, 200), tmp_path)
    assert file.stat().st_size <= MAX_BYTES
    with opened(chromium, file, ready=READY) as (page, seen):
        expect_text(page, "#shown-count", "7,500 of 7,500 videos shown")
        assert "pictures are left out to keep this file small" in page.inner_text("#notes")
        hover(page, "#map", 1, 7499)
        page.fill("#text-filter", "account 199")
        page.wait_for_function(
            "/^3[78] of 7,500 videos/.test(document.querySelector('#shown-count').value)"
        )
        page.click("#topic-cards .more")
        page.wait_for_function("document.querySelectorAll('#topic-cards .card').length === 60")
        assert_undisturbed(seen, file)
