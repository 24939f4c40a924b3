"""How time is cut: a partition for each ingest date (UTC), today included, and for each week."""

from datetime import timedelta

from dagster import DailyPartitionsDefinition, WeeklyPartitionsDefinition

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
