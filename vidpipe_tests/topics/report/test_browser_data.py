"""Data of a report: colours that last, pictures that fit, whose events, clear errors."""

from dataclasses import replace
from datetime import datetime

import pytest

from vidpipe.topics.report.browser_data import COLOURS, browser_data
from vidpipe.topics.report.contents import Report
from vidpipe.topics.report.document import render
from vidpipe.topics.report.pictures import MISSING, Pictures
from vidpipe_tests.topics.report import reports

LEAST_CONTRAST = 3.0  # of graphics, WCAG 2.2, success criterion 1.4.11


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb, WCAG 2.2."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", COLOURS)
def test_a_colour_stands_out_on_white(colour: str) -> None:
    assert 1.05 / (luminance(colour) + 0.05) >= LEAST_CONTRAST


def test_a_topic_keeps_its_colour_and_shape_whatever_else_there_is() -> None:
    report = reports.small()
    alone = replace(report, videos=(), accounts=(), topics=report.topics[2:3])
    for data in (browser_data(report)["topics"], browser_data(alone)["topics"]):
        place = data["label"].index("Street protests")
        assert (data["colour"][place], data["shape"][place]) == (2, 0)


def test_topics_with_the_same_colour_differ_in_shape() -> None:
    [card, *_] = reports.small().topics
    cards = tuple(replace(card, topic_id=number) for number in range(64))
    topics = browser_data(replace(reports.EMPTY, topics=cards))["topics"]
    assert len(set(zip(topics["colour"], topics["shape"], strict=True))) == 64


def test_events_are_on_the_pages_of_those_they_concern() -> None:
    pages = browser_data(reports.small())["pages"]
    assert pages["events"] == [[0, 1], [0, 2], [0]]


def test_times_without_a_zone_are_utc() -> None:
    report = replace(reports.EMPTY, made_at=datetime(1970, 1, 2))
    assert browser_data(report)["made"] == 24 * 60


def test_a_picture_is_stored_once_and_unknown_bytes_never() -> None:
    pictures = Pictures()
    webp = reports.picture(1)
    assert pictures.number(webp) == pictures.number(webp) == 0
    assert pictures.number(reports.picture(2)) == 1
    for other in (b"", b"<svg onload='alert(1)'>", b"GIF89a"):
        assert pictures.number(other) == MISSING
    assert len(pictures.uris) == 2
    assert pictures.left_out == 0


def test_pictures_beyond_the_room_are_left_out_and_counted() -> None:
    pictures = Pictures(max_characters=2 * len(reports.picture(1)))
    assert [pictures.number(reports.picture(number)) for number in range(3)] == [
        0,
        MISSING,
        MISSING,
    ]
    assert pictures.left_out == 2


def test_long_descriptions_are_cut() -> None:
    report = reports.small()
    long = replace(report.videos[0], description="wörd\n" * 20_000)
    [text] = browser_data(replace(report, videos=(long,)))["videos"]["text"]
    assert len(text) <= 200
    assert text.startswith("wörd wörd")
    assert text.endswith("…")


def faulty() -> dict[str, Report]:
    report = reports.small()
    [video, *_], [page, *_], topics = report.videos, report.accounts, report.topics
    return {
        "video 'v0' names topic 9 of the corpus": replace(
            report, videos=(replace(video, topic_id=9),)
        ),
        "video 'v0' names topic 9 of account id '1'": replace(
            report, videos=(replace(video, account_topic_id=9),)
        ),
        "account 'anna' names topic 9 of the corpus": replace(
            report, accounts=(replace(page, focus_topic_id=9),)
        ),
        "topic .* is in the report twice": replace(report, topics=(*topics, topics[0])),
        "video 'v0' is in the report twice": replace(report, videos=(video, video)),
        "video 'v0' has no finite place": replace(report, videos=(replace(video, y=float("nan")),)),
        "account 'anna' are not of 7 days": replace(
            report, accounts=(replace(page, posts_by_hour=reports.NO_POSTS[:6]),)
        ),
    }


@pytest.mark.parametrize("said", faulty())
def test_a_report_that_contradicts_itself_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match=said):
        render(faulty()[said])


def test_two_accounts_of_one_handle_are_two_and_told_apart() -> None:
    report = reports.small()
    anna = report.accounts[0]
    namesake = replace(anna, account_id="9", focus_topic_id=None, names=frozenset())
    data = browser_data(replace(report, accounts=(*report.accounts, namesake)))
    named = [name for name in data["accounts"]["name"] if name and name.startswith("anna")]
    assert named == ["anna (1)", "anna (9)"]


@pytest.mark.parametrize("called", ["anna", "@anna", "1", "anna2019", "Anna"])
def test_an_event_concerns_an_account_by_any_of_its_names(called: str) -> None:
    report = reports.small()
    event = replace(report.events[1], account=called)
    pages = browser_data(replace(report, events=(event,), accounts=report.accounts[:2]))["pages"]
    assert pages["events"] == [[0], []]


def test_only_addresses_of_pages_become_links() -> None:
    addresses = (
        "https://example.org/a?b=1",
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        " HTTP://example.org/ ",
        "https://example.org/a b",
        "https://example.org/" + "a" * 3_000,
        None,
    )
    report = reports.small()
    videos = tuple(
        replace(video, url=address)
        for video, address in zip(report.videos, addresses, strict=False)
    )
    shown = browser_data(replace(report, videos=videos + report.videos[len(videos) :]))["videos"]
    kept = [shown["url"][shown["id"].index(video.video_id)] for video in videos]
    assert kept == [
        "https://example.org/a?b=1",
        None,
        None,
        "HTTP://example.org/",
        None,
        None,
        None,
    ]
