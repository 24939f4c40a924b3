"""Sidecars and manifests, well-formed and hostile."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidpipe.errors import MetadataError
from vidpipe.uploads.metadata import (
    FoundMetadata,
    Sidecar,
    find_metadata,
    parent_account,
    read_manifest,
)
from vidpipe.uploads.video_identity import video_id_of

UPLOAD = "2026-11-02/alice/one.mp4"
FILE_TIME = datetime(2026, 11, 1, 8, tzinfo=UTC)
Kind = Literal["native", "yt-dlp", "manifest"]
NAMES: dict[Kind, str] = {
    "native": "one.json",
    "yt-dlp": "one.info.json",
    "manifest": "manifest.ndjson",
}


def sidecar(kind: Kind, content: Any, name: str | None = None) -> Sidecar:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Sidecar(kind, f"2026-11-02/alice/{name or NAMES[kind]}", lambda: data)


def found(*sidecars: Sidecar, upload_id: str = UPLOAD) -> FoundMetadata:
    return find_metadata(upload_id, sidecars, modified_at=FILE_TIME)


def test_a_native_sidecar_is_taken_as_it_is() -> None:
    document = {
        "id": "b1",
        "platform": "Sample",
        "account": "cartoon_corner",
        "posted_at": "2026-11-01T10:00:00+02:00",
        "description": "Big Buck Bunny\n",
        "hashtags": ["#animation", "bunny", "bunny"],
        "url": "https://example.org/a b",
    }
    result = found(sidecar("native", document))
    assert result.source == "native"
    assert result.error is None
    metadata = result.metadata
    assert metadata.video_id == "sample:b1"
    assert (metadata.platform, metadata.id, metadata.account) == ("sample", "b1", "cartoon_corner")
    assert metadata.posted_at == datetime(2026, 11, 1, 8, tzinfo=UTC)
    assert metadata.description == "Big Buck Bunny"
    assert metadata.hashtags == ("animation", "bunny")
    assert metadata.url == "https://example.org/a%20b"


def test_a_yt_dlp_sidecar_is_understood() -> None:
    document = {
        "id": "aw1",
        "uploader": "gym_hall",
        "uploader_id": "UC123",
        "extractor_key": "Youtube",
        "timestamp": 1793635200,
        "title": "Arm wrestling",
        "description": "At the table",
        "tags": ["sport"],
        "webpage_url": "https://example.org/aw1",
        "formats": [{"url": "https://example.org/secret"}],
    }
    metadata = found(sidecar("yt-dlp", document)).metadata
    assert metadata.video_id == "youtube:aw1"
    assert metadata.account == "gym_hall"
    assert metadata.posted_at == datetime.fromtimestamp(1793635200, UTC)
    assert metadata.description == "Arm wrestling\n\nAt the table"
    assert metadata.hashtags == ("sport",)
    assert metadata.url == "https://example.org/aw1"


def test_a_title_that_the_description_repeats_is_not_put_before_it() -> None:
    document = {"title": "Cleaning a pool…", "description": "Cleaning a pool with a net"}
    metadata = found(sidecar("yt-dlp", document)).metadata
    assert metadata.description == "Cleaning a pool with a net"


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


def test_without_metadata_the_folder_is_the_account_and_the_file_gives_the_time() -> None:
    result = found()
    assert (result.source, result.error) == ("none", None)
    metadata = result.metadata
    assert (metadata.platform, metadata.account, metadata.id) == ("local", "alice", None)
    assert metadata.posted_at == FILE_TIME
    assert metadata.video_id == video_id_of("local", None, UPLOAD)
    assert (metadata.description, metadata.hashtags, metadata.url) == ("", (), None)


def test_the_account_of_a_file_right_in_a_date_folder_is_unknown() -> None:
    assert parent_account("2026-11-02/one.mp4") == "unknown"
    assert parent_account("ingest_date%3D2026-11-02/one.mp4") == "unknown"
    assert parent_account("one.mp4") == "unknown"
    assert parent_account("2026-11-02/na%C3%AFve%0Aname/one.mp4") == "naïve name"


def test_a_broken_sidecar_names_file_and_remedy_and_the_next_source_is_asked() -> None:
    broken = sidecar("native", b'{"id": "x1", "account": ')
    other = sidecar("yt-dlp", {"id": "7", "extractor_key": "Tube"})
    result = found(broken, other)
    assert result.source == "yt-dlp"
    assert result.metadata.video_id == "tube:7"
    assert result.error is not None
    assert result.error.startswith("MetadataError: 2026-11-02/alice/one.json is not valid JSON")
    assert "correct or remove it" in result.error
    alone = found(broken)
    assert alone.source == "none"
    assert alone.metadata.account == "alice"
    assert alone.error == result.error


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"null",
        b'"text"',
        b"{" * 100_000,
        b"[" * 100_000,
        b'{"id": ' + b"9" * 10_000 + b"}",
        b"\xff\xfe{\x00}",
        b"\x00" * 100,
        b"<html></html>",
    ],
    ids=["empty", "list", "null", "text", "nest", "list nest", "digits", "utf-16", "nul", "html"],
)
def test_a_sidecar_that_is_no_object_is_a_metadata_error(content: bytes) -> None:
    result = found(sidecar("native", content))
    assert result.source == "none"
    assert (result.error or "").startswith("MetadataError: 2026-11-02/alice/one.json")


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


def test_keys_stay_short_enough_for_an_index() -> None:
    document = {"id": "@%坦" * 30_000, "platform": "坦" * 70_000, "account": "坦" * 70_000}
    metadata = found(sidecar("native", document)).metadata
    assert len(f"{metadata.video_id}@{metadata.account}".encode()) < 2700


def test_a_byte_order_mark_is_no_error() -> None:
    for encoding in ("utf-8-sig", "utf-16"):
        data = '{"description": "früh"}'.encode(encoding)
        result = found(sidecar("native", data))
        assert (result.metadata.description, result.error) == ("früh", None)


def test_text_that_is_not_utf8_is_kept_and_named() -> None:
    result = found(sidecar("native", '{"description": "früh"}'.encode("latin-1")))
    assert result.metadata.description == "fr\ufffdh"
    assert "save it as UTF-8" in (result.error or "")


def test_hashtags_in_one_string_are_split() -> None:
    for text in ("#a #b", "a, b", "#a#b", '["a", "b"]'):
        assert found(sidecar("native", {"hashtags": text})).metadata.hashtags == ("a", "b")


def test_an_ndjson_manifest_speaks_for_its_files_and_the_last_line_counts() -> None:
    lines = [
        {"file": "one.mp4", "description": "old"},
        {"file": "./one.mp4", "description": "new", "id": "1", "platform": "tube"},
        {"file": "two.mp4", "description": "other"},
    ]
    manifest = sidecar("manifest", "\n".join(json.dumps(line) for line in lines).encode())
    result = found(manifest)
    assert result.source == "manifest"
    assert (result.metadata.description, result.metadata.video_id) == ("new", "tube:1")
    assert result.error is None
    absent = found(manifest, upload_id="2026-11-02/alice/three.mp4")
    assert (absent.source, absent.error) == ("none", None)


def test_a_csv_manifest_speaks_for_its_files() -> None:
    text = (
        "\ufefffile,account,posted_at,description,hashtags,extra\n"
        'one.mp4,bob,2026-11-01T00:00:00Z,"a, quoted\nline",#x #y,\n'
        "-rf.mp4,,,,,surplus,cells\n"
    )
    manifest = sidecar("manifest", text.encode(), "manifest.csv")
    metadata = found(manifest).metadata
    assert (metadata.account, metadata.hashtags) == ("bob", ("x", "y"))
    assert metadata.description == "a, quoted\nline"
    dashed = found(manifest, upload_id="2026-11-02/alice/-rf.mp4")
    assert (dashed.source, dashed.metadata.account, dashed.error) == ("manifest", "alice", None)


def test_names_in_a_manifest_match_in_either_normal_form_or_percent_encoded() -> None:
    for written in ("caf\u00e9.mp4", "cafe\u0301.mp4", "caf%C3%A9.mp4"):
        line = json.dumps({"file": written, "description": "x"}).encode()
        upload_id = "2026-11-02/alice/caf%C3%A9.mp4"
        assert found(sidecar("manifest", line), upload_id=upload_id).source == "manifest"
    line = json.dumps({"file": "%FF.mp4"}).encode()
    assert found(sidecar("manifest", line), upload_id="2026-11-02/a/%FF.mp4").source == "manifest"


def test_bad_lines_of_a_manifest_harm_only_those_without_a_good_one() -> None:
    data = b'{"file": "one.mp4", "description": "x"}\n{"file": "two.mp4", \n[]\n{"file": 7}\n'
    manifest = sidecar("manifest", data)
    assert found(manifest).error is None
    other = found(manifest, upload_id="2026-11-02/alice/two.mp4")
    assert other.source == "none"
    assert "manifest.ndjson has 3 lines" in (other.error or "")
    assert "line 2" in (other.error or "")


@pytest.mark.parametrize("data", [b"", b"name,account\nx,y\n", b"\x00\x01\x02"])
def test_a_csv_manifest_without_a_file_column_is_a_metadata_error(data: bytes) -> None:
    with pytest.raises(MetadataError, match="no column named file"):
        read_manifest(sidecar("manifest", data, "manifest.csv"))


def test_a_sidecar_that_must_not_be_read_is_an_error_of_the_metadata_only() -> None:
    def refuse() -> bytes:
        raise MetadataError("one.json is a link that leaves the uploads folder")

    result = found(Sidecar("native", "one.json", refuse))
    assert result.source == "none"
    assert "leaves the uploads folder" in (result.error or "")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)
FIELDS = ["id", "platform", "account", "posted_at", "description", "hashtags", "url", "file"]
FIELDS += ["extractor_key", "uploader", "timestamp", "upload_date", "title", "tags", "webpage_url"]


@given(
    st.sampled_from(list(NAMES)),
    st.dictionaries(st.sampled_from(FIELDS), JSON) | JSON,
)
def test_any_json_gives_metadata_that_can_be_stored(kind: Kind, document: Any) -> None:
    _check_storable(found(sidecar(kind, document)))


@given(st.sampled_from(list(NAMES)), st.binary(max_size=200))
def test_any_bytes_give_metadata_that_can_be_stored(kind: Kind, data: bytes) -> None:
    _check_storable(found(sidecar(kind, data)))
    _check_storable(found(sidecar("manifest", data, "manifest.csv")))


def _check_storable(result: FoundMetadata) -> None:
    metadata = result.metadata
    texts = [metadata.video_id, metadata.platform, metadata.account, metadata.description]
    texts += [*metadata.hashtags, metadata.url or "", metadata.id or "", result.error or ""]
    for text in texts:
        text.encode()
        assert "\0" not in text
    assert metadata.video_id
    assert metadata.account
    assert metadata.posted_at.tzinfo is UTC
    assert all(metadata.hashtags)


def test_a_manifest_shared_by_many_uploads_is_parsed_by_whoever_caches_it() -> None:
    calls: list[str] = []
    line = sidecar("manifest", {"file": "one.mp4"})

    def counted(one: Sidecar) -> Any:
        calls.append(one.name)
        return read_manifest(one)

    caching: Callable[[Sidecar], Any] = counted
    find_metadata(UPLOAD, [line], modified_at=FILE_TIME, manifest_of=caching)
    assert calls == ["2026-11-02/alice/manifest.ndjson"]
