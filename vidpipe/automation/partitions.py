"""How time is cut: a partition for each ingest date (UTC), today included, and for each week.

Belongs here: the partitions, what all assets of an ingest date share, the dates of a run.
Does not: which dates wait for a run (vidpipe.uploads.registry.pending_dates).
"""

from datetime import date, timedelta
from typing import Any

from dagster import (
    AssetExecutionContext,
    BackfillPolicy,
    DailyPartitionsDefinition,
    FreshnessPolicy,
    WeeklyPartitionsDefinition,
)

from vidpipe.settings import load_settings

FIRST_DATE = load_settings().start_date

# Without `end_offset` the current day becomes a partition only when it is over.
INGEST_DATES = DailyPartitionsDefinition(start_date=FIRST_DATE.isoformat(), end_offset=1)

# Named by their Monday; the current week, too.
WEEKS = WeeklyPartitionsDefinition(
    start_date=(FIRST_DATE - timedelta(days=FIRST_DATE.weekday())).isoformat(),
    day_offset=1,
    end_offset=1,
)

# Options that all daily assets share: a backfill of many dates is one run, so models load once.
DAILY: dict[str, Any] = {
    "partitions_def": INGEST_DATES,
    "backfill_policy": BackfillPolicy.single_run(),
    "owners": ["team:video-pipeline"],
    "freshness_policy": FreshnessPolicy.time_window(
        fail_window=timedelta(hours=36), warn_window=timedelta(hours=30)
    ),
}


def ingest_dates(context: AssetExecutionContext) -> list[date]:
    """Ingest dates that this run materialises: one, or a whole range."""
    return [date.fromisoformat(key) for key in context.partition_keys]
