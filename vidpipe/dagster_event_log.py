"""Dagster's event log as vidpipe needs it: partitions in the order of their keys.

Belongs here: what differs from dagster-postgres's event log. Does not: which database it is in
(vidpipe.dagster_storage), which partitions there are (vidpipe.automation.partitions).
"""

from collections.abc import Sequence

from dagster._core.types.pagination import PaginatedResults
from dagster_postgres import PostgresEventLogStorage


class VidpipeEventLog(PostgresEventLogStorage):
    """Lists dynamic partitions by their keys, not in the order in which they were added.

    The UI shows them in this order, and a range means all partitions between its ends: a date of
    last year whose uploads come in today must not stand behind the dates of this year.
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
