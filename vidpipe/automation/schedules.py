"""Schedules (UTC): lake maintenance on Sunday, topics on Monday, quality of search every night, the
calibration of reused footage on the first of a month.

Belongs here: when something runs that waits for the clock alone.
Does not: what runs (vidpipe.automation.jobs), what waits for data (vidpipe.automation.sensors).
"""

from dagster import (
    DefaultScheduleStatus,
    ResourceParam,
    RunRequest,
    ScheduleDefinition,
    ScheduleEvaluationContext,
    SkipReason,
    schedule,
)

from vidpipe.automation.jobs import (
    calibrate_reused_footage,
    cluster_topics,
    lake_maintenance,
    measure_search_quality,
)
from vidpipe.automation.partitions import keep_weeks, last_ended_week, monday
from vidpipe.resources import Stores
from vidpipe.stores.database import connect
from vidpipe.stores.schema_upgrade import upgrade
from vidpipe.uploads.registry.registered_uploads import ingest_dates

weekly_lake_maintenance = ScheduleDefinition(
    name="weekly_lake_maintenance",
    job=lake_maintenance,
    cron_schedule="0 3 * * 0",
    execution_timezone="UTC",
    default_status=DefaultScheduleStatus.RUNNING,
    description="Runs `lake_maintenance` every Sunday at 3:00 UTC. Where it was missed or failed, "
    "launch that job by hand or wait for the next Sunday: reading only gets a little slower.",
)

monthly_reuse_calibration = ScheduleDefinition(
    name="monthly_reuse_calibration",
    job=calibrate_reused_footage,
    cron_schedule="0 2 1 * *",
    execution_timezone="UTC",
    default_status=DefaultScheduleStatus.RUNNING,
    description="Runs `calibrate_reused_footage` on the first of every month at 2:00 UTC. Where it "
    "was missed or failed, launch that job by hand: the calibration of before stays in force.",
)


@schedule(
    job=measure_search_quality,
    cron_schedule="0 4 * * *",
    execution_timezone="UTC",
    default_status=DefaultScheduleStatus.RUNNING,
    description="Runs `measure_search_quality` every day at 4:00 UTC; skips where "
    "`VIDPIPE_QUERY_SET` is not set. Where it was missed or failed, launch that job by hand.",
)
def daily_search_quality(
    context: ScheduleEvaluationContext, stores: ResourceParam[Stores]
) -> RunRequest | SkipReason:
    if stores.settings.query_set is None:
        return SkipReason("VIDPIPE_QUERY_SET is not set: there are no queries to ask")
    return RunRequest(run_key=f"{context.scheduled_execution_time:%Y-%m-%d}")


@schedule(
    job=cluster_topics,
    cron_schedule="0 5 * * 1",
    execution_timezone="UTC",
    default_status=DefaultScheduleStatus.RUNNING,
    description="Runs `cluster_topics` for the week that has ended, every Monday at 5:00 UTC. "
    "Where it was missed or failed, materialise that week of `account_topics` by hand.",
)
def weekly_topics(
    context: ScheduleEvaluationContext, stores: ResourceParam[Stores]
) -> RunRequest | SkipReason:
    upgrade(stores.settings)
    ended = last_ended_week(context.scheduled_execution_time.date())
    with connect(stores.settings, autocommit=True) as connection:
        dates = ingest_dates(connection)
    if not dates or ended < monday(dates[0]):
        return SkipReason(f"nothing was ingested before the end of the week of {ended}")
    keep_weeks(context.instance, [ended])
    return RunRequest(run_key=ended.isoformat(), partition_key=ended.isoformat())


SCHEDULES = [
    weekly_lake_maintenance,
    weekly_topics,
    daily_search_quality,
    monthly_reuse_calibration,
]
