"""The temporary tables of one publication: what arrives, what goes, and what changed.

Belongs here: filling them, and saying by them which rows of each published table a publication is
about.
Does not: changing a published table (vidpipe.publication.merging, vidpipe.publication.vectors).

Contents, keyframes, lines and vectors are shared by all dates that show the same bytes: they go
when the last of those dates lets go of them.
"""

from dataclasses import dataclass
from datetime import date
from typing import LiteralString

import psycopg
from psycopg import sql

from vidpipe.publication.tables import DateRows
from vidpipe.stores.binary_copy import copy_rows

# Temporary tables of one publication: what arrives, what no date shows any more, what changed.
WORK_TABLES = {
    "arriving_videos": ("video_id",),
    "arriving_versions": ("upload_id", "video_id", "content_sha256"),
    "arriving_contents": ("content_sha256",),
    "arriving_keyframes": ("content_sha256", "keyframe_sha256"),
    "released_contents": ("content_sha256",),
    "old_keyframes": ("keyframe_sha256",),
    "gone_keyframes": ("keyframe_sha256",),
    "renamed_videos": ("former_id", "video_id"),
    "changed_videos": ("video_id",),
    "changed_keyframes": ("content_sha256",),
    "changed_ocr_lines": ("keyframe_sha256",),
}


@dataclass(frozen=True)
class Scope:
    """Which rows (t) of a table a publication is about, as conditions on them.

    Attributes:
        gone: holds for rows whose owner is gone.
        arriving: holds for rows whose owner arrives; they stay only if they arrive, too.
    """

    gone: LiteralString
    arriving: LiteralString


SCOPES = {
    "videos": Scope(
        "t.ingest_date = {date} and not exists"
        " (select from arriving_videos as a where a.video_id = t.video_id)",
        "t.video_id in (select video_id from arriving_videos)",
    ),
    "contents": Scope(
        "t.content_sha256 in (select content_sha256 from released_contents)",
        "t.content_sha256 in (select content_sha256 from arriving_contents)",
    ),
    "keyframes": Scope(
        "t.content_sha256 in (select content_sha256 from released_contents)",
        "t.content_sha256 in (select content_sha256 from arriving_contents)",
    ),
    "ocr_lines": Scope(
        "t.keyframe_sha256 in (select keyframe_sha256 from gone_keyframes)",
        "t.keyframe_sha256 in (select keyframe_sha256 from arriving_keyframes)",
    ),
    "video_versions": Scope("false", "t.ingest_date = {date}"),
    "failures": Scope("false", "t.ingest_date = {date}"),
    "unshown_uploads": Scope("false", "t.ingest_date = {date}"),
    "frame_embeddings": Scope(
        "t.keyframe_sha256 in (select keyframe_sha256 from gone_keyframes)",
        "t.keyframe_sha256 in (select keyframe_sha256 from arriving_keyframes)",
    ),
    "content_embeddings": Scope(
        "t.content_sha256 in (select content_sha256 from released_contents)",
        "t.content_sha256 in (select content_sha256 from arriving_contents)",
    ),
    "text_embeddings": Scope(
        "t.video_id in (select video_id from changed_videos) and not exists"
        " (select from vidpipe.videos as v where v.video_id = t.video_id)",
        "t.video_id in (select video_id from arriving_videos)",
    ),
}


def make_work_tables(connection: psycopg.Connection, rows: DateRows) -> None:
    """Makes the temporary tables and fills those of what arrives."""
    for name, columns in WORK_TABLES.items():
        connection.execute(
            sql.SQL("create temp table {} ({}) on commit drop").format(
                sql.Identifier(name),
                sql.SQL(", ").join(
                    sql.SQL("{} text").format(sql.Identifier(column)) for column in columns
                ),
            )
        )
    arriving = {
        "videos": rows.videos,
        "versions": rows.video_versions,
        "contents": rows.contents,
        "keyframes": rows.keyframes,
    }
    for owners, frame in arriving.items():
        name = f"arriving_{owners}"
        types = dict.fromkeys(WORK_TABLES[name], "text")
        target = sql.Identifier("pg_temp", name)
        copy_rows(connection, target, frame, types)
        connection.execute(sql.SQL("analyze {}").format(target))


def release_contents(connection: psycopg.Connection, ingest_date: date) -> None:
    """Notes which contents the date shows, and which no date shows any more."""
    connection.execute(
        "insert into vidpipe_ops.date_contents (ingest_date, content_sha256)"
        " select %(date)s, s.content_sha256 from arriving_contents as s where not exists (select"
        " from vidpipe_ops.date_contents as d where d.ingest_date = %(date)s"
        " and d.content_sha256 = s.content_sha256)",
        {"date": ingest_date},
    )
    connection.execute(
        "with let_go as (delete from vidpipe_ops.date_contents as d where d.ingest_date = %(date)s"
        " and not exists (select from arriving_contents as s"
        " where s.content_sha256 = d.content_sha256) returning d.content_sha256)"
        " insert into released_contents select g.content_sha256 from let_go as g"
        " where not exists (select from vidpipe_ops.date_contents as d"
        " where d.content_sha256 = g.content_sha256 and d.ingest_date <> %(date)s)",
        {"date": ingest_date},
    )


def note_old_keyframes(connection: psycopg.Connection) -> None:
    """Notes the keyframes that the contents of this publication had before it."""
    connection.execute(
        "insert into old_keyframes select distinct k.keyframe_sha256 from vidpipe.keyframes as k"
        " where k.content_sha256 in (select content_sha256 from arriving_contents"
        " union all select content_sha256 from released_contents)"
    )


def note_gone_keyframes(connection: psycopg.Connection) -> None:
    """Notes which of the old keyframes no content has any more, after keyframes were merged."""
    connection.execute(
        "insert into gone_keyframes select o.keyframe_sha256 from old_keyframes as o"
        " where not exists (select from vidpipe.keyframes as k"
        " where k.keyframe_sha256 = o.keyframe_sha256)"
    )
