"""Uploads as the registry knows them: registered ones by date, waiting and held ones.

Belongs here: reading the table `vidpipe_ops.uploads`.
Does not: changing it (vidpipe.uploads.registry.registering) or which dates wait for a run
(vidpipe.uploads.registry.pending_dates).
"""

from collections.abc import Sequence
from datetime import UTC, date
from typing import Any

import polars as pl
from psycopg import Connection
from psycopg.rows import dict_row

from vidpipe.clean_text import display_name
from vidpipe.uploads.registry.rows import in_utc
from vidpipe.uploads.sidecars import Sidecar

_UPLOADS_SCHEMA: dict[str, Any] = {
    "upload_id": pl.String,
    "fingerprint": pl.String,
    "ingest_date": pl.Date,
    "uri": pl.String,
    "size_bytes": pl.Int64,
    "modified_at": pl.Datetime("us", "UTC"),
    "first_seen_at": pl.Datetime("us", "UTC"),
    "removed_at": pl.Datetime("us", "UTC"),
}


def uploads(connection: Connection[Any], days: Sequence[date]) -> pl.DataFrame:
    """Registered uploads of these ingest dates, present or removed, one row an upload.

    Columns: upload_id, fingerprint, ingest_date, uri, size_bytes, modified_at, first_seen_at,
    removed_at.
    """
    rows = connection.execute(
        f"""
        select {", ".join(_UPLOADS_SCHEMA)} from vidpipe_ops.uploads
        where ingest_date = any(%s) order by ingest_date, upload_id collate "C"
        """,
        [list(days)],
    ).fetchall()
    return pl.DataFrame([in_utc(row) for row in rows], schema=_UPLOADS_SCHEMA, orient="row")


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
        item["sidecars"] = [Sidecar.from_text(text) for text in item["sidecars"]]
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


def registry_figures(connection: Connection[Any]) -> dict[str, int]:
    """Numbers of uploads and of their dates as they are registered now, and bytes."""
    row = connection.execute(
        """
        select
            count(*) filter (where ingest_date is not null and removed_at is null) as uploads,
            coalesce(sum(size_bytes) filter (
                where ingest_date is not null and removed_at is null
            ), 0)::bigint as bytes,
            count(distinct ingest_date) as ingest_dates,
            count(*) filter (where removed_at is not null) as removed,
            count(*) filter (where removed_at is null and held_reason is not null) as held,
            count(*) filter (
                where removed_at is null and held_reason is null and ingest_date is null
            ) as waiting,
            (select count(*) from vidpipe_ops.side_files) as side_files
        from vidpipe_ops.uploads
        """
    ).fetchone()
    assert row is not None
    names = ("uploads", "bytes", "ingest_dates", "removed", "held", "waiting", "side_files")
    return dict(zip(names, row, strict=True))
