"""What the Dagster UI shows of an asset: its columns, the counts of a run, samples and pictures.

Belongs here: turning reports, tables and pictures into Dagster metadata.
Does not: computing anything (vidpipe.pipeline), what a single asset shows (vidpipe.assets).

Everything that came with an upload is escaped here: a description may be `<script>` or a table
cell that breaks Markdown.
"""

import base64
from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
from dagster import (
    AssetExecutionContext,
    MetadataValue,
    TableColumn,
    TableSchema,
)

from vidpipe.automation.partitions import ingest_dates
from vidpipe.pipeline.contract import StageReport
from vidpipe.stores.lake import LakeTable

# Items that the log of a run names; each is an event of its own.
NAMED_FAILURES = 100

# Characters with a meaning in Markdown or HTML: shown as character references.
MARKUP = "\\`*_{}[]()<>#+!|~&\"'"


def table_metadata(table: LakeTable, lake_url: str) -> dict[str, Any]:
    """Definition metadata of a lake table: its columns with their meaning, and where it is."""
    return {
        "dagster/column_schema": TableSchema(
            columns=[
                TableColumn(name, type=str(dtype.base_type()), description=table.meaning(name))
                for name, dtype in table.schema.items()
            ]
        ),
        "dagster/uri": f"{lake_url}/{table.name}",
        "dagster/table_name": f"lake.{table.name}",
    }


def report_stage(
    context: AssetExecutionContext,
    report: StageReport,
    *,
    rows: pl.DataFrame,
    extra: Mapping[str, Any],
    by_date: Mapping[date, Mapping[str, Any]] | None = None,
) -> None:
    """Attaches a stage's counts to every partition that the run materialised.

    Args:
        context: the context of the running asset.
        report: what the incremental loop did.
        rows: the asset's rows of these dates, new and old together, with `ingest_date`.
        extra: metadata that all partitions of the run share.
        by_date: metadata of single partitions.
    """
    counts: dict[date, int] = dict(rows.group_by("ingest_date").len().iter_rows())
    for day in ingest_dates(context):
        tally = report.of(day)
        context.add_asset_metadata(
            {
                "dagster/partition_row_count": counts.get(day, 0),
                "seen": tally.seen,
                "new": tally.new,
                "skipped": tally.skipped,
                "failed": tally.failed,
                "backlog": report.pending,
                "run_seconds": round(report.seconds, 2),
                "items_per_second": round(report.rate, 2),
                "stage_version": report.version,
                **extra,
                **((by_date or {}).get(day, {})),
            },
            partition_key=day.isoformat(),
        )
    for sentence in report.failures[:NAMED_FAILURES]:
        context.log.warning(sentence)
    if len(report.failures) > NAMED_FAILURES:
        context.log.warning(
            f"… and {len(report.failures) - NAMED_FAILURES} more failed: vidpipe status and "
            "vidpipe.video_failures name all"
        )
    total = report.total
    context.log.info(
        f"{report.stage}: {total.seen} seen, {total.new} new, {total.skipped} already there, "
        f"{total.failed} failed in {report.seconds:.1f} s"
        + ("; nothing was computed" if not total.new + total.failed else "")
    )


def picture(jpeg: bytes, alt: str) -> MetadataValue:
    """A JPEG shown in the Dagster UI."""
    return MetadataValue.md(f"![{alt}](data:image/jpeg;base64,{base64.b64encode(jpeg).decode()})")


def sample_table(frame: pl.DataFrame, rows: int = 10) -> MetadataValue:
    """The first rows of a frame as a Markdown table, with everything from uploads escaped."""
    head = frame.head(rows)
    lines = ["| " + " | ".join(head.columns) + " |", "|" + " --- |" * head.width]
    lines += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in head.iter_rows()]
    return MetadataValue.md("\n".join(lines))


def _cell(value: object, longest: int = 120) -> str:
    text = "" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
    text = " ".join(text.split())[:longest]
    return "".join(f"&#{ord(mark)};" if mark in MARKUP else mark for mark in text)
