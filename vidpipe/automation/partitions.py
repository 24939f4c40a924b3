"""How time is cut: a partition for each ingest date (UTC) with uploads, and one for each week.

Belongs here: the partitions, keeping them equal to the registry's dates, what all assets of an
ingest date share, the dates and weeks of a run.
Does not: which dates wait for a run (vidpipe.uploads.registry.pending_dates), in which order
partitions are listed (vidpipe.dagster_storage).

A partition that is missing is a date whose uploads wait, and all partitions are all that there is.
Keys stay those of the calendar's days (`2026-11-02`), under which earlier versions recorded runs.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dagster import (
    AssetExecutionContext,
    BackfillPolicy,
    DagsterInstance,
    DynamicPartitionsDefinition,
)
from psycopg import Connection

from vidpipe.uploads.registry import registered_uploads

# Every date with registered uploads, also where all of them are gone.
INGEST_DATES = DynamicPartitionsDefinition(name="ingest_date")

# Named by their Monday: weeks in which something was ingested, the last one that has ended, and
# weeks whose topics somebody asked for.
WEEKS = DynamicPartitionsDefinition(name="week")

# Options that all daily assets share: a backfill of many dates is one run, so models load once.
DAILY: dict[str, Any] = {
    "partitions_def": INGEST_DATES,
    "backfill_policy": BackfillPolicy.single_run(),
    "owners": ["team:video-pipeline"],
}


def keep_partitions(instance: DagsterInstance, connection: Connection[Any]) -> None:
    """Brings Dagster's partitions to the registry's dates; call it after whatever changes them.

    A date without registered uploads any more (they were erased) ceases to be a partition. A week
    stays: the topics that were found up to its end do not depend on its own uploads alone.

    Dagster's partitions are read before the registry: a date that somebody else registers and adds
    in between is then in the registry's answer, and is not taken for one that has gone.
    """
    before = set(instance.get_dynamic_partitions(_name(INGEST_DATES)))
    dates = registered_uploads.ingest_dates(connection)
    keys = {day.isoformat() for day in dates}
    _add(instance, INGEST_DATES, keys - before)
    for key in sorted(before - keys):
        instance.delete_dynamic_partition(_name(INGEST_DATES), key)
    if dates:
        ended = last_ended_week(datetime.now(UTC).date())
        weeks = {monday(day) for day in dates}
        keep_weeks(instance, weeks | ({ended} if ended > min(weeks) else set()))


def keep_weeks(instance: DagsterInstance, mondays: Iterable[date]) -> None:
    """Makes weeks, named by their Mondays, partitions if they are none yet."""
    keys = {day.isoformat() for day in mondays}
    _add(instance, WEEKS, keys - set(instance.get_dynamic_partitions(_name(WEEKS))))


def monday(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def last_ended_week(today: date) -> date:
    """The Monday of the week before today's."""
    return monday(today) - timedelta(days=7)


def run_days(context: AssetExecutionContext) -> list[date]:
    """Days that name the partitions of this run: one, or a whole range in order."""
    return [date.fromisoformat(key) for key in context.partition_keys]


def _add(
    instance: DagsterInstance, partitions: DynamicPartitionsDefinition, keys: Iterable[str]
) -> None:
    if new := sorted(keys):
        instance.add_dynamic_partitions(_name(partitions), new)


def _name(partitions: DynamicPartitionsDefinition) -> str:
    assert partitions.name is not None
    return partitions.name
