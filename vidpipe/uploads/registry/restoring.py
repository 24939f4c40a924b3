"""Restoring the registry from the lake, when its rows were lost.

Belongs here: registering uploads again with the ingest dates and first sights that they had.
Does not: tables that are copied to the lake as they are (vidpipe.stores.lake_backup).
"""

from datetime import UTC, datetime
from typing import Any

from psycopg import Connection

from vidpipe.stores import locks
from vidpipe.stores.lake import RAW_VIDEOS, Lake


def restore_registry(lake: Lake, connection: Connection[Any]) -> int:
    """Registers again what the lake knows of uploads, with their ingest dates and first sights.

    Of several rows of an upload the latest counts. What the lake cannot know (removals, uploads
    that were waiting) comes back with the next sweeps.

    Returns:
        Rows added; an upload that is registered or forgotten is left as it is.
    """
    columns = ("upload_id", "fingerprint", "uri", "first_seen_at", "ingest_date", "size_bytes")
    latest = (
        lake.scan(RAW_VIDEOS)
        .select(*columns, "committed_at")
        .sort("committed_at")
        .unique("upload_id", keep="last", maintain_order=True)
        .collect()
    )
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
