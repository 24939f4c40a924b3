"""Titles and descriptions as the text of a post."""

import pytest

from vidpipe.uploads.metadata.titles import one_text

NAMES = ("Port  Watch", "Port Watch", "portwatch")


def text_of(title: str, description: str) -> str:
    """The text of a post by Port Watch whose id is 12."""
    return one_text(title, description, names=NAMES, post_id="12")


@pytest.mark.parametrize(
    ("title", "description"),
    [
        ("Port Watch - Ferry delayed again", "Ferry delayed again https://t.co/AbCdEf0123"),
        ("Port  Watch - Ferry delayed ag... #2", "Ferry delayed again https://t.co/AbCdEf0123"),
        ("Ferry delayed again #ferry", "Ferry delayed again #ferry"),
        ("FERRY  delayed\nagain", "Ferry delayed again https://t.co/x #ferry"),
        ("Ferry delayed again #port", "Ferry delayed again #ferry"),
        ("Ferry delayed…", "Ferry delayed again"),
        ("Video by portwatch", "Ferry delayed again"),
        ("Port Watch on Instagram: “Ferry delayed again”", "Ferry delayed again #ferry"),
        ("Port Watch (@portwatch) on Threads", "Ferry delayed again"),
        (
            "119 reactions · 1.4K shares | Ferry delayed again | Port Watch on Reels",
            "Ferry delayed again",
        ),
        ("Ferry delayed again | By Port Watch - Facebook", "Ferry delayed again"),
        ("TikTok video #12", "Ferry delayed again"),
        ("Port Watch", "Ferry delayed again"),
        ("猫", "熊猫です"),
    ],
)
def test_a_title_that_says_nothing_more_is_left_out(title: str, description: str) -> None:
    assert text_of(title, description) == description


@pytest.mark.parametrize(
    ("title", "description"),
    [
        ("Arm wrestling", "At the table"),
        ("Cat", "Education for all"),
        ("Port Watch - The song", "Provided by the label"),
        ("TikTok video #13", "Ferry delayed again"),
        ("Ferry delayed again", "https://example.org/more"),
        ("https://example.org/more", "Ferry delayed again"),
    ],
)
def test_a_title_that_says_something_else_stands_before_the_description(
    title: str, description: str
) -> None:
    assert text_of(title, description) == f"{title}\n\n{description}"


@pytest.mark.parametrize(
    ("title", "description"),
    [
        ("Ferry delayed again", ""),
        ("Ferry delayed again #port", "Ferry delayed again"),
        ("Ferry delayed again", "Ferry delayed…"),
        ("Port Watch", ""),
    ],
)
def test_a_title_that_says_all_is_the_text(title: str, description: str) -> None:
    assert text_of(title, description) == title


def test_a_title_that_a_program_made_up_is_no_text() -> None:
    for title in ("Video by portwatch", "Port Watch on Bluesky", "TikTok video #12", ""):
        assert text_of(title, "") == ""
