"""`vidpipe run`: every pending ingest date, through Dagster, without a UI.

Belongs here: registering uploads, grouping dates into runs, the closing summary.
Does not: the assets; a run here and a run from the UI do the same.
"""

import json
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any

from dagster import DagsterInstance, ExecuteInProcessResult
from psycopg import Connection
from rich.console import Console

from vidpipe.automation.dead_runs import mark_dead_runs
from vidpipe.cli.progress import stage_progress
from vidpipe.dagster_storage import VidpipeComputeLogs
from vidpipe.definitions import build_defs
from vidpipe.models.bundled_pair import DEMO_PAIR_NOTE, is_demo_pair
from vidpipe.processes import process_name
from vidpipe.resources import PROCESS_TAG, Stores
from vidpipe.settings import Settings, load_settings
from vidpipe.stores.database import connect
from vidpipe.stores.model_registry import active_model
from vidpipe.stores.schema_upgrade import upgrade
from vidpipe.uploads.discovery import look_at_all_uploads
from vidpipe.uploads.registry.pending_dates import pending_dates

RANGE_START_TAG = "dagster/asset_partition_range_start"
RANGE_END_TAG = "dagster/asset_partition_range_end"
INTERRUPTED = "DagsterExecutionInterruptedError"
STATEMENT_TIMEOUT_MS = 300_000
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


def run(*, as_json: bool) -> int:
    """Takes all pending dates to PostgreSQL and returns the exit code.

    Raises:
        VidpipeError: a setting, the database or a model is missing; nothing was decoded.
    """
    started = time.perf_counter()
    VidpipeComputeLogs.mirrors = False
    settings = load_settings()
    upgrade(settings)
    with stage_progress() as progress, DagsterInstance.get() as instance:
        stores = Stores(settings, progress)
        stores.pipeline.model  # noqa: B018  a missing model must be known before any decode
        marked_failed = mark_dead_runs(instance)
        with connect(settings, autocommit=True) as connection:
            registration = str(look_at_all_uploads(connection, settings))
        startup_seconds = time.perf_counter() - started
        summary = ingest_pending(instance, stores)
    summary.marked_failed = marked_failed
    summary.registration = registration
    summary.startup_seconds = startup_seconds
    _print(summary, settings, as_json=as_json)
    return 0 if summary.ok else 1


def ingest_pending(instance: DagsterInstance, stores: Stores) -> RunSummary:
    """Materialises every pending date, far-apart ones in runs of their own."""
    started = time.perf_counter()
    # Keeps connections open as the web server does: by default each event makes a new one.
    instance.optimize_for_webserver(
        statement_timeout=STATEMENT_TIMEOUT_MS, pool_recycle=3600, max_overflow=10
    )
    summary = RunSummary()
    with connect(stores.settings, autocommit=True) as connection:
        pending = pending_dates(connection, stores.pipeline.versions_digest)
        days = [one.ingest_date for one in pending]
        for first, last in date_ranges(days):
            tags = {RANGE_START_TAG: first.isoformat(), RANGE_END_TAG: last.isoformat()}
            _add(summary, materialize(instance, stores, "ingest", tags=tags))
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


def materialize(
    instance: DagsterInstance,
    stores: Stores,
    job: str,
    *,
    partition_key: str | None = None,
    tags: Mapping[str, str] | None = None,
) -> ExecuteInProcessResult:
    """One run of a job in this process, which the UI shows like any other."""
    return (
        build_defs(stores)
        .resolve_job_def(job)
        .execute_in_process(
            instance=instance,
            raise_on_error=False,
            partition_key=partition_key,
            tags={**(tags or {}), PROCESS_TAG: process_name()},
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    )


def step_errors(result: ExecuteInProcessResult) -> list[str]:
    """What went wrong in each failed step.

    Raises:
        KeyboardInterrupt: it was Ctrl-C; Dagster has marked the run as ended.
    """
    errors = []
    for event in result.all_events:
        if event.is_step_failure and event.step_failure_data.error:
            cause = _cause(event.step_failure_data.error)
            if INTERRUPTED in cause:
                raise KeyboardInterrupt
            errors.append(f"{event.step_key}: {cause}")
    return errors


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


def _cause(error: Any) -> str:
    while error.cause is not None:
        error = error.cause
    return str(error.message).strip()


def _failures(connection: Connection[Any], days: Sequence[date]) -> list[str]:
    rows = connection.execute(
        "select sentence from vidpipe.video_failures where ingest_date = any(%s) order by sentence",
        [list(days)],
    ).fetchall()
    return [sentence for (sentence,) in rows]


def _print(summary: RunSummary, settings: Settings, *, as_json: bool) -> None:
    if as_json:
        json.dump(asdict(summary), sys.stdout, indent=2)
        sys.stdout.write("\n")
        return
    console = Console(highlight=False, soft_wrap=True, markup=False)
    if summary.marked_failed:
        console.print(f"marked failed, because their process is gone: {summary.marked_failed}")
    console.print(summary.registration)
    if not summary.dates:
        console.print("nothing to do: every registered upload is indexed")
    for name, stage in summary.stages.items():
        console.print(
            f"{name:<16} {stage.seen:>7} seen {stage.new:>7} new {stage.failed:>5} failed "
            f"{stage.seconds:>8.1f} s"
        )
    if summary.runs:
        console.print(
            f"{'pgvector_index':<16} {summary.rows_written:>7} rows written"
            f"{summary.publish_seconds:>23.1f} s"
        )
    for sentence in summary.failures:
        console.print(f"! {sentence}")
    for error in summary.errors:
        console.print(f"ERROR {error}")
    if summary.dates and summary.ok:
        console.print(
            f"{len(summary.dates)} ingest dates indexed in {summary.seconds:.1f} s "
            f"(start-up {summary.startup_seconds:.1f} s). Next: vidpipe status, "
            "vidpipe search --image FILE, vidpipe db url --role reader"
        )
    if summary.active_model not in ("", summary.model):
        console.print(
            f"searches still use {summary.active_model}; vidpipe model list compares it with "
            f"{summary.model}, vidpipe model activate switches"
        )
    if is_demo_pair(settings):
        console.print(DEMO_PAIR_NOTE)
