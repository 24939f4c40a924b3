"""Rows that a stage's workers make for another stage in the same pass over an item.

Belongs here: holding them until they are published, and leaving out those that are there.
Does not: the rows of the stage itself (vidpipe.pipeline.loop), which stages stand beside each other
(vidpipe.pipeline.stages).

They are published before the rows that they came with: a run that is killed in between leaves
nothing out. The item is computed again then, and its first row for the other stage stays.
"""

from collections.abc import Sequence

import polars as pl

from vidpipe.pipeline.contract import Item, Row, Stage, published_row
from vidpipe.stores.counting_versions import Counting
from vidpipe.stores.lake import Lake


class RowsBeside:
    """Rows for the stage beside another; there are none where no stage is."""

    def __init__(self, stage: Stage | None, lake: Lake) -> None:
        self.stage = stage
        self.lake = lake
        self.there: set[str] = set()
        self.buffer: list[Row] = []

    def look(self, items: Sequence[Item]) -> None:
        """Looks which of these items have such a row already."""
        if self.stage is None or not items:
            return
        columns = self.stage.table.key_columns
        keys = pl.DataFrame({column: [item[column] for item in items] for column in columns})
        rows = self.lake.outcomes(self.stage.table, Counting(self.stage.version), keys)
        found = rows.filter(pl.col("status") != "failed")
        self.there |= {self.stage.key_text(row) for row in found.iter_rows(named=True)}

    def take(self, item: Item, row: Row | None) -> None:
        """Holds what a worker answered for the stage beside, if there is one and it misses it."""
        if self.stage is None or row is None or self.stage.key_text(item) in self.there:
            return
        self.there.add(self.stage.key_text(item))
        self.buffer.append(published_row(self.stage, item, row))

    def commit(self) -> None:
        """Publishes what is held.

        Raises:
            StoreError: the lake cannot be written.
        """
        if self.stage is not None and self.buffer:
            self.lake.append(self.stage.table, self.buffer)
            self.buffer = []
