"""Sweeps: looks at every folder, in one listing or in many ticks, that tell what is gone.

Belongs here: who was absent where, when an absence is believed, what was wrong with the last sweep.
Does not: the uploads that a listing shows (vidpipe.uploads.registry.registering).

An upload that two sweeps in a row miss is gone. A sweep that sees nothing, or misses more than
VIDPIPE_MAX_MISSING_SHARE at once, changes nothing: an unmounted disk looks just like that.
"""

from datetime import datetime
from typing import Any

from psycopg import Connection

from vidpipe.settings import Settings
from vidpipe.uploads.listing import Listing
from vidpipe.uploads.registry.registration_report import RegistrationReport
from vidpipe.uploads.registry.rows import one_row

SWEEPS_TO_REMOVE = 2
KEPT_SWEEPS = 1000

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


def note_sweep(
    connection: Connection[Any],
    listing: Listing,
    now: datetime,
    settings: Settings,
    report: RegistrationReport,
) -> None:
    """Notes who is absent in the folders just read, and ends the sweep when they were the last.

    The listing must stand in the temporary table `listed`, as `registering` leaves it there.
    """
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
        (sweep,) = one_row(
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
    present, newly_missing = one_row(
        connection,
        """
        select
            count(*),
            count(*) filter (where missing_in_sweep = %s and missing_sweeps = 0)
        from vidpipe_ops.uploads where fingerprint is not null and removed_at is null
        """,
        [sweep],
    )
    seen, unread = one_row(
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
    (removed,) = one_row(
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


def note_failed_sweep(connection: Connection[Any], reason: str, now: datetime) -> None:
    """Notes a look that saw nothing at all; a sweep that runs in ticks stays where it is."""
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
