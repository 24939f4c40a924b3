"""What analysts see of an ingest date: the lake's rows in the shape of PostgreSQL's tables.

Belongs here: assembling the rows of one date from a snapshot of the lake.
Does not: writing them (vidpipe.publication.transaction) or deciding when
(vidpipe.publication.dates).
"""

from datetime import date

import numpy as np
import polars as pl

from vidpipe.pipeline.snapshot import IS_NO_VIDEO, USABLE, Snapshot
from vidpipe.publication.tables import (
    CONTENTS,
    FAILURES,
    KEYFRAMES,
    OCR_LINES,
    UNSHOWN_UPLOADS,
    VIDEO_VERSIONS,
    VIDEOS,
    DateRows,
)
from vidpipe.stores import lake


def assemble_rows(
    snapshot: Snapshot, uploads: pl.DataFrame, day: date, dimensions: int
) -> DateRows:
    """Everything that analysts see of one ingest date.

    Args:
        snapshot: what the lake holds of dates that include this one.
        uploads: every upload of any date that was read, as `read_uploads` returns them.
        day: the ingest date.
        dimensions: how many numbers a vector of the model has.
    """
    readable = snapshot.outcomes(lake.KEYFRAMES).filter(USABLE)
    versions = uploads.filter(pl.col("ingest_date") == day).join(
        readable.select("content_sha256", damage=pl.col("status")),
        on="content_sha256",
        how="inner",
    )
    shown = versions.filter("is_current")
    frames = snapshot.frames.join(versions, on="content_sha256", how="semi")
    lines = snapshot.lines.join(versions, on="content_sha256", how="semi")
    images = _vectors(snapshot, "image", "keyframe_sha256").join(
        frames, on="keyframe_sha256", how="semi"
    )
    return DateRows(
        videos=_videos(shown),
        video_versions=versions.select(VIDEO_VERSIONS.values),
        contents=_contents(versions, uploads),
        keyframes=frames.select(KEYFRAMES.values),
        ocr_lines=lines.select(OCR_LINES.values).unique(
            OCR_LINES.key, keep="first", maintain_order=True
        ),
        frame_embeddings=images,
        content_embeddings=_content_embeddings(frames, images, dimensions),
        text_embeddings=_text_embeddings(snapshot, shown),
        failures=_failures(snapshot, uploads, day),
        unshown_uploads=_unshown_uploads(snapshot, day),
    )


def _videos(shown: pl.DataFrame) -> pl.DataFrame:
    return shown.with_columns(is_damaged=pl.col("damage") == "ok_damaged").select(VIDEOS.values)


def _contents(versions: pl.DataFrame, uploads: pl.DataFrame) -> pl.DataFrame:
    first_seen = uploads.group_by("content_sha256").agg(pl.col("ingest_date").min())
    return (
        versions.drop("ingest_date")
        .join(first_seen, on="content_sha256", how="inner")
        .unique("content_sha256", keep="first", maintain_order=True)
        .select(CONTENTS.values)
    )


def _vectors(snapshot: Snapshot, kind: str, key: str) -> pl.DataFrame:
    return snapshot.vectors.filter(pl.col("kind") == kind).select(
        pl.col("input_sha256").alias(key), embedding="vector"
    )


def _content_embeddings(
    frames: pl.DataFrame, images: pl.DataFrame, dimensions: int
) -> pl.DataFrame:
    """Mean vector of each content's informative keyframes (of all, when none is), normalised."""
    informative = (
        frames.join(images, on="keyframe_sha256", how="inner")
        .filter(
            ~pl.col("is_low_information")
            | pl.col("is_low_information").all().over("content_sha256")
        )
        .sort("content_sha256", "segment")
    )
    none = DateRows.empty().content_embeddings
    if informative.is_empty():
        return none
    vectors = informative["embedding"].list.to_array(dimensions).to_numpy().astype(np.float64)
    names, starts = np.unique(informative["content_sha256"].to_numpy(), return_index=True)
    sums = np.add.reduceat(vectors, starts, axis=0)
    units = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)
    return pl.DataFrame(
        {"content_sha256": names.tolist(), "embedding": list(units.astype(np.float32))},
        schema=none.schema,
    )


def _text_embeddings(snapshot: Snapshot, shown: pl.DataFrame) -> pl.DataFrame:
    texts = snapshot.texts
    described = texts.filter(pl.col("kind") == "description").join(
        shown.select("upload_id", "video_id"), on="upload_id", how="inner"
    )
    read = texts.filter(pl.col("kind") == "ocr").join(
        shown.select("content_sha256", "video_id"), on="content_sha256", how="inner"
    )
    columns = ["video_id", "kind", "text_sha256"]
    wanted = pl.concat([described.select(columns), read.select(columns)])
    return wanted.join(_vectors(snapshot, "text", "text_sha256"), on="text_sha256", how="inner")


def _unshown_uploads(snapshot: Snapshot, day: date) -> pl.DataFrame:
    """What was read on this date and is no version of a video, with the reason."""
    reasons = ("status", "error_class", "error_message")
    registered = snapshot.on(day, snapshot.registered).select("upload_id", "ingest_date")
    unread = snapshot.outcomes(lake.RAW_VIDEOS).select("upload_id", *reasons)
    undecodable = snapshot.on(day, snapshot.uploads).select("upload_id", "content_sha256")
    undecodable = undecodable.join(
        snapshot.outcomes(lake.KEYFRAMES).select("content_sha256", *reasons), on="content_sha256"
    ).drop("content_sha256")
    failed = pl.concat([unread, undecodable]).filter(~USABLE)
    erased = snapshot.erased_uploads.select(
        "upload_id",
        outcome=pl.lit("forgotten"),
        reason=pl.lit("its bytes or its account were erased with vidpipe forget"),
    )
    found = failed.select(
        "upload_id",
        outcome=pl.when(IS_NO_VIDEO).then(pl.lit("no_video")).otherwise(pl.lit("failed")),
        reason="error_message",
    )
    return (
        pl.concat([erased, found])
        .unique("upload_id", keep="first", maintain_order=True)
        .join(registered, on="upload_id", how="inner")
        .select(UNSHOWN_UPLOADS.values)
    )


def _failures(snapshot: Snapshot, uploads: pl.DataFrame, day: date) -> pl.DataFrame:
    """What failed or was kept damaged on this date, one row per stage and item."""
    registered = snapshot.on(day, snapshot.registered)
    read = snapshot.on(day, snapshot.uploads)
    contents = (
        read.drop_nulls("content_sha256")
        .unique("content_sha256", keep="first", maintain_order=True)
        .select("content_sha256", "upload_id")
    )
    frames = snapshot.frames.select("keyframe_sha256", "content_sha256").join(
        contents, on="content_sha256", how="inner"
    )
    frames = frames.unique("keyframe_sha256", keep="first", maintain_order=True)
    texts = (
        snapshot.texts.select("text_sha256", "upload_id", "content_sha256")
        .join(contents, on="content_sha256", how="left")
        .with_columns(pl.coalesce("upload_id", "upload_id_right"))
        .drop("upload_id_right")
        .join(read, on="upload_id", how="semi")
    )
    inputs = pl.concat(
        [
            frames.select(
                kind=pl.lit("image"),
                input_sha256="keyframe_sha256",
                upload_id="upload_id",
                content_sha256="content_sha256",
            ),
            texts.select(
                kind=pl.lit("text"),
                input_sha256="text_sha256",
                upload_id="upload_id",
                content_sha256="content_sha256",
            ),
        ]
    )
    read_ids = read.select("upload_id", "content_sha256")
    found = [
        _problems(snapshot.outcomes(lake.RAW_VIDEOS), "raw_videos", "upload_id").join(
            read_ids, on="upload_id", how="inner"
        ),
        _metadata_problems(read),
        _problems(snapshot.outcomes(lake.KEYFRAMES), "keyframes", "content_sha256").join(
            contents, on="content_sha256", how="inner"
        ),
        # Damage is told of the keyframes; a print alone can only fail where they were made before.
        _problems(
            snapshot.outcomes(lake.FOOTAGE_PRINTS).filter(~USABLE),
            "footage_prints",
            "content_sha256",
        ).join(contents, on="content_sha256", how="inner"),
        _problems(snapshot.outcomes(lake.OCR_TEXT), "ocr_text", "keyframe_sha256").join(
            frames, on="keyframe_sha256", how="inner"
        ),
        _problems(snapshot.outcomes(lake.CLIP_EMBEDDINGS), "clip_embeddings", "input_sha256").join(
            inputs, on=["kind", "input_sha256"], how="inner"
        ),
    ]
    columns = [name for name in FAILURES.column_names if name != "ingest_date"]
    found_columns = [name for name in columns if name != "video_id"]
    names = uploads.select("upload_id", "video_id")
    return (
        pl.concat([part.select(found_columns) for part in found])
        .join(registered, on="upload_id", how="semi")
        .unique(["stage", "item_key"], keep="first", maintain_order=True)
        .join(names, on="upload_id", how="left")
        .select(columns)
    )


def _problems(outcomes: pl.DataFrame, stage: str, key: str) -> pl.DataFrame:
    has_failed = (pl.col("status") != "ok") & ~IS_NO_VIDEO
    return outcomes.filter(has_failed).with_columns(
        stage=pl.lit(stage), item_key=pl.col(key), occurred_at="committed_at"
    )


def _metadata_problems(read: pl.DataFrame) -> pl.DataFrame:
    return read.filter(pl.col("metadata_error").is_not_null()).with_columns(
        stage=pl.lit("metadata"),
        item_key=pl.col("upload_id"),
        status=pl.lit("failed"),
        error_class=pl.lit("MetadataError"),
        error_message=pl.col("metadata_error").str.strip_prefix("MetadataError: "),
        occurred_at="committed_at",
    )
