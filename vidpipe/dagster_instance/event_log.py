"""Dagster's event log as vidpipe needs it: partitions by their keys, many events at once.

Belongs here: what differs from dagster-postgres's event log. Does not: which database it is in
(vidpipe.dagster_instance.database), which partitions there are (vidpipe.automation.partitions).
"""

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

import sqlalchemy
from dagster import AssetCheckKey, DagsterEventType
from dagster._core.event_api import PartitionKeyFilter
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.asset_check_execution_record import (
    AssetCheckExecutionRecord,
    AssetCheckExecutionRecordStatus,
)
from dagster._core.storage.event_log import DynamicPartitionsTable, SqlEventLogStorageTable
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster._core.types.pagination import PaginatedResults
from dagster_postgres import PostgresEventLogStorage

from vidpipe.dagster_instance.database import KeptConnections

# A run over hundreds of dates plans and makes thousands of materialisations. Dagster hands them
# over one by one unless this variable names how many of them may be stored at once.
os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", "1000")


class EventLog(KeptConnections, PostgresEventLogStorage):
    """Lists partitions by their keys, stores planned materialisations by the batch, shows failures.

    The UI shows partitions in the order of this list, and a range means all partitions between its
    ends: a date of last year whose uploads come in today must not stand behind the dates of this
    year.
    """

    def get_dynamic_partitions(self, partitions_def_name: str) -> Sequence[str]:
        """All keys, in ascending order."""
        return sorted(super().get_dynamic_partitions(partitions_def_name))

    def get_paginated_dynamic_partitions(
        self, partitions_def_name: str, limit: int, ascending: bool, cursor: str | None = None
    ) -> PaginatedResults[str]:
        """A page of the same list."""
        keys = self.get_dynamic_partitions(partitions_def_name)
        return PaginatedResults.create_from_sequence(
            keys, limit=limit, ascending=ascending, cursor=cursor
        )

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Stores events; planned materialisations of an asset with one statement, too."""
        planned = defaultdict(list)
        others = []
        for event in events:
            if event.dagster_event_type == DagsterEventType.ASSET_MATERIALIZATION_PLANNED:
                planned[event.get_dagster_event().asset_key].append(event)
            else:
                others.append(event)
        for of_asset in planned.values():
            with self.index_transaction() as connection:
                stored = connection.execute(
                    self.prepare_insert_event_batch(of_asset).returning(
                        SqlEventLogStorageTable.c.id
                    )
                ).fetchall()
                self._store_asset_event(connection, of_asset[-1], max(row[0] for row in stored))
        if others:
            super().store_event_batch(others)

    def get_latest_asset_check_execution_by_key(
        self,
        check_keys: Sequence[AssetCheckKey],
        partition_filter: PartitionKeyFilter | None = None,
    ) -> Mapping[AssetCheckKey, AssetCheckExecutionRecord]:
        """What the graph shows of a check: of one with partitions, a failure before a success.

        The latest execution alone would hide the warning of yesterday behind the success of today.
        """
        latest = dict(super().get_latest_asset_check_execution_by_key(check_keys, partition_filter))
        if partition_filter is None:
            for key, record in latest.items():
                if record.partition is not None and (failure := self._standing_failure(key)):
                    latest[key] = failure
        return latest

    def _standing_failure(self, key: AssetCheckKey) -> AssetCheckExecutionRecord | None:
        """The newest failure of a check that is the last word on a partition that still exists."""
        executions = AssetCheckExecutionsTable.c
        last_words = (
            sqlalchemy.select(sqlalchemy.func.max(executions.id))
            .where(
                executions.asset_key == key.asset_key.to_string(),
                executions.check_name == key.name,
                executions.partition.in_(sqlalchemy.select(DynamicPartitionsTable.c.partition)),
            )
            .group_by(executions.partition)
        )
        failed = AssetCheckExecutionRecordStatus.FAILED
        with self.index_connection() as connection:
            newest = connection.execute(
                sqlalchemy.select(sqlalchemy.func.max(executions.id)).where(
                    executions.id.in_(last_words), executions.execution_status == failed.value
                )
            ).scalar()
        if newest is None:
            return None
        [record] = self.get_asset_check_execution_history(key, limit=1, cursor=newest + 1)
        return record

    def has_table(self, table_name: str) -> bool:
        """Whether Dagster's database has a table; asked with every event, so answers are kept."""
        if table_name not in self._tables_there and super().has_table(table_name):
            self._tables_there.add(table_name)
        return table_name in self._tables_there

    @cached_property
    def _tables_there(self) -> set[str]:
        return set()
