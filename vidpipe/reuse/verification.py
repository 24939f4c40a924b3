"""What must hold of compared footage, and the figures of an ingest date.

Belongs here: counting and finding what is wrong. Does not: Dagster's checks and metadata
(vidpipe.automation.reuse_checks, vidpipe.assets.reused_footage), comparing (vidpipe.reuse.run).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import polars as pl
import psycopg

from vidpipe.reuse.store import Outcome


@dataclass(frozen=True)
class Figures:
    """What is stored of some contents.

    Attributes:
        outcomes: number of contents by what became of them.
        compared_now: contents that a given run compared.
        matches: number of matches with one of the contents, by verdict.
    """

    outcomes: dict[str, int] = field(default_factory=dict)
    compared_now: int = 0
    matches: dict[str, int] = field(default_factory=dict)

    @property
    def contents(self) -> int:
        """Contents that were compared, or could not be."""
        return sum(self.outcomes.values())

    @property
    def no_print_share(self) -> float:
        """Share of contents that have no footage print, 0 to 1; 0 without contents."""
        return self.outcomes.get(Outcome.NO_PRINT, 0) / self.contents if self.contents else 0.0


def figures_of(
    connection: psycopg.Connection, contents: Collection[str], run_id: str | None = None
) -> Figures:
    """Counts what is stored of contents (`content_sha256`)."""
    outcomes = connection.execute(
        "select outcome, count(*), count(*) filter (where dagster_run_id = %s)"
        " from vidpipe.footage_contents where content_sha256 = any(%s) group by 1 order by 1",
        [run_id, list(contents)],
    ).fetchall()
    matches = connection.execute(
        "select verdict, count(*) from vidpipe.footage_matches"
        " where content_a = any(%(own)s) or content_b = any(%(own)s) group by 1 order by 1",
        {"own": list(contents)},
    ).fetchall()
    return Figures(
        {outcome: count for outcome, count, _ in outcomes},
        sum(now for _, _, now in outcomes),
        dict(matches),
    )


def not_compared(connection: psycopg.Connection, contents: pl.DataFrame) -> pl.DataFrame:
    """The rows of contents (`content_sha256`, …) of which nothing is stored."""
    known = connection.execute(
        "select content_sha256 from vidpipe.footage_contents where content_sha256 = any(%s)",
        [contents["content_sha256"].to_list()],
    ).fetchall()
    return contents.filter(~pl.col("content_sha256").is_in([content for (content,) in known]))


def doubtful_copies(connection: psycopg.Connection, contents: Sequence[str]) -> pl.DataFrame:
    """Copies with one of the contents that chance alone would make too often.

    Returns:
        `content_sha256` (the one asked for), `other_content`, `verdict`, `e_value`.
    """
    from vidpipe.reuse.comparison.gates import MOST_EXPECTED  # Dagster's process loads no decoder

    rows = connection.execute(
        "select content_sha256, other_content, verdict, e_value from vidpipe.content_matches"
        " where content_sha256 = any(%s) and is_copy and e_value > %s order by 4 desc, 1, 2",
        [list(contents), MOST_EXPECTED],
    ).fetchall()
    return pl.DataFrame(
        rows,
        schema={
            "content_sha256": pl.String,
            "other_content": pl.String,
            "verdict": pl.String,
            "e_value": pl.Float64,
        },
        orient="row",
    )
