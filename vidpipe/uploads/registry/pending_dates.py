"""Which ingest dates wait for a run: those that are not published as they stand.

Belongs here: what a published date was made of, and comparing it with what is there now.
Does not: publishing (vidpipe.publication), what a run of a date would compute
(vidpipe.pipeline.outdated).

A date that was made under other settings does not wait: it is made anew when somebody asks for it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from psycopg import Connection

# In place of the digest of a date's uploads: no digest, so the date stays pending.
INCOMPLETE = "incomplete"
# Before the digest of stage versions: some of the date's results are of other versions.
OTHER_SETTINGS = "other settings, under "


@dataclass(frozen=True)
class InForce:
    """Settings in force, as digests by which published dates are judged.

    Attributes:
        versions: digest of the stage versions; None where a model is missing.
        limits: digest of the limits.
        shown: digest of the versions of those stages whose results analysts see, by which vidpipe
            before footage prints judged; None like `versions`.
        together: the same of their versions and limits, by which earlier ones judged.
        refreshes: whether dates that were made under other settings are made anew unasked.
    """

    versions: str | None
    limits: str
    shown: str | None
    together: str | None
    refreshes: bool = False

    @property
    def settings(self) -> str:
        """Digest of all of them; empty where a model is missing."""
        return "" if self.versions is None else f"{self.versions} {self.limits}"

    @property
    def known(self) -> list[str]:
        """Digests of dates that were made under the settings in force, in every stage."""
        return [] if self.versions is None else [self.versions]

    @property
    def shown_by(self) -> list[str]:
        """Digests of dates whose rows in PostgreSQL were made under the settings in force."""
        return [one for one in (self.versions, self.shown, self.together) if one is not None]

    @property
    def published(self) -> list[str]:
        """Digests of dates that were published under the settings in force, however made."""
        others = [f"{OTHER_SETTINGS}{one}" for one in (self.versions, self.shown)]
        return [*self.shown_by, *others]


@dataclass(frozen=True)
class MadeOf:
    """What a published date was made of.

    Attributes:
        uploads_digest: digest of its uploads, or INCOMPLETE.
        versions_digest: digest of the stage versions, after OTHER_SETTINGS if some were others.
        limits_digest: digest of the limits under which its failures were met; None where the date
            was published without being computed.
    """

    uploads_digest: str
    versions_digest: str
    limits_digest: str | None = None


UNKNOWN = MadeOf("", "")


@dataclass(frozen=True)
class PendingDate:
    """An ingest date that a run would change.

    `uploads` counts those present on it, `waiting_uploads` those of them that are new, changed,
    gone or back since it was published, and those that failed and would be tried again (all, if it
    was never published). `changed_at` tells when any of its uploads last did so.
    """

    ingest_date: date
    batch_digest: str
    uploads: int
    waiting_uploads: int
    changed_at: datetime


def pending_dates(connection: Connection[Any], in_force: InForce) -> list[PendingDate]:
    """Ingest dates whose uploads are not published as they stand, oldest first.

    So are dates with failures that were met under other limits.
    """
    rows = connection.execute(
        """
        with failed as (
            select distinct f.ingest_date, f.upload_id
            from vidpipe_ops.failures as f
            inner join vidpipe_ops.published_dates as p using (ingest_date)
            where
                f.status = 'failed' and f.stage <> 'metadata'
                and case
                    when p.limits_digest is null
                        then %(is_known)s and p.versions_digest <> all(%(shown)s)
                    else p.limits_digest <> %(limits)s
                end
        ),

        pending as (
            select
                c.*,
                case when %(refreshes)s and p.versions_digest <> all(%(known)s) then null
                    else p.published_at end as since
            from vidpipe_ops.date_digests as c
            left join vidpipe_ops.published_dates as p using (ingest_date)
            where
                p.uploads_digest is distinct from c.uploads_digest
                or (%(refreshes)s and p.versions_digest <> all(%(known)s))
                or c.ingest_date in (select ingest_date from failed)
        )

        select
            p.ingest_date, p.uploads_digest, p.present,
            count(*) filter (
                where p.since is null or u.changed_at >= p.since
                or u.upload_id in (select upload_id from failed)
            ),
            greatest(max(u.first_seen_at), max(u.changed_at))
        from pending as p
        inner join vidpipe_ops.uploads as u using (ingest_date)
        group by p.ingest_date, p.uploads_digest, p.present
        order by p.ingest_date
        """,
        {
            "known": in_force.known,
            "shown": in_force.shown_by,
            "is_known": bool(in_force.known),
            "limits": in_force.limits,
            "refreshes": in_force.refreshes and bool(in_force.known),
        },
    ).fetchall()
    return [
        PendingDate(
            day,
            _batch_digest(digest, in_force.settings),
            present,
            waiting,
            changed_at.astimezone(UTC),
        )
        for day, digest, present, waiting, changed_at in rows
    ]


def outdated_dates(connection: Connection[Any], in_force: InForce) -> list[date]:
    """Published dates that were made under other settings, oldest first.

    Dates without uploads are left out: earlier versions of vidpipe noted every day between two
    dates, and those whose uploads were erased have nothing left to make.
    """
    rows = connection.execute(
        "select p.ingest_date from vidpipe_ops.published_dates as p"
        " inner join vidpipe_ops.date_digests using (ingest_date)"
        " where p.versions_digest <> all(%s) order by p.ingest_date",
        [in_force.known],
    ).fetchall()
    return [day for (day,) in rows]


def published_otherwise(connection: Connection[Any], in_force: InForce) -> set[date]:
    """Dates that were published while other settings were in force.

    Their rows may be others than those that count now: where settings of before are in force again,
    so are their results.
    """
    rows = connection.execute(
        "select ingest_date from vidpipe_ops.published_dates where versions_digest <> all(%s)",
        [in_force.published],
    ).fetchall()
    return {day for (day,) in rows}


def note_earlier_digests(connection: Connection[Any], in_force: InForce) -> None:
    """Has dates that an earlier version of vidpipe published judged by versions and by limits.

    It kept one digest of both. As long as that is the one in force, both are known; later, another
    limit would look like another setting. Such a vidpipe made no footage prints.
    """
    if in_force.shown is not None:
        connection.execute(
            "update vidpipe_ops.published_dates set versions_digest = %s, limits_digest = %s"
            " where versions_digest = %s",
            [in_force.shown, in_force.limits, in_force.together],
        )


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


def note_published(
    connection: Connection[Any], day: date, made_of: MadeOf, *, has_changed: bool
) -> None:
    """Keeps what a date is made of now; its time of publication is kept where nothing changed."""
    values = {
        "date": day,
        "uploads": made_of.uploads_digest,
        "versions": made_of.versions_digest,
        "limits": made_of.limits_digest,
        "changed": has_changed,
    }
    # An upsert that changes nothing locks the row, and a lock is a write.
    connection.execute(
        "insert into vidpipe_ops.published_dates"
        " (ingest_date, uploads_digest, versions_digest, limits_digest)"
        " select %(date)s, %(uploads)s, %(versions)s, %(limits)s where not exists"
        " (select from vidpipe_ops.published_dates where ingest_date = %(date)s)",
        values,
    )
    connection.execute(
        "update vidpipe_ops.published_dates set uploads_digest = %(uploads)s,"
        " versions_digest = %(versions)s, limits_digest = coalesce(%(limits)s, limits_digest),"
        " published_at = now() where ingest_date = %(date)s and published_at < now() and"
        " (%(changed)s or (uploads_digest, versions_digest, limits_digest) is distinct from"
        " (%(uploads)s, %(versions)s, coalesce(%(limits)s, limits_digest)))",
        values,
    )


def leave_pending(connection: Connection[Any], days: Sequence[date]) -> None:
    """Has dates run again, whatever becomes of the run that is under way."""
    connection.execute(
        "update vidpipe_ops.published_dates set uploads_digest = %s where ingest_date = any(%s)",
        [INCOMPLETE, list(days)],
    )


def _batch_digest(uploads_digest: str, settings_digest: str) -> str:
    return hashlib.sha256(f"{uploads_digest} {settings_digest}".encode()).hexdigest()[:16]
