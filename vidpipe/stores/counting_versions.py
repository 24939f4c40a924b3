"""Which of a key's rows in the lake counts.

Belongs here: the stage versions that count, and the choice among rows of one key.
Does not: what a stage version depends on (vidpipe.pipeline.stages), reading rows
(vidpipe.stores.lake).

Of several rows for one key and version a success beats a failure, and of successes the first
committed wins: two runs that computed the same key at once agree afterwards on one result.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Counting:
    """Which of a key's rows counts: one of today's stage version, else the newest of another.

    What was made under other settings counts until somebody asks for more: a changed setting must
    not recompute a corpus by surprise.

    Attributes:
        version: stage version under today's settings.
        others: versions that count where that one has no row; None for any.
    """

    version: str
    others: frozenset[str] | None = frozenset()

    @property
    def accepts(self) -> pl.Expr:
        """Whether a row may count."""
        if self.others is None:
            return pl.lit(value=True)
        return pl.col("stage_version").is_in([self.version, *sorted(self.others)])

    def best(self, rows: pl.LazyFrame, key: Sequence[str]) -> pl.LazyFrame:
        """The row that counts of each key: the first success of today's version, else the newest.

        Of failures the newest counts, too: it was met under the limits in force.
        """
        is_other = pl.col("stage_version") != self.version
        has_failed = pl.col("status") == "failed"
        committed = pl.col("committed_at").dt.epoch("us")
        return rows.sort(
            is_other,
            has_failed,
            pl.when(is_other | has_failed).then(-committed).otherwise(committed),
            "ingest_date",
            nulls_last=True,
        ).unique(subset=key, keep="first", maintain_order=True)
