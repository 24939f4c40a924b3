"""The uploads registry: what was ever seen under the uploads URL, and which dates wait for a run.

Belongs here: what a listing changes (new, changed, still arriving, held, gone, back), fixed ingest
dates, sweeps, tombstones, the digest that tells whether a date is published as it stands.
Does not: looking at files (vidpipe.uploads.upload_store) or publishing (vidpipe.publication).

An upload is *waiting* until it is complete: its file and own sidecars unchanged in two listings at
least SETTLE apart, or untouched for VIDPIPE_STABLE_AFTER_S. A file still being copied would decode
as a truncated video. It is *held* when it must not be read (a link out of the folder, a date folder
in the future), and *registered* once it has a fingerprint; from then on its ingest date is fixed.

A *sweep* is one look at every folder, in one listing or in many ticks. An upload that two sweeps in
a row miss is gone. A sweep that sees nothing, or misses more than VIDPIPE_MAX_MISSING_SHARE at
once, changes nothing: an unmounted disk looks just like that.

All functions work on connections in autocommit mode or not, in transactions of their own.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
from psycopg import Connection
from psycopg.rows import dict_row

from vidpipe.clean_text import display_name
from vidpipe.settings import Settings
from vidpipe.stores import locks
from vidpipe.uploads.upload_store import FoundUpload, Listing, folder_date, root_uri

SETTLE = timedelta(seconds=2)
"""Two listings closer together than this count as one: a slow copy pauses for longer than that."""

SWEEPS_TO_REMOVE = 2
KEPT_SWEEPS = 1000


@dataclass
class RegistrationReport:
    """What one listing changed; `str()` of it is a sentence.

    `waiting` and `held` count what waits and is held after the listing; `next_after` is the cursor
    of the next tick.
    """

    seen: int = 0
    new: int = 0
    changed: int = 0
    waiting: int = 0
    held: int = 0
    back: int = 0
    newly_missing: int = 0
    removed: int = 0
    sweep_ended: bool = False
    next_after: str = ""
    unread: list[str] = field(default_factory=list)
    refused_reason: str | None = None

    def __str__(self) -> str:
        counts = {
            "new": self.new,
            "changed": self.changed,
            "back": self.back,
            "still arriving": self.waiting,
            "held": self.held,
            "missing": self.newly_missing,
            "removed": self.removed,
        }
        words = [f"{self.seen} uploads seen"]
        words += [f"{count} {word}" for word, count in counts.items() if count]
        words += [f"folder not read: {folder}" for folder in self.unread]
        words += [self.refused_reason] if self.refused_reason else []
        return ", ".join(words)


@dataclass(frozen=True)
class PendingDate:
    """An ingest date whose published state differs from its uploads or from the stage versions.

    `uploads` counts those present on it, `waiting_uploads` those of them that are new, changed,
    gone or back since it was published (all, if it never was or the versions changed).
    """

    ingest_date: date
    batch_digest: str
    uploads_digest: str
    uploads: int
    waiting_uploads: int


@dataclass(frozen=True)
class Forgotten:
    """What must not come back: content digests and account names."""

    contents: frozenset[str]
    accounts: frozenset[str]


# -- registering ----------------------------------------------------------------------------------


def register(
    connection: Connection[Any], listing: Listing, *, now: datetime, settings: Settings
) -> RegistrationReport:
    """Takes a listing into the registry: all of it or, when the process dies, nothing.

    Args:
        now: time of the listing, with a time zone.
        settings: `start_date`, `stable_after_s` and `max_missing_share` count.
    """
    report = RegistrationReport(seen=len(listing.uploads), next_after=listing.next_after)
    report.unread = [f"{one.folder} ({one.reason})" for one in listing.unread]
    with connection.transaction():
        locks.UPLOADS.take(connection)
        if listing.failure is not None:
            report.refused_reason = listing.failure
            _record_failed_sweep(connection, listing.failure, now)
        else:
            _load(connection, listing)
            _take_in(connection, now, settings, report)
            if listing.counts_absence:
                _sweep(connection, listing, now, settings, report)
            connection.execute("drop table listed")
        waiting, held = _one(
            connection,
            """
            select
                count(*) filter (where waiting_fingerprint is not null and held_reason is null),
                count(*) filter (where held_reason is not null)
            from vidpipe_ops.uploads where removed_at is null
            """,
        )
        report.waiting, report.held = waiting, held
    return report


def _load(connection: Connection[Any], listing: Listing) -> None:
    """The listing as temporary table `listed`, without what is forgotten."""
    connection.execute(
        """
        create temporary table listed (
            upload_id text primary key, uri text, size_bytes bigint, modified_at timestamptz,
            fingerprint text, own_fingerprint text, sidecar_fingerprint text,
            settled_at timestamptz, manifest_modified_at timestamptz, sidecars text[],
            folder_date date, held_reason text
        ) on commit drop
        """
    )
    with (
        connection.cursor() as cursor,
        cursor.copy("copy listed from stdin") as copy,
    ):
        root = root_uri(listing.url)
        for upload in listing.uploads:
            copy.write_row(_listed_row(root, upload))
    connection.execute("analyze listed")
    connection.execute(
        """
        delete from listed as l using vidpipe_ops.tombstones as t
        where t.kind = 'upload' and t.subject = l.upload_id
        """
    )


def _listed_row(root: str, upload: FoundUpload) -> tuple[Any, ...]:
    day, problem = folder_date(upload.upload_id)
    return (
        upload.upload_id,
        f"{root}/{upload.upload_id}",
        upload.size_bytes,
        upload.modified_at,
        upload.fingerprint,
        upload.own_fingerprint,
        upload.sidecar_fingerprint,
        upload.settled_at,
        upload.manifest_modified_at,
        list(upload.sidecars),
        day,
        upload.held_reason or problem,
    )


_ADD = """
insert into vidpipe_ops.uploads (
    upload_id, uri, size_bytes, modified_at, first_seen_at, last_seen_at,
    waiting_fingerprint, waiting_since
)
select upload_id, uri, size_bytes, modified_at, %(now)s, %(now)s, own_fingerprint, %(now)s
from listed
on conflict (upload_id) do nothing
"""

# A date folder that holds its uploads may be of today tomorrow: judged anew with each listing.
_HOLD = """
update vidpipe_ops.uploads as u
set held_reason = h.reason, last_seen_at = %(now)s
from (
    select
        upload_id,
        coalesce(
            l.held_reason,
            case
                when u.fingerprint is not null then null
                when day > %(today)s then format(
                    'lies in folder %%s, which is in the future (today is %%s, UTC); '
                    'it is read on that day, or rename the folder', u.folder, %(today)s::date
                )
                when day < %(start)s then format(
                    'has the ingest date %%s, before the start date %%s; '
                    'set VIDPIPE_START_DATE to accept it', day, %(start)s::date
                )
            end
        ) as reason
    from listed as l
    inner join vidpipe_ops.uploads as u using (upload_id),
    lateral (
        select coalesce(l.folder_date, (u.first_seen_at at time zone 'UTC')::date) as day
    ) as dated
) as h
where u.upload_id = h.upload_id and u.held_reason is distinct from h.reason
"""

_NOTE_CHANGE = """
update vidpipe_ops.uploads as u
set
    waiting_fingerprint = case
        when l.fingerprint is distinct from u.fingerprint then l.own_fingerprint
    end,
    waiting_since = case
        when l.fingerprint is distinct from u.fingerprint then %(now)s::timestamptz
    end
from listed as l
where
    u.upload_id = l.upload_id
    and case
        when l.fingerprint = u.fingerprint then u.waiting_fingerprint is not null
        else u.waiting_fingerprint is distinct from l.own_fingerprint
    end
"""

# A manifest that grows all day must neither keep new uploads waiting nor re-read old ones.
_ACCEPT = """
with accepted as (
    update vidpipe_ops.uploads as u
    set
        fingerprint = l.fingerprint,
        sidecar_fingerprint = l.sidecar_fingerprint,
        sidecars = l.sidecars,
        uri = l.uri,
        size_bytes = l.size_bytes,
        modified_at = l.modified_at,
        ingest_date = coalesce(
            u.ingest_date, l.folder_date, (u.first_seen_at at time zone 'UTC')::date
        ),
        waiting_fingerprint = null,
        waiting_since = null,
        changed_at = %(now)s,
        last_seen_at = %(now)s
    from listed as l
    inner join vidpipe_ops.uploads as before on l.upload_id = before.upload_id
    where
        u.upload_id = l.upload_id
        and u.held_reason is null
        and u.fingerprint is distinct from l.fingerprint
        and (
            l.settled_at <= %(untouched_since)s
            or (u.waiting_fingerprint = l.own_fingerprint and u.waiting_since <= %(settled_since)s)
        )
        and (
            u.fingerprint is null
            or l.manifest_modified_at is null
            or l.manifest_modified_at <= %(untouched_since)s
            or split_part(u.fingerprint, ';', 1) <> split_part(l.fingerprint, ';', 1)
        )
    returning before.fingerprint is null as is_new
)
select count(*) filter (where is_new), count(*) filter (where not is_new) from accepted
"""

_BACK = """
with seen as (
    update vidpipe_ops.uploads as u
    set
        missing_sweeps = 0,
        missing_in_sweep = null,
        removed_at = null,
        changed_at = case when u.removed_at is null then u.changed_at else %(now)s end,
        last_seen_at = %(now)s
    from listed as l
    inner join vidpipe_ops.uploads as before on l.upload_id = before.upload_id
    where
        u.upload_id = l.upload_id
        and l.held_reason is null
        and (u.missing_sweeps > 0 or u.missing_in_sweep is not null or u.removed_at is not null)
    returning before.removed_at is not null as was_removed
)
select count(*) filter (where was_removed) from seen
"""

_REFRESH = """
update vidpipe_ops.uploads as u
set uri = l.uri, sidecars = l.sidecars, modified_at = l.modified_at, last_seen_at = %(now)s
from listed as l
where
    u.upload_id = l.upload_id
    and u.fingerprint = l.fingerprint
    and (
        u.uri <> l.uri
        or u.sidecars <> l.sidecars
        or u.modified_at is null
        or u.last_seen_at < %(day_ago)s
    )
"""


def _take_in(
    connection: Connection[Any], now: datetime, settings: Settings, report: RegistrationReport
) -> None:
    """New and changed uploads, held ones, and those that came back."""
    values = {
        "now": now,
        "today": now.astimezone(UTC).date(),
        "start": settings.start_date,
        "untouched_since": now - timedelta(seconds=settings.stable_after_s),
        "settled_since": now - SETTLE,
        "day_ago": now - timedelta(days=1),
    }
    connection.execute(_ADD, values)
    connection.execute(_HOLD, values)
    connection.execute(_NOTE_CHANGE, values)
    report.new, report.changed = _one(connection, _ACCEPT, values)
    (report.back,) = _one(connection, _BACK, values)
    connection.execute(_REFRESH, values)


# -- sweeps ---------------------------------------------------------------------------------------

_PRESENT = """
exists (
    select 1 from listed as l where l.upload_id = u.upload_id and l.held_reason is null
)
"""
# A held upload that was never registered is present as long as it is listed at all.
_ABSENT = f"""
u.removed_at is null
and not case
    when u.fingerprint is null
        then exists (select 1 from listed as l where l.upload_id = u.upload_id)
    else {_PRESENT}
end
"""


def sweep_position(connection: Connection[Any]) -> str:
    """Where the running sweep got to: `after` of its next tick; "" when none runs."""
    row = connection.execute(
        "select next_after from vidpipe_ops.sweeps where ended_at is null order by sweep_id desc"
    ).fetchone()
    return str(row[0]) if row else ""


def _sweep(
    connection: Connection[Any],
    listing: Listing,
    now: datetime,
    settings: Settings,
    report: RegistrationReport,
) -> None:
    """Notes who is absent in the folders just read, and ends the sweep when they were the last."""
    sweep = _running_sweep(connection, listing.after, now)
    if sweep is None:
        return  # this tick belongs to a sweep that was given up; its successor starts over
    connection.execute(
        f"""
        update vidpipe_ops.uploads as u
        set missing_in_sweep = %(sweep)s
        where
            u.folder = any(%(read)s)
            and u.missing_in_sweep is distinct from %(sweep)s
            and not exists (
                select 1 from unnest(%(unread)s::text[]) as f (folder)
                where starts_with(u.upload_id, f.folder || '/')
            )
            and {_ABSENT}
        """,
        {
            "sweep": sweep,
            "read": list(listing.read_folders),
            "unread": [one.folder for one in listing.unread],
        },
    )
    connection.execute(
        """
        update vidpipe_ops.sweeps
        set seen = seen + %s, unread = unread || %s::text[], next_after = %s
        where sweep_id = %s
        """,
        [len(listing.uploads), report.unread, listing.next_after, sweep],
    )
    if listing.next_after == "":
        _end_sweep(connection, sweep, listing, now, settings, report)


def _running_sweep(connection: Connection[Any], after: str, now: datetime) -> int | None:
    """The sweep that a tick belongs to; a tick from the start begins one."""
    if after == "":
        connection.execute(
            "update vidpipe_ops.sweeps set ended_at = %s where ended_at is null", [now]
        )
        connection.execute(
            "update vidpipe_ops.uploads set missing_in_sweep = null "
            "where missing_in_sweep is not null"
        )
        (sweep,) = _one(
            connection,
            "insert into vidpipe_ops.sweeps (started_at) values (%s) returning sweep_id",
            [now],
        )
        connection.execute(
            "delete from vidpipe_ops.sweeps where sweep_id <= %s", [sweep - KEPT_SWEEPS]
        )
        return int(sweep)
    row = connection.execute(
        "select sweep_id from vidpipe_ops.sweeps where ended_at is null and next_after = %s",
        [after],
    ).fetchone()
    return int(row[0]) if row else None


def _end_sweep(
    connection: Connection[Any],
    sweep: int,
    listing: Listing,
    now: datetime,
    settings: Settings,
    report: RegistrationReport,
) -> None:
    """Counts the absent ones and believes them, unless they are too many at once."""
    connection.execute(
        """
        update vidpipe_ops.uploads set missing_in_sweep = %s
        where removed_at is null and folder <> all(%s)
        """,
        [sweep, list(listing.all_folders)],
    )
    present, newly_missing = _one(
        connection,
        """
        select
            count(*),
            count(*) filter (where missing_in_sweep = %s and missing_sweeps = 0)
        from vidpipe_ops.uploads where fingerprint is not null and removed_at is null
        """,
        [sweep],
    )
    seen, unread = _one(
        connection, "select seen, unread from vidpipe_ops.sweeps where sweep_id = %s", [sweep]
    )
    refused = _refusal(seen, present, newly_missing, settings.max_missing_share)
    removed = 0
    if refused is None:
        removed = _count_absences(connection, sweep, now)
    else:
        connection.execute(
            "update vidpipe_ops.uploads set missing_in_sweep = null "
            "where missing_in_sweep is not null"
        )
    connection.execute(
        """
        update vidpipe_ops.sweeps
        set
            ended_at = %s, complete = %s, newly_missing = %s, removed = %s, refused_reason = %s
        where sweep_id = %s
        """,
        [now, refused is None and not unread, newly_missing, removed, refused, sweep],
    )
    report.sweep_ended = True
    report.newly_missing, report.removed = newly_missing, removed
    report.refused_reason = refused


def _refusal(seen: int, present: int, newly_missing: int, max_share: float) -> str | None:
    """Why a sweep's absences are not believed, or None."""
    if present and not seen:
        return (
            f"no upload was found where {present} are registered, so nothing was changed; make the "
            "uploads URL reachable, or set the right VIDPIPE_UPLOADS_URL"
        )
    if newly_missing > max_share * present:
        return (
            f"{newly_missing} of {present} registered uploads were missing at once, more than the "
            f"share of {max_share:g} that is believed, so none was removed; bring them back, or "
            "set VIDPIPE_MAX_MISSING_SHARE=1 for two sweeps if they were removed on purpose"
        )
    return None


def _count_absences(connection: Connection[Any], sweep: int, now: datetime) -> int:
    """One more missed sweep for each absent upload; how many are gone for good by that."""
    connection.execute(
        "delete from vidpipe_ops.uploads where missing_in_sweep = %s and fingerprint is null",
        [sweep],
    )
    (removed,) = _one(
        connection,
        """
        with counted as (
            update vidpipe_ops.uploads
            set
                missing_sweeps = missing_sweeps + 1,
                missing_in_sweep = null,
                waiting_fingerprint = null,
                waiting_since = null,
                removed_at = case
                    when missing_sweeps + 1 >= %(enough)s then %(now)s::timestamptz
                end,
                changed_at = case
                    when missing_sweeps + 1 >= %(enough)s then %(now)s::timestamptz
                    else changed_at
                end
            where missing_in_sweep = %(sweep)s
            returning removed_at
        )
        select count(removed_at) from counted
        """,
        {"enough": SWEEPS_TO_REMOVE, "now": now, "sweep": sweep},
    )
    return int(removed)


def _record_failed_sweep(connection: Connection[Any], reason: str, now: datetime) -> None:
    """A look that saw nothing at all; a sweep that runs in ticks stays where it is."""
    connection.execute(
        "insert into vidpipe_ops.sweeps (started_at, ended_at, refused_reason) values (%s, %s, %s)",
        [now, now, reason],
    )


def sweep_problems(connection: Connection[Any]) -> list[str]:
    """What was wrong with the last sweep that ended, as sentences; empty when all is well."""
    row = connection.execute(
        """
        select refused_reason, unread from vidpipe_ops.sweeps
        where ended_at is not null and (complete or refused_reason is not null or unread <> '{}')
        order by ended_at desc, sweep_id desc
        limit 1
        """
    ).fetchone()
    if row is None:
        return []
    reason, unread = row
    problems = [reason] if reason else []
    return problems + [f"folder {folder} could not be read" for folder in unread]


# -- reading --------------------------------------------------------------------------------------

_UPLOADS_SCHEMA: dict[str, Any] = {
    "upload_id": pl.String,
    "fingerprint": pl.String,
    "ingest_date": pl.Date,
    "uri": pl.String,
    "size_bytes": pl.Int64,
    "first_seen_at": pl.Datetime("us", "UTC"),
    "removed_at": pl.Datetime("us", "UTC"),
}


def uploads(connection: Connection[Any], days: Sequence[date]) -> pl.DataFrame:
    """Registered uploads of these ingest dates, present or removed, one row an upload.

    Columns: upload_id, fingerprint, ingest_date, uri, size_bytes, first_seen_at, removed_at.
    """
    rows = connection.execute(
        f"""
        select {", ".join(_UPLOADS_SCHEMA)} from vidpipe_ops.uploads
        where ingest_date = any(%s) order by ingest_date, upload_id collate "C"
        """,
        [list(days)],
    ).fetchall()
    return pl.DataFrame([_in_utc(row) for row in rows], schema=_UPLOADS_SCHEMA, orient="row")


def items(connection: Connection[Any], days: Sequence[date]) -> list[dict[str, Any]]:
    """What `RawVideoWorker` needs for each upload that is present on these dates."""
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            """
            select
                upload_id, fingerprint, ingest_date, uri, sidecars, first_seen_at, modified_at
            from vidpipe_ops.uploads
            where ingest_date = any(%s) and removed_at is null
            order by ingest_date, upload_id collate "C"
            """,
            [list(days)],
        )
        found = cursor.fetchall()
    for item in found:
        for column in ("first_seen_at", "modified_at"):
            item[column] = item[column] and item[column].astimezone(UTC)
    return found


def ingest_dates(connection: Connection[Any]) -> list[date]:
    """All ingest dates with registered uploads, ascending."""
    rows = connection.execute(
        "select distinct ingest_date from vidpipe_ops.uploads "
        "where ingest_date is not null order by ingest_date"
    ).fetchall()
    return [day for (day,) in rows]


def held_uploads(connection: Connection[Any]) -> pl.DataFrame:
    """Uploads that are held, with a sentence each: `upload_id`, `sentence`, `first_seen_at`."""
    rows = connection.execute(
        """
        select upload_id, held_reason, first_seen_at from vidpipe_ops.uploads
        where held_reason is not null order by upload_id collate "C"
        """
    ).fetchall()
    return pl.DataFrame(
        [(one, f"{display_name(one)} {reason}", at.astimezone(UTC)) for one, reason, at in rows],
        schema={
            "upload_id": pl.String,
            "sentence": pl.String,
            "first_seen_at": pl.Datetime("us", "UTC"),
        },
        orient="row",
    )


def waiting_uploads(connection: Connection[Any]) -> list[str]:
    """Ids of uploads that are still arriving."""
    rows = connection.execute(
        """
        select upload_id from vidpipe_ops.uploads
        where waiting_fingerprint is not null and held_reason is null and removed_at is null
        order by upload_id collate "C"
        """
    ).fetchall()
    return [upload_id for (upload_id,) in rows]


# -- what is published ----------------------------------------------------------------------------

_DIGESTS = """
select
    ingest_date,
    encode(sha256(string_agg(
        sha256(convert_to(
            upload_id || ' ' || fingerprint
            || case when removed_at is null then '' else ' removed' end, 'UTF8'
        )),
        ''::bytea order by upload_id collate "C"
    )), 'hex') as uploads_digest,
    count(*) filter (where removed_at is null) as present
from vidpipe_ops.uploads
where ingest_date is not null
group by ingest_date
"""


def pending_dates(connection: Connection[Any], versions_digest: str) -> list[PendingDate]:
    """Ingest dates that are not published as they stand, oldest first."""
    rows = connection.execute(
        f"""
        with current as ({_DIGESTS}),
        pending as (
            select c.*, case when p.versions_digest = %(versions)s then p.published_at end as since
            from current as c
            left join vidpipe_ops.published_dates as p using (ingest_date)
            where (p.uploads_digest, p.versions_digest)
            is distinct from (c.uploads_digest, %(versions)s::text)
        )
        select
            p.ingest_date, p.uploads_digest, p.present,
            count(*) filter (where p.since is null or u.changed_at >= p.since)
        from pending as p
        inner join vidpipe_ops.uploads as u using (ingest_date)
        group by p.ingest_date, p.uploads_digest, p.present
        order by p.ingest_date
        """,
        {"versions": versions_digest},
    ).fetchall()
    return [
        PendingDate(day, _batch_digest(digest, versions_digest), digest, present, waiting)
        for day, digest, present, waiting in rows
    ]


def uploads_digests(connection: Connection[Any], days: Sequence[date]) -> dict[date, str]:
    """Digest of each date's registered uploads; dates without any are left out.

    Take it *before* reading the uploads of a run, and hand it to `mark_published` afterwards: what
    arrives in between then leaves the date pending.
    """
    rows = connection.execute(
        f"select ingest_date, uploads_digest from ({_DIGESTS}) as d where ingest_date = any(%s)",
        [list(days)],
    ).fetchall()
    return dict(rows)


def published_dates(connection: Connection[Any]) -> set[date]:
    """Ingest dates that analysts can see."""
    rows = connection.execute("select ingest_date from vidpipe_ops.published_dates").fetchall()
    return {day for (day,) in rows}


def dates_under_other_versions(connection: Connection[Any], versions_digest: str) -> list[date]:
    """Published dates whose rows come from other stage versions, ascending."""
    rows = connection.execute(
        """
        select ingest_date from vidpipe_ops.published_dates
        where versions_digest <> %s order by ingest_date
        """,
        [versions_digest],
    ).fetchall()
    return [day for (day,) in rows]


def mark_published(
    connection: Connection[Any], day: date, uploads_digest: str, versions_digest: str
) -> None:
    """Records that a date is published; an unchanged record writes no tuple."""
    connection.execute(
        """
        insert into vidpipe_ops.published_dates as p (ingest_date, uploads_digest, versions_digest)
        values (%s, %s, %s)
        on conflict (ingest_date) do update
        set
            uploads_digest = excluded.uploads_digest,
            versions_digest = excluded.versions_digest,
            published_at = now()
        where (p.uploads_digest, p.versions_digest)
        is distinct from (excluded.uploads_digest, excluded.versions_digest)
        """,
        [day, uploads_digest, versions_digest],
    )


def _batch_digest(uploads_digest: str, versions_digest: str) -> str:
    return hashlib.sha256(f"{uploads_digest} {versions_digest}".encode()).hexdigest()[:16]


# -- forgetting and restoring ---------------------------------------------------------------------


def forget(
    connection: Connection[Any],
    *,
    uploads: Iterable[str] = (),
    contents: Iterable[str] = (),
    accounts: Iterable[str] = (),
) -> int:
    """Erases uploads from the registry and leaves tombstones; returns how many were erased.

    A file of a forgotten upload_id is never registered again, whatever its bytes. Contents and
    accounts are known only once a file is read: readers ask `forgotten`.
    """
    subjects = {"upload": uploads, "content": contents, "account": accounts}
    pairs = [(kind, subject) for kind, found in subjects.items() for subject in found]
    with connection.transaction():
        locks.UPLOADS.take(connection)
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into vidpipe_ops.tombstones (kind, subject) values (%s, %s) "
                "on conflict do nothing",
                pairs,
            )
            cursor.execute(
                "delete from vidpipe_ops.uploads where upload_id = any(%s)",
                [[subject for kind, subject in pairs if kind == "upload"]],
            )
            return cursor.rowcount


def forgotten(connection: Connection[Any]) -> Forgotten:
    """Contents and accounts that must not be published again."""
    rows = connection.execute(
        "select kind, subject from vidpipe_ops.tombstones where kind <> 'upload'"
    ).fetchall()
    return Forgotten(
        contents=frozenset(subject for kind, subject in rows if kind == "content"),
        accounts=frozenset(subject for kind, subject in rows if kind == "account"),
    )


def restore_from(connection: Connection[Any], raw_videos: pl.DataFrame) -> int:
    """Rebuilds missing registry rows from the lake, with the same ingest dates and first sights.

    What the lake cannot know (removals, uploads that were waiting) comes back with the next sweeps.

    Args:
        raw_videos: rows of the lake table: upload_id, fingerprint, uri, first_seen_at, ingest_date,
            size_bytes and committed_at; of several rows of an upload the latest counts.

    Returns:
        Rows added; an upload that is registered or forgotten is left as it is.
    """
    latest = raw_videos.sort("committed_at").unique("upload_id", keep="last", maintain_order=True)
    with connection.transaction():
        locks.UPLOADS.take(connection)
        connection.execute(
            """
            create temporary table restored (
                upload_id text, uri text, size_bytes bigint, modified_at timestamptz,
                sidecar_fingerprint text, fingerprint text, ingest_date date,
                first_seen_at timestamptz, last_seen_at timestamptz
            ) on commit drop
            """
        )
        with connection.cursor() as cursor:
            with cursor.copy("copy restored from stdin") as copy:
                for row in latest.iter_rows(named=True):
                    copy.write_row(_restored_row(row))
            cursor.execute(
                """
                insert into vidpipe_ops.uploads (
                    upload_id, uri, size_bytes, modified_at, sidecar_fingerprint, fingerprint,
                    ingest_date, first_seen_at, last_seen_at, changed_at
                )
                select r.*, r.last_seen_at from restored as r
                where not exists (
                    select 1 from vidpipe_ops.tombstones as t
                    where t.kind = 'upload' and t.subject = r.upload_id
                )
                on conflict (upload_id) do nothing
                """
            )
            added = cursor.rowcount
            cursor.execute("drop table restored")
    return added


def _restored_row(row: dict[str, Any]) -> tuple[Any, ...]:
    file_part, _, sidecar_part = row["fingerprint"].partition(";")
    size, _, tag = file_part.partition("-")
    # The tag of a file in a folder is its mtime in ns; a bucket's etag has no time in it.
    is_time = row["uri"].startswith("file://") and tag.isdigit()
    modified_at = datetime.fromtimestamp(int(tag) // 1000 / 1e6, UTC) if is_time else None
    return (
        row["upload_id"],
        row["uri"],
        row["size_bytes"] if row["size_bytes"] is not None else int(size),
        modified_at,
        sidecar_part,
        row["fingerprint"],
        row["ingest_date"],
        row["first_seen_at"],
        row["committed_at"],
    )


def _one(connection: Connection[Any], query: str, values: Any = None) -> tuple[Any, ...]:
    row = connection.execute(query, values).fetchone()
    assert row is not None
    return tuple(row)


def _in_utc(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Times of a row in UTC: psycopg gives them in the session's time zone."""
    return tuple(value.astimezone(UTC) if isinstance(value, datetime) else value for value in row)
