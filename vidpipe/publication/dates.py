"""Publishing ingest dates: PostgreSQL shows what the lake holds of them, one date at a time.

Belongs here: which dates are published together, and when a date counts as done.
Does not: a date's rows (vidpipe.publication.assembly), writing them
(vidpipe.publication.transaction), comparing the two (vidpipe.publication.verification).
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl
from psycopg import Connection

from vidpipe.pipeline.snapshot import Snapshot
from vidpipe.pipeline.stages import Pipeline, Session
from vidpipe.publication.assembly import assemble_rows
from vidpipe.publication.counts import PublishReport
from vidpipe.publication.reading import date_snapshots, read_uploads
from vidpipe.publication.transaction import publish_rows
from vidpipe.stores import locks
from vidpipe.stores.model_registry import ensure_model
from vidpipe.uploads.registry.pending_dates import (
    INCOMPLETE,
    OTHER_SETTINGS,
    MadeOf,
    published_dates,
    uploads_digests,
)


def publish_dates(
    pipeline: Pipeline, session: Session, days: Sequence[date]
) -> dict[date, PublishReport]:
    """Makes PostgreSQL show what the lake holds of these dates; returns a report per date.

    Dates published before whose videos change with these (an id that a second account claims, a
    post uploaded again) are published again, too.
    """
    connection, in_force = session.connection, pipeline.in_force
    reports: dict[date, PublishReport] = {}
    # One publication at a time: an older reading of the lake must not follow a newer one.
    with locks.PUBLICATION.held(connection):
        ensure_model(connection, pipeline.model)
        uploads = read_uploads(pipeline, session)
        todo = _with_related(connection, uploads, days)
        digests = uploads_digests(connection, todo)
        for snapshot, day in date_snapshots(pipeline, session, todo):
            is_complete, is_current = _state(pipeline, session, snapshot, day)
            reports[day] = publish_rows(
                connection,
                assemble_rows(snapshot, uploads, day, pipeline.model.dimensions),
                ingest_date=day,
                model=pipeline.model,
                made_of=MadeOf(
                    uploads_digest=digests.get(day, "") if is_complete else INCOMPLETE,
                    versions_digest=f"{'' if is_current else OTHER_SETTINGS}{in_force.versions}",
                    limits_digest=in_force.limits if day in days else None,
                ),
            )
            if session.progress:
                session.progress("pgvector_index", len(reports), len(todo))
    return reports


def _with_related(
    connection: Connection[Any], uploads: pl.DataFrame, days: Sequence[date]
) -> list[date]:
    """These dates and the published dates that share a post with them."""
    shown = connection.execute(
        "select distinct split_part(post_id, '@', 1) from vidpipe.videos as v"
        " inner join vidpipe.video_versions as o on v.video_id = o.video_id"
        " where o.ingest_date = any(%s)",
        [list(days)],
    ).fetchall()
    claimed = uploads.filter(pl.col("ingest_date").is_in(list(days)))["claimed_post_id"]
    ids = set(claimed.to_list()) | {post_id for (post_id,) in shown}
    related = uploads.filter(pl.col("claimed_post_id").is_in(list(ids)))["ingest_date"].unique()
    return sorted(set(days) | (set(related.to_list()) & published_dates(connection)))


def _state(
    pipeline: Pipeline, session: Session, snapshot: Snapshot, day: date
) -> tuple[bool, bool]:
    """Whether every item of a date has an outcome, and whether all are of today's settings.

    An upload that was registered while the run was under way has none yet, nor has an item whose
    failure may pass: such a date stays pending.
    """
    if len(snapshot.days) > 1 and not (snapshot.is_complete and snapshot.is_current):
        snapshot = pipeline.snapshot(session, [day])
    return snapshot.is_complete, snapshot.is_current
