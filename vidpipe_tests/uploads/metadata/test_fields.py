"""Values that strangers wrote, as fields of a native sidecar."""

from datetime import UTC, datetime
from typing import Any

import pytest

from vidpipe_tests.uploads.metadata.sidecars import FILE_TIME, found, sidecar


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-02", datetime(2026, 11, 2, tzinfo=UTC)),
        ("20261102", datetime(2026, 11, 2, tzinfo=UTC)),
        ("2026-11-02T03:04:05Z", datetime(2026, 11, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-11-02 03:04:05", datetime(2026, 11, 2, 3, 4, 5, tzinfo=UTC)),
        (1793635200, datetime.fromtimestamp(1793635200, UTC)),
        ("1793635200", datetime.fromtimestamp(1793635200, UTC)),
        (1793635200123, datetime.fromtimestamp(1793635200.123, UTC)),
    ],
)
def test_times_are_understood_in_the_forms_people_write(written: Any, meant: datetime) -> None:
    result = found(sidecar("native", {"posted_at": written}))
    assert result.metadata.posted_at == meant
    assert result.error is None


@pytest.mark.parametrize(
    "written",
    ["yesterday", "0001-01-01", "9999-12-31T23:59:59-14:00", 1e300, True, -5, {}, "20261399"],
)
def test_times_that_make_no_sense_are_named_and_replaced(written: Any) -> None:
    result = found(sidecar("native", {"posted_at": written}))
    assert result.metadata.posted_at == FILE_TIME
    assert "posted_at is not a time" in (result.error or "")


def test_fields_of_wrong_types_are_named_and_the_others_kept() -> None:
    document = {
        "id": 42,
        "platform": ["x"],
        "account": "alice",
        "description": {"text": "no"},
        "hashtags": ["ok", 7, None],
        "url": "javascript:alert(1)",
    }
    result = found(sidecar("native", document))
    assert result.source == "native"
    assert (result.metadata.account, result.metadata.id) == ("alice", "42")
    assert result.metadata.video_id.startswith("local:"), "an id without a platform is no identity"
    assert result.metadata.hashtags == ("ok",)
    assert (result.metadata.description, result.metadata.url) == ("", None)
    for field in ("platform", "description", "hashtags", "url"):
        assert f"one.json: {field} " in (result.error or "")


def test_every_text_is_cleaned() -> None:
    document = {
        "id": "a\0b\nc",
        "platform": "p\ud800",
        "account": "e\u0301ve\x1b[31m",
        "description": "\0<script>]]>\ud800",
        "hashtags": ["x\0y"],
    }
    metadata = found(sidecar("native", document)).metadata
    assert metadata.id == "ab c"
    assert metadata.platform == "p\ufffd"
    assert metadata.account == "éve[31m"
    assert metadata.description == "<script>]]>\ufffd"
    assert metadata.hashtags == ("xy",)


def test_hashtags_in_one_string_are_split() -> None:
    for text in ("#a #b", "a, b", "#a#b", '["a", "b"]'):
        assert found(sidecar("native", {"hashtags": text})).metadata.hashtags == ("a", "b")
