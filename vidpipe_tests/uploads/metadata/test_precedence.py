"""Which source is believed, what stands in for what it lacks, and that anything can be stored."""

from datetime import UTC
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from vidpipe.errors import MetadataError
from vidpipe.uploads.metadata.contract import ParsedSidecar
from vidpipe.uploads.metadata.precedence import FoundMetadata, find_metadata
from vidpipe.uploads.post_ids import post_id_of
from vidpipe.uploads.sidecars import Sidecar
from vidpipe_tests.uploads.metadata.sidecars import FILE_TIME, NAMES, UPLOAD, found, sidecar

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)
FIELDS = ["id", "platform", "account", "posted_at", "description", "hashtags", "url", "file"]
FIELDS += ["extractor_key", "uploader", "timestamp", "upload_date", "title", "tags", "webpage_url"]


def test_without_metadata_the_folder_is_the_account_and_the_file_gives_the_time() -> None:
    result = found()
    assert (result.source, result.error) == ("none", None)
    metadata = result.metadata
    assert (metadata.platform, metadata.account, metadata.id) == ("local", "alice", None)
    assert metadata.posted_at == FILE_TIME
    assert metadata.video_id == post_id_of("local", None, None, UPLOAD)
    assert (metadata.description, metadata.hashtags, metadata.url) == ("", (), None)


def test_the_account_of_a_file_right_in_a_date_folder_is_unknown() -> None:
    accounts = {
        "2026-11-02/one.mp4": "unknown",
        "ingest_date%3D2026-11-02/one.mp4": "unknown",
        "one.mp4": "unknown",
        "2026-11-02/na%C3%AFve%0Aname/one.mp4": "naïve name",
    }
    for upload_id, account in accounts.items():
        assert found(upload_id=upload_id).metadata.account == account


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


def test_a_sidecar_that_must_not_be_read_is_an_error_of_the_metadata_only() -> None:
    def refuse(_sidecar: Sidecar) -> ParsedSidecar:
        raise MetadataError("one.json is a link that leaves the uploads folder")

    result = find_metadata(
        UPLOAD, [Sidecar("native", "one.json")], modified_at=FILE_TIME, parsed=refuse
    )
    assert result.source == "none"
    assert "leaves the uploads folder" in (result.error or "")


def test_keys_stay_short_enough_for_an_index() -> None:
    document = {"id": "@%坦" * 30_000, "platform": "坦" * 70_000, "account": "坦" * 70_000}
    metadata = found(sidecar("native", document)).metadata
    assert len(f"{metadata.video_id}@{metadata.account}".encode()) < 2700


@given(
    st.sampled_from(list(NAMES)),
    st.dictionaries(st.sampled_from(FIELDS), JSON) | JSON,
)
def test_any_json_gives_metadata_that_can_be_stored(kind: str, document: Any) -> None:
    _check_storable(found(sidecar(kind, document)))


@given(st.sampled_from(list(NAMES)), st.binary(max_size=200))
def test_any_bytes_give_metadata_that_can_be_stored(kind: str, data: bytes) -> None:
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
