"""What is waiting, running, failed and indexed, as `vidpipe status` tells it.

Belongs here: reading it from the registry, the analysts' tables and Dagster's runs.
Does not: showing it (vidpipe.cli.status), checking what was published (vidpipe.automation.checks).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dagster import DagsterInstance, DagsterRunStatus, RunsFilter
from psycopg import Connection

from vidpipe.automation.batch_runs import runs_of_dates
from vidpipe.automation.dead_runs import UNFINISHED
from vidpipe.pipeline.outdated import outdated_work
from vidpipe.pipeline.stages import Session
from vidpipe.resources import Stores
from vidpipe.stores.database import connect
from vidpipe.stores.model_registry import active_model, coverage, registered_models
from vidpipe.uploads.registry.pending_dates import PendingDate
from vidpipe.uploads.registry.registered_uploads import held_uploads, waiting_uploads
from vidpipe.uploads.registry.sweeps import sweep_problems

FAILED_RUNS = 20  # newest ones that are told

COUNTED = {
    "videos": "select count(*) from vidpipe.videos where removed_at is null",
    "accounts": "select count(*) from vidpipe.accounts",
    "contents": "select count(*) from vidpipe.contents",
    "keyframes": "select count(*) from vidpipe.keyframes",
    "ocr_lines": "select count(*) from vidpipe.ocr_lines",
}
OUTCOMES = (
    "select outcome, count(*) from vidpipe.upload_outcomes"
    " group by outcome order by count(*) desc, outcome"
)


@dataclass(frozen=True)
class WorkStatus:
    """What is waiting, running, failed and indexed, in sentences that people read.

    Attributes:
        waiting: uploads that are still arriving.
        held: uploads that are not ingested, and why.
        not_shown: uploads that were read and show nothing, without a failure, and why.
        pending_dates: ingest dates that a run is still to take to PostgreSQL.
        cancelled: pending dates that the sensor leaves alone, because somebody cancelled their run.
        running: runs that are not finished.
        failed_runs: the newest runs that failed.
        outdated: what was made under other settings, and what making it anew would take; empty
            where nothing was.
        failures: what was wrong with single videos, the newest dates first.
        uploads: numbers of files by what became of them, as in `vidpipe.upload_outcomes`.
        problems: what stood against looking at all uploads.
        indexed: numbers of rows that can be searched.
    """

    waiting: list[str]
    held: list[str]
    not_shown: list[str]
    pending_dates: list[str]
    cancelled: list[str]
    running: list[str]
    failed_runs: list[str]
    failures: list[str]
    problems: list[str]
    outdated: str
    uploads: dict[str, int]
    indexed: dict[str, int]


def read_status(instance: DagsterInstance, stores: Stores) -> WorkStatus:
    """Reads how far an installation is; the schema must be up to date."""
    with connect(stores.settings, autocommit=True) as connection:
        pending = stores.pipeline.pending_dates(connection)
        failed = instance.get_runs(
            RunsFilter(statuses=[DagsterRunStatus.FAILURE]), limit=FAILED_RUNS
        )
        running = instance.get_runs(RunsFilter(statuses=[*UNFINISHED, DagsterRunStatus.QUEUED]))
        sentences = connection.execute(
            "select sentence from vidpipe.video_failures order by ingest_date desc, sentence"
        ).fetchall()
        return WorkStatus(
            waiting=waiting_uploads(connection),
            held=held_uploads(connection)["sentence"].to_list(),
            not_shown=unshown_uploads(connection),
            pending_dates=[f"{one.ingest_date}: {_what_waits(one)}" for one in pending],
            cancelled=cancelled_dates(instance, pending),
            running=[f"{run.run_id} {run.job_name} {run.status.value}" for run in running],
            failed_runs=[f"{run.run_id} {run.job_name}" for run in failed],
            failures=[sentence for (sentence,) in sentences],
            problems=[
                *sweep_problems(connection),
                *stores.pipeline.waiting_stages,
                *uncovered_contents(connection),
            ],
            outdated=outdated_dates_told(connection, stores),
            uploads=dict(connection.execute(OUTCOMES).fetchall()),
            indexed={
                name: connection.execute(query).fetchone()[0]  # type: ignore[index]
                for name, query in COUNTED.items()
            },
        )


def _what_waits(date: PendingDate) -> str:
    if not date.uploads:
        return "all its uploads are gone"
    if not date.waiting_uploads:
        return "some of its results are still to be made"
    return f"{date.waiting_uploads} of {date.uploads} uploads wait"


def cancelled_dates(instance: DagsterInstance, pending: Sequence[PendingDate]) -> list[str]:
    """Pending dates whose run somebody cancelled, with what takes them up again, as sentences."""
    runs = runs_of_dates(instance, pending)
    return [
        f"{one.ingest_date}: run {run_id} was cancelled; the date waits for new uploads, "
        "until somebody materialises it, or for vidpipe run"
        for one in pending
        if (run_id := runs[one.batch_digest].cancelled) and not runs[one.batch_digest].is_awaited
    ]


def outdated_dates_told(connection: Connection[Any], stores: Stores) -> str:
    """What was made under other settings, as a sentence; empty where nothing was."""
    if stores.pipeline.missing_models:
        return ""
    work = outdated_work(stores.pipeline, Session(connection))
    return str(work) if work.dates else ""


def uncovered_contents(connection: Connection[Any]) -> list[str]:
    """What the active model, which searches use, has no vectors of, as a sentence."""
    model = active_model(connection)
    if model is None or len(registered_models(connection)) == 1:
        return []
    found = coverage(connection, model)
    if found.covered == found.contents:
        return []
    return [
        f"searches use {model.model_id}, which has no vectors of "
        f"{found.contents - found.covered} of {found.contents} contents: vidpipe model list "
        "compares the models, vidpipe model activate switches to another"
    ]


def unshown_uploads(connection: Connection[Any]) -> list[str]:
    """Uploads that were read and are neither shown nor failed, as sentences."""
    rows = connection.execute(
        "select upload_id, outcome, reason from vidpipe.upload_outcomes"
        " where outcome in ('no_video', 'forgotten', 'unaccounted') order by upload_id"
    ).fetchall()
    return [
        f"{upload_id} ({outcome}): {reason or 'why is unknown'}"
        for upload_id, outcome, reason in rows
    ]
