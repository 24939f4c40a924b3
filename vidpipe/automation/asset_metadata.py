"""What the Dagster UI shows of an asset: its columns, the counts of a run, samples and pictures.

Belongs here: turning reports, tables and pictures into Dagster metadata.
Does not: computing anything (vidpipe.pipeline), what a single asset shows (vidpipe.assets).

Everything that came with an upload is escaped here: a description may be `<script>` or a table
cell that breaks Markdown.
"""

import base64
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl
from dagster import (
    AssetExecutionContext,
    MetadataValue,
    TableColumn,
    TableSchema,
)
from psycopg import Connection

from vidpipe.automation.partitions import run_days
from vidpipe.pipeline.contract import StageReport
from vidpipe.stores.lake import Lake, LakeTable

COUNTING = "counting"

# Items that the log of a run names; each is an event of its own.
NAMED_FAILURES = 100

# Characters with a meaning in Markdown or HTML: shown as character references.
MARKUP = "\\`*_{}[]()<>#+!|~&\"'"


def table_metadata(table: LakeTable, lake_url: str) -> dict[str, Any]:
    """Definition metadata of a lake table: its columns with their meaning, and where it is."""
    return {
        "dagster/column_schema": lake_columns(table),
        "dagster/uri": f"{lake_url}/{table.name}",
        "dagster/table_name": f"lake.{table.name}",
    }


def lake_columns(table: LakeTable) -> TableSchema:
    """Columns of a lake table with their meaning."""
    return TableSchema(
        columns=[
            TableColumn(name, type=str(dtype.base_type()), description=table.meaning(name))
            for name, dtype in table.schema.items()
        ]
    )


def report_stage(
    context: AssetExecutionContext,
    report: StageReport,
    *,
    lake: Lake,
    table: LakeTable,
    extra: Mapping[str, Any],
    by_date: Mapping[date, Mapping[str, Any]] | None = None,
) -> None:
    """Attaches a stage's counts to every partition that the run materialised.

    The row count is that of the lake's table: its rows of the date that count, one for each key.
    What is seen is more where a date repeats contents that were first seen on another.

    Args:
        context: the context of the running asset.
        report: what the incremental loop did.
        lake: where the table is.
        table: the table that the asset names.
        extra: metadata that all partitions of the run share.
        by_date: metadata of single partitions.
    """
    days = run_days(context)
    rows = _rows_by_version(lake, table, days)
    for day in days:
        tally = report.of(day)
        context.add_asset_metadata(
            {
                "dagster/partition_row_count": rows[day].pop(COUNTING),
                "rows_by_version": rows[day],
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
    tell_stage(context, report)


def tell_stage(context: AssetExecutionContext, report: StageReport) -> None:
    """Tells the log of the run what a stage did, and of each item that failed why."""
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


def _rows_by_version(
    lake: Lake, table: LakeTable, days: Sequence[date]
) -> dict[date, dict[str, int]]:
    """Rows of a lake table of each date, by stage version: what is kept of former versions, too.

    Under the name of COUNTING stands the number of rows that count: one for each key.
    """
    key = [*table.key_columns, "ingest_date"]
    found = lake.scan(table).filter(pl.col("ingest_date").is_in(days)).select(*key, "stage_version")
    rows: dict[date, dict[str, int]] = {day: {COUNTING: 0} for day in days}
    for keys in (found, found.unique(key).with_columns(stage_version=pl.lit(COUNTING))):
        counted = keys.group_by("ingest_date", "stage_version").len().sort("stage_version")
        for day, version, count in counted.collect().iter_rows():
            rows[day][version] = count
    return rows


def table_columns(connection: Connection[Any], relation: str) -> TableSchema:
    """Columns of a table of PostgreSQL with the comments that analysts see there."""
    rows = connection.execute(
        "select attname, format_type(atttypid, atttypmod), col_description(attrelid, attnum)"
        " from pg_attribute"
        " where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum",
        [relation],
    ).fetchall()
    return TableSchema(
        columns=[
            TableColumn(name, type=server_type, description=comment)
            for name, server_type, comment in rows
        ]
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
