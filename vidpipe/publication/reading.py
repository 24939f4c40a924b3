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
from vidpipe.stores.lake import KEYFRAMES
from vidpipe.uploads.named_accounts import ACCOUNT_ID
from vidpipe.uploads.registry import registered_uploads
from vidpipe.uploads.video_resolution import resolve_videos

# Uploads whose rows and vectors are held at once: about 50 MB.
UPLOADS_AT_ONCE = 2_000


def read_uploads(pipeline: Pipeline, session: Session) -> pl.DataFrame:
    """Every registered upload of any date that was read: which version of which video it is.

    A version of which no frame can be decoded never stands for its video: a later, broken download
    must not hide an earlier, whole one.
    """
    days = registered_uploads.ingest_dates(session.connection)
    snapshot = pipeline.snapshot(session, days)
    undecodable = snapshot.outcomes(KEYFRAMES).filter(~USABLE).select("content_sha256")
    uploads = snapshot.uploads.filter(USABLE).with_columns(
        account_id=ACCOUNT_ID,
        mentions=pl.col("post").struct.field("mentions").fill_null([]),
        is_readable=~pl.col("content_sha256").is_in(undecodable["content_sha256"].implode()),
    )
    return resolve_videos(uploads)


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
