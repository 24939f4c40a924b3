"""What follows from the runs of a pending date: asking, waiting, or leaving it to a person."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from dagster import (
    AssetKey,
    DagsterEvent,
    DagsterEventType,
    DagsterInstance,
    DagsterRun,
    DagsterRunStatus,
)
from dagster._core.remote_origin import (
    GrpcServerCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES
from dagster._core.storage.tags import HIDDEN_TAG_PREFIX
from dagster._core.test_utils import create_run_for_test, instance_for_test

from vidpipe.automation.batch_runs import (
    BATCH_TAG,
    EARLIER_BATCH_TAG,
    RUNS_A_BATCH,
    BatchRuns,
    runs_of_batches,
    runs_of_dates,
)
from vidpipe.automation.pending_ingest import RANGE_END_TAG, RANGE_START_TAG
from vidpipe.uploads.registry.pending_dates import PendingDate

DAY = "2025-03-03"
FAILURE, CANCELED = (
    DagsterRunStatus.FAILURE,
    DagsterRunStatus.CANCELED,
)
ORIGIN = RemoteJobOrigin(
    RemoteRepositoryOrigin(
        GrpcServerCodeLocationOrigin(host="localhost", port=1, location_name="vidpipe"),
        "__repository__",
    ),
    "ingest",
)


@pytest.fixture
def instance() -> Iterator[DagsterInstance]:
    settings = {"enabled": True, "max_retries": 2, "retry_on_asset_or_op_failure": False}
    with instance_for_test(overrides={"run_retries": settings}) as instance:
        yield instance


@pytest.fixture
def pending() -> PendingDate:
    """A date whose uploads changed a minute ago."""
    changed_at = datetime.now(UTC) - timedelta(minutes=1)
    return PendingDate(date.fromisoformat(DAY), "digest", 1, 1, changed_at)


def run(
    instance: DagsterInstance, status: DagsterRunStatus, tags: dict[str, str], **fields: Any
) -> DagsterRun:
    made: DagsterRun = create_run_for_test(
        instance,
        job_name=fields.pop("job_name", "ingest"),
        status=status,
        tags=tags,
        **{"remote_job_origin": ORIGIN, **fields},
    )
    return made


def by_sensor(instance: DagsterInstance, status: DagsterRunStatus, **fields: Any) -> DagsterRun:
    return run(instance, status, {BATCH_TAG: "digest", "dagster/partition": DAY}, **fields)


def found(instance: DagsterInstance, pending: PendingDate) -> BatchRuns:
    return runs_of_dates(instance, [pending])["digest"]


def test_a_date_without_runs_may_be_asked_for(
    instance: DagsterInstance, pending: PendingDate
) -> None:
    assert found(instance, pending) == BatchRuns()
    assert found(instance, pending).may_ask


def test_failures_are_tried_again_up_to_a_limit(
    instance: DagsterInstance, pending: PendingDate
) -> None:
    for tried in range(RUNS_A_BATCH):
        assert found(instance, pending) == BatchRuns(tried=tried)
        assert found(instance, pending).may_ask
        by_sensor(instance, FAILURE, remote_job_origin=None)
    assert not found(instance, pending).may_ask


@pytest.mark.parametrize(
    "status", [one for one in NOT_FINISHED_STATUSES if one is not DagsterRunStatus.NOT_STARTED]
)
def test_nothing_is_asked_for_while_a_run_is_on_its_way(
    instance: DagsterInstance, pending: PendingDate, status: DagsterRunStatus
) -> None:
    by_sensor(instance, status)
    assert found(instance, pending).is_awaited


def test_a_run_that_was_made_and_not_submitted_is_asked_for_under_its_key(
    instance: DagsterInstance, pending: PendingDate
) -> None:
    """The daemon was killed in between; asked for again, it submits that run."""
    made = by_sensor(instance, DagsterRunStatus.NOT_STARTED)
    assert found(instance, pending) == BatchRuns()
    family = {"parent_run_id": made.run_id, "root_run_id": made.run_id}
    by_sensor(instance, DagsterRunStatus.NOT_STARTED, **family)
    assert found(instance, pending) == BatchRuns(is_awaited=True), "nobody asks for a retry"


def test_a_lost_run_is_awaited_until_dagster_has_retried_it(
    instance: DagsterInstance, pending: PendingDate
) -> None:
    lost = by_sensor(instance, DagsterRunStatus.STARTED)
    instance.report_run_failed(lost)
    assert found(instance, pending).is_awaited, "Dagster will retry it"
    retry = by_sensor(
        instance,
        DagsterRunStatus.QUEUED,
        parent_run_id=lost.run_id,
        root_run_id=lost.run_id,
    )
    assert found(instance, pending).is_awaited
    instance.report_run_canceled(retry)
    assert found(instance, pending) == BatchRuns(tried=2, cancelled=retry.run_id)


def test_a_lost_run_that_dagster_cannot_retry_is_not_awaited(
    instance: DagsterInstance, pending: PendingDate
) -> None:
    lost = by_sensor(instance, DagsterRunStatus.STARTED, remote_job_origin=None)
    instance.report_run_failed(lost)
    assert found(instance, pending).may_ask


def test_what_a_person_stopped_waits_until_a_person_starts_it(
    instance: DagsterInstance, pending: PendingDate
) -> None:
    stopped = by_sensor(instance, CANCELED)
    assert found(instance, pending) == BatchRuns(tried=1, cancelled=stopped.run_id)
    run(instance, FAILURE, {"dagster/partition": DAY}, remote_job_origin=None)
    assert found(instance, pending).may_ask


def test_what_a_person_stopped_waits_until_new_uploads_come(
    instance: DagsterInstance, pending: PendingDate
) -> None:
    by_sensor(instance, CANCELED)
    run(instance, CANCELED, {"dagster/partition": DAY})
    changed = replace(pending, batch_digest="another", changed_at=datetime.now(UTC))
    assert runs_of_dates(instance, [changed])["another"].may_ask


@pytest.mark.parametrize(
    "tags",
    [
        {"dagster/partition": DAY},
        {RANGE_START_TAG: "2025-03-01", RANGE_END_TAG: DAY},
        {RANGE_START_TAG: DAY, RANGE_END_TAG: "2025-03-09", "dagster/backfill": "abc"},
    ],
)
def test_runs_that_people_start_and_stop_count_for_their_dates(
    instance: DagsterInstance, pending: PendingDate, tags: dict[str, str]
) -> None:
    started = run(instance, DagsterRunStatus.STARTED, tags)
    assert found(instance, pending).is_awaited
    instance.report_run_canceled(started)
    assert found(instance, pending) == BatchRuns(cancelled=started.run_id)


@pytest.mark.parametrize(
    ("tags", "fields"),
    [
        ({"dagster/partition": "2025-03-04"}, {}),
        ({RANGE_START_TAG: "2025-03-04", RANGE_END_TAG: "2025-03-09"}, {}),
        ({}, {"job_name": "lake_maintenance"}),
        # The week of that Monday, which has the same name.
        ({"dagster/partition": DAY}, {"job_name": "cluster_topics"}),
        (
            {"dagster/partition": DAY},
            {"job_name": "__ASSET_JOB", "asset_selection": frozenset([AssetKey("account_topics")])},
        ),
    ],
)
@pytest.mark.parametrize("status", [DagsterRunStatus.STARTED, CANCELED])
def test_runs_of_something_else_do_not_count(
    instance: DagsterInstance,
    pending: PendingDate,
    status: DagsterRunStatus,
    tags: dict[str, str],
    fields: dict[str, Any],
) -> None:
    run(instance, status, tags, **fields)
    assert found(instance, pending).may_ask


def test_a_queued_run_takes_up_what_came_after_it_and_a_running_one_does_not(
    instance: DagsterInstance, pending: PendingDate
) -> None:
    earlier = run(
        instance, DagsterRunStatus.QUEUED, {BATCH_TAG: "before", "dagster/partition": DAY}
    )
    changed = replace(pending, changed_at=datetime.now(UTC))
    assert found(instance, changed).is_awaited
    instance.report_dagster_event(started(earlier), earlier.run_id)
    assert found(instance, changed).may_ask


def test_a_lost_run_of_the_uploads_before_is_awaited_as_its_retry_takes_up_all(
    instance: DagsterInstance, pending: PendingDate
) -> None:
    lost = run(instance, DagsterRunStatus.STARTED, {BATCH_TAG: "before", "dagster/partition": DAY})
    changed = replace(pending, changed_at=datetime.now(UTC))
    assert found(instance, changed).may_ask
    instance.report_run_failed(lost)
    assert found(instance, changed) == BatchRuns(is_awaited=True), "no try of these uploads"


def test_a_queued_backfill_does_not_delay_what_arrives_today(
    instance: DagsterInstance, pending: PendingDate
) -> None:
    run(instance, DagsterRunStatus.QUEUED, {RANGE_START_TAG: DAY, RANGE_END_TAG: DAY})
    changed = replace(pending, changed_at=datetime.now(UTC))
    assert found(instance, changed).may_ask


def test_a_cancelled_run_of_saved_queries_is_not_asked_for_again(
    instance: DagsterInstance,
) -> None:
    stopped = run(instance, CANCELED, {BATCH_TAG: "queries"}, job_name="embed_queries")
    assert runs_of_batches(instance, ["queries", "others"]) == {
        "queries": BatchRuns(tried=1, cancelled=stopped.run_id),
        "others": BatchRuns(),
    }


def started(of: DagsterRun) -> DagsterEvent:
    return DagsterEvent(DagsterEventType.RUN_START.value, of.job_name, message="it starts")


@pytest.mark.parametrize("tag", [BATCH_TAG, EARLIER_BATCH_TAG])
def test_the_batch_of_a_run_is_hidden_in_the_ui_and_runs_of_an_earlier_vidpipe_count(
    instance: DagsterInstance, pending: PendingDate, tag: str
) -> None:
    assert BATCH_TAG.startswith(HIDDEN_TAG_PREFIX)
    run(instance, CANCELED, {tag: "digest", "dagster/partition": DAY})
    assert found(instance, pending).tried == 1
    assert not found(instance, pending).may_ask
