"""What the UI shows of a publication."""

from dagster import AssetKey, MarkdownMetadataValue, TableSchema

from vidpipe.definitions import build_defs
from vidpipe.publication.tables import VIDEOS
from vidpipe_tests.assets.ingested import FIRST, SECOND, Ingested


def test_columns_are_those_of_the_catalogue_with_the_comments_of_postgresql(
    ingested: Ingested,
) -> None:
    comments = dict(
        ingested.installation.query(
            "select attname, col_description(attrelid, attnum) from pg_attribute"
            " where attrelid = 'vidpipe.videos'::regclass and attnum > 0"
        )
    )
    for metadata in ingested.shown("pgvector_index").values():
        schema = metadata["dagster/column_schema"]
        assert isinstance(schema, TableSchema)
        assert [column.name for column in schema.columns] == VIDEOS.column_names
        assert {column.type for column in schema.columns} >= {"text", "timestamp with time zone"}
        assert {column.name: column.description for column in schema.columns} == comments


def test_every_date_tells_how_many_rows_were_written(ingested: Ingested) -> None:
    shown = ingested.shown("pgvector_index")
    assert set(shown) == {FIRST, SECOND}
    for metadata in shown.values():
        assert metadata["dagster/partition_row_count"] == metadata["videos_written"] == 1
        assert metadata["contents_written"] == 1
        assert metadata["rows_written"] == sum(
            value
            for name, value in metadata.items()
            if name.endswith("_written") and name != "rows_written"
        )
        assert metadata["watch_hits"] == 0


def test_the_tables_that_analysts_read_are_named(ingested: Ingested) -> None:
    graph = build_defs(ingested.installation.stores).resolve_asset_graph()
    named = graph.get(AssetKey("pgvector_index")).metadata["tables"]
    assert isinstance(named, MarkdownMetadataValue)
    readable = ingested.installation.query(
        "select relname from pg_class where relnamespace = 'vidpipe'::regnamespace"
        " and relkind in ('r', 'v')"
    )
    names = [part for part in named.value.split("`")[3::2] if part.isidentifier()]
    assert {"videos", "frame_embeddings", "video_summaries"} <= set(names)
    assert set(names) <= {name for (name,) in readable}
