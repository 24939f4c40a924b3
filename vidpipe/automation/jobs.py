"""Jobs: the daily ingest of one date or a range of dates, vectors of saved queries, quality of
search, weekly topics and lake maintenance.
"""

from dagster import (
    AssetSelection,
    Backoff,
    JobDefinition,
    MetadataValue,
    OpExecutionContext,
    ResourceParam,
    RetryPolicy,
    define_asset_job,
    in_process_executor,
    job,
    op,
)
from dagster._core.definitions.unresolved_asset_job_definition import (
    UnresolvedAssetJobDefinition,
)

from vidpipe.resources import Stores
from vidpipe.stores.lake import TABLES
from vidpipe.uploads.opening import remove_stale_copies

# Steps share one process: it holds no model (workers do), and starting one per step costs seconds.
ingest = define_asset_job(
    "ingest",
    selection=AssetSelection.assets(
        "raw_videos", "keyframes", "ocr_text", "clip_embeddings", "pgvector_index"
    ),
    executor_def=in_process_executor,
    description="Takes the registered uploads of a date, or of a range of dates, to PostgreSQL.",
)

embed_queries = define_asset_job(
    "embed_queries",
    selection=AssetSelection.assets("query_embeddings"),
    executor_def=in_process_executor,
    description="Makes the vector of every saved query that waits for one.",
)

measure_search_quality = define_asset_job(
    "measure_search_quality",
    selection=AssetSelection.assets("search_quality"),
    executor_def=in_process_executor,
    description="Asks the labelled queries of VIDPIPE_QUERY_SET and keeps the figures.",
)

cluster_topics = define_asset_job(
    "cluster_topics",
    selection=AssetSelection.assets("account_topics"),
    executor_def=in_process_executor,
    description="Finds the topics of everything that was ingested before the end of a week.",
)


@op(retry_policy=RetryPolicy(max_retries=2, delay=60, backoff=Backoff.EXPONENTIAL))
def maintain_lake(context: OpExecutionContext, stores: ResourceParam[Stores]) -> None:
    """Compacts small files of every lake table and removes those unused for a week.

    Temporary copies that killed workers left are removed, too.
    """
    stale = remove_stale_copies()
    context.log.info(f"{stale} temporary copies of killed workers removed")
    for table in TABLES:
        counts = stores.pipeline.lake.maintain(table)
        context.log.info(f"{table.name}: {counts}")
        context.add_output_metadata(
            {f"{table.name}_{name}": MetadataValue.int(n) for name, n in counts.items()}
        )


@job(
    executor_def=in_process_executor,
    description="Compacts and vacuums the lake; safe while ingest runs.",
)
def lake_maintenance() -> None:
    maintain_lake()


JOBS: list[JobDefinition | UnresolvedAssetJobDefinition] = [
    ingest,
    embed_queries,
    measure_search_quality,
    cluster_topics,
    lake_maintenance,
]
