"""The uploads sensor: looks for new, changed and vanished uploads and requests their dates.

Belongs here: a thin shell around `vidpipe.registration` (what a listing changes) and the choice of
run requests.
Does not: hashing or opening uploads; a tick only lists, for LISTING_S seconds or one folder.

The cursor shows where the sweep got to; the registry remembers it, too, because `vidpipe run` looks
at the same uploads.
"""

from collections.abc import Mapping, Sequence

from dagster import (
    DagsterInstance,
    DefaultSensorStatus,
    ResourceParam,
    RunRequest,
    RunsFilter,
    SensorEvaluationContext,
    SensorResult,
    SkipReason,
    sensor,
)
from dagster._core.storage.dagster_run import FINISHED_STATUSES

from vidpipe.automation.dead_runs import mark_dead_runs
from vidpipe.automation.jobs import ingest
from vidpipe.registration import look_for_uploads
from vidpipe.resources import Stores
from vidpipe.stores.database import connect, upgrade
from vidpipe.stores.registry import PendingDate, pending_dates

LISTING_S = 10.0
REQUESTS_A_TICK = 25
BATCH_TAG = "vidpipe/batch"
# A date can be left pending by a run that succeeded, too: an item whose failure may pass.
RUNS_A_BATCH = 5


@sensor(
    job=ingest,
    minimum_interval_seconds=30,
    default_status=DefaultSensorStatus.RUNNING,
    description="Registers new, changed and vanished uploads and requests a run per ingest date.",
)
def uploads_sensor(
    context: SensorEvaluationContext, stores: ResourceParam[Stores]
) -> SensorResult | SkipReason:
    settings = stores.settings
    if settings.uploads_url is None:
        return SkipReason("VIDPIPE_UPLOADS_URL is not set: there is nowhere to look for uploads")
    mark_dead_runs(context.instance)
    upgrade(settings)
    with connect(settings, autocommit=True) as connection:
        found = look_for_uploads(connection, settings, seconds=LISTING_S)
        pending = pending_dates(connection, stores.pipeline.versions_digest)
    requests = run_requests(pending, finished_runs(context.instance, pending))
    return SensorResult(
        run_requests=requests,
        cursor=found.next_after,
        skip_reason=None if requests else f"{found}; no date waits for a run",
    )


def run_requests(pending: Sequence[PendingDate], finished: Mapping[str, int]) -> list[RunRequest]:
    """One request per pending date and batch of uploads, newest dates first.

    Dagster requests a run key once, even when its run failed: the number of finished runs is part
    of the key, so a date is tried again, RUNS_A_BATCH times at most for the same uploads.
    """
    newest_first = sorted(pending, key=lambda one: one.ingest_date, reverse=True)
    return [
        RunRequest(
            run_key=f"{one.ingest_date}/{one.batch_digest}/{finished.get(one.batch_digest, 0)}",
            partition_key=one.ingest_date.isoformat(),
            tags={BATCH_TAG: one.batch_digest},
        )
        for one in newest_first
        if finished.get(one.batch_digest, 0) < RUNS_A_BATCH
    ][:REQUESTS_A_TICK]


def finished_runs(instance: DagsterInstance, pending: Sequence[PendingDate]) -> dict[str, int]:
    """Finished runs per batch digest of the pending dates."""
    return {
        one.batch_digest: instance.get_runs_count(
            RunsFilter(statuses=list(FINISHED_STATUSES), tags={BATCH_TAG: one.batch_digest})
        )
        for one in pending
    }


SENSORS = [uploads_sensor]
