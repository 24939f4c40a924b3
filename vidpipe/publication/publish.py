"""Publishing an ingest date: what analysts see of it becomes exactly what the lake holds.

Belongs here: the transaction that turns rows of the lake into rows of the analysts' tables, and the
choice between keeping an index up to date and building it anew beside the old one.
Does not: reading the lake (the caller does) or the tables themselves (`sql/`, active_model).

One transaction: a reader sees a date as it was or as it is, never a part. Rows that did not change
are not written, so that publishing an unchanged date costs readers and disks nothing. Contents,
keyframes, lines and vectors are shared by all dates that show the same bytes: they go when the last
of those dates lets go of them.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import LiteralString

import polars as pl
import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from vidpipe.errors import DatabaseError
from vidpipe.stores import locks
from vidpipe.stores.binary_copy import copy_rows
from vidpipe.stores.database import said
from vidpipe.stores.model_identity import ModelIdentity
from vidpipe.stores.model_registry import (
    VECTOR_TABLES,
    RegisteredModel,
    VectorTable,
    create_index,
    create_key,
    create_vector_table,
    ensure_model,
    registered_models,
    show_in_view,
)

# A live HNSW insert takes about as long as building the index over five rows [DESIGN section 9]:
# from this share of new rows on, building anew is faster, and readers are not slowed by it.
REBUILD_RATIO = 5
REBUILD_MIN_ROWS = 500

BUILD_BYTES_PER_ROW = 600  # links of the graph, beside the vector itself
BUILD_MEMORY_MIN_BYTES = 64 * 2**20
BUILD_MEMORY_MAX_BYTES = 2 * 2**30

SWAP_LOCK_TIMEOUT_MS = 500  # readers that arrive meanwhile wait this long at most
SWAP_PAUSE_S = 0.5
SWAP_GIVE_UP_S = 900.0
ANALYZE_SHARE = 0.2
STATISTICS = 30  # 9,000 rows a table tell the planner enough; the usual 100 takes thrice as long

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class PlainTable:
    """A published table without vectors: its columns, and the key that tells its rows apart."""

    name: str
    schema: str
    key: tuple[str, ...]
    types: Mapping[str, tuple[LiteralString, pl.DataType]]
    shared: bool = False  # rows of several dates or contents may coincide

    @property
    def columns(self) -> list[str]:
        """Names of its columns."""
        return list(self.types)

    @property
    def server_types(self) -> dict[str, LiteralString]:
        """PostgreSQL type of each column."""
        return {name: kind for name, (kind, _) in self.types.items()}

    @property
    def target(self) -> sql.Identifier:
        """The table, quoted."""
        return sql.Identifier(self.schema, self.name)

    @property
    def stage(self) -> sql.Identifier:
        """The temporary table of whole rows, made when some of the date's rows are known."""
        return sql.Identifier("pg_temp", f"stage_{self.name}")


Type = tuple[LiteralString, pl.DataType]
TEXT: Type = ("text", pl.String())
INT4: Type = ("int4", pl.Int32())
INT8: Type = ("int8", pl.Int64())
FLOAT4: Type = ("float4", pl.Float32())
FLOAT8: Type = ("float8", pl.Float64())
BOOL: Type = ("bool", pl.Boolean())
DATE: Type = ("date", pl.Date())
TIME: Type = ("timestamptz", pl.Datetime("us", "UTC"))
TEXTS: Type = ("text[]", pl.List(pl.String()))
FLOAT4S: Type = ("float4[]", pl.List(pl.Float32()))

VIDEOS = PlainTable(
    "videos",
    "vidpipe",
    ("video_id",),
    {
        "video_id": TEXT,
        "platform": TEXT,
        "account": TEXT,
        "posted_at": TIME,
        "ingest_date": DATE,
        "description": TEXT,
        "hashtags": TEXTS,
        "url": TEXT,
        "content_sha256": TEXT,
        "upload_id": TEXT,
        "is_damaged": BOOL,
        "removed_at": TIME,
        "metadata_source": TEXT,
    },
)
CONTENTS = PlainTable(
    "contents",
    "vidpipe",
    ("content_sha256",),
    {
        "content_sha256": TEXT,
        "duration_s": FLOAT8,
        "fps": FLOAT8,
        "width_px": INT4,
        "height_px": INT4,
        "codec": TEXT,
        "size_bytes": INT8,
        "ingest_date": DATE,
    },
    shared=True,
)
KEYFRAMES = PlainTable(
    "keyframes",
    "vidpipe",
    ("content_sha256", "segment"),
    {
        "content_sha256": TEXT,
        "segment": INT4,
        "frame_index": INT4,
        "timestamp_s": FLOAT8,
        "keyframe_sha256": TEXT,
        "sharpness": FLOAT8,
        "brightness": FLOAT8,
        "entropy": FLOAT8,
        "colour_variance": FLOAT8,
        "colour_distance": FLOAT8,
        "is_low_information": BOOL,
        "image_uri": TEXT,
    },
    shared=True,
)
OCR_LINES = PlainTable(
    "ocr_lines",
    "vidpipe",
    ("keyframe_sha256", "line_no"),
    {
        "keyframe_sha256": TEXT,
        "line_no": INT4,
        "text": TEXT,
        "confidence": FLOAT4,
        "accepted": BOOL,
        "box": FLOAT4S,
    },
    shared=True,
)
FAILURES = PlainTable(
    "failures",
    "vidpipe_ops",
    ("ingest_date", "stage", "item_key"),
    {
        "ingest_date": DATE,
        "stage": TEXT,
        "item_key": TEXT,
        "upload_id": TEXT,
        "video_id": TEXT,
        "content_sha256": TEXT,
        "status": TEXT,
        "error_class": TEXT,
        "error_message": TEXT,
        "occurred_at": TIME,
    },
    shared=True,
)
PLAIN_TABLES = (VIDEOS, CONTENTS, KEYFRAMES, OCR_LINES, FAILURES)

# Temporary tables of one publication: what arrives, what no date shows any more, what changed.
WORK_TABLES = {
    "arriving_videos": ("video_id",),
    "arriving_contents": ("content_sha256",),
    "arriving_keyframes": ("content_sha256", "keyframe_sha256"),
    "released_contents": ("content_sha256",),
    "old_keyframes": ("keyframe_sha256",),
    "gone_keyframes": ("keyframe_sha256",),
    "changed_videos": ("video_id",),
    "changed_keyframes": ("content_sha256",),
    "changed_ocr_lines": ("keyframe_sha256",),
}


@dataclass(frozen=True)
class Scope:
    """Which rows (t) of a table a publication is about, as conditions on them.

    `gone`: their owner is gone. `arriving`: their owner arrives; they stay only if they arrive too.
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
    "failures": Scope("false", "t.ingest_date = {date}"),
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

# Rows are shown with their owner or not at all.
OWNERS = (
    ("ocr_lines", "keyframe_sha256", "keyframes"),
    ("frame_embeddings", "keyframe_sha256", "keyframes"),
    ("content_embeddings", "content_sha256", "contents"),
    ("text_embeddings", "video_id", "videos"),
    ("keyframes", "content_sha256", "contents"),
)
TRACKED = ("videos", "keyframes", "ocr_lines")  # what the searched words of a post are made of


@dataclass(frozen=True)
class DateRows:
    """What one ingest date should show: frames with the columns of the tables of their names.

    `failures` has no `ingest_date` (it is the date's). Vectors are `List(Float32)` of unit length
    in a column `embedding`. `DateRows.empty()` has the exact columns and types.
    """

    videos: pl.DataFrame
    contents: pl.DataFrame
    keyframes: pl.DataFrame
    ocr_lines: pl.DataFrame
    frame_embeddings: pl.DataFrame
    content_embeddings: pl.DataFrame
    text_embeddings: pl.DataFrame
    failures: pl.DataFrame

    @classmethod
    def empty(cls) -> "DateRows":
        """No rows, with every column in its type."""
        plain = {
            table.name: pl.DataFrame(
                schema={
                    name: kind
                    for name, (_, kind) in table.types.items()
                    if (table, name) != (FAILURES, "ingest_date")
                }
            )
            for table in PLAIN_TABLES
        }
        vectors = {
            table.name: pl.DataFrame(
                schema={
                    **dict.fromkeys(table.columns, pl.String()),
                    "embedding": pl.List(pl.Float32()),
                }
            )
            for table in VECTOR_TABLES
        }
        return cls(**plain, **vectors)


@dataclass
class TableCounts:
    """What publishing did to one table, in rows."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0

    @property
    def written(self) -> int:
        """Rows that changed in any way."""
        return self.inserted + self.updated + self.deleted


@dataclass
class PublishReport:
    """What publishing a date did."""

    tables: dict[str, TableCounts] = field(default_factory=dict)
    seconds: float = 0.0
    index_rebuilt: bool = False

    @property
    def written(self) -> int:
        """Rows that changed in any way, in all tables."""
        return sum(counts.written for counts in self.tables.values())


def publish(
    connection: psycopg.Connection,
    rows: DateRows,
    *,
    ingest_date: date,
    model: ModelIdentity,
    uploads_digest: str = "",
    versions_digest: str = "",
) -> PublishReport:
    """Make the analysts' tables show exactly these rows for a date.

    Args:
        connection: outside any transaction; concurrent calls wait for each other.
        model: what made the vectors; registered, with tables of its own, when it is new.
        uploads_digest, versions_digest: kept in `vidpipe_ops.published_dates`, for the caller to
            tell later whether the date would change.

    Raises:
        DatabaseError: rows that contradict each other or the model, or PostgreSQL refused them;
            nothing was changed then.
    """
    if connection.info.transaction_status != TransactionStatus.IDLE:
        raise ValueError("publish needs a connection outside any transaction: commit first")
    started = time.monotonic()
    checked = _checked(rows, ingest_date, model)
    report = PublishReport()
    try:
        with connection.transaction():
            connection.execute("set local client_min_messages = warning")
            connection.execute(f"set local default_statistics_target = {STATISTICS}".encode())
            locks.PUBLISH.take(connection)
            registered = ensure_model(connection, model)
            _publish(connection, checked, ingest_date, registered, report)
            _note_date(connection, ingest_date, uploads_digest, versions_digest, report)
    except psycopg.Error as error:
        raise DatabaseError(f"{ingest_date} could not be published: {said(error)}") from error
    except ValueError as error:  # from encoding
        raise DatabaseError(f"{ingest_date} could not be published: {error}") from error
    report.seconds = time.monotonic() - started
    return report


def forget_published(connection: psycopg.Connection) -> None:
    """Empty every derived table, those of all models included, before a rebuild from the lake."""
    names = [table.target for table in PLAIN_TABLES]
    names += [sql.Identifier("vidpipe", "video_words")]
    names += [sql.Identifier("vidpipe_ops", name) for name in ("published_dates", "date_contents")]
    with connection.transaction():
        locks.PUBLISH.take(connection)
        for model in registered_models(connection):
            names += [
                sql.Identifier("vidpipe", table.of_model(model.model_no)) for table in VECTOR_TABLES
            ]
        connection.execute(sql.SQL("truncate {}").format(sql.SQL(", ").join(names)))


def _checked(rows: DateRows, ingest_date: date, model: ModelIdentity) -> DateRows:
    """The rows with exact types and unique keys.

    Raises:
        DatabaseError: a column is missing or of a wrong type, a key occurs twice, a video belongs
            to another date, or a vector is not one of the model's.
    """
    failures = rows.failures.with_columns(ingest_date=pl.lit(ingest_date, pl.Date))
    frames = {item.name: getattr(rows, item.name) for item in fields(rows)} | {"failures": failures}
    for table in PLAIN_TABLES:
        types = {name: kind for name, (_, kind) in table.types.items()}
        frame = _conform(frames[table.name], table.name, types, table.key, table.shared)
        frames[table.name] = frame.sort(table.key)  # indexes of the keys grow at their end
    for vectors in VECTOR_TABLES:
        types = {**dict.fromkeys(vectors.columns, pl.String()), "embedding": pl.List(pl.Float32())}
        frame = _conform(frames[vectors.name], vectors.name, types, vectors.key, shared=True)
        frames[vectors.name] = frame
        lengths = frame["embedding"].list.len().unique().to_list()
        if any(length != model.dimensions for length in lengths):
            raise DatabaseError(
                f"{vectors.name} of {ingest_date} have {lengths} dimensions, but model"
                f" {model.model_id!r} makes {model.dimensions}"
            )
    for name, column, owner in reversed(OWNERS):
        has_owner = frames[name][column].is_in(frames[owner][column].unique().implode())
        if not has_owner.all():
            frames[name] = frames[name].filter(has_owner)
    strangers = frames["videos"].filter(pl.col("ingest_date") != ingest_date)
    if not strangers.is_empty():
        raise DatabaseError(
            f"video {strangers['video_id'][0]!r} belongs to {strangers['ingest_date'][0]} and"
            f" cannot be published under {ingest_date}"
        )
    return DateRows(**frames)


def _conform(
    frame: pl.DataFrame,
    name: str,
    types: Mapping[str, pl.DataType],
    key: Sequence[str],
    shared: bool,
) -> pl.DataFrame:
    missing = [column for column in types if column not in frame.columns]
    surplus = [column for column in frame.columns if column not in types]
    if missing or surplus:
        raise DatabaseError(
            f"rows of {name}: missing columns {missing or 'none'}, unknown columns"
            f" {surplus or 'none'}"
        )
    try:
        typed = _without_nul(frame.select(list(types)).cast(pl.Schema(types)))
    except pl.exceptions.PolarsError as error:
        raise DatabaseError(f"rows of {name} have a wrong type: {error}") from error
    if typed.select(list(key)).n_unique() == len(typed):
        return typed
    if not shared:
        twice = typed.filter(typed.select(list(key)).is_duplicated()).row(0, named=True)
        raise DatabaseError(f"rows of {name} hold {[twice[part] for part in key]} twice")
    return typed.unique(subset=list(key), keep="first", maintain_order=True)


def _without_nul(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with NUL characters taken out of its texts.

    The door of vidpipe removes them already; PostgreSQL refuses them, and one that slipped in
    through an error message must not keep a whole date from being published.
    """
    nul = "\x00"
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    lists = [name for name, kind in frame.schema.items() if kind == pl.List(pl.String)]
    has_nul = [name for name in texts if frame[name].str.contains(nul, literal=True).any()]
    element = pl.element().str.replace_all(nul, "", literal=True)
    return frame.with_columns(
        *(pl.col(name).str.replace_all(nul, "", literal=True) for name in has_nul),
        *(pl.col(name).list.eval(element) for name in lists),
    )


def _publish(
    connection: psycopg.Connection,
    rows: DateRows,
    ingest_date: date,
    model: RegisteredModel,
    report: PublishReport,
) -> None:
    _make_work_tables(connection, rows)
    _release_contents(connection, ingest_date)
    connection.execute(
        "insert into old_keyframes select distinct k.keyframe_sha256 from vidpipe.keyframes as k"
        " where k.content_sha256 in (select content_sha256 from arriving_contents"
        " union all select content_sha256 from released_contents)"
    )
    for table in PLAIN_TABLES:
        counts = _merge(connection, table, getattr(rows, table.name), ingest_date)
        report.tables[table.name] = counts
        if table is KEYFRAMES:
            connection.execute(
                "insert into gone_keyframes select o.keyframe_sha256 from old_keyframes as o"
                " where not exists (select from vidpipe.keyframes as k"
                " where k.keyframe_sha256 = o.keyframe_sha256)"
            )
        _analyze(connection, table.target, counts)
    _forget_in_other_models(connection, model)
    beside = [
        vectors
        for vectors in VECTOR_TABLES
        if _load_vectors(connection, vectors, getattr(rows, vectors.name), model, report)
    ]
    report.tables["video_words"] = _refresh_words(connection)
    if beside:
        _swap(connection, beside, model)
        report.index_rebuilt = True


def _make_work_tables(connection: psycopg.Connection, rows: DateRows) -> None:
    for name, columns in WORK_TABLES.items():
        connection.execute(
            sql.SQL("create temp table {} ({}) on commit drop").format(
                sql.Identifier(name),
                sql.SQL(", ").join(
                    sql.SQL("{} text").format(sql.Identifier(column)) for column in columns
                ),
            )
        )
    for frame in ("videos", "contents", "keyframes"):
        name = f"arriving_{frame}"
        types = dict.fromkeys(WORK_TABLES[name], "text")
        target = sql.Identifier("pg_temp", name)
        copy_rows(connection, target, getattr(rows, frame), types)
        connection.execute(sql.SQL("analyze {}").format(target))


def _release_contents(connection: psycopg.Connection, ingest_date: date) -> None:
    """Note which contents the date shows, and which no date shows any more."""
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


def _merge(
    connection: psycopg.Connection, table: PlainTable, frame: pl.DataFrame, ingest_date: date
) -> TableCounts:
    """Make a table hold exactly the frame's rows for what arrives, and nothing for what is gone.

    Rows go straight into the table when it has none for what arrives, as on a date's first
    publication; else they are staged and compared, and only what differs is written.
    """
    day = sql.Literal(ingest_date)
    parts: dict[str, sql.Composable] = {
        "target": table.target,
        "stage": table.stage,
        "same_key": _same_key(table.key),
        "key": _list(table.key),
        "columns": _list(table.columns),
        "values": _list(table.columns, "s"),
        "old": _list(table.columns, "t"),
        "gone": sql.SQL(SCOPES[table.name].gone).format(date=day),
        "arriving": sql.SQL(SCOPES[table.name].arriving).format(date=day),
    }
    deleted = _tracked(
        connection, table, sql.SQL("delete from {target} as t where {gone}").format(**parts)
    )
    some_known = sql.SQL("select from {target} as t where {arriving} limit 1").format(**parts)
    if connection.execute(some_known).fetchone() is None:
        copy_rows(connection, table.target, frame, table.server_types)
        if table is KEYFRAMES or table is OCR_LINES:
            connection.execute(
                "insert into changed_keyframes select content_sha256 from arriving_contents"
            )
        elif table is VIDEOS:
            connection.execute("insert into changed_videos select video_id from arriving_videos")
        return TableCounts(inserted=len(frame), deleted=deleted)
    connection.execute(
        sql.SQL("create temp table {} (like {target}) on commit drop").format(
            sql.Identifier(f"stage_{table.name}"), **parts
        )
    )
    copy_rows(connection, table.stage, frame, table.server_types)
    connection.execute(sql.SQL("analyze {stage} ({key})").format(**parts))
    if table is CONTENTS:  # the date of first sight stays, whatever order dates are published in
        connection.execute(
            "update stage_contents as s set ingest_date = t.ingest_date from vidpipe.contents as t"
            " where t.content_sha256 = s.content_sha256 and t.ingest_date < s.ingest_date"
        )
    deleted += _tracked(
        connection,
        table,
        sql.SQL(
            "delete from {target} as t where {arriving}"
            " and not exists (select from {stage} as s where {same_key})"
        ).format(**parts),
    )
    updated = _tracked(
        connection,
        table,
        sql.SQL(
            "update {target} as t set ({columns}) = row({values}) from {stage} as s"
            " where {same_key} and ({old}) is distinct from ({values})"
        ).format(**parts),
    )
    inserted = _tracked(
        connection,
        table,
        sql.SQL(
            "insert into {target} as t ({columns}) select {values} from {stage} as s"
            " where not exists (select from {target} as t where {same_key})"
        ).format(**parts),
    )
    return TableCounts(inserted, updated, deleted, len(frame) - inserted - updated)


def _tracked(connection: psycopg.Connection, table: PlainTable, change: sql.Composed) -> int:
    """Run a change; for videos, keyframes and lines note whose words it touches. Rows changed."""
    if table.name not in TRACKED:
        return connection.execute(change).rowcount
    return connection.execute(
        sql.SQL("with written as ({} returning t.{}) insert into {} select * from written").format(
            change,
            sql.Identifier(table.key[0]),
            sql.Identifier("pg_temp", f"changed_{table.name}"),
        )
    ).rowcount


def _forget_in_other_models(connection: psycopg.Connection, model: RegisteredModel) -> None:
    for other in registered_models(connection):
        for table in VECTOR_TABLES if other.model_no != model.model_no else ():
            connection.execute(
                sql.SQL("delete from {} as t where {}").format(
                    sql.Identifier("vidpipe", table.of_model(other.model_no)),
                    sql.SQL(SCOPES[table.name].gone),
                )
            )


def _load_vectors(
    connection: psycopg.Connection,
    table: VectorTable,
    frame: pl.DataFrame,
    model: RegisteredModel,
    report: PublishReport,
) -> bool:
    """Bring one kind of vectors up to date; True when a table beside the old one was filled."""
    scope = SCOPES[table.name]
    stage = sql.Identifier("pg_temp", f"stage_{table.name}")
    columns = [*table.columns, "embedding"]
    parts: dict[str, sql.Composable] = {
        "target": sql.Identifier("vidpipe", table.of_model(model.model_no)),
        "stage": stage,
        "key": _list(table.key),
        "keys": _list(table.key, "t"),
        "columns": _list(columns),
        "values": _list(columns, "s"),
        "old": _list(columns, "t"),
        "same_key": _same_key(table.key),
        "gone": sql.SQL(scope.gone),
        "arriving": sql.SQL(scope.arriving),
    }
    parts["doomed"] = sql.SQL(
        "(({gone}) or ({arriving}) and not exists (select from {stage} as s where {same_key}))"
    ).format(**parts)
    parts["differs"] = sql.SQL("{same_key} and ({old}) is distinct from ({values})").format(**parts)
    new, known = _split_known(connection, table, frame, parts)
    _stage_known(connection, table, known, model, stage)
    doomed, changed = (
        _count(connection, sql.SQL(query).format(**parts))
        for query in (
            "select count(*) from {target} as t where {doomed}",
            "select count(*) from {target} as t inner join {stage} as s on {differs}",
        )
    )
    report.tables[table.name] = TableCounts(len(new), changed, doomed, len(known) - changed)
    if _is_worth_rebuilding(connection, parts["target"], len(new) + changed):
        _load_beside(connection, table, new, model, parts)
        return True
    if doomed:
        connection.execute(sql.SQL("delete from {target} as t where {doomed}").format(**parts))
    if changed:
        connection.execute(
            sql.SQL(
                "update {target} as t set ({columns}) = row({values}) from {stage} as s"
                " where {differs}"
            ).format(**parts)
        )
    copy_rows(connection, parts["target"], new, table.types)
    return False


def _split_known(
    connection: psycopg.Connection,
    table: VectorTable,
    frame: pl.DataFrame,
    parts: Mapping[str, sql.Composable],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows whose keys the table lacks, and those it has: only the latter need comparing."""
    rows = connection.execute(
        sql.SQL("select {keys} from {target} as t where {arriving}").format(**parts)
    ).fetchall()
    if not rows:
        return frame, frame.clear()
    known = pl.DataFrame(rows, schema=dict.fromkeys(table.key, pl.String()), orient="row")
    on = list(table.key)
    return (
        frame.join(known, on=on, how="anti", maintain_order="left"),
        frame.join(known, on=on, how="semi", maintain_order="left"),
    )


def _stage_known(
    connection: psycopg.Connection,
    table: VectorTable,
    known: pl.DataFrame,
    model: RegisteredModel,
    stage: sql.Identifier,
) -> None:
    connection.execute(
        sql.SQL("create temp table {} (like vidpipe.{}) on commit drop").format(
            sql.Identifier(f"stage_{table.name}"), sql.Identifier(table.of_model(model.model_no))
        )
    )
    copy_rows(connection, stage, known, table.types)
    connection.execute(sql.SQL("analyze {} ({})").format(stage, _list(table.key)))


def _is_worth_rebuilding(
    connection: psycopg.Connection, target: sql.Composable, arriving: int
) -> bool:
    if arriving < REBUILD_MIN_ROWS:
        return False
    most = REBUILD_RATIO * arriving
    existing = _count(
        connection,
        sql.SQL("select count(*) from (select from {} limit {}) as t").format(
            target, sql.Literal(most + 1)
        ),
    )
    return existing <= most


def _load_beside(
    connection: psycopg.Connection,
    table: VectorTable,
    new: pl.DataFrame,
    model: RegisteredModel,
    parts: Mapping[str, sql.Composable],
) -> None:
    """Fill and index a table beside the one that readers use."""
    name = _beside(table, model)
    connection.execute(  # left behind by nothing we know of: a failed publish rolls it back
        sql.SQL("drop table if exists vidpipe.{}").format(sql.Identifier(name))
    )
    create_vector_table(connection, table, model, name)
    beside = sql.Identifier("vidpipe", name)
    for kept in (
        "insert into {beside} ({columns}) select {old} from {target} as t where not {doomed}"
        " and not exists (select from {stage} as s where {same_key})",
        "insert into {beside} ({columns}) select {values} from {stage} as s",
    ):
        connection.execute(sql.SQL(kept).format(**parts, beside=beside))
    copy_rows(connection, beside, new, table.types)
    create_key(connection, table, name)
    _build_index(connection, name, model.dimensions)


def _build_index(connection: psycopg.Connection, name: str, dimensions: int) -> None:
    rows = _estimated_rows(connection, sql.Identifier("vidpipe", name))  # exact: the key is new
    needed = rows * (2 * dimensions + BUILD_BYTES_PER_ROW)
    memory = min(max(needed, BUILD_MEMORY_MIN_BYTES), BUILD_MEMORY_MAX_BYTES)
    connection.execute(f"set local maintenance_work_mem = '{memory // 1024}kB'".encode())
    try:
        with connection.transaction():
            create_index(connection, name)
    except (psycopg.errors.DiskFull, psycopg.errors.OutOfMemory):
        # a parallel build shares its memory through /dev/shm, which containers keep at 64 MB
        log.warning(
            "too little shared memory to build %s_hnsw in parallel: one process does it", name
        )
        connection.execute("set local max_parallel_maintenance_workers = 0")
        create_index(connection, name)


def _swap(
    connection: psycopg.Connection, tables: Sequence[VectorTable], model: RegisteredModel
) -> None:
    """Put the tables that were filled beside in the places of the old ones.

    Needs every reader out of the old tables for an instant. Waiting in the queue would make all
    later readers wait too: so it asks for the locks briefly, again and again.

    Raises:
        DatabaseError: somebody kept reading the old tables for too long.
    """
    locks.MODELS.take(connection)
    is_active = any(
        known.is_active
        for known in registered_models(connection)
        if known.model_no == model.model_no
    )
    give_up = time.monotonic() + SWAP_GIVE_UP_S
    while True:
        try:
            with connection.transaction():
                connection.execute(f"set local lock_timeout = {SWAP_LOCK_TIMEOUT_MS}".encode())
                for table in tables:
                    _replace(connection, table, model, is_active=is_active)
                connection.execute("set local lock_timeout = 0")
            return
        except psycopg.errors.LockNotAvailable as error:
            if time.monotonic() > give_up:
                raise DatabaseError(
                    "the vectors could not be replaced: a session keeps reading the old ones; find"
                    " it in pg_stat_activity and end it, then run this again"
                ) from error
            log.info("waiting for readers of the old vectors to finish")
            time.sleep(SWAP_PAUSE_S)


def _replace(
    connection: psycopg.Connection, table: VectorTable, model: RegisteredModel, *, is_active: bool
) -> None:
    name, beside = table.of_model(model.model_no), _beside(table, model)
    if is_active:
        show_in_view(connection, table, beside)
    names = {"name": sql.Identifier(name), "beside": sql.Identifier(beside)}
    connection.execute(sql.SQL("drop table vidpipe.{name}").format(**names))
    connection.execute(sql.SQL("alter table vidpipe.{beside} rename to {name}").format(**names))
    for suffix in ("key", "hnsw"):
        connection.execute(
            sql.SQL("alter index vidpipe.{} rename to {}").format(
                sql.Identifier(f"{beside}_{suffix}"), sql.Identifier(f"{name}_{suffix}")
            )
        )


def _beside(table: VectorTable, model: RegisteredModel) -> str:
    return f"{table.of_model(model.model_no)}_beside"


def _refresh_words(connection: psycopg.Connection) -> TableCounts:
    """Bring the searched words of every post up to date whose text, frames or lines changed."""
    connection.execute(
        "insert into changed_videos select v.video_id from vidpipe.videos as v"
        " where v.content_sha256 in (select content_sha256 from changed_keyframes)"
        " or v.content_sha256 in (select k.content_sha256 from vidpipe.keyframes as k"
        " inner join changed_ocr_lines as c using (keyframe_sha256))"
    )
    connection.execute(
        "create temp table new_words on commit drop as select w.* from vidpipe.words_of_posts("
        "array(select distinct video_id from changed_videos where video_id is not null)) as w"
    )
    deleted = connection.execute(
        "delete from vidpipe.video_words as w using changed_videos as c where w.video_id ="
        " c.video_id and not exists (select from new_words as n where n.video_id = w.video_id)"
    ).rowcount
    updated = connection.execute(
        "update vidpipe.video_words as w set words = n.words from new_words as n"
        " where w.video_id = n.video_id and w.words is distinct from n.words"
    ).rowcount
    inserted = connection.execute(
        "insert into vidpipe.video_words (video_id, words) select n.video_id, n.words"
        " from new_words as n where not exists"
        " (select from vidpipe.video_words as w where w.video_id = n.video_id)"
    ).rowcount
    return TableCounts(inserted, updated, deleted)


def _analyze(connection: psycopg.Connection, target: sql.Identifier, counts: TableCounts) -> None:
    """Tell the planner about a table that changed much; autovacuum would, a minute too late."""
    if not counts.written:
        return
    rows = _estimated_rows(connection, target)
    if counts.written > ANALYZE_SHARE * rows:
        connection.execute(sql.SQL("analyze {}").format(target))


def _estimated_rows(connection: psycopg.Connection, target: sql.Identifier) -> int:
    """Rows as of the last ANALYZE or index build."""
    return _count(
        connection,
        sql.SQL(
            "select greatest(reltuples, 0)::bigint from pg_class where oid = {}::regclass"
        ).format(sql.Literal(target.as_string(connection))),
    )


def _note_date(
    connection: psycopg.Connection,
    ingest_date: date,
    uploads_digest: str,
    versions_digest: str,
    report: PublishReport,
) -> None:
    connection.execute(
        "insert into vidpipe_ops.published_dates (ingest_date, uploads_digest, versions_digest)"
        " select %(date)s, %(uploads)s, %(versions)s where not exists"
        " (select from vidpipe_ops.published_dates where ingest_date = %(date)s)",
        {"date": ingest_date, "uploads": uploads_digest, "versions": versions_digest},
    )
    connection.execute(
        "update vidpipe_ops.published_dates set uploads_digest = %(uploads)s,"
        " versions_digest = %(versions)s, published_at = now() where ingest_date = %(date)s and"
        " (%(written)s or (uploads_digest, versions_digest) <> (%(uploads)s, %(versions)s))"
        " and published_at < now()",
        {
            "date": ingest_date,
            "uploads": uploads_digest,
            "versions": versions_digest,
            "written": report.written > 0,
        },
    )


def _count(connection: psycopg.Connection, query: sql.Composed) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row is not None else 0


def _list(columns: Sequence[str], alias: str | None = None) -> sql.Composed:
    return sql.SQL(", ").join(
        sql.Identifier(alias, column) if alias else sql.Identifier(column) for column in columns
    )


def _same_key(key: Sequence[str]) -> sql.Composed:
    return sql.SQL(" and ").join(
        sql.SQL("t.{0} = s.{0}").format(sql.Identifier(column)) for column in key
    )
