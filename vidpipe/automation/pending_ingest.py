"""The ingest of every pending date in this process, and a summary of what it did.

Belongs here: grouping dates into runs, adding up what their stages tell.
Does not: registering uploads (vidpipe.uploads.discovery), executing a job
(vidpipe.automation.in_process), requesting runs of a daemon (vidpipe.automation.sensors).
"""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from dagster import DagsterInstance, ExecuteInProcessResult, JobDefinition
from psycopg import Connection

from vidpipe.automation.in_process import materialize, step_errors
from vidpipe.automation.partitions import keep_partitions
from vidpipe.resources import Stores
from vidpipe.stores.database import connect
from vidpipe.stores.model_registry import active_model
from vidpipe.uploads.registry.registered_uploads import ingest_dates

RANGE_START_TAG = "dagster/asset_partition_range_start"
RANGE_END_TAG = "dagster/asset_partition_range_end"
# A run materialises every partition between its first and last, and looks at the dates between that
# are done in about a tenth of a second each; a run of its own has models to load.
MOST_BETWEEN = 30


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

    `model` made the vectors; searches use `active_model`, which may be another. `compared` counts
    contents whose footage was compared, `new_copies` pairs of contents.
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
    compared: int = 0
    new_copies: int = 0
    compare_seconds: float = 0.0
    errors: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    model: str = ""
    active_model: str = ""


def ingest_pending(ingest: JobDefinition, instance: DagsterInstance, stores: Stores) -> RunSummary:
    """Materialises every pending date, neighbours in one run.

    Args:
        ingest: the job of that name.
        instance: where its runs are kept.
        stores: the same as the job's.
    """
    with connect(stores.settings, autocommit=True) as connection:
        days = [one.ingest_date for one in stores.pipeline.pending_dates(connection)]
    return ingest_days(ingest, instance, stores, days)


def ingest_days(
    job: JobDefinition,
    instance: DagsterInstance,
    stores: Stores,
    days: Sequence[date],
    ops: Mapping[str, Any] | None = None,
    *,
    between: int = MOST_BETWEEN,
) -> RunSummary:
    """Materialises these dates, neighbours in one run.

    Args:
        job: `ingest` or `refresh`.
        instance: where its runs are kept.
        stores: the same as the job's.
        days: registered ingest dates.
        ops: configuration of the job's assets, for all dates that a run spans.
        between: how many other dates a run spans at most between two of these.
    """
    started = time.perf_counter()
    summary = RunSummary(dates=[day.isoformat() for day in days])
    with connect(stores.settings, autocommit=True) as connection:
        keep_partitions(instance, connection)
        for first, last in date_ranges(ingest_dates(connection), set(days), between):
            tags = {RANGE_START_TAG: first.isoformat(), RANGE_END_TAG: last.isoformat()}
            _add(summary, materialize(job, instance, stores.settings, tags=tags, ops=ops))
        summary.failures = _failures(connection, days)
        summary.model = stores.pipeline.model.model_id
        summary.active_model = active.model_id if (active := active_model(connection)) else ""
    summary.seconds = time.perf_counter() - started
    return summary


def date_ranges(
    partitions: Iterable[date], wanted: Collection[date], between: int = MOST_BETWEEN
) -> list[tuple[date, date]]:
    """The first and last date of each run that the wanted dates need.

    Args:
        partitions: all ingest dates.
        wanted: the dates that are to be run.
        between: how many other dates, on which it finds nothing to do, a run spans at most.
    """
    ranges: list[tuple[date, date]] = []
    others_between = 0  # since the last wanted date
    for day in sorted(partitions):
        if day not in wanted:
            others_between += 1
        elif ranges and others_between <= between:
            ranges[-1] = (ranges[-1][0], day)
            others_between = 0
        else:
            ranges.append((day, day))
            others_between = 0
    return ranges


def _add(summary: RunSummary, result: ExecuteInProcessResult) -> None:
    summary.runs.append(result.run_id)
    summary.ok = summary.ok and result.success
    summary.errors += step_errors(result)
    compare_seconds = 0.0
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
        elif "new_copies" in numbers:
            summary.compared += int(numbers["compared_now"])
            summary.new_copies += int(numbers["new_copies"])
            compare_seconds = numbers["run_seconds"]
        else:
            summary.rows_written += int(numbers["rows_written"])
            summary.publish_seconds += numbers["run_seconds"]
    summary.compare_seconds += compare_seconds


def _failures(connection: Connection[Any], days: Sequence[date]) -> list[str]:
    rows = connection.execute(
        "select sentence from vidpipe.video_failures where ingest_date = any(%s) order by sentence",
        [list(days)],
    ).fetchall()
    return [sentence for (sentence,) in rows]
