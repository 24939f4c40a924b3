"""The `raw_videos` asset: wiring of the first stage to Dagster.

Belongs here: what the UI says and shows of it.
Does not: finding uploads (vidpipe.uploads.discovery), hashing and probing them
(vidpipe.pipeline.workers.raw_videos).
"""

import polars as pl
from dagster import AssetExecutionContext, AssetsDefinition, ResourceParam, asset

from vidpipe.automation.asset_metadata import report_stage, sample_table, table_metadata
from vidpipe.automation.partitions import DAILY, run_days
from vidpipe.automation.recompute_config import RecomputeConfig
from vidpipe.resources import Stores
from vidpipe.stores.lake import RAW_VIDEOS


def raw_videos_asset(stores: Stores) -> AssetsDefinition:
    @asset(
        **DAILY,
        deps=["uploads"],
        group_name="ingest",
        kinds={"video", "deltalake"},
        code_version=stores.code_version("raw_videos"),
        metadata=table_metadata(RAW_VIDEOS, stores.settings.lake),
    )
    def raw_videos(
        context: AssetExecutionContext, config: RecomputeConfig, stores: ResourceParam[Stores]
    ) -> None:
        """The uploads of an ingest date: their hashes, what their containers say, their posts.

        It is made from the files under `VIDPIPE_UPLOADS_URL` that were registered for the date, and
        from the metadata files beside them. It runs in the job `ingest`, for every date whose
        uploads are new, changed or gone.

        A file that cannot be read does not fail the run: it becomes a row of
        `vidpipe.video_failures` that says why. When the run itself fails, mend what its error names
        and materialise the date again; what was finished is kept.
        """
        days = run_days(context)
        with stores.session(context) as session:
            report = stores.pipeline.compute(
                session, stores.pipeline.raw_videos, days, config.asked(context)
            )
            snapshot = stores.pipeline.snapshot(session, days)
            uploads = snapshot.uploads
        report_stage(
            context,
            report,
            lake=stores.pipeline.lake,
            table=RAW_VIDEOS,
            extra={"uploads": stores.settings.uploads_url or "(not set)"},
            by_date={
                day: {
                    "sample": sample_table(
                        uploads.filter(pl.col("ingest_date") == day).select(
                            "upload_id",
                            "status",
                            pl.col("metadata").struct.field("account"),
                            pl.col("metadata").struct.field("description"),
                            "error_message",
                        )
                    ),
                    **_gone(snapshot.registered.filter(pl.col("ingest_date") == day)),
                }
                for day in days
            },
        )

    return raw_videos


def _gone(registered: pl.DataFrame) -> dict[str, str]:
    """Says of a date whose uploads have all vanished that nothing of it is shown any more."""
    if registered.is_empty() or registered["removed_at"].null_count():
        return {}
    since = max(registered["removed_at"].to_list())
    return {
        "all_uploads_gone": f"All {registered.height} uploads of this date are gone from the "
        f"uploads URL, the last since {since:%Y-%m-%d %H:%M} UTC: nothing of the date is shown. "
        "What was computed is kept for their return."
    }
