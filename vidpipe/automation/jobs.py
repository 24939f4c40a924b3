"""Jobs: the ingest of a date or a range of dates, reused footage and its calibration, vectors of
saved queries, the quality of search, weekly topics and lake maintenance.

Belongs here: which assets run together, and what the UI says of it.
Does not: when they run (vidpipe.automation.schedules, vidpipe.automation.sensors).
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
    job,
    op,
)
from dagster._core.definitions.unresolved_asset_job_definition import (
    UnresolvedAssetJobDefinition,
)

from vidpipe.automation.recompute_config import REFRESH_JOB
from vidpipe.resources import Stores
from vidpipe.stores.lake import ASSET_TABLES, TABLES
from vidpipe.uploads.opening import remove_stale_copies

INGEST_ASSETS = AssetSelection.assets(
    *(table.name for table in ASSET_TABLES), "pgvector_index", "reused_footage"
)

ingest = define_asset_job(
    "ingest",
    selection=INGEST_ASSETS,
    description="Takes the registered uploads of a date, or of a range of dates, to PostgreSQL: "
    "it materialises `raw_videos`, `keyframes`, `ocr_text`, `clip_embeddings`, `pgvector_index` "
    "and `reused_footage` one after the other and computes only what is missing.\n\nIt runs when "
    "`uploads_sensor` or `vidpipe run` finds dates with new, changed or vanished uploads, and as "
    "a backfill. When it fails, read the error of the failed step, mend what it names and run the "
    "dates again: what was finished is kept.",
)

refresh = define_asset_job(
    REFRESH_JOB,
    selection=INGEST_ASSETS,
    description="Makes anew what was made under other settings or by another model than those in "
    "force, for the dates that are chosen, and publishes it. `vidpipe status` and the check "
    "`made_under_settings_in_force` tell what that would take.\n\nIt runs when somebody launches "
    "it here or calls `vidpipe refresh`. When it fails, mend what its error names and run the "
    "dates again: what was finished is kept.",
)

find_reused_footage = define_asset_job(
    "find_reused_footage",
    selection=AssetSelection.assets("reused_footage"),
    description="Compares the footage of the dates that are chosen with all that was compared "
    "before: it materialises `reused_footage` and nothing else.\n\nIt runs when somebody launches "
    "it here: for dates that were published before vidpipe compared footage, or with `force: true` "
    "to compare dates again. When it fails, mend what its error names and run the dates again; "
    "what was compared is kept.",
)

calibrate_reused_footage = define_asset_job(
    "calibrate_reused_footage",
    selection=AssetSelection.assets("reuse_calibration"),
    description="Edits a sample of the uploads and looks for the copies, and measures how sure "
    "chance makes unrelated videos: it materialises `reuse_calibration`, in a few minutes.\n\nIt "
    "runs once by `first_calibration_sensor`, then every month by `monthly_reuse_calibration`. "
    "When it fails, the calibration of before stays in force; mend what its error names and run it "
    "again.",
)

embed_queries = define_asset_job(
    "embed_queries",
    selection=AssetSelection.assets("query_embeddings"),
    description="Makes the vector of every saved query that waits for one: it materialises "
    "`query_embeddings`.\n\nIt runs when `query_embeddings_sensor` finds such queries. When it "
    "fails, mend what its error names (most often a model that is out of reach); the sensor "
    "requests it again, five times at most for the same queries.",
)

measure_search_quality = define_asset_job(
    "measure_search_quality",
    selection=AssetSelection.assets("search_quality"),
    description="Asks the labelled queries of `VIDPIPE_QUERY_SET` and keeps the figures: it "
    "materialises `search_quality`.\n\nIt runs every night by `daily_search_quality`, where that "
    "setting is set. When it fails, mend what its error names and run it again; nothing else "
    "waits for it.",
)

cluster_topics = define_asset_job(
    "cluster_topics",
    selection=AssetSelection.assets("account_topics"),
    description="Finds the topics of everything that was ingested before the end of a week: it "
    "materialises `account_topics`.\n\nIt runs every Monday by `weekly_topics`. When it fails, "
    "analysts keep the topics of the run before; mend what its error names and run the week again.",
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
    description="Compacts the small files of every table of the lake, removes files that were not "
    "used for a week, and temporary copies that killed workers left. It is safe while the job "
    "`ingest` runs.\n\nIt runs every Sunday by `weekly_lake_maintenance`, and tries twice again "
    "by itself. When it fails for good, no data is at risk: see that the lake can be written and "
    "run it again.",
)
def lake_maintenance() -> None:
    maintain_lake()


JOBS: list[JobDefinition | UnresolvedAssetJobDefinition] = [
    ingest,
    refresh,
    find_reused_footage,
    calibrate_reused_footage,
    embed_queries,
    measure_search_quality,
    cluster_topics,
    lake_maintenance,
]
