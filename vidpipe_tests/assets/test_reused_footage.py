"""What the UI shows of `reused_footage` after an ordinary ingest, and that it holds no date back.

What it finds is tested in vidpipe_tests/reuse/test_reused_footage.py.
"""

from dagster import AssetKey, TableSchema

from vidpipe.definitions import build_defs
from vidpipe.reuse.version import comparison_version
from vidpipe_tests.assets.ingested import FIRST, SECOND, Ingested


def test_every_content_has_a_row_and_the_partition_counts_them(ingested: Ingested) -> None:
    rows = dict(
        ingested.installation.query(
            "select v.ingest_date, count(distinct c.content_sha256) from vidpipe.videos as v"
            " inner join vidpipe.footage_contents as c using (content_sha256) group by 1"
        )
    )
    shown = ingested.shown("reused_footage")
    assert rows == {FIRST: 1, SECOND: 1}
    assert {day: one["dagster/partition_row_count"] for day, one in shown.items()} == rows
    for one in shown.values():
        assert sum(one["contents"].values()) == one["compared_now"] == 1
        assert one["new_copies"] == one["watch_hits"] == 0
        assert "new_matches" not in one, "no picture without a copy"


def test_the_asset_names_its_table_and_shows_the_comments_of_its_columns(
    ingested: Ingested,
) -> None:
    graph = build_defs(ingested.installation.stores).resolve_asset_graph()
    node = graph.get(AssetKey("reused_footage"))
    assert node.metadata["dagster/table_name"] == "vidpipe.footage_contents"
    assert node.code_version == comparison_version()
    for one in ingested.shown("reused_footage").values():
        schema = one["dagster/column_schema"]
        assert isinstance(schema, TableSchema)
        assert all(column.description for column in schema.columns)


def test_a_date_whose_footage_was_never_compared_is_not_pending(ingested: Ingested) -> None:
    """As after an upgrade from a vidpipe that compared no footage."""
    installation = ingested.installation
    with installation.connect() as connection, connection.transaction(force_rollback=True):
        connection.execute("delete from vidpipe.footage_contents")
        assert installation.pipeline.pending_dates(connection) == []
