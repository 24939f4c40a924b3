"""Erasing a video or an account from every store, for good: a tombstone keeps it from coming back.

Belongs here: finding everything that posts left behind, and erasing it in an order that a killed
command can repeat.
Does not: which accounts are meant (vidpipe.uploads.named_accounts), asking whether to go on
(vidpipe.cli.forget), deleting the uploads themselves, which are the user's.
"""

from dataclasses import dataclass
from typing import Any

import polars as pl
from psycopg import Connection

from vidpipe.pipeline.stages import Pipeline, Session
from vidpipe.publication import renamed_videos
from vidpipe.publication.dates import publish_dates
from vidpipe.publication.reading import read_uploads
from vidpipe.reuse import forgetting as footage_forgetting
from vidpipe.reuse import store as footage_store
from vidpipe.search import judgements, watch_lists
from vidpipe.stores.lake import (
    CLIP_EMBEDDINGS,
    FOOTAGE_PRINTS,
    KEYFRAMES,
    OCR_TEXT,
    RAW_VIDEOS,
    TABLES,
    Lake,
)
from vidpipe.stores.lake_backup import copy_to_lake
from vidpipe.stores.media_store import MediaStore
from vidpipe.topics import forgetting as topic_forgetting
from vidpipe.topics import store as topic_store
from vidpipe.uploads.named_accounts import NamedAccount, accounts_named, uploads_of
from vidpipe.uploads.registry import tombstones
from vidpipe.uploads.registry.registered_uploads import ingest_dates


@dataclass(frozen=True)
class Traces:
    """Everything that posts left behind.

    Contents, keyframes and texts that other posts share are not among them.

    Attributes:
        uploads: a row for each file of the posts, earlier versions among them.
        accounts: the accounts, where all their posts are meant.
        videos: ids of the videos that were published.
        contents: digests of their bytes.
        keyframes: digests of their frames.
        texts: digests of what was embedded of their descriptions and frames.
        image_uris: pictures of their frames in the media store.
    """

    uploads: pl.DataFrame
    accounts: tuple[NamedAccount, ...]
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
        name: a video_id of now or before, or the id of an account, or a handle or name of one.

    Raises:
        UnknownName: there is no such video and no such account, or there are several accounts with
            that handle or name; the message lists them.
    """
    snapshot = pipeline.snapshot(session, ingest_dates(session.connection))
    uploads = _with_videos(pipeline, session, snapshot.uploads)
    chosen, accounts = _chosen(session.connection, uploads, name)
    others = uploads.join(chosen, on="upload_id", how="anti")
    contents = set(chosen["content_sha256"].drop_nulls()) - set(others["content_sha256"])
    frames = _frames_of_all_versions(pipeline.lake)
    of_contents = frames.filter(pl.col("content_sha256").is_in(list(contents)))
    elsewhere = set(frames.join(of_contents, on="content_sha256", how="anti")["keyframe_sha256"])
    texts = snapshot.texts
    of_posts = pl.col("upload_id").is_in(chosen["upload_id"].to_list()).fill_null(value=False)
    of_pixels = pl.col("content_sha256").is_in(list(contents)).fill_null(value=False)
    kept_texts = set(texts.filter(~of_posts & ~of_pixels)["text_sha256"])
    return Traces(
        uploads=chosen,
        accounts=accounts,
        videos=sorted({*chosen["video_id"].drop_nulls(), *chosen["published_id"].drop_nulls()}),
        contents=sorted(contents),
        keyframes=sorted(set(of_contents["keyframe_sha256"]) - elsewhere),
        texts=sorted(set(texts.filter(of_posts | of_pixels)["text_sha256"]) - kept_texts),
        image_uris=of_contents["image_uri"].to_list(),
    )


def erase(pipeline: Pipeline, session: Session, traces: Traces) -> None:
    """Erases posts from every store; waits for a topic run and a comparison, which read them.

    The registry comes first: whatever is killed after that, the posts do not come back.
    """
    connection = session.connection
    with topic_store.one_at_a_time(connection), footage_store.one_at_a_time(connection):
        days = traces.uploads["ingest_date"].unique().to_list()
        tombstones.forget(
            connection,
            uploads=traces.uploads["upload_id"].to_list(),
            contents=traces.contents,
            accounts=sorted({account.account_id for account in traces.accounts}),
        )
        watch_lists.forget(connection, traces.videos)
        judgements.forget(connection, traces.videos)
        renamed_videos.forget(connection, traces.videos)
        media = MediaStore(pipeline.settings.media)
        names = {name for account in traces.accounts for name in account.names}
        topic_forgetting.forget(connection, media, traces.videos, sorted(names))
        footage_forgetting.forget(connection, traces.videos, traces.contents)
        media.delete(traces.image_uris)
        lake = pipeline.lake
        lake.delete(CLIP_EMBEDDINGS, traces.keyframes + traces.texts)
        lake.delete(OCR_TEXT, traces.keyframes)
        lake.delete(FOOTAGE_PRINTS, traces.contents)
        lake.delete(KEYFRAMES, traces.contents)
        lake.delete(RAW_VIDEOS, traces.uploads["upload_id"].unique().to_list())
        for table in TABLES:
            lake.purge(table)
        publish_dates(pipeline, session, days)
        copy_to_lake(pipeline.settings)


def _frames_of_all_versions(lake: Lake) -> pl.DataFrame:
    """Every keyframe in the lake, also those that were chosen under other settings."""
    return (
        lake.scan(KEYFRAMES)
        .select("content_sha256", "frames")
        .explode("frames")
        .drop_nulls("frames")
        .unnest("frames")
        .select("content_sha256", "keyframe_sha256", "image_uri")
        .unique(maintain_order=True)
        .collect()
    )


def _with_videos(pipeline: Pipeline, session: Session, uploads: pl.DataFrame) -> pl.DataFrame:
    """Uploads with the video that each is a version of: `video_id`, and `published_id` as shown."""
    rows = session.connection.execute(
        "select upload_id, video_id from vidpipe.video_versions"
    ).fetchall()
    published = pl.DataFrame(
        rows, schema={"upload_id": pl.String, "published_id": pl.String}, orient="row"
    )
    resolved = read_uploads(pipeline, session).select("upload_id", "video_id")
    return uploads.join(published, on="upload_id", how="left", maintain_order="left").join(
        resolved, on="upload_id", how="left", maintain_order="left"
    )


def _chosen(
    connection: Connection[Any], uploads: pl.DataFrame, name: str
) -> tuple[pl.DataFrame, tuple[NamedAccount, ...]]:
    """All files of the video, or of the accounts, of that name; and the accounts.

    A version that stayed would be shown as the video again.
    """
    row = connection.execute("select vidpipe.video_id_of(%s)", [name]).fetchone()
    assert row is not None
    is_version = pl.any_horizontal(pl.col("video_id", "published_id") == row[0])
    chosen = uploads.filter(is_version.fill_null(value=False))
    if not chosen.is_empty():
        return chosen, ()
    accounts = accounts_named(uploads, name)
    own = uploads_of(uploads, accounts)
    is_own = pl.col("upload_id").is_in(own["upload_id"].implode())
    is_version = pl.col("video_id").is_in(own["video_id"].drop_nulls().implode())
    return uploads.filter(is_own | is_version.fill_null(value=False)), accounts
