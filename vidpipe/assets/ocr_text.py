"""The `ocr_text` asset: the lines of text in every keyframe of a date, with confidence and box.

Belongs here: wiring of the OCR stage to Dagster.
Does not: reading text (vidpipe.models.ocr).
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
from vidpipe.stores.lake import OCR_TEXT


def ocr_text_asset(stores: Stores) -> AssetsDefinition:
    @asset(
        **DAILY,
        deps=["keyframes"],
        group_name="understand",
        kinds={"paddleocr", "deltalake"},
        code_version=stores.code_version("ocr_text"),
        metadata=table_metadata(OCR_TEXT, stores.settings.lake),
        description=__doc__,
    )
    def ocr_text(context: AssetExecutionContext, stores: ResourceParam[Stores]) -> None:
        days = ingest_dates(context)
        with stores.session(context) as session:
            report = stores.pipeline.compute(session, stores.pipeline.ocr_text, days)
            lines = stores.pipeline.snapshot(session, days).lines
        report_stage(
            context,
            report,
            rows=lines,
            extra={"min_confidence": stores.settings.ocr_min_confidence},
            by_date={
                day: {
                    "sample": sample_table(
                        lines.filter(pl.col("ingest_date") == day)
                        .sort("confidence", descending=True)
                        .select("text", "confidence", "accepted", "keyframe_sha256")
                    )
                }
                for day in days
            },
        )

    return ocr_text
