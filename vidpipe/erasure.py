"""Erasing a video or an account from every store, for good: a tombstone keeps it from coming back.

Belongs here: finding everything that posts left behind, and erasing it in an order that a killed
command can repeat.
Does not: asking whether to go on (vidpipe.cli.forget), deleting the uploads themselves, which are
the user's.
"""

from dataclasses import dataclass
from typing import Any

import polars as pl
from psycopg import Connection

from vidpipe.errors import UnknownName
from vidpipe.pipeline.stages import Pipeline, Session
from vidpipe.publication.dates import publish_dates
from vidpipe.search import judgements, watch_lists
from vidpipe.stores.lake import CLIP_EMBEDDINGS, KEYFRAMES, OCR_TEXT, RAW_VIDEOS, TABLES
from vidpipe.stores.lake_backup import copy_to_lake
from vidpipe.stores.media_store import MediaStore
from vidpipe.topics import store as topic_store
from vidpipe.uploads.registry import tombstones
from vidpipe.uploads.registry.registered_uploads import ingest_dates


@dataclass(frozen=True)
class Traces:
    """Everything that posts left behind.

    Contents, keyframes and texts that other posts share are not among them.

    Attributes:
        uploads: a row for each post.
        accounts: the account, where all its posts are meant.
        videos: ids of the posts that were published.
        contents: digests of their bytes.
        keyframes: digests of their frames.
        texts: digests of what was embedded of their descriptions and frames.
        image_uris: pictures of their frames in the media store.
    """

    uploads: pl.DataFrame
    accounts: list[str]
    videos: list[str]
    contents: list[str]
    keyframes: list[str]
    texts: list[str]
    image_uris: list[str]


def find_traces(pipeline: Pipeline, session: Session, name: str) -> Traces:
    """Everything that a video, or all videos of an account, left behind; nothing is changed.

    Args:
        pipeline: the stages and stores of the installation.
        session: its connection is used.
        name: a video_id, or the name of an account.

    Raises:
        UnknownName: there is no such video and no such account.
    """
    connection = session.connection
    days = ingest_dates(connection)
    snapshot = pipeline.snapshot(session, days)
    uploads = snapshot.uploads
    ids = _upload_ids(connection, name)
    metadata = pl.col("metadata").struct
    is_account = metadata.field("account") == name
    chosen = uploads.filter(pl.col("upload_id").is_in(ids) | is_account.fill_null(value=False))
    if chosen.is_empty():
        raise UnknownName(f"{name} is neither a video (platform:id) nor an account of one")
    others = uploads.join(chosen, on="upload_id", how="anti")
    contents = set(chosen["content_sha256"].drop_nulls()) - set(others["content_sha256"])
    frames = snapshot.frames
    of_contents = frames.filter(pl.col("content_sha256").is_in(list(contents)))
    elsewhere = set(frames.join(of_contents, on="content_sha256", how="anti")["keyframe_sha256"])
    texts = snapshot.texts
    of_posts = pl.col("upload_id").is_in(chosen["upload_id"].to_list()).fill_null(value=False)
    of_pixels = pl.col("content_sha256").is_in(list(contents)).fill_null(value=False)
    kept_texts = set(texts.filter(~of_posts & ~of_pixels)["text_sha256"])
    return Traces(
        uploads=chosen,
        accounts=[] if ids else [name],
        videos=_video_ids(connection, chosen["upload_id"].to_list()),
        contents=sorted(contents),
        keyframes=sorted(set(of_contents["keyframe_sha256"]) - elsewhere),
        texts=sorted(set(texts.filter(of_posts | of_pixels)["text_sha256"]) - kept_texts),
        image_uris=of_contents["image_uri"].to_list(),
    )


def erase(pipeline: Pipeline, session: Session, traces: Traces) -> None:
    """Erases posts from every store; waits for a topic run, which reads them.

    The registry comes first: whatever is killed after that, the posts do not come back.
    """
    with topic_store.one_at_a_time(session.connection):
        days = traces.uploads["ingest_date"].unique().to_list()
        tombstones.forget(
            session.connection,
            uploads=traces.uploads["upload_id"].to_list(),
            contents=traces.contents,
            accounts=traces.accounts,
        )
        watch_lists.forget(session.connection, traces.videos)
        judgements.forget(session.connection, traces.videos)
        media = MediaStore(pipeline.settings.media)
        topic_store.forget(session.connection, media, traces.videos)
        media.delete(traces.image_uris)
        lake = pipeline.lake
        inputs = pl.DataFrame({"input_sha256": traces.keyframes + traces.texts})
        lake.delete(CLIP_EMBEDDINGS, inputs, "input_sha256")
        keyframes = pl.DataFrame({"keyframe_sha256": traces.keyframes})
        lake.delete(OCR_TEXT, keyframes, "keyframe_sha256")
        contents = pl.DataFrame({"content_sha256": traces.contents})
        lake.delete(KEYFRAMES, contents, "content_sha256")
        lake.delete(RAW_VIDEOS, traces.uploads, "upload_id")
        for table in TABLES:
            lake.purge(table)
        publish_dates(pipeline, session, days)
        copy_to_lake(pipeline.settings)


def _upload_ids(connection: Connection[Any], video_id: str) -> list[str]:
    rows = connection.execute(
        "select upload_id from vidpipe.videos where video_id = %s", [video_id]
    ).fetchall()
    return [upload_id for (upload_id,) in rows]


def _video_ids(connection: Connection[Any], uploads: list[str]) -> list[str]:
    rows = connection.execute(
        "select video_id from vidpipe.videos where upload_id = any(%s)", [uploads]
    ).fetchall()
    return [video_id for (video_id,) in rows]
