"""Taking a listing into the registry: uploads that are new, changed, arriving, held or back.

Belongs here: what one listing changes about the uploads that it shows.
Does not: what it means for those that it does not show (vidpipe.uploads.registry.sweeps).
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import Connection

from vidpipe.settings import Settings
from vidpipe.stores import locks
from vidpipe.uploads.found_uploads import FoundUpload
from vidpipe.uploads.listing import Listing
from vidpipe.uploads.names import folder_date
from vidpipe.uploads.registry.registration_report import RegistrationReport
from vidpipe.uploads.registry.rows import one_row
from vidpipe.uploads.registry.side_files import note_side_files, sorted_out
from vidpipe.uploads.registry.sweeps import note_failed_sweep, note_sweep
from vidpipe.uploads.uploads_url import root_uri

SETTLE = timedelta(seconds=2)
"""Two listings closer together than this count as one: a slow copy pauses for longer than that."""


def register(
    connection: Connection[Any],
    listing: Listing,
    *,
    now: datetime,
    settings: Settings,
    look_seconds: float | None = None,
) -> RegistrationReport:
    """Takes a listing into the registry: all of it or, when the process dies, nothing.

    Args:
        now: time of the listing, with a time zone.
        settings: `start_date`, `stable_after_s` and `max_missing_share` count.
        look_seconds: how long files whose names do not tell what they are may be looked into; None
            for no limit.
    """
    listing = sorted_out(connection, listing, seconds=look_seconds)
    report = RegistrationReport(seen=len(listing.uploads), next_after=listing.next_after)
    report.unread = [f"{one.folder} ({one.reason})" for one in listing.unread]
    with connection.transaction():
        locks.UPLOADS.take(connection)
        if listing.failure is not None:
            report.refused_reason = listing.failure
            note_failed_sweep(connection, listing.failure, now)
        else:
            _load(connection, listing)
            _take_in(connection, now, settings, report)
            note_side_files(connection, listing, now)
            if listing.counts_absence:
                note_sweep(connection, listing, now, settings, report)
            connection.execute("drop table listed")
        waiting, held = one_row(
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
        [sidecar.to_text() for sidecar in upload.sidecars],
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
    report.new, report.changed = one_row(connection, _ACCEPT, values)
    (report.back,) = one_row(connection, _BACK, values)
    connection.execute(_REFRESH, values)
