"""Native sidecars."""

from datetime import UTC, datetime

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
