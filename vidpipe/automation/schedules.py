"""Schedules: weekly lake maintenance on Sunday night (UTC)."""

from dagster import DefaultScheduleStatus, ScheduleDefinition

from vidpipe.automation.jobs import lake_maintenance

weekly_lake_maintenance = ScheduleDefinition(
    name="weekly_lake_maintenance",
    job=lake_maintenance,
    cron_schedule="0 3 * * 0",
    execution_timezone="UTC",
    default_status=DefaultScheduleStatus.RUNNING,
    description="Compacts and vacuums the lake every Sunday at 3:00 UTC.",
)

SCHEDULES = [weekly_lake_maintenance]
