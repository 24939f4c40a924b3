"""Watch-lists of footage: saved contents that every run holds against its new posts.

Belongs here: saving and dropping them, finding hits and telling each once.
Does not: finding copies (vidpipe.reuse.comparison), sending (vidpipe.alerts).
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

import psycopg

from vidpipe.alerts import send_alert
from vidpipe.errors import UnknownName
from vidpipe.settings import Settings


@dataclass(frozen=True)
class WatchedFootage:
    """A content that is watched for.

    Attributes:
        name: what the footage is called.
        content_sha256: the content that shows it.
        note: why it was saved.
        watched_since: posts that came in before are no hits.
    """

    name: str
    content_sha256: str
    note: str | None
    watched_since: datetime


@dataclass(frozen=True)
class FootageHit:
    """A new post that shows watched footage again.

    Attributes:
        name: the watched footage.
        video_id: the post.
        verdict: read from the watched content to that of the post.
        coverage: share of the watched content that the post shows, 0 to 1.
        ingest_date: UTC date that the post was ingested under.
    """

    name: str
    video_id: str
    verdict: str
    coverage: float
    ingest_date: date


COLUMNS = ", ".join(field.name for field in fields(FootageHit))


def watch(
    connection: psycopg.Connection, name: str, content: str, note: str | None = None
) -> WatchedFootage:
    """Saves a footage, or changes the one of that name; another content is watched from now on.

    Args:
        connection: autocommit.
        name: 1 to 200 characters.
        content: `content_sha256` of a content that is indexed.
        note: why it is watched.

    Raises:
        UnknownName: there is no such content.
    """
    known = connection.execute(
        "select from vidpipe.contents where content_sha256 = %s", [content]
    ).fetchone()
    if known is None:
        raise UnknownName(f"there is no content {content}: only what is indexed can be watched")
    row = connection.execute(
        "insert into vidpipe.watched_footage as f (name, content_sha256, note)"
        " values (%s, %s, %s) on conflict (name) do update set"
        " content_sha256 = excluded.content_sha256, note = excluded.note,"
        " watched_since = case when f.content_sha256 = excluded.content_sha256"
        " then f.watched_since else excluded.watched_since end"
        " returning name, content_sha256, note, watched_since",
        [name, content, note],
    ).fetchone()
    assert row is not None
    return WatchedFootage(*row)


def unwatch(connection: psycopg.Connection, name: str) -> None:
    """Drops a watched footage and its hits.

    Raises:
        UnknownName: no footage of that name is watched.
    """
    dropped = connection.execute("delete from vidpipe.watched_footage where name = %s", [name])
    if not dropped.rowcount:
        raise UnknownName(f"no watched footage is called {name}")


def watched(connection: psycopg.Connection) -> list[WatchedFootage]:
    """All watched footage, by name."""
    rows = connection.execute(
        "select name, content_sha256, note, watched_since from vidpipe.watched_footage"
        " order by name"
    ).fetchall()
    return [WatchedFootage(*row) for row in rows]


def raise_hits(
    connection: psycopg.Connection, run_id: str | None = None, *, since: datetime | None = None
) -> list[FootageHit]:
    """Finds and keeps new hits: posts of the same bytes, and copies. A post is a hit once.

    Posts that came in before watching began are none, also if their copy is found later.

    Args:
        connection: autocommit; matches of the new posts are written.
        run_id: kept with the hits.
        since: looks at posts only that were first published at that time or later; at all when
            omitted.
    """
    rows = connection.execute(
        f"select {COLUMNS} from vidpipe_ops.look_for_watched_footage(%s, %s) order by 1, 2",
        [run_id, since],
    ).fetchall()
    return [FootageHit(*row) for row in rows]


def hits_of_run(connection: psycopg.Connection, run_id: str) -> list[FootageHit]:
    """Returns the hits that a run found."""
    rows = connection.execute(
        f"select {COLUMNS} from vidpipe.footage_watch_hits where run_id = %s order by 1, 2",
        [run_id],
    ).fetchall()
    return [FootageHit(*row) for row in rows]


def tell_hits(connection: psycopg.Connection, settings: Settings) -> int:
    """Hands every hit that nobody was told of to the alert address, and returns their number.

    They are marked before they are sent: told once at most, even if the run is killed in between.
    """
    if settings.alert_url is None:
        return 0
    rows = connection.execute(
        "update vidpipe.footage_watch_hits set notified_at = now() where notified_at is null"
        f" returning {COLUMNS}"
    ).fetchall()
    if rows:
        send_alert(
            settings,
            "footage_watch_hits",
            f"{len(rows)} new posts show watched footage again",
            [
                {
                    "footage": name,
                    "video_id": video,
                    "verdict": verdict,
                    "coverage": coverage,
                    "ingest_date": str(day),
                }
                for name, video, verdict, coverage, day in sorted(rows)
            ],
        )
    return len(rows)


def forget(connection: psycopg.Connection, videos: Sequence[str], contents: Sequence[str]) -> None:
    """Erases what watch-lists keep of posts and contents; a content that is gone is not watched."""
    connection.execute(
        "delete from vidpipe.footage_watch_hits"
        " where video_id = any(%s) or content_sha256 = any(%s)",
        [list(videos), list(contents)],
    )
    connection.execute(
        "delete from vidpipe.watched_footage where content_sha256 = any(%s)", [list(contents)]
    )
