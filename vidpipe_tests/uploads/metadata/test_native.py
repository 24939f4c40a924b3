"""Native sidecars."""

from datetime import UTC, datetime

from vidpipe_tests.uploads.metadata import info_files
from vidpipe_tests.uploads.metadata.sidecars import found, sidecar


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


def test_a_native_sidecar_may_say_all_that_is_known_of_a_post() -> None:
    document = {
        "id": "c1",
        "platform": "Sample",
        "media_number": 2,
        "account_id": 7001,
        "account": "cartoon_corner",
        "account_name": "Cartoon Corner",
        "mentions": "@friend, @other",
        "language": "pt_BR",
        "sound_id": "s9",
        "sound_title": "Bells",
        "views": "1,234,567",
        "likes": 1.2e3,
        "reposts": 0,
        "engagement_read_at": "2026-11-03T00:00:00Z",
        "reply_to": "c0",
        "repost_of": "other:5",
    }
    result = found(sidecar("native", document))
    metadata = result.metadata
    assert result.error is None
    assert metadata.media_number == 2
    assert (metadata.account_id, metadata.account_source) == ("7001", "id")
    assert (metadata.account, metadata.account_name) == ("cartoon_corner", "Cartoon Corner")
    assert metadata.mentions == ("friend", "other")
    assert (metadata.language, metadata.sound_id, metadata.sound_title) == ("pt-BR", "s9", "Bells")
    assert (metadata.views, metadata.likes, metadata.reposts) == (1_234_567, 1200, 0)
    assert metadata.comments is None, "what nobody says is unknown, not none at all"
    assert metadata.engagement_read_at == datetime(2026, 11, 3, tzinfo=UTC)
    assert (metadata.reply_to, metadata.repost_of) == ("sample:c0", "other:5")
    assert metadata.quote_of is None


def test_a_transcript_under_the_name_of_a_sidecar_does_not_silence_the_metadata() -> None:
    transcript = sidecar("native", {"text": "hello", "segments": [], "language": "en"})
    result = found(transcript, sidecar("yt-dlp", info_files.youtube()))
    assert (result.source, result.metadata.video_id) == ("yt-dlp", "youtube:Ab000000001")
    assert "one.json has none of the fields that tell of a post" in (result.error or "")
