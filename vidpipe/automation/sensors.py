"""Sensors: new, changed and vanished uploads, saved queries that wait for their vectors, and runs
that failed.

Belongs here: thin shells around `vidpipe.uploads.discovery` (what a listing changes) and
`vidpipe.search.saved_queries` (what waits), and the choice of run requests.
Does not: hashing or opening uploads, or loading models; a tick only lists, for LISTING_S seconds or
one folder.

The uploads cursor shows where the sweep got to; the registry remembers it, too, because
`vidpipe run` looks at the same uploads.
"""

import hashlib
from collections.abc import Mapping, Sequence

from dagster import (
    DagsterInstance,
    DefaultSensorStatus,
    ResourceParam,
    RunFailureSensorContext,
    RunRequest,
    RunsFilter,
    SensorEvaluationContext,
    SensorResult,
    SkipReason,
    run_failure_sensor,
    sensor,
)
from dagster._core.storage.dagster_run import FINISHED_STATUSES
from dagster._core.storage.tags import PARTITION_NAME_TAG

from vidpipe.alerts import send_alert
from vidpipe.automation import freshness
from vidpipe.automation.dead_runs import mark_dead_runs
from vidpipe.automation.jobs import embed_queries, ingest
from vidpipe.automation.partitions import keep_partitions
from vidpipe.automation.uploads_observation import uploads_observation
from vidpipe.resources import Stores
from vidpipe.search.saved_queries import waiting_queries
from vidpipe.stores.database import connect
from vidpipe.stores.schema_upgrade import upgrade
from vidpipe.uploads.discovery import look_for_uploads
from vidpipe.uploads.registry.pending_dates import PendingDate, pending_dates

LISTING_S = 10.0
REQUESTS_A_TICK = 25
BATCH_TAG = "vidpipe/batch"
# A date can be left pending by a run that succeeded, too: an item whose failure may pass.
RUNS_A_BATCH = 5


@sensor(
    job=ingest,
    minimum_interval_seconds=30,
    default_status=DefaultSensorStatus.RUNNING,
    description="Looks under `VIDPIPE_UPLOADS_URL` every 30 seconds, registers new, changed and "
    "vanished uploads, and requests a run of `ingest` for each date that has any. Runs whose "
    "process died are marked as failed. A date is tried again, five times at most for the same "
    "uploads.\n\nA tick that fails changes nothing and the next one tries again: see that the "
    "uploads and the database can be reached. For a date that is not tried any more, read the "
    "errors of its runs, then materialise it by hand.",
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
        keep_partitions(context.instance, connection)
        observed = uploads_observation(context.instance, connection, settings.uploads_url)
        waits = freshness.news(context.instance, connection, settings)
        pending = pending_dates(connection, stores.pipeline.versions_digest)
    digests = [one.batch_digest for one in pending]
    requests = run_requests(pending, finished_runs(context.instance, digests))
    return SensorResult(
        run_requests=requests,
        cursor=found.next_after,
        asset_events=[*([observed] if observed else []), *waits],
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


def finished_runs(instance: DagsterInstance, digests: Sequence[str]) -> dict[str, int]:
    """Finished runs per batch digest."""
    return {
        digest: instance.get_runs_count(
            RunsFilter(statuses=list(FINISHED_STATUSES), tags={BATCH_TAG: digest})
        )
        for digest in digests
    }


@sensor(
    job=embed_queries,
    minimum_interval_seconds=15,
    default_status=DefaultSensorStatus.RUNNING,
    description="Looks into `vidpipe.saved_queries` every 15 seconds and requests a run of "
    "`embed_queries` when a query waits for its vector, five times at most for the same queries. "
    "\n\nA tick that fails changes nothing and the next one tries again: see that the database "
    "can be reached. For queries that still have no vector, read the logs of those runs.",
)
def query_embeddings_sensor(
    context: SensorEvaluationContext, stores: ResourceParam[Stores]
) -> RunRequest | SkipReason:
    upgrade(stores.settings)
    with connect(stores.settings, autocommit=True) as connection:
        waiting = waiting_queries(connection)
    if not waiting:
        return SkipReason("no saved query waits for its vector")
    batch = hashlib.sha256("".join(one.digest for one in waiting).encode()).hexdigest()[:16]
    finished = finished_runs(context.instance, [batch])[batch]
    if finished >= RUNS_A_BATCH:
        return SkipReason(
            f"{len(waiting)} saved queries have no vector after {finished} runs: look at their logs"
        )
    return RunRequest(run_key=f"queries/{batch}/{finished}", tags={BATCH_TAG: batch})


@run_failure_sensor(
    minimum_interval_seconds=30,
    default_status=DefaultSensorStatus.RUNNING,
    description="Tells the address in `VIDPIPE_ALERT_URL` of every run that failed, with its job, "
    "partition and error; does nothing where that is not set. Where no alert arrives, see the "
    "daemon's log for what the address answered.",
)
def failed_run_sensor(context: RunFailureSensorContext, stores: ResourceParam[Stores]) -> None:
    run = context.dagster_run
    send_alert(
        stores.settings,
        "failed_run",
        f"run {run.run_id} of {run.job_name} failed",
        [
            {
                "run_id": run.run_id,
                "job": run.job_name,
                "partition": run.tags.get(PARTITION_NAME_TAG),
                "message": context.failure_event.message,
            }
        ],
    )


SENSORS = [uploads_sensor, query_embeddings_sensor, failed_run_sensor]
