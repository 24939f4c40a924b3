"""How found videos look at a terminal."""

from datetime import UTC, datetime
from typing import Any

import pytest
from rich.cells import cell_len

from vidpipe.cli.found_videos import print_answer, print_found
from vidpipe.search.answers import Answer

FOUND: dict[str, Any] = {
    "rank": 1,
    "video_id": "tube:7",
    "score": 0.31,
    "account": "anna",
    "posted_at": datetime(2026, 11, 2, tzinfo=UTC),
    "posts": 1,
    "timestamp_s": 2.5,
    "description": "a tank",
    "version": None,
}


LONG = FOUND | {
    "video_id": "tiktok:7301234567890123456",
    "account": "news_of_the_whole_world_daily",
    "description": "smoke over the harbour\nand people who run away from it, 坦克在街上",
}


@pytest.mark.parametrize("columns", [60, 80, 100, 109])
def test_a_description_has_a_line_of_its_own_where_there_is_no_room_beside(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    print_found([LONG, FOUND])
    lines = capsys.readouterr().out.splitlines()
    assert max(map(cell_len, lines)) <= columns
    told = next(line for line in lines if "smoke" in line)
    assert told.strip().startswith("smoke over the harbour and people who run")
    assert told.startswith("       s")
    assert lines[-1].strip() == "a tank"
    assert "".join(lines).count("2026-11-02") == 2


@pytest.mark.parametrize("columns", [110, 200])
def test_a_wide_terminal_leaves_a_column_that_says_something(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    print_found([LONG])
    _, row = capsys.readouterr().out.splitlines()
    assert "smoke over the harbour" in row


def test_columns_of_a_narrow_table_stand_below_each_other(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    print_found([FOUND, LONG, FOUND | {"description": None, "account": None}])
    lines = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("  ")]
    starts = {line.index("posted" if "posted" in line else "2026") for line in lines}
    assert len(lines) == 4
    assert len(starts) == 1


def test_an_earlier_version_is_shown_as_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    print_found([FOUND, FOUND | {"rank": 2, "version": 1}])
    _, now, earlier = capsys.readouterr().out.splitlines()
    assert "tube:7" in now
    assert "version" not in now
    assert "tube:7, version 1" in earlier


@pytest.mark.parametrize(
    ("answered", "first_line"),
    [
        (
            Answer([FOUND], certain=False, confidence=0.124, least_confidence=0.3),
            "nothing certain (confidence 0.12, from 0.30 on it would be); nearest:",
        ),
        (
            Answer([FOUND], certain=False, cutoff=0.4),
            "nothing certain (score 0.310, below the cut-off of 0.400); nearest:",
        ),
        (
            Answer([], cutoff=0.9, nearest=0.31),
            "nothing found: the nearest picture has a score of 0.310, ",
        ),
        (Answer([]), "nothing found"),
    ],
)
def test_what_is_no_answer_is_said_to_be_none(
    capsys: pytest.CaptureFixture[str], answered: Answer, first_line: str
) -> None:
    """And the nearest results are shown all the same."""
    print_answer(answered)
    said = capsys.readouterr()
    assert said.out.startswith(first_line)
    assert ("tube:7" in said.out) == bool(answered.results)
    assert said.err == ""


def test_an_answer_that_nothing_tells_from_none_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_answer(Answer([FOUND], is_uncalibrated=True))
    said = capsys.readouterr()
    assert "nothing certain" not in said.out
    assert "tube:7" in said.out
    assert said.err.startswith("not calibrated: ")
    assert "vidpipe evaluate QUERIES.yaml --calibrate" in said.err
    print_answer(Answer([FOUND], certain=True, confidence=0.9))
    assert capsys.readouterr().err == ""
