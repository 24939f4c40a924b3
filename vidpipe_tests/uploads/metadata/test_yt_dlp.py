"""Info files of yt-dlp."""

from datetime import UTC, datetime

from vidpipe_tests.uploads.metadata.sidecars import found, sidecar


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
