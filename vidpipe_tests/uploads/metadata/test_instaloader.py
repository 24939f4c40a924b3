"""Metadata files of instaloader."""

import json
import lzma
from datetime import UTC, datetime

import pytest

from vidpipe.uploads.metadata.instaloader import MAX_UNPACKED_BYTES, instaloader_names
from vidpipe.uploads.metadata.precedence import FoundMetadata
from vidpipe_tests.uploads.metadata import written
from vidpipe_tests.uploads.metadata.sidecars import found, sidecar

STEM = "2026-11-02_16-00-00_UTC"


def read(document: object, upload: str = f"{STEM}.mp4") -> FoundMetadata:
    """What a packed file says of an upload."""
    packed = sidecar("instaloader", written.as_xz(document), f"{STEM}.json.xz")
    return found(packed, upload_id=f"2026-11-02/alice/{upload}")


def test_a_packed_post_is_understood() -> None:
    result = read(written.instaloader(written.instagram_node()))
    metadata = result.metadata
    assert (result.source, result.error) == ("instaloader", None)
    assert metadata.video_id == "instagram:DAbC-deF_01"
    assert (metadata.account_id, metadata.account) == ("99000001", "piazza_daily")
    assert metadata.account_name == "Piazza Daily"
    assert metadata.posted_at == datetime(2026, 11, 2, 16, tzinfo=UTC)
    assert (metadata.description, metadata.hashtags) == ("Bread at noon #piazza", ("piazza",))
    assert (metadata.views, metadata.likes, metadata.comments) == (700, 55, 6)
    assert (metadata.sound_id, metadata.sound_title) == ("555000111", "Bells")
    assert metadata.url == "https://www.instagram.com/p/DAbC-deF_01/"
    assert (metadata.media_key, metadata.media_number) == (None, None)


def test_a_post_that_was_not_packed_is_understood() -> None:
    document = written.instaloader(written.instagram_node())
    result = found(sidecar("native", document, f"{STEM}.json"))
    assert (result.source, result.metadata.id) == ("instaloader", "DAbC-deF_01")


def test_every_media_of_a_post_is_a_clip_of_its_own() -> None:
    document = written.instaloader(written.instagram_sidecar())
    clips = [read(document, f"{STEM}_{number}.mp4").metadata for number in (1, 3)]
    assert {clip.video_id for clip in clips} == {"instagram:DAbC-deF_02"}
    assert [clip.media_number for clip in clips] == [1, 3]
    assert [clip.media_key for clip in clips] == ["3300000000000000101", "3300000000000000103"]


def test_a_post_of_which_the_media_are_not_listed_still_numbers_them() -> None:
    node = written.instagram_node(__typename="GraphSidecar")
    metadata = read(written.instaloader(node), f"{STEM}_2.mp4").metadata
    assert (metadata.media_key, metadata.media_number) == ("2", 2)


def test_a_code_that_ends_in_a_number_is_no_clip() -> None:
    document = written.instaloader(written.instagram_sidecar("DAbC-deF_02"))
    metadata = read(document, "DAbC-deF_02.mp4").metadata
    assert metadata.media_number is None


def test_what_the_apps_say_completes_what_the_graph_says() -> None:
    node = written.instagram_node(
        owner={"id": "99000001"}, iphone_struct={"pk": 1, "user": {"username": "piazza_daily"}}
    )
    assert read(written.instaloader(node)).metadata.account == "piazza_daily"


def test_a_hidden_count_is_unknown() -> None:
    node = written.instagram_node(edge_media_preview_like={"count": -1})
    result = read(written.instaloader(node))
    assert (result.metadata.likes, result.error) == (None, None)


def test_a_story_is_known_by_the_code_of_its_number() -> None:
    node = {
        "__typename": "GraphStoryVideo",
        "id": "1922949326347663701",
        "owner": {"id": "99000001", "username": "piazza_daily"},
        "taken_at_timestamp": 1793635200,
    }
    metadata = read(written.instaloader(node, "StoryItem")).metadata
    assert metadata.video_id == "instagram:BqvsDleB3lV"


@pytest.mark.parametrize("node_type", ["Profile", "Hashtag", "TopSearchResults"])
def test_what_is_known_of_an_account_speaks_for_no_upload(node_type: str) -> None:
    result = read(written.instaloader({"id": "1", "username": "piazza_daily"}, node_type))
    assert (result.source, result.error) == ("none", None)


def test_a_file_that_unpacks_to_gigabytes_is_an_error() -> None:
    bomb = lzma.compress(b" " * (MAX_UNPACKED_BYTES + 1))
    result = found(sidecar("instaloader", bomb))
    assert "one.json.xz unpacks to more than 64 MB" in (result.error or "")


@pytest.mark.parametrize("keep", [0, 10, 60])
def test_a_packed_file_that_is_cut_off_is_an_error(keep: int) -> None:
    packed = written.as_xz(written.instaloader(written.instagram_node()))
    result = found(sidecar("instaloader", packed[:keep]))
    assert result.source == "none"
    assert "one.json.xz cannot be unpacked" in (result.error or "")


def test_a_packed_file_of_another_program_speaks_for_nobody() -> None:
    result = found(sidecar("instaloader", lzma.compress(json.dumps({"a": 1}).encode())))
    assert (result.source, result.error) == ("none", None)


def test_only_files_that_are_surely_of_the_post_speak_for_a_numbered_upload() -> None:
    assert instaloader_names(b"clip_2.mp4") == [b"clip_2.json.xz", b"clip.json.xz"]
    assert instaloader_names(b"2026_UTC_2.mp4")[1:] == [b"2026_UTC.json.xz", b"2026_UTC.json"]
    assert instaloader_names(b"clip.mp4") == [b"clip.json.xz"]
