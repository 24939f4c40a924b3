"""Runs of a stage whose items misbehave, and what they leave in the lake and in PostgreSQL."""

from datetime import date
from typing import Any

import polars as pl
from psycopg import Connection

from vidpipe.pipeline.contract import Item, Stage, StageReport
from vidpipe.pipeline.engine import LocalEngine
from vidpipe.pipeline.loop import run_stage
from vidpipe.stores.lake import OCR_TEXT, Lake
from vidpipe_tests.pipeline.stage_workers import MisbehavingReader

DAY = date(2026, 11, 2)


def items(*orders: str | None, day: date = DAY) -> list[Item]:
    return [
        {"keyframe_sha256": f"{number:02}", "ingest_date": day, "order": order}
        for number, order in enumerate(orders)
    ]


def compute(stage: Stage, work: list[Item], lake: Lake, connection: Connection[Any]) -> StageReport:
    return run_stage(
        stage,
        work,
        lake=lake,
        connection=connection,
        engine=LocalEngine(2**30),
        max_attempts=2,
    )


def statuses(lake: Lake, stage: Stage) -> dict[str, tuple[str, str | None]]:
    rows = lake.scan(OCR_TEXT).filter(pl.col("stage_version") == stage.version).collect()
    assert rows["keyframe_sha256"].is_unique().all(), "an item was published twice"
    return {
        row["keyframe_sha256"]: (row["status"], row["error_class"])
        for row in rows.iter_rows(named=True)
    }


def tried(stage: Stage) -> list[str]:
    """Items that the stage's worker has tried, in order."""
    assert isinstance(stage.worker, MisbehavingReader)
    return stage.worker.tried()


def open_attempts(connection: Connection[Any]) -> list[tuple[str, int, int]]:
    return connection.execute(
        "select item_key, tries, failures from vidpipe_ops.attempts order by item_key"
    ).fetchall()


def record_tries(connection: Connection[Any], stage: Stage, *keys: str) -> None:
    """Leaves behind what a run leaves that is killed while it holds items."""
    for key in keys:
        connection.execute(
            "insert into vidpipe_ops.attempts"
            " (stage, stage_version, item_key, limits_digest, tries) values (%s, %s, %s, %s, 1)",
            [stage.name, stage.version, key, stage.limits_digest],
        )
