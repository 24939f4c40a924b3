"""What the UI shows of uploads that were read."""

from vidpipe_tests.assets.ingested import FIRST, SECOND, Ingested


def test_every_date_tells_what_was_read_of_it(ingested: Ingested) -> None:
    shown = ingested.shown("raw_videos")
    assert set(shown) == {FIRST, SECOND}
    for metadata in shown.values():
        assert metadata["dagster/partition_row_count"] == 1
        assert {name: metadata[name] for name in ("seen", "new", "skipped", "failed")} == {
            "seen": 1,
            "new": 1,
            "skipped": 0,
            "failed": 0,
        }
        assert metadata["uploads"] == ingested.installation.settings.uploads_url
        assert metadata["stage_version"] == ingested.installation.pipeline.raw_videos.version


def test_a_description_is_shown_as_text_and_never_as_markup(ingested: Ingested) -> None:
    sample = str(ingested.shown("raw_videos")[FIRST]["sample"])
    header, _, *rows = sample.split("\n")
    assert header == "| upload_id | status | account | description | error_message |"
    assert len(rows) == 1
    assert "alice" in rows[0]
    assert "script" in rows[0]
    assert "<" not in rows[0]
    assert "**" not in rows[0]
    assert rows[0].count("|") == header.count("|")
