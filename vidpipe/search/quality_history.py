"""The history of evaluations (`vidpipe.search_quality_runs`), and which figures fell.

Belongs here: keeping evaluations and comparing them. Does not: measuring (evaluation.py).
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

WATCHED = ("mrr@5", "map@5")  # figures whose fall is told


@dataclass(frozen=True)
class Drop:
    """A figure that fell below the interval of the run before.

    Attributes:
        group: "overall", a kind of query or a language.
        measure: as in "mrr@5".
        before: mean of the run before.
        low: lower end of its 95 % interval.
        now: mean of the newest run.
    """

    group: str
    measure: str
    before: float
    low: float
    now: float


def query_set_digest(query_set: Path) -> str:
    """SHA-256 (hex) of a file of labelled queries: figures of different files do not compare."""
    return hashlib.sha256(query_set.read_bytes()).hexdigest()


def record(
    connection: psycopg.Connection, figures: dict[str, Any], *, query_set: Path, model_id: str
) -> int:
    """Keeps a report, and returns the number of its run.

    Args:
        connection: autocommit.
        figures: as `vidpipe.search.evaluation.report` gives them.
        query_set: file of the queries.
        model_id: id of the model that was asked.
    """
    overall = figures["overall"]
    row = connection.execute(
        "insert into vidpipe.search_quality_runs (query_set_sha256, model_id, queries, mrr_at_5,"
        " map_at_5, recall_at_5, share_of_stretches_shown, figures)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s) returning run_no",
        [
            query_set_digest(query_set),
            model_id,
            overall["queries"],
            overall.get("mrr@5"),
            overall.get("map@5"),
            overall.get("recall@5"),
            figures["share_of_stretches_shown"],
            json.dumps(figures),
        ],
    ).fetchone()
    assert row is not None
    return int(row[0])


def drops(connection: psycopg.Connection) -> list[Drop]:
    """What fell in the newest run against the one before it with the same queries and model."""
    rows = connection.execute(
        "select figures from vidpipe.search_quality_runs where (query_set_sha256, model_id) ="
        " (select query_set_sha256, model_id from vidpipe.search_quality_runs"
        " order by run_no desc limit 1)"
        " order by run_no desc limit 2"
    ).fetchall()
    if len(rows) < 2:
        return []
    newest, before = (_groups(figures) for (figures,) in rows)
    fallen = []
    for group, means in before.items():
        for measure in WATCHED:
            now = newest.get(group, {}).get(measure)
            low, _ = means.get(f"{measure}_95", (None, None))
            if now is not None and low is not None and now < low:
                fallen.append(Drop(group, measure, means[measure], low, now))
    return fallen


def _groups(figures: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {"overall": figures["overall"], **figures["by_kind"], **figures["by_language"]}
