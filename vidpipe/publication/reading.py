"""Reading the lake for publication: every upload, and a few dates at a time.

Belongs here: how much is held in memory at once.
Does not: the rows of a date (vidpipe.publication.assembly), what the lake holds of given dates
(vidpipe.pipeline.snapshot).
"""

from collections.abc import Iterator, Sequence
from datetime import date

import polars as pl

from vidpipe.pipeline.snapshot import USABLE, Snapshot
from vidpipe.pipeline.stages import Pipeline, Session
from vidpipe.uploads.registry import registered_uploads
from vidpipe.uploads.video_resolution import resolve_videos

# Uploads whose rows and vectors are held at once: about 50 MB.
UPLOADS_AT_ONCE = 2_000


def read_uploads(pipeline: Pipeline, session: Session) -> pl.DataFrame:
    """Every registered upload of any date that was read, with the `video_id` of its post."""
    days = registered_uploads.ingest_dates(session.connection)
    return resolve_videos(pipeline.snapshot(session, days).uploads.filter(USABLE))


def date_snapshots(
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
