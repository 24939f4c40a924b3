"""What is computed although it has a result: asked for by a person, with a reason.

Belongs here: what can be asked for, which items a name means, withdrawing results, the record.
Does not: computing (vidpipe.pipeline.stages), what a recomputation would cost
(vidpipe.pipeline.outdated).

A result that is made anew is withdrawn first, and its date left pending: whatever is killed after
that, the date is run again. Analysts see the old rows until the date is published.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl
from psycopg import Connection

from vidpipe.errors import UnknownName
from vidpipe.pipeline.attempts import Attempts
from vidpipe.pipeline.contract import Stage
from vidpipe.pipeline.snapshot import Snapshot
from vidpipe.stores.lake import TABLES, Lake, LakeTable
from vidpipe.uploads.names import encoded
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

    @property
    def beside(self) -> "Recompute":
        """What is left to ask of the stage beside one that was just asked for this.

        What that one made anew has today's results beside it; only others may be of before.
        """
        return replace(self, refresh=bool(self), force=False)


NOTHING = Recompute()


def chosen_keys(snapshot: Snapshot, table: LakeTable, items: Sequence[str]) -> pl.DataFrame:
    """The keys of a stage that belong to the named uploads, videos, contents or keyframes.

    All keys when nothing is named. Uploads may be named by their id or by their path.

    Raises:
        UnknownName: a name belongs to nothing on these dates.
    """
    keys = snapshot.inputs(table)
    if not items:
        return keys
    frames = snapshot.frames.select("content_sha256", "keyframe_sha256")
    registered = snapshot.registered["upload_id"]
    read = snapshot.uploads.select("upload_id", "content_sha256")
    known = {*registered, *read["content_sha256"], *frames["keyframe_sha256"]}
    named: set[str] = set()
    for item in items:
        path = encoded(os.fsencode(item))
        found = {item, path, *_uploads_of_video(snapshot.connection, item)} & known
        if not found:
            raise UnknownName(
                f"{item} is no upload, video, content or keyframe of these dates; vidpipe.videos "
                "and vidpipe.keyframes hold their names"
            )
        named |= found
    in_named = pl.any_horizontal(pl.col("upload_id", "content_sha256").is_in(named))
    uploads = read.filter(in_named)
    contents = set(uploads["content_sha256"].drop_nulls())
    of_content = pl.col("content_sha256").is_in(contents)
    own_frames = frames.filter(of_content | pl.col("keyframe_sha256").is_in(named))
    texts = snapshot.texts.filter(
        pl.col("upload_id").is_in(uploads["upload_id"].implode()) | of_content
    )
    frame_names = set(own_frames["keyframe_sha256"])
    subjects = {
        "raw_videos": {*uploads["upload_id"], *named},
        "keyframes": contents,
        "footage_prints": contents,
        "ocr_text": frame_names,
        "clip_embeddings": frame_names | set(texts["text_sha256"]),
    }
    return keys.filter(pl.col(table.subject).is_in(subjects[table.name]))


def dates_of_items(snapshot: Snapshot, items: Sequence[str]) -> list[date]:
    """The dates, of those that the snapshot holds, on which there is something of these items.

    Raises:
        UnknownName: a name belongs to nothing on these dates.
    """
    found = [chosen_keys(snapshot, table, items)["ingest_date"] for table in TABLES]
    return sorted(pl.concat(found).unique())


def withdraw(
    lake: Lake,
    connection: Connection[Any],
    stage: Stage,
    keys: pl.DataFrame,
    run_id: str | None,
) -> None:
    """Takes back the results of today's stage version, so that they are made anew.

    So are those of the stage beside it, which are made in the same pass. If this run does not live
    to do so, the next one must not take results of other versions.
    """
    leave_pending(connection, keys["ingest_date"].unique().to_list())
    asked = [stage.key_text(key) for key in keys.iter_rows(named=True)]
    Attempts(connection, stage, run_id).ask(asked)
    subjects = keys[stage.table.subject].unique().to_list()
    if stage.beside is not None:
        lake.delete(stage.beside.table, subjects, version=stage.beside.version)
    lake.delete(stage.table, subjects, version=stage.version)


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


def _uploads_of_video(connection: Connection[Any], name: str) -> list[str]:
    """Uploads that are versions of the video with this id, of now or before."""
    rows = connection.execute(
        "select upload_id from vidpipe.video_versions where video_id = vidpipe.video_id_of(%s)",
        [name],
    ).fetchall()
    return [upload_id for (upload_id,) in rows]
