"""Publication: making PostgreSQL show what the lake holds, one ingest date at a time.

Belongs here: which dates are published together, when a date counts as done, comparing the two.
Does not: a date's rows (vidpipe.publication.date_rows), loading them (vidpipe.publication.publish).
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import polars as pl
from psycopg import Connection, sql

from vidpipe.pipeline.snapshot import USABLE, Snapshot
from vidpipe.pipeline.stages import Pipeline, Session
from vidpipe.publication.date_rows import date_rows
from vidpipe.publication.publish import DateRows, PublishReport, publish
from vidpipe.stores import locks
from vidpipe.stores.model_registry import ensure_model
from vidpipe.uploads.registry import registered_uploads
from vidpipe.uploads.registry.pending_dates import published_dates, uploads_digests
from vidpipe.uploads.video_resolution import resolve_videos

# In place of the digest of a date's uploads: no digest, so the date stays pending.
INCOMPLETE = "incomplete"
# Uploads whose rows and vectors are held at once: about 50 MB.
UPLOADS_AT_ONCE = 2_000

PUBLISHED_KEYS = {
    "videos": ("video_id", "upload_id"),
    "contents": ("content_sha256",),
    "keyframes": ("content_sha256", "segment", "keyframe_sha256"),
    "ocr_lines": ("keyframe_sha256", "line_no"),
    "frame_embeddings": ("keyframe_sha256",),
    "content_embeddings": ("content_sha256",),
    "text_embeddings": ("video_id", "kind", "text_sha256"),
}


def publish_dates(
    pipeline: Pipeline, session: Session, days: Sequence[date]
) -> dict[date, PublishReport]:
    """Makes PostgreSQL show what the lake holds of these dates; returns a report per date.

    Dates published before whose videos change with these (an id that a second account claims, a
    post uploaded again) are published again, too.
    """
    connection = session.connection
    reports: dict[date, PublishReport] = {}
    with _publishing(connection):
        ensure_model(connection, pipeline.model)
        uploads = _all_uploads(pipeline, session)
        todo = _with_related(connection, uploads, days)
        digests = uploads_digests(connection, todo)
        for snapshot, day in _snapshots(pipeline, session, todo):
            reports[day] = publish(
                connection,
                date_rows(snapshot, uploads, day, pipeline.model.dimensions),
                ingest_date=day,
                model=pipeline.model,
                uploads_digest=digests.get(day, "")
                if _is_complete(pipeline, session, snapshot, day)
                else INCOMPLETE,
                versions_digest=pipeline.versions_digest,
            )
            if session.progress:
                session.progress("pgvector_index", len(reports), len(todo))
    return reports


def row_differences(pipeline: Pipeline, session: Session, days: Sequence[date]) -> pl.DataFrame:
    """Where PostgreSQL does not hold what the lake holds: `ingest_date`, `table`, `missing` rows.

    Rows that PostgreSQL holds beyond the lake's are counted as `surplus`.
    """
    uploads = _all_uploads(pipeline, session)
    found = []
    for snapshot, day in _snapshots(pipeline, session, days):
        rows = date_rows(snapshot, uploads, day, pipeline.model.dimensions)
        for table, key in PUBLISHED_KEYS.items():
            wanted = set(getattr(rows, table).select(key).iter_rows())
            held = _published_keys(session.connection, table, key, rows, day)
            if wanted != held:
                found.append((day, table, len(wanted - held), len(held - wanted)))
    return pl.DataFrame(
        found,
        schema={
            "ingest_date": pl.Date,
            "table": pl.String,
            "missing": pl.Int64,
            "surplus": pl.Int64,
        },
        orient="row",
    )


def _publishing(connection: Connection[Any]) -> AbstractContextManager[None]:
    """One publication at a time: an older reading of the lake must not follow a newer one."""
    return locks.PUBLICATION.held(connection)


def _all_uploads(pipeline: Pipeline, session: Session) -> pl.DataFrame:
    """Every registered upload of any date that was read, with the `video_id` of its post."""
    days = registered_uploads.ingest_dates(session.connection)
    return resolve_videos(pipeline.snapshot(session, days).uploads.filter(USABLE))


def _with_related(
    connection: Connection[Any], uploads: pl.DataFrame, days: Sequence[date]
) -> list[date]:
    """These dates and the published dates that share a claimed id with them."""
    shown = connection.execute(
        "select split_part(video_id, '@', 1) from vidpipe.videos where ingest_date = any(%s)",
        [list(days)],
    ).fetchall()
    claimed = uploads.filter(pl.col("ingest_date").is_in(list(days)))["claimed_video_id"]
    ids = set(claimed.to_list()) | {video_id for (video_id,) in shown}
    related = uploads.filter(pl.col("claimed_video_id").is_in(list(ids)))["ingest_date"].unique()
    return sorted(set(days) | (set(related.to_list()) & published_dates(connection)))


def _snapshots(
    pipeline: Pipeline, session: Session, days: Sequence[date]
) -> Iterator[tuple[Snapshot, date]]:
    """Each date with a snapshot that holds it: small dates share one, as reading has a price."""
    counts = registered_uploads.uploads(session.connection, days)["ingest_date"].value_counts()
    sizes: dict[date, int] = dict(counts.iter_rows())
    group: list[date] = []
    for position, day in enumerate(days):
        group.append(day)
        following = days[position + 1 : position + 2]
        size = sum(sizes.get(one, 0) for one in [*group, *following])
        if not following or size > UPLOADS_AT_ONCE:
            snapshot = pipeline.snapshot(session, group)
            yield from ((snapshot, one) for one in group)
            group = []


def _is_complete(pipeline: Pipeline, session: Session, snapshot: Snapshot, day: date) -> bool:
    """Whether every item of a date has an outcome.

    An upload that was registered while the run was under way has none yet, nor has an item whose
    failure may pass: such a date stays pending.
    """
    return snapshot.is_complete or (
        len(snapshot.days) > 1 and pipeline.snapshot(session, [day]).is_complete
    )


def _published_keys(
    connection: Connection[Any], table: str, key: Sequence[str], rows: DateRows, day: date
) -> set[tuple[Any, ...]]:
    """Keys in PostgreSQL of a date's videos, or of the parents that the lake's rows name."""
    if table == "videos":
        column, values = "ingest_date", [day]
    else:
        column = key[0]
        parents = {"video_id": rows.videos, "content_sha256": rows.contents}
        values = parents.get(column, rows.keyframes)[column].unique().to_list()
    return set(
        connection.execute(
            sql.SQL("select {} from {} where {} = any(%s)").format(
                sql.SQL(", ").join(map(sql.Identifier, key)),
                sql.Identifier("vidpipe", table),
                sql.Identifier(column),
            ),
            [values],
        ).fetchall()
    )
