"""What the UI shows of vectors."""

from vidpipe_tests.assets.ingested import FIRST, SECOND, Ingested


def test_every_date_names_the_model_and_counts_what_was_embedded(ingested: Ingested) -> None:
    shown = ingested.shown("clip_embeddings")
    assert set(shown) == {FIRST, SECOND}
    model = ingested.installation.pipeline.model
    for metadata in shown.values():
        assert metadata["model"] == model.model_id
        assert metadata["dimensions"] == model.dimensions
        assert metadata["dagster/partition_row_count"] == metadata["seen"] == metadata["new"] > 0
        assert metadata["failed"] == 0
