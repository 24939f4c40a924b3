"""Watch-lists: saved queries that every ingest run holds against its new posts.

Belongs here: finding hits and telling each once. Does not: ranking (SQL), sending (vidpipe.alerts).
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date

import psycopg

from vidpipe.alerts import send_alert
from vidpipe.settings import Settings


@dataclass(frozen=True)
class Hit:
    """A new post that reached the threshold of a watched query."""

    query_name: str
    video_id: str
    score: float
    ingest_date: date


HIT_COLUMNS = [field.name for field in fields(Hit)]
COLUMNS = ", ".join(HIT_COLUMNS)


def look_for_watched(
    connection: psycopg.Connection,
    run_id: str | None,
    *,
    days: Sequence[date] | None = None,
    queries: Sequence[str] | None = None,
) -> list[Hit]:
    """Finds and keeps new hits.

    Args:
        connection: autocommit.
        run_id: kept with the hits.
        days: ingest dates to look at; all when omitted.
        queries: names of the queries to look for; all watched ones when omitted.
    """
    rows = connection.execute(
        f"select {COLUMNS} from vidpipe_ops.look_for_watched(%s, %s, %s) order by 1, 3 desc, 2",
        [run_id, None if days is None else list(days), None if queries is None else list(queries)],
    ).fetchall()
    return [Hit(*row) for row in rows]


def hits_of_run(connection: psycopg.Connection, run_id: str) -> list[Hit]:
    """Returns the hits that a run found."""
    rows = connection.execute(
        f"select {COLUMNS} from vidpipe.watch_hits where run_id = %s order by 1, 3 desc, 2",
        [run_id],
    ).fetchall()
    return [Hit(*row) for row in rows]


def tell_hits(connection: psycopg.Connection, settings: Settings) -> int:
    """Hands every hit that nobody was told of to the alert address, and returns their number.

    They are marked before they are sent: told once at most, even if the run is killed in between.
    """
    if settings.alert_url is None:
        return 0
    rows = connection.execute(
        "update vidpipe.watch_hits set notified_at = now() where notified_at is null"
        f" returning {COLUMNS}"
    ).fetchall()
    if rows:
        send_alert(
            settings,
            "watch_hits",
            f"{len(rows)} new posts match watched queries",
            [
                {"query": query, "video_id": video, "score": score, "ingest_date": str(day)}
                for query, video, score, day in sorted(rows)
            ],
        )
    return len(rows)


def forget(connection: psycopg.Connection, videos: Sequence[str]) -> None:
    """Erases what watch-lists keep of posts."""
    for table in ("vidpipe.watch_hits", "vidpipe_ops.seen_videos"):
        connection.execute(
            f"delete from {table} where video_id = any(%s)",
            [list(videos)],
        )
