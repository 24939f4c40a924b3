"""The `pgvector_index` asset: wiring of publication to Dagster.

Belongs here: what the UI says and shows of it, and what follows a publication.
Does not: assembling, loading and indexing rows (vidpipe.publication).
"""

from datetime import date
from typing import Any

from dagster import (
    AssetExecutionContext,
    AssetsDefinition,
    MetadataValue,
    ResourceParam,
    asset,
)
from psycopg import Connection

from vidpipe.automation.asset_metadata import table_columns
from vidpipe.automation.partitions import DAILY, run_days
from vidpipe.publication.dates import publish_dates
from vidpipe.publication.tables import compared_columns
from vidpipe.resources import Stores
from vidpipe.search.watch_lists import look_for_watched, tell_hits
from vidpipe.stores.lake_backup import copy_to_lake
from vidpipe.topics.provisional import give_topics

READ_BY_ANALYSTS = (*compared_columns(), "video_summaries", "video_failures")


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
                f"Schema `vidpipe`: {', '.join(f'`{name}`' for name in READ_BY_ANALYSTS)}. "
                "`vidpipe db url --role reader` prints how to connect."
            ),
        },
    )
    def pgvector_index(context: AssetExecutionContext, stores: ResourceParam[Stores]) -> None:
        """What analysts see of an ingest date: tables and vectors in PostgreSQL.

        It is made from the results of `raw_videos`, `keyframes`, `ocr_text` and `clip_embeddings`
        in the lake, and computes nothing anew. It runs in the job `ingest`, last; then watched
        queries look at the new posts, and the posts get provisional topics.

        A date is published whole or not at all: when the run fails, analysts see the date as it was
        before. Mend what the error names and materialise the date again; `vidpipe db rebuild` fills
        all tables from the lake.
        """
        days = run_days(context)
        with stores.session(context) as session:
            reports = publish_dates(stores.pipeline, session, days)
            columns = table_columns(session.connection, "vidpipe.videos")
            rows = _videos_by_date(session.connection, days)
            hits = look_for_watched(session.connection, context.run.run_id, days=days)
            tell_hits(session.connection, stores.settings)
            given_topics = give_topics(session.connection, days)
        copy_to_lake(stores.settings)
        for day in days:
            report = reports[day]
            context.add_asset_metadata(
                {
                    "dagster/column_schema": columns,
                    "dagster/partition_row_count": rows.get(day, 0),
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


def _videos_by_date(connection: Connection[Any], days: list[date]) -> dict[date, int]:
    """Rows of `vidpipe.videos`, by ingest date."""
    rows = connection.execute(
        "select ingest_date, count(*) from vidpipe.videos"
        " where ingest_date = any(%s) group by ingest_date",
        [days],
    ).fetchall()
    return dict(rows)
