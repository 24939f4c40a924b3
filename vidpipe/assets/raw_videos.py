"""The `raw_videos` asset: every upload of an ingest date, hashed and probed, with its metadata.

Belongs here: wiring of the first stage to Dagster.
Does not: finding uploads (vidpipe.automation.uploads registers them), probing (vidpipe.media).
"""

import polars as pl
from dagster import AssetExecutionContext, AssetsDefinition, ResourceParam, asset

from vidpipe.automation.materialization import (
    DAILY,
    ingest_dates,
    report_stage,
    sample_table,
    table_metadata,
)
from vidpipe.resources import Stores
from vidpipe.stores.lake import RAW_VIDEOS


def raw_videos_asset(stores: Stores) -> AssetsDefinition:
    @asset(
        **DAILY,
        group_name="ingest",
        kinds={"video", "deltalake"},
        code_version=stores.code_version("raw_videos"),
        metadata=table_metadata(RAW_VIDEOS, stores.settings.lake),
        description=__doc__,
    )
    def raw_videos(context: AssetExecutionContext, stores: ResourceParam[Stores]) -> None:
        days = ingest_dates(context)
        with stores.session(context) as session:
            report = stores.pipeline.compute(session, stores.pipeline.raw_videos, days)
            uploads = stores.pipeline.snapshot(session, days).uploads
        report_stage(
            context,
            report,
            rows=uploads,
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
                    )
                }
                for day in days
            },
        )

    return raw_videos
