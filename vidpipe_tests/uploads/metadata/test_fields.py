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
        (20261102, datetime(2026, 11, 2, tzinfo=UTC)),
        ("2026/11/2", datetime(2026, 11, 2, tzinfo=UTC)),
        ("02.11.2026 03:04", datetime(2026, 11, 2, 3, 4, tzinfo=UTC)),
        ("2026-11-02 03:04:05 UTC", datetime(2026, 11, 2, 3, 4, 5, tzinfo=UTC)),
    ],
)
def test_times_are_understood_in_the_forms_people_write(written: Any, meant: datetime) -> None:
    result = found(sidecar("native", {"posted_at": written}))
    assert result.metadata.posted_at == meant
    assert result.error is None


@pytest.mark.parametrize(
    "written",
    [
        *("yesterday", "0001-01-01", "9999-12-31T23:59:59-14:00", 1e300, True, -5, {}, "20261399"),
        *("11/02/2026", 45600, "1970-01-01T00:00:01"),
    ],
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


@pytest.mark.parametrize(
    ("written", "precision"),
    [
        ("2026-11-02", "day"),
        ("20261102", "day"),
        ("2.11.2026", "day"),
        ("2026-11-02T00:00:00Z", "second"),
        (1793635200, "second"),
        ("", "file"),
    ],
)
def test_it_is_known_how_precise_a_time_is(written: Any, precision: str) -> None:
    result = found(sidecar("native", {"posted_at": written}))
    assert result.metadata.posted_at_precision == precision


@pytest.mark.parametrize("written", [0, "0", 0.0, "", None, "19700101", "1970-01-01"])
def test_a_time_that_a_program_did_not_know_is_none_and_no_problem(written: Any) -> None:
    result = found(sidecar("native", {"posted_at": written}))
    assert (result.metadata.posted_at, result.error) == (FILE_TIME, None)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (0, 0),
        (12.0, 12),
        ("1,234", 1234),
        ("1 234 567", 1_234_567),
        ("1.234.567", 1_234_567),
        ("1.2e3", 1200),
        (2**63 - 1, 2**63 - 1),
    ],
)
def test_counts_are_understood_in_the_forms_people_write(written: Any, meant: int) -> None:
    result = found(sidecar("native", {"views": written}))
    assert (result.metadata.views, result.error) == (meant, None)


@pytest.mark.parametrize(
    "written", [True, -2, 1.5, "1.234", "1,23", "many", 2**63, 1e300, float("nan"), [1], "9" * 99]
)
def test_counts_that_make_no_sense_are_named_and_unknown(written: Any) -> None:
    result = found(sidecar("native", {"views": written, "likes": 1}))
    assert (result.metadata.views, result.metadata.likes) == (None, 1)
    assert "one.json: views is not a whole number of times" in (result.error or "")


def test_a_count_that_a_site_does_not_tell_is_unknown() -> None:
    result = found(sidecar("native", {"views": -1, "likes": None, "comments": ""}))
    metadata = result.metadata
    assert (metadata.views, metadata.likes, metadata.comments) == (None, None, None)
    assert result.error is None


def test_clips_are_counted_from_one() -> None:
    for written in (0, 2**31, "first"):
        result = found(sidecar("native", {"media_number": written}))
        assert result.metadata.media_number is None
        assert "one.json: media_number is not a " in (result.error or "")


def test_an_id_that_a_spreadsheet_rounded_is_no_identity() -> None:
    document = {"platform": "x", "id": "1,84E+18", "account_id": "1.2e+17", "account": "1e5x"}
    result = found(sidecar("native", document))
    assert result.metadata.video_id.startswith("local:")
    assert (result.metadata.account_id, result.metadata.account_source) == ("1e5x", "handle")
    assert "id is 1,84E+18, which a spreadsheet rounded" in (result.error or "")


def test_a_language_is_a_tag_and_a_relation_names_its_platform() -> None:
    result = found(sidecar("native", {"language": "English", "reply_to": "5"}))
    assert (result.metadata.language, result.metadata.reply_to) == (None, None)
    assert "language is not a language tag: English" in (result.error or "")
    assert "reply_to is an id without a platform" in (result.error or "")
