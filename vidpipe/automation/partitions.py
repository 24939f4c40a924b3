"""How time is cut: one partition per ingest date (UTC), today included."""

from dagster import DailyPartitionsDefinition

from vidpipe.settings import load_settings

# Without `end_offset` the current day becomes a partition only when it is over.
INGEST_DATES = DailyPartitionsDefinition(
    start_date=load_settings().start_date.isoformat(), end_offset=1
)
