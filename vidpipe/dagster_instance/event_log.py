"""Dagster's event log as vidpipe needs it: partitions by their keys, many events at once.

Belongs here: what differs from dagster-postgres's event log. Does not: which database it is in
(vidpipe.dagster_instance.database), which partitions there are (vidpipe.automation.partitions).
"""

import os
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property

from dagster import DagsterEventType
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log import SqlEventLogStorageTable
from dagster._core.types.pagination import PaginatedResults
from dagster_postgres import PostgresEventLogStorage

from vidpipe.dagster_instance.database import KeptConnections

# A run over hundreds of dates plans and makes thousands of materialisations. Dagster hands them
# over one by one unless this variable names how many of them may be stored at once.
os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", "1000")


class EventLog(KeptConnections, PostgresEventLogStorage):
    """Lists dynamic partitions by their keys, and stores planned materialisations by the batch.

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

    def has_table(self, table_name: str) -> bool:
        """Whether Dagster's database has a table; asked with every event, so answers are kept."""
        if table_name not in self._tables_there and super().has_table(table_name):
            self._tables_there.add(table_name)
        return table_name in self._tables_there

    @cached_property
    def _tables_there(self) -> set[str]:
        return set()
