"""What is computed although it has a result: asked for by a person, with a reason.

Belongs here: what can be asked for, which items a name means, withdrawing results, the record.
Does not: computing (vidpipe.pipeline.stages), what a recomputation would cost
(vidpipe.pipeline.outdated).

A result that is made anew is withdrawn first, and its date left pending: whatever is killed after
that, the date is run again. Analysts see the old rows until the date is published.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from psycopg import Connection

from vidpipe.errors import UnknownName
from vidpipe.pipeline.contract import Stage
from vidpipe.pipeline.snapshot import Snapshot
from vidpipe.stores.lake import Lake, LakeTable
from vidpipe.uploads.registry.pending_dates import leave_pending


@dataclass(frozen=True)
class Recompute:
    """Which results are made anew.

    Attributes:
        refresh: those that were made under other settings than today's.
        force: all of them, also those of today's settings.
        items: only those of these uploads, videos, contents or keyframes; of all when empty.
        reason: why, for the record.
    """

    refresh: bool = False
    force: bool = False
    items: tuple[str, ...] = ()
    reason: str = ""

    def __bool__(self) -> bool:
        return self.refresh or self.force


NOTHING = Recompute()


def chosen_keys(snapshot: Snapshot, table: LakeTable, items: Sequence[str]) -> pl.DataFrame:
    """The keys of a stage that belong to the named uploads, videos, contents or keyframes.

    All keys when nothing is named.

    Raises:
        UnknownName: a name belongs to nothing on these dates.
    """
    keys = snapshot.inputs(table)
    if not items:
        return keys
    read = snapshot.uploads.select("upload_id", "content_sha256")
    frames = snapshot.frames.select("content_sha256", "keyframe_sha256")
    named = [*items, *_uploads_of_videos(snapshot.connection, items)]
    registered = snapshot.registered.filter(pl.col("upload_id").is_in(named))
    uploads = read.filter(pl.any_horizontal(pl.col("upload_id", "content_sha256").is_in(named)))
    contents = uploads["content_sha256"].drop_nulls()
    own_frames = frames.filter(
        pl.col("content_sha256").is_in(contents.implode()) | pl.col("keyframe_sha256").is_in(named)
    )
    known = {*registered["upload_id"], *uploads["content_sha256"], *frames["keyframe_sha256"]}
    for name in items:
        if name not in known and not _uploads_of_videos(snapshot.connection, [name]):
            raise UnknownName(
                f"{name} is no upload, video, content or keyframe of these dates; `vidpipe status` "
                "and the table vidpipe.video_versions tell their names"
            )
    match table.name:
        case "raw_videos":
            ids = {*registered["upload_id"], *uploads["upload_id"]}
            return keys.filter(pl.col("upload_id").is_in(list(ids)))
        case "keyframes":
            return keys.filter(pl.col("content_sha256").is_in(contents.implode()))
        case "ocr_text":
            own = own_frames["keyframe_sha256"]
            return keys.filter(pl.col("keyframe_sha256").is_in(own.implode()))
    texts = snapshot.texts.filter(
        pl.col("upload_id").is_in(uploads["upload_id"].implode())
        | pl.col("content_sha256").is_in(contents.implode())
    )
    inputs = {*own_frames["keyframe_sha256"], *texts["text_sha256"]}
    return keys.filter(pl.col("input_sha256").is_in(list(inputs)))


def withdraw(lake: Lake, connection: Connection[Any], stage: Stage, keys: pl.DataFrame) -> None:
    """Takes back the results of today's stage version, so that they are made anew."""
    leave_pending(connection, keys["ingest_date"].unique().to_list())
    lake.delete(stage.table, keys[stage.table.subject].unique().to_list(), version=stage.version)


def record(
    connection: Connection[Any],
    stage: Stage,
    keys: pl.DataFrame,
    asked: Recompute,
    run_id: str | None,
) -> None:
    """Writes down what is made anew, and why."""
    connection.execute(
        "insert into vidpipe_ops.recomputations"
        " (run_id, stage, stage_version, ingest_dates, items, is_forced, reason)"
        " values (%s, %s, %s, %s, %s, %s, %s)",
        [
            run_id,
            stage.name,
            stage.version,
            sorted(keys["ingest_date"].unique()),
            keys.height,
            asked.force,
            asked.reason.replace("\0", ""),
        ],
    )


def _uploads_of_videos(connection: Connection[Any], names: Sequence[str]) -> list[str]:
    rows = connection.execute(
        "select v.upload_id from vidpipe.video_versions as v"
        " inner join unnest(%s::text[]) as name on v.video_id = vidpipe.video_id_of(name)",
        [list(names)],
    ).fetchall()
    return [upload_id for (upload_id,) in rows]
