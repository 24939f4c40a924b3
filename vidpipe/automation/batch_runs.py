"""What the runs of a batch of work did: whether to ask for another, wait, or leave it to a person.

Belongs here: which runs take a pending date (or a batch of saved queries) further, and what follows
from how they stand.
Does not: asking for runs (vidpipe.automation.sensors), telling people of them
(vidpipe.automation.work_status).

A sensor's runs name the batch that they were asked for; the batch of a date changes with its
uploads and with the settings. Runs that a person started, or a sensor under other settings, name a
date or a range of dates: they count when they were created after the last change of that date. A
run of that date alone that still waits in the queue, or that Dagster will retry, counts anyway: it
looks at the uploads when it starts.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dagster import AssetKey, DagsterInstance, DagsterRun, DagsterRunStatus, RunRecord, RunsFilter
from dagster._core.events import RunFailureReason
from dagster._core.execution.retries import auto_reexecution_should_retry_run
from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES
from dagster._core.storage.tags import (
    AUTO_RETRY_RUN_ID_TAG,
    HIDDEN_TAG_PREFIX,
    PARTITION_NAME_TAG,
    RUN_FAILURE_REASON_TAG,
    WILL_RETRY_TAG,
)

from vidpipe.automation.pending_ingest import RANGE_END_TAG, RANGE_START_TAG
from vidpipe.automation.recompute_config import REFRESH_JOB
from vidpipe.stores.lake import ASSET_TABLES
from vidpipe.uploads.registry.pending_dates import PendingDate

# The Dagster UI hides tags of this style.
BATCH_TAG = f"{HIDDEN_TAG_PREFIX}vidpipe_batch"
EARLIER_BATCH_TAG = "vidpipe/batch"  # of runs that an earlier vidpipe asked for
# A date can be left pending by a run that succeeded, too: an item whose failure may pass.
RUNS_A_BATCH = 5
# Newest runs that are looked at for those that people started.
RUNS_LOOKED_AT = 1000
# Dagster retries within seconds; a run that it announced and never made is not awaited for ever.
RETRY_WITHIN_S = 3600.0
DAILY_ASSETS = frozenset(
    AssetKey(name) for name in (*(t.name for t in ASSET_TABLES), "pgvector_index")
)


@dataclass(frozen=True)
class BatchRuns:
    """What the runs of one batch did.

    Attributes:
        tried: finished runs that a sensor asked for, with their retries.
        succeeded: whether any of these did what it was asked for.
        is_awaited: a run is queued or running, or Dagster will retry one.
        cancelled: the newest run, where a person stopped it.
    """

    tried: int = 0
    succeeded: bool = False
    is_awaited: bool = False
    cancelled: str | None = None

    @property
    def may_ask(self) -> bool:
        """Whether a sensor may ask for a run."""
        return not self.is_awaited and self.cancelled is None and self.tried < RUNS_A_BATCH


def runs_of_batches(instance: DagsterInstance, digests: Sequence[str]) -> dict[str, BatchRuns]:
    """What the runs that sensors asked for did, by the digest of their batch."""
    records = _tagged(instance, digests)
    return {
        digest: _summary(instance, [one for one in records if _batch(one) == digest], batch=digest)
        for digest in digests
    }


def runs_of_dates(
    instance: DagsterInstance, pending: Sequence[PendingDate]
) -> dict[str, BatchRuns]:
    """The same for pending dates, with the runs that others asked for since they changed.

    Those are runs that people started, and runs for the same uploads under other settings: a date
    whose run was cancelled waits, whatever happens to settings and models.
    """
    if not pending:
        return {}
    since = min(one.changed_at for one in pending)
    recent = instance.get_run_records(RunsFilter(created_after=since), limit=RUNS_LOOKED_AT)
    of_others = [one for one in recent if _is_ingest(one.dagster_run)]
    asked_for = _tagged(instance, [one.batch_digest for one in pending])
    to_come = _runs_to_come(instance)

    def of(date: PendingDate) -> list[RunRecord]:
        key = date.ingest_date.isoformat()
        found = [one for one in asked_for if _batch(one) == date.batch_digest]
        found += [one for one in to_come if _publishes_only(one.dagster_run, key)]
        found += [
            one
            for one in of_others
            if one.create_timestamp >= date.changed_at and _covers(one.dagster_run, key)
        ]
        return list({one.storage_id: one for one in found}.values())

    return {
        date.batch_digest: _summary(instance, of(date), batch=date.batch_digest) for date in pending
    }


def will_be_retried(
    instance: DagsterInstance, run: DagsterRun, *, ended_at: float | None = None
) -> bool:
    """Whether Dagster makes another run of a failed one by itself and has not made it yet.

    Args:
        instance: where the run is kept.
        run: as it was read last; Dagster notes its intention a moment after the failure.
        ended_at: Unix time at which the run ended, if that is known.
    """
    if not (run.status is DagsterRunStatus.FAILURE and instance.run_retries_enabled):
        return False
    if run.remote_job_origin is None or AUTO_RETRY_RUN_ID_TAG in run.tags:
        return False
    if ended_at is not None and time.time() - ended_at > RETRY_WITHIN_S:
        return False
    if WILL_RETRY_TAG in run.tags:
        return run.tags[WILL_RETRY_TAG] == "true"
    reason = run.tags.get(RUN_FAILURE_REASON_TAG)
    return bool(
        auto_reexecution_should_retry_run(
            instance, run, RunFailureReason(reason) if reason else None
        )
    )


def _tagged(instance: DagsterInstance, digests: Sequence[str]) -> list[RunRecord]:
    if not digests:
        return []
    return [
        record
        for tag in (BATCH_TAG, EARLIER_BATCH_TAG)
        for record in instance.get_run_records(RunsFilter(tags={tag: list(digests)}))
    ]


def _runs_to_come(instance: DagsterInstance) -> list[RunRecord]:
    """Runs that wait in the queue, and failed ones that Dagster is about to retry."""
    queued = instance.get_run_records(RunsFilter(statuses=[DagsterRunStatus.QUEUED]))
    lately = datetime.now(UTC) - timedelta(seconds=RETRY_WITHIN_S)
    failed = instance.get_run_records(
        RunsFilter(
            statuses=[DagsterRunStatus.FAILURE], tags={WILL_RETRY_TAG: "true"}, updated_after=lately
        )
    )
    return [
        *queued,
        *(
            one
            for one in failed
            if will_be_retried(instance, one.dagster_run, ended_at=one.end_time)
        ),
    ]


def _summary(instance: DagsterInstance, records: Iterable[RunRecord], *, batch: str) -> BatchRuns:
    newest_first = sorted(records, key=lambda one: one.storage_id, reverse=True)
    retried = {one.dagster_run.parent_run_id for one in newest_first}
    is_awaited = any(
        _is_on_its_way(one)
        or (
            one.dagster_run.run_id not in retried
            and will_be_retried(instance, one.dagster_run, ended_at=one.end_time)
        )
        for one in newest_first
    )
    newest = newest_first[0].dagster_run if newest_first else None
    return BatchRuns(
        tried=sum(_batch(one) == batch and one.dagster_run.is_finished for one in newest_first),
        succeeded=any(_batch(one) == batch and one.dagster_run.is_success for one in newest_first),
        is_awaited=is_awaited,
        cancelled=newest.run_id if newest and newest.status is DagsterRunStatus.CANCELED else None,
    )


def _is_on_its_way(record: RunRecord) -> bool:
    """Whether a run is queued or running.

    A sensor's run that was made and not submitted is not: the daemon was killed in between, and it
    submits the run when the sensor asks for it again under the same key. A retry has no such key.
    """
    run = record.dagster_run
    was_not_submitted = (
        run.status is DagsterRunStatus.NOT_STARTED
        and _batch(record) is not None
        and run.parent_run_id is None
    )
    return run.status in NOT_FINISHED_STATUSES and not was_not_submitted


def batch_of(run: DagsterRun) -> str | None:
    """The batch that a sensor asked for the run for; None where a person started it."""
    return run.tags.get(BATCH_TAG, run.tags.get(EARLIER_BATCH_TAG))


def _batch(record: RunRecord) -> str | None:
    return batch_of(record.dagster_run)


def _is_ingest(run: DagsterRun) -> bool:
    """Whether a run materialises daily assets; weeks are named like dates."""
    if run.asset_selection is None:
        return run.job_name in ("ingest", REFRESH_JOB)
    return not DAILY_ASSETS.isdisjoint(run.asset_selection)


def _publishes_only(run: DagsterRun, date: str) -> bool:
    """Whether a run takes this date and no other to PostgreSQL."""
    is_whole = run.asset_selection is None or AssetKey("pgvector_index") in run.asset_selection
    return is_whole and _is_ingest(run) and run.tags.get(PARTITION_NAME_TAG) == date


def _covers(run: DagsterRun, date: str) -> bool:
    first = run.tags.get(RANGE_START_TAG, run.tags.get(PARTITION_NAME_TAG))
    last = run.tags.get(RANGE_END_TAG, run.tags.get(PARTITION_NAME_TAG))
    return first is not None and last is not None and first <= date <= last
