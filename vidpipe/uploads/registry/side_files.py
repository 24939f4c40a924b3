"""Side files: what lies beside uploads and is no video, looked into once and remembered.

Belongs here: telling which files of a listing are uploads where names do not, and the table
`vidpipe_ops.side_files`.
Does not: what bytes are (vidpipe.media.content_kind), what names say (vidpipe.uploads.names),
registering uploads (vidpipe.uploads.registry.registering).

A file is looked into again only when its size or time changes: listings are read every half minute.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import unquote_to_bytes

from psycopg import Connection

from vidpipe.errors import ItemError
from vidpipe.media.content_kind import HEAD_BYTES, kind_of_content
from vidpipe.uploads.found_uploads import METADATA, FoundUpload, SideFile
from vidpipe.uploads.listing import Listing
from vidpipe.uploads.names import suffix_of
from vidpipe.uploads.opening import head_of

LOOKS_AT_ONCE = 16  # a bucket answers after many milliseconds, but many requests at a time
_LOOKS_A_ROUND = 512


def sorted_out(
    connection: Connection[Any], listing: Listing, *, seconds: float | None = None
) -> Listing:
    """The listing with every file told to be an upload or a side file.

    What was registered once stays an upload. A file that there was no time to look into is left
    out: the next look finds it again.

    Args:
        connection: to the registry.
        listing: as it was read.
        seconds: no further file is looked into after that; None for no limit.
    """
    unsure = [one for one in listing.uploads if one.needs_look]
    if not unsure:
        return listing
    ids = [one.upload_id for one in unsure]
    registered = {
        upload_id
        for (upload_id,) in connection.execute(
            "select upload_id from vidpipe_ops.uploads where upload_id = any(%s)", [ids]
        )
    }
    known = {
        upload_id: (fingerprint, kind)
        for upload_id, fingerprint, kind in connection.execute(
            "select upload_id, fingerprint, kind from vidpipe_ops.side_files"
            " where upload_id = any(%s)",
            [ids],
        )
    }
    uploads = [one for one in listing.uploads if not one.needs_look]
    side_files = list(listing.side_files)
    strange = []
    for one in unsure:
        fingerprint, kind = known.get(one.upload_id, (None, ""))
        if one.upload_id in registered:
            uploads.append(one)
        elif fingerprint == one.file_fingerprint:
            side_files.append(SideFile(one.upload_id, fingerprint, kind))
        else:
            strange.append(one)
    for one, kind in looked_into(listing.url, strange, seconds=seconds):
        if kind is None:
            uploads.append(one)
        else:
            side_files.append(SideFile(one.upload_id, one.file_fingerprint, kind))
    return replace(listing, uploads=tuple(uploads), side_files=tuple(side_files))


def looked_into(
    url: str, uploads: Sequence[FoundUpload], *, seconds: float | None = None
) -> list[tuple[FoundUpload, str | None]]:
    """What each file is: the kind of a side file, or None for one that may be a video.

    Sound is a side file where the video lies beside it; alone it is an upload, so that somebody is
    told that there is nothing to show.
    """
    ends_at = None if seconds is None else time.monotonic() + seconds
    found: list[tuple[FoundUpload, str | None]] = []
    with ThreadPoolExecutor(LOOKS_AT_ONCE) as pool:
        for start in range(0, len(uploads), _LOOKS_A_ROUND):
            if ends_at is not None and time.monotonic() > ends_at:
                break
            batch = uploads[start : start + _LOOKS_A_ROUND]
            found += zip(batch, pool.map(lambda one: _side_kind(url, one), batch), strict=True)
    return found


def _side_kind(url: str, upload: FoundUpload) -> str | None:
    name = unquote_to_bytes(upload.upload_id.rpartition("/")[2])
    try:
        head = head_of(url, upload.upload_id, HEAD_BYTES) if upload.size_bytes else b""
    except ItemError:
        return None  # the run that reads it says what is wrong
    kind = kind_of_content(head, suffix_of(name))
    if kind in ("video", "unknown") or (kind == "sound" and not upload.has_video_beside):
        return None
    return kind


def note_side_files(connection: Connection[Any], listing: Listing, now: datetime) -> None:
    """Remembers the side files of a listing, and forgets those that it does not show any more.

    The listing must stand in the temporary table `listed`, as `registering` leaves it there, and be
    taken in: metadata files of uploads that were not registered are side files like others, until
    they are named by a registered one.
    """
    connection.execute(
        "create temporary table listed_side_files ("
        "upload_id text, fingerprint text, kind text) on commit drop"
    )
    with (
        connection.cursor() as cursor,
        cursor.copy("copy listed_side_files from stdin") as copy,
    ):
        for one in listing.side_files:
            copy.write_row((one.upload_id, one.fingerprint, one.kind))
    connection.execute(
        """
        insert into listed_side_files (upload_id, fingerprint, kind)
        select distinct substr(c.sidecar, position('=' in c.sidecar) + 1), '', %s
        from listed as l
        inner join vidpipe_ops.uploads as u using (upload_id)
        cross join lateral unnest(l.sidecars) as c (sidecar)
        where u.sidecars <> l.sidecars
        except select upload_id, '', %s from listed_side_files
        """,
        [METADATA, METADATA],
    )
    connection.execute(
        """
        insert into vidpipe_ops.side_files as s (upload_id, fingerprint, kind, seen_at)
        select l.upload_id, l.fingerprint, l.kind, %(now)s from listed_side_files as l
        where not exists (
            select from vidpipe_ops.side_files as s
            where (s.upload_id, s.fingerprint, s.kind) = (l.upload_id, l.fingerprint, l.kind)
        )
        on conflict (upload_id) do update set
        fingerprint = excluded.fingerprint, kind = excluded.kind, seen_at = excluded.seen_at
        """,
        {"now": now},
    )
    if listing.counts_absence and not listing.unread:
        connection.execute(
            """
            delete from vidpipe_ops.side_files as s
            where
                (s.folder = any(%s) or s.folder <> all(%s))
                and not exists (select from listed_side_files as l where l.upload_id = s.upload_id)
            """,
            [list(listing.read_folders), list(listing.all_folders)],
        )
    connection.execute("drop table listed_side_files")
