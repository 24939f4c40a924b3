"""Judgements: which results of a saved query people say are right (`vidpipe.relevance_judgements`).

Belongs here: what a login has still to judge, keeping its grades, erasing those of posts.
Does not: asking people (vidpipe.cli.judge), measuring by their grades (evaluation.py).

Judgements are appended and signed by the login that makes them. Who changes their mind adds one;
`vidpipe.current_judgements` has the newest of each judge.
"""

from collections.abc import Sequence

import psycopg

from vidpipe.errors import UnknownName
from vidpipe.search.searcher import EVERYTHING, Found, Searcher
from vidpipe.stores.database import said

RIGHT, WRONG = 1, 0


def results_to_judge(searcher: Searcher, name: str, *, k: int) -> Found:
    """Results of a saved query that this login has not judged, the best first.

    Args:
        searcher: the searcher of the index that is asked.
        name: name of the saved query.
        k: results to look at, judged ones among them.

    Raises:
        UnknownName: there is no such query.
    """
    judged = {
        video
        for (video,) in searcher.connection.execute(
            "select video_id from vidpipe.current_judgements"
            " where query_name = %s and judged_by = session_user",
            [name],
        )
    }
    found = searcher.find_saved(name, k=k, min_score=EVERYTHING)
    return [row for row in found if row["video_id"] not in judged]


def keep_judgement(
    connection: psycopg.Connection, query_name: str, video_id: str, grade: int
) -> None:
    """Keeps whether a post answers a saved query, `RIGHT` or `WRONG`, signed by this login.

    Raises:
        UnknownName: there is no such post or saved query.
    """
    try:
        connection.execute(
            "insert into vidpipe.relevance_judgements (query_name, video_id, grade)"
            " values (%s, %s, %s)",
            [query_name, video_id, grade],
        )
    except psycopg.errors.ForeignKeyViolation as error:
        if error.diag.constraint_name is None:
            raise UnknownName(said(error)) from error
        raise UnknownName(
            f"there is no saved query {query_name!r}; vidpipe query list shows them"
        ) from error


def forget(connection: psycopg.Connection, videos: Sequence[str]) -> None:
    """Erases the judgements of posts."""
    connection.execute(
        "delete from vidpipe.relevance_judgements where video_id = any(%s)", [list(videos)]
    )
