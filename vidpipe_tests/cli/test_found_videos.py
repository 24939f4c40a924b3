"""How found videos look at a terminal."""

from datetime import UTC, datetime
from typing import Any

import pytest

from vidpipe.cli.found_videos import print_found

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


def test_an_earlier_version_is_shown_as_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    print_found([FOUND, FOUND | {"rank": 2, "version": 1}])
    _, now, earlier = capsys.readouterr().out.splitlines()
    assert "tube:7" in now
    assert "version" not in now
    assert "tube:7, version 1" in earlier
