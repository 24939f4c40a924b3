"""The `ocr_text` asset: wiring of the OCR stage to Dagster.

Belongs here: what the UI says and shows of it.
Does not: reading text (vidpipe.models.ocr), computing what is missing (vidpipe.pipeline.loop).
"""

import polars as pl
from dagster import AssetExecutionContext, AssetsDefinition, ResourceParam, asset

from vidpipe.automation.asset_metadata import report_stage, sample_table, table_metadata
from vidpipe.automation.partitions import DAILY, run_days
from vidpipe.automation.recompute_config import RecomputeConfig
from vidpipe.resources import Stores
from vidpipe.stores.lake import OCR_TEXT


def ocr_text_asset(stores: Stores) -> AssetsDefinition:
    @asset(
        **DAILY,
        deps=["keyframes"],
        group_name="understand",
        kinds={"paddleocr", "deltalake"},
        code_version=stores.code_version("ocr_text"),
        metadata=table_metadata(OCR_TEXT, stores.settings.lake),
    )
    def ocr_text(
        context: AssetExecutionContext, config: RecomputeConfig, stores: ResourceParam[Stores]
    ) -> None:
        """The lines of text that can be read in the keyframes, with confidence and place.

        It is made from the pictures of `keyframes`. Lines below `VIDPIPE_OCR_MIN_CONFIDENCE` are
        kept, but not searched. It runs in the job `ingest`, after `keyframes`.

        A picture that cannot be read does not fail the run: it becomes a row of
        `vidpipe.video_failures` that says why. When the run itself fails, mend what its error names
        (most often a model that is out of reach) and materialise the date again; what was finished
        is kept.
        """
        days = run_days(context)
        with stores.session(context) as session:
            report = stores.pipeline.compute(
                session, stores.pipeline.ocr_text, days, config.asked(context)
            )
            lines = stores.pipeline.snapshot(session, days).lines
        report_stage(
            context,
            report,
            lake=stores.pipeline.lake,
            table=OCR_TEXT,
            extra={"min_confidence": stores.settings.ocr_min_confidence},
            by_date={
                day: {
                    "lines": lines.filter(pl.col("ingest_date") == day).height,
                    "sample": sample_table(
                        lines.filter(pl.col("ingest_date") == day)
                        .sort("confidence", descending=True)
                        .select("text", "confidence", "accepted", "keyframe_sha256")
                    ),
                }
                for day in days
            },
        )

    return ocr_text
