"""The ingest of every pending date in this process, and a summary of what it did.

Belongs here: grouping dates into runs, adding up what their stages tell.
Does not: registering uploads (vidpipe.uploads.discovery), executing a job
(vidpipe.automation.in_process), requesting runs of a daemon (vidpipe.automation.sensors).
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from dagster import DagsterInstance, ExecuteInProcessResult, JobDefinition
from psycopg import Connection

from vidpipe.automation.in_process import materialize, step_errors
from vidpipe.resources import Stores
from vidpipe.stores.database import connect
from vidpipe.stores.model_registry import active_model
from vidpipe.uploads.registry.pending_dates import pending_dates

RANGE_START_TAG = "dagster/asset_partition_range_start"
RANGE_END_TAG = "dagster/asset_partition_range_end"
# A run materialises every day between its first and last: far-apart dates get runs of their own.
LARGEST_GAP = timedelta(days=14)


@dataclass
class StageSummary:
    """What one stage did over all dates of a run."""

    seen: int = 0
    new: int = 0
    failed: int = 0
    seconds: float = 0.0


@dataclass
class RunSummary:
    """What `vidpipe run` did; `ok` decides the exit code.

    `model` made the vectors; searches use `active_model`, which may be another.
    """

    ok: bool = True
    dates: list[str] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    marked_failed: list[str] = field(default_factory=list)
    registration: str = ""
    startup_seconds: float = 0.0
    seconds: float = 0.0
    stages: dict[str, StageSummary] = field(default_factory=dict)
    rows_written: int = 0
    publish_seconds: float = 0.0
    errors: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    model: str = ""
    active_model: str = ""


def ingest_pending(ingest: JobDefinition, instance: DagsterInstance, stores: Stores) -> RunSummary:
    """Materialises every pending date, far-apart ones in runs of their own.

    Args:
        ingest: the job of that name.
        instance: where its runs are kept.
        stores: the same as the job's.
    """
    started = time.perf_counter()
    summary = RunSummary()
    with connect(stores.settings, autocommit=True) as connection:
        pending = pending_dates(connection, stores.pipeline.versions_digest)
        days = [one.ingest_date for one in pending]
        for first, last in date_ranges(days):
            tags = {RANGE_START_TAG: first.isoformat(), RANGE_END_TAG: last.isoformat()}
            _add(summary, materialize(ingest, instance, tags=tags))
        summary.dates = [day.isoformat() for day in days]
        summary.failures = _failures(connection, days)
        summary.model = stores.pipeline.model.model_id
        summary.active_model = active.model_id if (active := active_model(connection)) else ""
    summary.seconds = time.perf_counter() - started
    return summary


def date_ranges(dates: Iterable[date]) -> list[tuple[date, date]]:
    """Dates grouped into ranges whose gaps are small, each range one run."""
    ranges: list[tuple[date, date]] = []
    for day in sorted(set(dates)):
        if ranges and day - ranges[-1][1] <= LARGEST_GAP:
            ranges[-1] = (ranges[-1][0], day)
        else:
            ranges.append((day, day))
    return ranges


def _add(summary: RunSummary, result: ExecuteInProcessResult) -> None:
    summary.runs.append(result.run_id)
    summary.ok = summary.ok and result.success
    summary.errors += step_errors(result)
    for event in result.get_asset_materialization_events():
        name = event.materialization.asset_key.to_user_string()
        numbers = {
            key: value.value
            for key, value in event.materialization.metadata.items()
            if isinstance(value.value, int | float)
        }
        if "seen" in numbers:
            stage = summary.stages.setdefault(name, StageSummary())
            stage.seen += int(numbers["seen"])
            stage.new += int(numbers["new"])
            stage.failed += int(numbers["failed"])
            stage.seconds = numbers["run_seconds"]  # of the whole run, told with every date
        else:
            summary.rows_written += int(numbers["rows_written"])
            summary.publish_seconds += numbers["run_seconds"]


def _failures(connection: Connection[Any], days: Sequence[date]) -> list[str]:
    rows = connection.execute(
        "select sentence from vidpipe.video_failures where ingest_date = any(%s) order by sentence",
        [list(days)],
    ).fetchall()
    return [sentence for (sentence,) in rows]
