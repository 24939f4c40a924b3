"""Whether topic runs can be relied on: each function says what a week's topics stand on.

Belongs here: reading it from PostgreSQL, as plain functions.
Does not: Dagster's checks (vidpipe.automation.topic_checks wraps these functions), refusing to make
a run (run.py).
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Connection

from vidpipe.stores.model_registry import active_model
from vidpipe.topics.run import covered_contents


@dataclass(frozen=True)
class Continuity:
    """How topics went on from the run before.

    Attributes:
        previous: topics of the run before, of the whole corpus and of accounts.
        gone: those of them whose posts are in no one topic any more.
        untold: those of which the lineage says nothing, and new ones of which it says nothing.
    """

    previous: int
    gone: int
    untold: int


def coverage(connection: Connection[Any], week: date) -> tuple[int, int]:
    """Contents ingested before the end of a week, and how many the model has vectors of."""
    model = active_model(connection)
    return (0, 0) if model is None else covered_contents(connection, model, week)


def standing_run(connection: Connection[Any], week: date) -> int | None:
    """Number of the run that stands for a week: its last one, or the last one before it."""
    row = connection.execute(
        "select run_no from vidpipe.topic_runs where week <= %s order by week desc, run_no desc"
        " limit 1",
        [week],
    ).fetchone()
    return None if row is None else int(row[0])


def outlier_share(connection: Connection[Any], run_no: int) -> float:
    """Share of a run's contents in no topic, 0 to 1."""
    row = connection.execute(
        "select outlier_share from vidpipe.topic_runs where run_no = %s", [run_no]
    ).fetchone()
    assert row is not None
    return float(row[0])


def continuity(connection: Connection[Any], run_no: int) -> Continuity:
    """How the topics of a run go on from those of the run that was current before."""
    row = connection.execute(
        """
        with lineage as (select * from vidpipe.topic_lineage where run_no = %(run_no)s),
        before as (
            select topic_id from vidpipe.topics
            where run_no = (select max(previous_run_no) from lineage)
        ),
        after as (
            select topic_id from vidpipe.topics
            where run_no = %(run_no)s and exists (select from lineage)
        )
        select
            (select count(*) from before),
            (select count(*) from lineage where event = 'gone'),
            (
                select count(*) from before as b
                where not exists (select from lineage as l where l.previous_topic_id = b.topic_id)
            ) + (
                select count(*) from after as a
                where not exists (select from lineage as l where l.topic_id = a.topic_id)
            )
        """,
        {"run_no": run_no},
    ).fetchone()
    assert row is not None
    return Continuity(*row)
