"""The `keyframes` asset: wiring of the keyframe stage to Dagster.

Belongs here: what the UI says and shows of it, contact sheets included.
Does not: choosing frames (vidpipe.media.keyframes), computing what is missing
(vidpipe.pipeline.loop).
"""

import polars as pl
from dagster import AssetExecutionContext, AssetsDefinition, ResourceParam, asset

from vidpipe.automation.asset_metadata import picture, report_stage, table_metadata
from vidpipe.automation.partitions import DAILY, run_days
from vidpipe.automation.recompute_config import RecomputeConfig
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
    )
    def keyframes(
        context: AssetExecutionContext, config: RecomputeConfig, stores: ResourceParam[Stores]
    ) -> None:
        """A few sharp and diverse frames of every video, and the hashes of its footage.

        It is made from `raw_videos`: each content is decoded once, however many posts share it, and
        at most `VIDPIPE_KEYFRAMES_PER_VIDEO` frames are kept as JPEG files in the media store. It
        runs in the job `ingest`, after `raw_videos`.

        A video that cannot be decoded does not fail the run: it becomes a row of
        `vidpipe.video_failures` that says why. When the run itself fails, mend what its error names
        and materialise the date again; what was finished is kept.
        """
        days = run_days(context)
        with stores.session(context) as session:
            report = stores.pipeline.compute(
                session, stores.pipeline.keyframes, days, config.asked(context)
            )
            frames = stores.pipeline.snapshot(session, days).frames
        sheets = stores.contact_sheets(frames)
        report_stage(
            context,
            report,
            lake=stores.pipeline.lake,
            table=KEYFRAMES,
            extra={"images": stores.settings.media},
            by_date={
                day: {
                    "frames": frames.filter(pl.col("ingest_date") == day).height,
                    "contact_sheet": picture(sheet, f"keyframes of {day}"),
                }
                for day, sheet in sheets.items()
            },
        )

    return keyframes
