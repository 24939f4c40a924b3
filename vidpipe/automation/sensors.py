"""Sensors: new, changed and vanished uploads, saved queries that wait for their vectors, footage
that was never calibrated, and runs that failed.

Belongs here: thin shells around `vidpipe.uploads.discovery` (what a listing changes),
`vidpipe.search.saved_queries` and `vidpipe.reuse.first_calibration` (what waits), and the choice of
run requests.
Does not: hashing or opening uploads, or loading models; a tick only lists, for LISTING_S seconds or
one folder.

The uploads cursor shows where the sweep got to; the registry remembers it, too, because
`vidpipe run` looks at the same uploads.
"""

import hashlib
import itertools
from collections.abc import Collection, Mapping, Sequence

from dagster import (
    AssetKey,
    DagsterInstance,
    DagsterRun,
    DagsterRunStatus,
    DefaultSensorStatus,
    ResourceParam,
    RunFailureSensorContext,
    RunRequest,
    SensorDefinition,
    SensorEvaluationContext,
    SensorResult,
    SkipReason,
    run_failure_sensor,
    sensor,
)
from dagster._core.scheduler.instigation import InstigatorStatus, InstigatorType
from dagster._core.storage.tags import PARTITION_NAME_TAG

from vidpipe.alerts import send_alert
from vidpipe.automation import standing_checks
from vidpipe.automation.batch_runs import (
    BATCH_TAG,
    BatchRuns,
    batch_of,
    runs_of_batches,
    runs_of_dates,
    will_be_retried,
)
from vidpipe.automation.dead_runs import mark_dead_runs
from vidpipe.automation.jobs import calibrate_reused_footage, embed_queries, ingest
from vidpipe.automation.partitions import keep_partitions
from vidpipe.automation.reader_sessions import session_limits_sensor
from vidpipe.automation.settings_checks import MODELS
from vidpipe.automation.uploads_observation import uploads_observation
from vidpipe.resources import Stores
from vidpipe.reuse.first_calibration import ENOUGH_CONTENTS, uncalibrated_contents
from vidpipe.reuse.version import comparison_version
from vidpipe.search.saved_queries import WaitingQuery, waiting_queries
from vidpipe.stores.database import connect
from vidpipe.stores.lake import ASSET_TABLES
from vidpipe.stores.schema_upgrade import upgrade
from vidpipe.uploads.discovery import look_for_uploads
from vidpipe.uploads.registry.pending_dates import PendingDate

LISTING_S = 10.0
REQUESTS_A_TICK = 25
# The batch of runs that calibrate for the first time.
FIRST_CALIBRATION = "first-calibration"
# Names the run that the alert address was told of: a run that repeats another inherits its tags.
# Tags of this style are hidden in the Dagster UI.
ALERTED_TAG = ".dagster/vidpipe_alerted"


@sensor(
    job=ingest,
    minimum_interval_seconds=30,
    default_status=DefaultSensorStatus.RUNNING,
    description="Looks under `VIDPIPE_UPLOADS_URL` every 30 seconds, registers new, changed and "
    "vanished uploads, and requests a run of `ingest` for each date that has any, unless one is "
    "on its way. Runs of `vidpipe run` whose process died are marked as failed. A date is tried "
    "again, five times at most for the same uploads. A date whose run was cancelled waits until "
    "its uploads change or somebody materialises it; `vidpipe status` names it. Dates that were "
    "made under other settings are left alone, and while a model is missing the stages that need "
    "none go on.\n\nA tick that fails changes nothing and the next one tries again: see that the "
    "uploads and the database can be reached. For a date that is not tried any "
    "more, read the errors of its runs, then materialise it by hand.",
)
def uploads_sensor(
    context: SensorEvaluationContext, stores: ResourceParam[Stores]
) -> SensorResult | SkipReason:
    stores = stores.afresh()
    settings = stores.settings
    if settings.uploads_url is None:
        return SkipReason("VIDPIPE_UPLOADS_URL is not set: there is nowhere to look for uploads")
    mark_dead_runs(context.instance, settings)
    upgrade(settings)
    with connect(settings, autocommit=True) as connection:
        found = look_for_uploads(connection, settings, seconds=LISTING_S)
        keep_partitions(context.instance, connection)
        observed = uploads_observation(context.instance, connection, settings.uploads_url)
        news = standing_checks.news(context.instance, connection, stores)
        pending = stores.pipeline.pending_dates(connection)
    missing = stores.pipeline.missing_models
    why = stores.pipeline.waiting_stages or ["no date waits for a run"]
    if any(one.asset_check_key == MODELS and not one.passed for one in news):
        waiting = [{"stage": stage, "message": said} for stage, said in missing.items()]
        send_alert(settings, "missing_model", "stages wait for a model that is missing", waiting)
    requests = run_requests(pending, runs_of_dates(context.instance, pending), missing)
    return SensorResult(
        run_requests=requests,
        cursor=found.next_after,
        asset_events=[*([observed] if observed else []), *news],
        skip_reason=None if requests else f"{found}; {'; '.join(why)}",
    )


def run_requests(
    pending: Sequence[PendingDate],
    runs: Mapping[str, BatchRuns],
    missing: Collection[str] = (),
) -> list[RunRequest]:
    """One request per pending date and batch of uploads that a run may be asked for, newest first.

    Dagster requests a run key once, even when its run failed: the number of finished runs is part
    of the key, so a date is tried again, RUNS_A_BATCH times at most for the same uploads. While a
    model is missing, the stages before the one that needs it go on, once for the same uploads.
    """
    stages = [table.name for table in ASSET_TABLES]
    can_work = list(itertools.takewhile(lambda stage: stage not in missing, stages))
    newest_first = sorted(pending, key=lambda one: one.ingest_date, reverse=True)
    return [
        RunRequest(
            run_key=f"{one.ingest_date}/{one.batch_digest}/{runs[one.batch_digest].tried}",
            partition_key=one.ingest_date.isoformat(),
            tags={BATCH_TAG: one.batch_digest},
            asset_selection=[AssetKey(stage) for stage in can_work] if missing else None,
        )
        for one in newest_first
        if runs[one.batch_digest].may_ask and not (missing and runs[one.batch_digest].succeeded)
    ][:REQUESTS_A_TICK]


@sensor(
    job=embed_queries,
    minimum_interval_seconds=15,
    default_status=DefaultSensorStatus.RUNNING,
    description="Looks into `vidpipe.saved_queries` every 15 seconds and requests a run of "
    "`embed_queries` when a query waits for its vector and no run is on its way, five times at "
    "most for the same queries, and not again when such a run was cancelled.\n\nA tick that fails "
    "changes nothing and the next one tries again: see that the database can be reached. For "
    "queries that still have no vector, read the logs of those runs.",
)
def query_embeddings_sensor(
    context: SensorEvaluationContext, stores: ResourceParam[Stores]
) -> RunRequest | SkipReason:
    upgrade(stores.settings)
    with connect(stores.settings, autocommit=True) as connection:
        waiting = waiting_queries(connection)
    if not waiting:
        return SkipReason("no saved query waits for its vector")
    batch = queries_digest(waiting)
    runs = runs_of_batches(context.instance, [batch])[batch]
    if runs.may_ask:
        return RunRequest(run_key=f"queries/{batch}/{runs.tried}", tags={BATCH_TAG: batch})
    if runs.is_awaited:
        return SkipReason(f"a run for {len(waiting)} saved queries is on its way")
    if runs.cancelled:
        return SkipReason(
            f"run {runs.cancelled} for {len(waiting)} saved queries was cancelled: materialise "
            "query_embeddings when they shall have their vectors"
        )
    return SkipReason(
        f"{len(waiting)} saved queries have no vector after {runs.tried} runs: look at their logs"
    )


def queries_digest(waiting: Sequence[WaitingQuery]) -> str:
    """Digest of the saved queries that wait: other queries, or other terms, are another batch."""
    return hashlib.sha256("".join(one.digest for one in waiting).encode()).hexdigest()[:16]


@sensor(
    job=calibrate_reused_footage,
    minimum_interval_seconds=300,
    default_status=DefaultSensorStatus.RUNNING,
    description=f"Looks every five minutes whether {ENOUGH_CONTENTS} contents are compared and no "
    "calibration of the comparison in force exists, and requests a run of "
    "`calibrate_reused_footage`: once, or five times at most while it fails, and not again when "
    "such a run was cancelled.\n\nA tick that fails changes nothing and the next one tries again: "
    "see that the database can be reached. Where no calibration follows, read the logs of those "
    "runs.",
)
def first_calibration_sensor(
    context: SensorEvaluationContext, stores: ResourceParam[Stores]
) -> RunRequest | SkipReason:
    upgrade(stores.settings)
    with connect(stores.settings, autocommit=True) as connection:
        contents = uncalibrated_contents(connection)
    if contents is None:
        return SkipReason("reused footage is calibrated")
    if contents < ENOUGH_CONTENTS:
        return SkipReason(f"{contents} contents are compared: {ENOUGH_CONTENTS} are calibrated on")
    batch = f"{FIRST_CALIBRATION}/{comparison_version()}"
    runs = runs_of_batches(context.instance, [batch])[batch]
    if runs.may_ask and not runs.succeeded:
        return RunRequest(run_key=f"{batch}/{runs.tried}", tags={BATCH_TAG: batch})
    return SkipReason(
        "a calibration is on its way"
        if runs.is_awaited
        else f"{runs.tried} runs have left nothing calibrated: look at their logs, then "
        "materialise reuse_calibration"
    )


@run_failure_sensor(
    minimum_interval_seconds=30,
    default_status=DefaultSensorStatus.RUNNING,
    description="Tells the address in `VIDPIPE_ALERT_URL` of every run that failed for good, "
    "once, with its job, partition and error; does nothing where that is not set. A run that "
    "Dagster will retry, or whose date or saved queries a sensor will ask for again, is not told "
    "of: the last of its tries is. Where no alert arrives, see the daemon's log for what the "
    "address answered.",
)
def failed_run_sensor(context: RunFailureSensorContext, stores: ResourceParam[Stores]) -> None:
    instance = context.instance
    run = instance.get_run_by_id(context.dagster_run.run_id) or context.dagster_run
    if run.tags.get(ALERTED_TAG) == run.run_id or run.status is not DagsterRunStatus.FAILURE:
        return
    if will_be_retried(instance, run) or will_be_asked_for_again(instance, stores, run):
        context.log.info(f"run {run.run_id} failed and will be tried again")
        return
    instance.add_run_tags(run.run_id, {ALERTED_TAG: run.run_id})
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


def will_be_asked_for_again(instance: DagsterInstance, stores: Stores, run: DagsterRun) -> bool:
    """Whether the sensor that asked for a failed run will ask for another in its place."""
    stores = stores.afresh()
    asking = {
        ingest.name: uploads_sensor,
        calibrate_reused_footage.name: first_calibration_sensor,
    }.get(run.job_name, query_embeddings_sensor)
    batch = batch_of(run)
    if batch is None or _is_switched_off(instance, asking):
        return False
    if asking is first_calibration_sensor:
        runs_so_far = runs_of_batches(instance, [batch])[batch]
        return runs_so_far.may_ask or runs_so_far.is_awaited
    with connect(stores.settings, autocommit=True) as connection:
        if asking is uploads_sensor:
            of_run = run.tags.get(PARTITION_NAME_TAG)
            pending = stores.pipeline.pending_dates(connection)
            runs = runs_of_dates(
                instance, [one for one in pending if one.ingest_date.isoformat() == of_run]
            )
        else:
            waiting = waiting_queries(connection)
            runs = runs_of_batches(instance, [queries_digest(waiting)] if waiting else [])
    return any(one.may_ask or one.is_awaited for one in runs.values())


def _is_switched_off(instance: DagsterInstance, asking: SensorDefinition) -> bool:
    return any(
        state.instigator_name == asking.name and state.status is InstigatorStatus.STOPPED
        for state in instance.all_instigator_state(instigator_type=InstigatorType.SENSOR)
    )


SENSORS = [
    uploads_sensor,
    query_embeddings_sensor,
    first_calibration_sensor,
    failed_run_sensor,
    session_limits_sensor,
]
