"""Which ingest dates wait for a run: those that are not published as they stand.

Belongs here: digests of a date's uploads, and comparing them with what was published.
Does not: publishing, or noting that a date is published (vidpipe.publication).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from psycopg import Connection


@dataclass(frozen=True)
class PendingDate:
    """An ingest date whose published state differs from its uploads or from the stage versions.

    `uploads` counts those present on it, `waiting_uploads` those of them that are new, changed,
    gone or back since it was published (all, if it never was or the versions changed). `changed_at`
    tells when any of its uploads last did so.
    """

    ingest_date: date
    batch_digest: str
    uploads: int
    waiting_uploads: int
    changed_at: datetime


def pending_dates(connection: Connection[Any], versions_digest: str) -> list[PendingDate]:
    """Ingest dates that are not published as they stand, oldest first."""
    rows = connection.execute(
        """
        with pending as (
            select c.*, case when p.versions_digest = %(versions)s then p.published_at end as since
            from vidpipe_ops.date_digests as c
            left join vidpipe_ops.published_dates as p using (ingest_date)
            where (p.uploads_digest, p.versions_digest)
            is distinct from (c.uploads_digest, %(versions)s::text)
        )
        select
            p.ingest_date, p.uploads_digest, p.present,
            count(*) filter (where p.since is null or u.changed_at >= p.since),
            greatest(max(u.first_seen_at), max(u.changed_at))
        from pending as p
        inner join vidpipe_ops.uploads as u using (ingest_date)
        group by p.ingest_date, p.uploads_digest, p.present
        order by p.ingest_date
        """,
        {"versions": versions_digest},
    ).fetchall()
    return [
        PendingDate(
            day,
            _batch_digest(digest, versions_digest),
            present,
            waiting,
            changed_at.astimezone(UTC),
        )
        for day, digest, present, waiting, changed_at in rows
    ]


def uploads_digests(connection: Connection[Any], days: Sequence[date]) -> dict[date, str]:
    """Digest of each date's registered uploads; dates without any are left out.

    Take it *before* reading the uploads of a run, and hand it to the publication afterwards: what
    arrives in between then leaves the date pending.
    """
    rows = connection.execute(
        "select ingest_date, uploads_digest from vidpipe_ops.date_digests"
        " where ingest_date = any(%s)",
        [list(days)],
    ).fetchall()
    return dict(rows)


def published_dates(connection: Connection[Any]) -> set[date]:
    """Ingest dates that analysts can see."""
    rows = connection.execute("select ingest_date from vidpipe_ops.published_dates").fetchall()
    return {day for (day,) in rows}


def _batch_digest(uploads_digest: str, versions_digest: str) -> str:
    return hashlib.sha256(f"{uploads_digest} {versions_digest}".encode()).hexdigest()[:16]
