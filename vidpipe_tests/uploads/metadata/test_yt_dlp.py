"""Info files of yt-dlp."""

from datetime import UTC, datetime

import pytest

from vidpipe_tests.uploads.metadata import info_files
from vidpipe_tests.uploads.metadata.sidecars import FILE_TIME, found, sidecar


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
    assert (metadata.account_id, metadata.account_source) == ("UC123", "id")
    assert (metadata.account, metadata.account_name) == ("gym_hall", "gym_hall")
    assert metadata.posted_at == datetime.fromtimestamp(1793635200, UTC)
    assert metadata.description == "Arm wrestling\n\nAt the table"
    assert metadata.hashtags == ("sport",)
    assert metadata.url == "https://example.org/aw1"


def test_a_title_that_the_description_repeats_is_not_put_before_it() -> None:
    document = {"title": "Cleaning a pool…", "description": "Cleaning a pool with a net"}
    metadata = found(sidecar("yt-dlp", document)).metadata
    assert metadata.description == "Cleaning a pool with a net"


def test_a_caption_gives_the_hashtags_and_mentions_that_the_site_does_not_list() -> None:
    metadata = found(sidecar("yt-dlp", info_files.tiktok())).metadata
    assert metadata.description == "sunset slice #SlowFoodWeek with @pizza.oven"
    assert (metadata.hashtags, metadata.mentions) == (("SlowFoodWeek",), ("pizza.oven",))
    labels = {"extractor_key": "Bluesky", "description": "hi #there", "tags": [{}, "en"]}
    result = found(sidecar("yt-dlp", labels))
    assert (result.metadata.hashtags, result.error) == (("there",), None)


def test_counts_are_those_of_the_time_at_which_the_file_was_written() -> None:
    result = found(sidecar("yt-dlp", info_files.youtube()))
    metadata = result.metadata
    assert (metadata.views, metadata.likes, metadata.reposts) == (1000, 20, None)
    assert metadata.comments == 3
    assert metadata.engagement_read_at == datetime.fromtimestamp(1793721600, UTC)
    assert (metadata.language, result.error) == ("en", None)


def test_a_sound_without_a_name_has_that_of_its_author() -> None:
    metadata = found(sidecar("yt-dlp", info_files.tiktok())).metadata
    assert metadata.sound_title == "original sound - Slice Sample"
    named = info_files.tiktok(track="Big Fun", track_id="t1")
    metadata = found(sidecar("yt-dlp", named)).metadata
    assert (metadata.sound_title, metadata.sound_id) == ("Big Fun", "t1")


@pytest.mark.parametrize("unknown", [0, None, "", -5])
def test_a_time_that_makes_no_sense_falls_to_the_next_field(unknown: int | str | None) -> None:
    document = info_files.youtube(timestamp=unknown, release_timestamp=None)
    metadata = found(sidecar("yt-dlp", document)).metadata
    assert (metadata.posted_at, metadata.posted_at_precision) == (
        datetime(2026, 11, 2, tzinfo=UTC),
        "day",
    )
    released = info_files.youtube(timestamp=unknown, release_timestamp=1793600000)
    metadata = found(sidecar("yt-dlp", released)).metadata
    assert metadata.posted_at == datetime.fromtimestamp(1793600000, UTC)
    assert metadata.posted_at_precision == "second"


def test_the_time_at_which_an_info_file_was_written_is_not_that_of_the_post() -> None:
    document = info_files.youtube(timestamp=0, upload_date="19700101")
    metadata = found(sidecar("yt-dlp", document)).metadata
    assert (metadata.posted_at, metadata.posted_at_precision) == (FILE_TIME, "file")


def test_the_info_file_of_a_playlist_speaks_of_no_upload() -> None:
    playlist = info_files.youtube(_type="playlist", id="PL123")
    result = found(sidecar("yt-dlp", playlist))
    assert result.source == "none"
    assert "one.info.json describes a playlist, not a video" in (result.error or "")
