"""Publication: which rows of the lake an ingest date shows to analysts, and putting them there.

Belongs here: assembling a date's rows, comparing them with PostgreSQL, recording what is published.
Does not: loading rows into PostgreSQL (vidpipe.stores.publish).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from psycopg import Connection, sql

from vidpipe.media.video_identity import resolve_videos
from vidpipe.pipeline import USABLE, Pipeline, Session
from vidpipe.stores import registry
from vidpipe.stores.active_model import activate, active_model, ensure_model
from vidpipe.stores.lake import CLIP_EMBEDDINGS, KEYFRAMES, OCR_TEXT
from vidpipe.stores.publish import DateRows, PublishReport, publish

# In place of the digest of a date's uploads: no digest, so the date stays pending.
INCOMPLETE = "incomplete"

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
        for done, day in enumerate(todo := _with_related(connection, uploads, days)):
            if session.progress:
                session.progress("pgvector_index", done, len(todo))
            uploads_digest = registry.uploads_digests(connection, [day]).get(day, "")
            rows = _date_rows(pipeline, session, uploads, day)
            complete = _is_complete(pipeline, session, day)
            reports[day] = publish(
                connection,
                rows,
                ingest_date=day,
                model=pipeline.model,
                uploads_digest=uploads_digest if complete else INCOMPLETE,
                versions_digest=pipeline.versions_digest,
            )
        if session.progress:
            session.progress("pgvector_index", len(todo), len(todo))
        _activate_when_complete(connection, pipeline)
    return reports


def row_differences(pipeline: Pipeline, session: Session, days: Sequence[date]) -> pl.DataFrame:
    """Where PostgreSQL does not hold what the lake holds: `ingest_date`, `table`, `missing` rows.

    Rows that PostgreSQL holds beyond the lake's are counted as `surplus`.
    """
    uploads = _all_uploads(pipeline, session)
    found = []
    for day in days:
        rows = _date_rows(pipeline, session, uploads, day)
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


def _is_complete(pipeline: Pipeline, session: Session, day: date) -> bool:
    """Whether every item of a date has an outcome.

    An upload that was registered while the run was under way has none yet, nor has an item whose
    failure may pass: such a date stays pending.
    """
    registered = registry.uploads(session.connection, [day]).filter(pl.col("removed_at").is_null())
    todo = [(pipeline.raw_videos, registered)] + [
        (stage, pipeline.inputs(session, [day], stage))
        for stage in (pipeline.keyframes, pipeline.ocr_text, pipeline.clip_embeddings)
    ]
    return all(
        pipeline.lake.outcomes(stage.table, stage.version, keys).height
        == keys.select(stage.table.key_columns).unique().height
        for stage, keys in todo
    )


def date_rows(pipeline: Pipeline, session: Session, day: date) -> DateRows:
    """Everything that analysts see of one ingest date."""
    return _date_rows(pipeline, session, _all_uploads(pipeline, session), day)


@contextmanager
def _publishing(connection: Connection[Any]) -> Iterator[None]:
    """One publication at a time: an older reading of the lake must not follow a newer one."""
    connection.execute("select pg_advisory_lock(hashtextextended('vidpipe/publication', 0))")
    try:
        yield
    finally:
        connection.execute("select pg_advisory_unlock(hashtextextended('vidpipe/publication', 0))")


def _all_uploads(pipeline: Pipeline, session: Session) -> pl.DataFrame:
    """Every registered upload of any date that was read, with the `video_id` of its post."""
    days = registry.ingest_dates(session.connection)
    metadata = pl.col("metadata").struct
    return resolve_videos(
        pipeline.current_uploads(session, days)
        .filter(USABLE)
        .with_columns(metadata.field("video_id"), metadata.field("account"))
    )


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
    rows = connection.execute("select ingest_date from vidpipe_ops.published_dates").fetchall()
    return sorted(set(days) | (set(related.to_list()) & {day for (day,) in rows}))


def _activate_when_complete(connection: Connection[Any], pipeline: Pipeline) -> None:
    """Shows a model's vectors once every published date has them."""
    active = active_model(connection)
    if active is None or active.model_id == pipeline.model.model_id:
        return
    behind = connection.execute(
        "select 1 from vidpipe_ops.published_dates where versions_digest <> %s limit 1",
        [pipeline.versions_digest],
    ).fetchone()
    if behind is None:
        activate(connection, pipeline.model.model_id)


def _date_rows(pipeline: Pipeline, session: Session, uploads: pl.DataFrame, day: date) -> DateRows:
    days = [day]
    damage = pipeline.lake.outcomes(
        KEYFRAMES, pipeline.keyframes.version, pipeline.contents(session, days)
    )
    shown = uploads.filter(pl.col("ingest_date") == day, "is_current").join(
        damage.filter(USABLE).select("content_sha256", damage=pl.col("status")),
        on="content_sha256",
        how="inner",
    )
    contents = shown.select("content_sha256").unique()
    frames = pipeline.frames(session, days).join(contents, on="content_sha256", how="semi")
    lines = pipeline.lines(session, days).join(contents, on="content_sha256", how="semi")
    images = _vectors(pipeline, frames.select(input_sha256="keyframe_sha256"), "image")
    return DateRows(
        videos=_videos(shown),
        contents=_contents(shown, uploads),
        keyframes=frames.select(
            "content_sha256",
            "segment",
            "frame_index",
            "timestamp_s",
            "keyframe_sha256",
            "sharpness",
            "brightness",
            "entropy",
            "colour_variance",
            "colour_distance",
            "is_low_information",
            "image_uri",
        ),
        ocr_lines=lines.select(
            "keyframe_sha256", "line_no", "text", "confidence", "accepted", "box"
        ).unique(["keyframe_sha256", "line_no"], keep="first", maintain_order=True),
        frame_embeddings=images.rename({"input_sha256": "keyframe_sha256"}),
        content_embeddings=_content_embeddings(frames, images, pipeline.model.dimensions),
        text_embeddings=_text_embeddings(pipeline, session, shown, day),
        failures=_failures(pipeline, session, uploads, day),
    )


def _videos(shown: pl.DataFrame) -> pl.DataFrame:
    metadata = pl.col("metadata").struct
    return shown.select(
        "video_id",
        metadata.field("platform"),
        "account",
        metadata.field("posted_at"),
        "ingest_date",
        metadata.field("description"),
        metadata.field("hashtags"),
        metadata.field("url"),
        "content_sha256",
        "upload_id",
        (pl.col("damage") == "ok_damaged").alias("is_damaged"),
        "removed_at",
        "metadata_source",
    )


def _contents(shown: pl.DataFrame, uploads: pl.DataFrame) -> pl.DataFrame:
    first_seen = uploads.group_by("content_sha256").agg(pl.col("ingest_date").min())
    probe = pl.col("probe").struct
    return (
        shown.drop("ingest_date")
        .join(first_seen, on="content_sha256", how="inner")
        .unique("content_sha256", keep="first", maintain_order=True)
        .select(
            "content_sha256",
            probe.field("duration_s"),
            probe.field("fps"),
            probe.field("width_px"),
            probe.field("height_px"),
            probe.field("codec"),
            "size_bytes",
            "ingest_date",
        )
    )


def _vectors(pipeline: Pipeline, inputs: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Vectors of inputs (`input_sha256`, `embedding`), those that failed left out."""
    keys = inputs.unique().with_columns(kind=pl.lit(kind))
    found = pipeline.lake.results(CLIP_EMBEDDINGS, pipeline.clip_embeddings.version, keys)
    return found.filter(USABLE).select("input_sha256", embedding="vector")


def _content_embeddings(
    frames: pl.DataFrame, images: pl.DataFrame, dimensions: int
) -> pl.DataFrame:
    """Mean vector of each content's informative keyframes (of all, when none is), normalised."""
    informative = (
        frames.join(images.rename({"input_sha256": "keyframe_sha256"}), on="keyframe_sha256")
        .filter(
            ~pl.col("is_low_information")
            | pl.col("is_low_information").all().over("content_sha256")
        )
        .sort("content_sha256", "segment")
    )
    schema = {"content_sha256": pl.String, "embedding": pl.List(pl.Float32)}
    if informative.is_empty():
        return pl.DataFrame(schema=schema)
    vectors = informative["embedding"].list.to_array(dimensions).to_numpy().astype(np.float64)
    contents = informative["content_sha256"].to_numpy()
    names, starts = np.unique(contents, return_index=True)
    sums = np.add.reduceat(vectors, starts, axis=0)
    units = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)
    return (
        pl.DataFrame({"content_sha256": names.tolist(), "embedding": units.astype(np.float32)})
        .with_columns(pl.col("embedding").arr.to_list())
        .cast(schema)
    )


def _text_embeddings(
    pipeline: Pipeline, session: Session, shown: pl.DataFrame, day: date
) -> pl.DataFrame:
    texts = pipeline.texts(session, [day]).select(
        "upload_id", "content_sha256", "kind", "text_sha256"
    )
    described = texts.filter(pl.col("kind") == "description").join(
        shown.select("upload_id", "video_id"), on="upload_id", how="inner"
    )
    read = texts.filter(pl.col("kind") == "ocr").join(
        shown.select("content_sha256", "video_id"), on="content_sha256", how="inner"
    )
    columns = ["video_id", "kind", "text_sha256"]
    wanted = pl.concat([described.select(columns), read.select(columns)])
    vectors = _vectors(pipeline, wanted.select(input_sha256="text_sha256"), "text")
    return wanted.join(vectors, left_on="text_sha256", right_on="input_sha256", how="inner")


def _failures(
    pipeline: Pipeline, session: Session, uploads: pl.DataFrame, day: date
) -> pl.DataFrame:
    """What failed or was kept damaged on this date, one row per stage and item."""
    days = [day]
    read = pipeline.current_uploads(session, days)
    videos = uploads.select("upload_id", "video_id")
    of_content = (
        read.sort("first_seen_at")
        .unique("content_sha256", keep="first", maintain_order=True)
        .select("content_sha256", "upload_id")
    )
    frames = pipeline.frames(session, days).select("keyframe_sha256", "content_sha256").unique()
    problem = pl.col("status") != "ok"
    found = [
        read.filter(problem).with_columns(stage=pl.lit("raw_videos"), item_key="upload_id"),
        read.filter(pl.col("metadata_error").is_not_null()).with_columns(
            stage=pl.lit("metadata"),
            item_key="upload_id",
            status=pl.lit("failed"),
            error_class=pl.lit("MetadataError"),
            error_message="metadata_error",
        ),
        pipeline.lake.outcomes(KEYFRAMES, pipeline.keyframes.version, of_content.drop_nulls())
        .filter(problem)
        .join(of_content, on="content_sha256", how="left")
        .with_columns(stage=pl.lit("keyframes"), item_key="content_sha256"),
        pipeline.lake.outcomes(OCR_TEXT, pipeline.ocr_text.version, frames)
        .filter(problem)
        .join(frames, on="keyframe_sha256", how="left")
        .join(of_content, on="content_sha256", how="left")
        .with_columns(stage=pl.lit("ocr_text"), item_key="keyframe_sha256"),
        pipeline.lake.outcomes(
            CLIP_EMBEDDINGS,
            pipeline.clip_embeddings.version,
            pipeline.embedding_inputs(session, days),
        )
        .filter(problem)
        .with_columns(
            stage=pl.lit("clip_embeddings"),
            item_key=pl.concat_str("kind", "input_sha256", separator="/"),
            upload_id=pl.lit(None, pl.String),
            content_sha256=pl.lit(None, pl.String),
        ),
    ]
    columns = ["stage", "item_key", "upload_id", "content_sha256", "status", "error_class"]
    return (
        pl.concat([part.select(*columns, "error_message", "committed_at") for part in found])
        .join(videos, on="upload_id", how="left")
        .unique(["stage", "item_key"], keep="first", maintain_order=True)
        .select(
            "stage",
            "item_key",
            "upload_id",
            "video_id",
            "content_sha256",
            "status",
            "error_class",
            "error_message",
            occurred_at="committed_at",
        )
    )


def _published_keys(
    connection: Connection[Any], table: str, key: Sequence[str], rows: DateRows, day: date
) -> set[tuple[Any, ...]]:
    """Keys in PostgreSQL of a date's videos, or of the parents that the lake's rows name."""
    if table == "videos":
        column, values = "ingest_date", [day]
    else:
        column = key[0]
        parent = {"video_id": rows.videos, "content_sha256": rows.contents}.get(
            column, rows.keyframes
        )
        values = parent[column].unique().to_list()
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
