"""The `keyframes` asset: K clear and diverse frames of every content ingested on a date.

Belongs here: wiring of the keyframe stage to Dagster (partition, metadata, contact sheet).
Does not: choosing frames (vidpipe.media.keyframes) or bookkeeping (vidpipe.pipeline.loop).
"""

from dagster import AssetExecutionContext, AssetsDefinition, ResourceParam, asset

from vidpipe.automation.materialization import (
    DAILY,
    ingest_dates,
    picture,
    report_stage,
    table_metadata,
)
from vidpipe.resources import Stores
from vidpipe.stores.lake import KEYFRAMES


def keyframes_asset(stores: Stores) -> AssetsDefinition:
    @asset(
        **DAILY,
        deps=["raw_videos"],
        group_name="ingest",
        kinds={"opencv", "deltalake"},
        code_version=stores.code_version("keyframes"),
        metadata=table_metadata(KEYFRAMES, stores.settings.lake),
        description=__doc__,
    )
    def keyframes(context: AssetExecutionContext, stores: ResourceParam[Stores]) -> None:
        days = ingest_dates(context)
        with stores.session(context) as session:
            report = stores.pipeline.compute(session, stores.pipeline.keyframes, days)
            frames = stores.pipeline.snapshot(session, days).frames
        sheets = stores.contact_sheets(frames)
        report_stage(
            context,
            report,
            rows=frames,
            extra={"images": stores.settings.media},
            by_date={
                day: {"contact_sheet": picture(sheet, f"keyframes of {day}")}
                for day, sheet in sheets.items()
            },
        )

    return keyframes
