"""The `keyframes` asset: wiring of keyframes, and of the footage prints beside them, to Dagster.

Belongs here: what the UI says and shows of it, contact sheets included.
Does not: choosing frames (vidpipe.media.keyframes), computing what is missing
(vidpipe.pipeline.loop).
"""

from dagster import AssetExecutionContext, AssetsDefinition, ResourceParam, asset

from vidpipe.automation.asset_metadata import (
    lake_columns,
    picture,
    report_stage,
    table_metadata,
    tell_stage,
)
from vidpipe.automation.partitions import DAILY, run_days
from vidpipe.automation.recompute_config import RecomputeConfig
from vidpipe.resources import Stores
from vidpipe.stores.lake import FOOTAGE_PRINTS, KEYFRAMES


def keyframes_asset(stores: Stores) -> AssetsDefinition:
    @asset(
        **DAILY,
        deps=["raw_videos"],
        group_name="ingest",
        kinds={"opencv", "deltalake"},
        code_version=stores.code_version("keyframes"),
        metadata={
            **table_metadata(KEYFRAMES, stores.settings.lake),
            "footage_prints": lake_columns(FOOTAGE_PRINTS),
            "footage_prints_uri": f"{stores.settings.lake}/{FOOTAGE_PRINTS.name}",
        },
    )
    def keyframes(
        context: AssetExecutionContext, config: RecomputeConfig, stores: ResourceParam[Stores]
    ) -> None:
        """A few sharp and diverse frames of every video, and a print of its footage.

        It is made from `raw_videos`: each content is decoded once, however many posts share it, and
        at most `VIDPIPE_KEYFRAMES_PER_VIDEO` frames are kept as JPEG files in the media store. The
        footage print (hashes along the video, thumbnails, keypoints), by which copies are found,
        comes out of the same pass and lies in the lake's table `footage_prints`. It runs in the job
        `ingest`, after `raw_videos`.

        A video that cannot be decoded does not fail the run: it becomes a row of
        `vidpipe.video_failures` that says why. When the run itself fails, mend what its error names
        and materialise the date again; what was finished is kept.
        """
        days, pipeline, asked = run_days(context), stores.pipeline, config.asked(context)
        with stores.session(context) as session:
            report = pipeline.compute(session, pipeline.keyframes, days, asked)
            alone = pipeline.compute(session, pipeline.footage_prints, days, asked.beside)
            snapshot = pipeline.snapshot(session, days)
            frames, outdated = snapshot.frames, snapshot.outdated(FOOTAGE_PRINTS)
        sheets = stores.contact_sheets(frames)
        report_stage(
            context,
            report,
            lake=pipeline.lake,
            table=KEYFRAMES,
            extra={"images": stores.settings.media, "footage_prints_backlog": alone.pending},
            by_date={
                day: {
                    "frames": snapshot.on(day, frames).height,
                    "outdated_footage_prints": snapshot.on(day, outdated).height,
                    "contact_sheet": picture(sheet, f"keyframes of {day}"),
                }
                for day, sheet in sheets.items()
            },
        )
        tell_stage(context, alone)

    return keyframes
