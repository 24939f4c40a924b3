"""Side files: what lies beside uploads and is no video, looked into once and remembered.

Belongs here: telling which files of a listing are uploads where names do not, and the table
`vidpipe_ops.side_files`.
Does not: what bytes are (vidpipe.media.content_kind), what names say (vidpipe.uploads.names),
registering uploads (vidpipe.uploads.registry.registering).

A file is looked into again only when its size or time changes: listings are read every half minute.
"""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
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
    """`told_apart` with what the registry remembers: a registered upload stays an upload."""
    unsure = {one.upload_id: one for one in listing.uploads if one.needs_look}
    if not unsure:
        return listing
    ids = list(unsure)
    side_files = connection.execute(
        "select upload_id, fingerprint, kind from vidpipe_ops.side_files where upload_id = any(%s)",
        [ids],
    )
    known: dict[str, str | None] = {
        upload_id: kind
        for upload_id, fingerprint, kind in side_files
        if fingerprint == unsure[upload_id].file_fingerprint
    }
    registered = connection.execute(
        "select upload_id from vidpipe_ops.uploads where upload_id = any(%s)", [ids]
    )
    known |= {upload_id: None for (upload_id,) in registered}
    return told_apart(listing, known, seconds=seconds)


def told_apart(
    listing: Listing,
    known: Mapping[str, str | None] = MappingProxyType({}),
    *,
    seconds: float | None = None,
) -> Listing:
    """The listing with every file told to be an upload or a side file.

    Args:
        listing: as it was read.
        known: kinds of side files, and None of uploads, by the ids of files that need no look.
        seconds: no further file is looked into after that, and what is left is in neither group:
            the next look finds it again. None for no limit.
    """
    kinds: dict[str, str | None] = {
        one.upload_id: None for one in listing.uploads if not one.needs_look
    }
    kinds |= known
    strange = [one for one in listing.uploads if one.upload_id not in kinds]
    kinds |= _looked_into(listing.url, strange, seconds)
    told = [(one, kinds[one.upload_id]) for one in listing.uploads if one.upload_id in kinds]
    side_files = [
        SideFile(one.upload_id, one.file_fingerprint, kind)
        for one, kind in told
        if kind is not None
    ]
    return replace(
        listing,
        uploads=tuple(one for one, kind in told if kind is None),
        side_files=(*listing.side_files, *side_files),
    )


def _looked_into(
    url: str, uploads: Sequence[FoundUpload], seconds: float | None
) -> dict[str, str | None]:
    """What each file is by its content, as far as there is time."""
    ends_at = None if seconds is None else time.monotonic() + seconds
    found: dict[str, str | None] = {}
    with ThreadPoolExecutor(LOOKS_AT_ONCE) as pool:
        for start in range(0, len(uploads), _LOOKS_A_ROUND):
            if ends_at is not None and time.monotonic() > ends_at:
                break
            batch = uploads[start : start + _LOOKS_A_ROUND]
            kinds = pool.map(lambda one: _side_kind(url, one), batch)
            found |= zip((one.upload_id for one in batch), kinds, strict=True)
    return found


def _side_kind(url: str, upload: FoundUpload) -> str | None:
    """What an unsure file is: the kind of a side file, or None for what may be a video.

    Sound is a side file where the video lies beside it; alone it is an upload, so that somebody is
    told that there is nothing to show.
    """
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
