"""The `pgvector_index` asset: what analysts see of a date, in PostgreSQL with pgvector.

Belongs here: wiring of publication to Dagster.
Does not: assembling, loading and indexing rows (vidpipe.publication).
"""

from typing import Any

from dagster import (
    AssetExecutionContext,
    AssetsDefinition,
    MetadataValue,
    ResourceParam,
    TableColumn,
    TableSchema,
    asset,
)
from psycopg import Connection

from vidpipe.automation.materialization import DAILY, ingest_dates
from vidpipe.publication.dates import publish_dates
from vidpipe.resources import Stores
from vidpipe.search.watch_lists import look_for_watched, tell_hits
from vidpipe.stores.lake_backup import copy_to_lake
from vidpipe.topics.provisional import give_topics


def pgvector_index_asset(stores: Stores) -> AssetsDefinition:
    @asset(
        **DAILY,
        deps=["raw_videos", "keyframes", "ocr_text", "clip_embeddings"],
        group_name="serve",
        kinds={"postgres", "sql"},
        code_version=stores.code_version("pgvector_index"),
        metadata={
            "dagster/table_name": "vidpipe.videos",
            "tables": MetadataValue.md(
                "Schema `vidpipe`: `videos`, `contents`, `keyframes`, `ocr_lines`, "
                "`frame_embeddings`, `content_embeddings`, `text_embeddings`, `video_summaries`, "
                "`video_failures`. `vidpipe db url --role reader` prints how to connect."
            ),
        },
        description=__doc__,
    )
    def pgvector_index(context: AssetExecutionContext, stores: ResourceParam[Stores]) -> None:
        days = ingest_dates(context)
        with stores.session(context) as session:
            reports = publish_dates(stores.pipeline, session, days)
            columns = _columns_of_videos(session.connection)
            hits = look_for_watched(session.connection, context.run.run_id, days=days)
            tell_hits(session.connection, stores.settings)
            given_topics = give_topics(session.connection, days)
        copy_to_lake(stores.settings)
        for day in days:
            report = reports[day]
            videos = report.tables["videos"]
            context.add_asset_metadata(
                {
                    "dagster/column_schema": columns,
                    "dagster/partition_row_count": videos.inserted
                    + videos.updated
                    + videos.unchanged,
                    "rows_written": report.written,
                    **{f"{name}_written": table.written for name, table in report.tables.items()},
                    "run_seconds": round(report.seconds, 2),
                    "index_rebuilt": report.index_rebuilt,
                    "model": stores.pipeline.model.model_id,
                    "watch_hits": sum(hit.ingest_date == day for hit in hits),
                    "provisional_topics": given_topics[day],
                },
                partition_key=day.isoformat(),
            )

    return pgvector_index


def _columns_of_videos(connection: Connection[Any]) -> TableSchema:
    """Columns of `vidpipe.videos` with the comments that analysts see in PostgreSQL."""
    rows = connection.execute(
        "select attname, format_type(atttypid, atttypmod), col_description(attrelid, attnum)"
        " from pg_attribute where attrelid = 'vidpipe.videos'::regclass"
        " and attnum > 0 and not attisdropped order by attnum"
    ).fetchall()
    return TableSchema(
        columns=[TableColumn(name, type=kind, description=comment) for name, kind, comment in rows]
    )
