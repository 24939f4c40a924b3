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
from vidpipe.models.identity import ModelIdentity
from vidpipe.stores.active_model import (
    MODEL_LOCK,
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
from vidpipe.stores.binary_copy import copy_rows, copy_vectors, matrix
from vidpipe.stores.database import said

PUBLISH_LOCK = 0x7669645F7075626C  # "vid_publ"

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

log = logging.getLogger(__name__)

Types = Mapping[str, tuple[str, pl.DataType]]
UTC_TIME = pl.Datetime("us", "UTC")


@dataclass(frozen=True, eq=False)
class PlainTable:
    """A published table without vectors: its columns, and the key that tells its rows apart."""

    name: str
    schema: str
    key: tuple[str, ...]
    types: Types
    shared: bool = False  # rows of several dates or contents may coincide

    @property
    def columns(self) -> list[str]:
        """Names of its columns."""
        return list(self.types)

    @property
    def target(self) -> sql.Identifier:
        """The table, quoted."""
        return sql.Identifier(self.schema, self.name)

    @property
    def stage(self) -> sql.Identifier:
        """Its staging table, quoted."""
        return sql.Identifier("pg_temp", f"stage_{self.name}")


TEXT, INT4, INT8 = ("text", pl.String()), ("int4", pl.Int32()), ("int8", pl.Int64())
FLOAT8, FLOAT4, BOOL = ("float8", pl.Float64()), ("float4", pl.Float32()), ("bool", pl.Boolean())
DATE, TIME = ("date", pl.Date()), ("timestamptz", UTC_TIME)
TEXTS, FLOAT4S = ("text[]", pl.List(pl.String())), ("float4[]", pl.List(pl.Float32()))

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
            connection.execute("select pg_advisory_xact_lock(%s)", [PUBLISH_LOCK])
            registered = ensure_model(connection, model)
            _publish(connection, checked, ingest_date, registered, report)
            _note_date(connection, ingest_date, uploads_digest, versions_digest, report)
    except psycopg.Error as error:
        raise DatabaseError(f"{ingest_date} could not be published: {said(error)}") from error
    report.seconds = time.monotonic() - started
    return report


def forget_published(connection: psycopg.Connection) -> None:
    """Empty every derived table, those of all models included, before a rebuild from the lake."""
    names = [table.target for table in PLAIN_TABLES]
    names += [sql.Identifier("vidpipe", "video_words")]
    names += [sql.Identifier("vidpipe_ops", name) for name in ("published_dates", "date_contents")]
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", [PUBLISH_LOCK])
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
        frames[table.name] = _conform(
            frames[table.name], table.name, types, table.key, table.shared
        )
    for vectors in VECTOR_TABLES:
        types = {**dict.fromkeys(vectors.columns, pl.String()), "embedding": pl.List(pl.Float32())}
        frame = _conform(frames[vectors.name], vectors.name, types, vectors.key, shared=True)
        frames[vectors.name] = frame
        if not frame.is_empty():
            try:
                dimensions = matrix(frame["embedding"]).shape[1]
            except ValueError as error:
                raise DatabaseError(f"{vectors.name} of {ingest_date}: {error}") from error
            if dimensions != model.dimensions:
                raise DatabaseError(
                    f"{vectors.name} of {ingest_date} have {dimensions} dimensions, but model"
                    f" {model.model_id!r} makes {model.dimensions}"
                )
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
        typed = frame.select(list(types)).cast(pl.Schema(types))
    except pl.exceptions.PolarsError as error:
        raise DatabaseError(f"rows of {name} have a wrong type: {error}") from error
    unique = typed.unique(subset=list(key), keep="first", maintain_order=True)
    if not shared and len(unique) < len(typed):
        twice = typed.filter(typed.select(list(key)).is_duplicated()).row(0, named=True)
        raise DatabaseError(f"rows of {name} hold {[twice[part] for part in key]} twice")
    return unique


def _publish(
    connection: psycopg.Connection,
    rows: DateRows,
    ingest_date: date,
    model: RegisteredModel,
    report: PublishReport,
) -> None:
    _make_worktables(connection)
    for table in PLAIN_TABLES:
        _stage(connection, table, getattr(rows, table.name))
    _release_contents(connection, ingest_date)
    connection.execute(  # a content keeps the date of first sight, whatever order dates come in
        "update pg_temp.stage_contents as s set ingest_date = t.ingest_date from vidpipe.contents"
        " as t where t.content_sha256 = s.content_sha256 and t.ingest_date < s.ingest_date"
    )
    connection.execute(
        "insert into pg_temp.old_keyframes select distinct k.keyframe_sha256"
        " from vidpipe.keyframes as k where k.content_sha256 in (select content_sha256 from"
        " pg_temp.stage_contents union all select content_sha256 from pg_temp.released_contents)"
    )
    gone = {
        VIDEOS: sql.SQL("t.ingest_date = {}").format(sql.Literal(ingest_date)),
        CONTENTS: sql.SQL("t.content_sha256 in (select content_sha256 from released_contents)"),
        KEYFRAMES: sql.SQL(
            "t.content_sha256 in (select content_sha256 from released_contents union all"
            " select content_sha256 from stage_contents)"
        ),
        # lines of keyframes that are gone; of the others, whatever the stage no longer has
        OCR_LINES: sql.SQL(
            "t.keyframe_sha256 in (select keyframe_sha256 from gone_keyframes union all"
            " select keyframe_sha256 from stage_keyframes)"
        ),
        FAILURES: sql.SQL("t.ingest_date = {}").format(sql.Literal(ingest_date)),
    }
    for table in PLAIN_TABLES:
        report.tables[table.name] = _merge(connection, table, gone[table])
        if table is KEYFRAMES:
            _find_gone_keyframes(connection)
    _forget_in_other_models(connection, model)
    beside = [
        vectors
        for vectors in VECTOR_TABLES
        if _load_vectors(connection, vectors, getattr(rows, vectors.name), model, report)
    ]
    report.tables["video_words"] = _refresh_words(connection)
    _analyze(connection, report)
    if beside:
        _swap(connection, beside, model)
        report.index_rebuilt = True


def _make_worktables(connection: psycopg.Connection) -> None:
    """Empty temporary tables: what is staged, and what changed on the way."""
    for table in PLAIN_TABLES:
        connection.execute(
            sql.SQL("create temp table {} (like {}) on commit drop").format(
                sql.Identifier(f"stage_{table.name}"), table.target
            )
        )
    for name, column in (
        ("released_contents", "content_sha256"),
        ("old_keyframes", "keyframe_sha256"),
        ("gone_keyframes", "keyframe_sha256"),
        ("changed_videos", "video_id"),
        ("changed_keyframes", "content_sha256"),
        ("changed_ocr_lines", "keyframe_sha256"),
    ):
        connection.execute(
            sql.SQL("create temp table {} ({} text) on commit drop").format(
                sql.Identifier(name), sql.Identifier(column)
            )
        )


def _stage(connection: psycopg.Connection, table: PlainTable, frame: pl.DataFrame) -> None:
    copy_rows(
        connection, table.stage, frame, {name: kind for name, (kind, _) in table.types.items()}
    )
    connection.execute(sql.SQL("analyze {}").format(table.stage))


def _release_contents(connection: psycopg.Connection, ingest_date: date) -> None:
    """Note which contents the date shows, and which no date shows any more."""
    connection.execute(
        "insert into vidpipe_ops.date_contents (ingest_date, content_sha256)"
        " select %(date)s, s.content_sha256 from stage_contents as s where not exists (select"
        " from vidpipe_ops.date_contents as d where d.ingest_date = %(date)s"
        " and d.content_sha256 = s.content_sha256)",
        {"date": ingest_date},
    )
    connection.execute(
        "with let_go as (delete from vidpipe_ops.date_contents as d where d.ingest_date = %(date)s"
        " and not exists (select from stage_contents as s"
        " where s.content_sha256 = d.content_sha256) returning d.content_sha256)"
        " insert into released_contents select g.content_sha256 from let_go as g"
        " where not exists (select from vidpipe_ops.date_contents as d"
        " where d.content_sha256 = g.content_sha256 and d.ingest_date <> %(date)s)",
        {"date": ingest_date},
    )


def _merge(connection: psycopg.Connection, table: PlainTable, gone: sql.Composable) -> TableCounts:
    """Insert, update where different, and delete within `gone` what the stage does not have."""
    parts = {
        "target": table.target,
        "stage": table.stage,
        "same_key": _same_key(table.key),
        "columns": _list(table.columns),
        "values": _list(table.columns, "s"),
        "old": _list(table.columns, "t"),
        "set": sql.SQL(", ").join(
            sql.SQL("{0} = s.{0}").format(sql.Identifier(column)) for column in table.columns
        ),
        "gone": gone,
    }
    deleted = _tracked(
        connection,
        table,
        sql.SQL(
            "delete from {target} as t where {gone}"
            " and not exists (select from {stage} as s where {same_key})"
        ).format(**parts),
    )
    updated = _tracked(
        connection,
        table,
        sql.SQL(
            "update {target} as t set {set} from {stage} as s where {same_key}"
            " and ({old}) is distinct from ({values})"
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
    staged = _count(connection, sql.SQL("select count(*) from {stage}").format(**parts))
    return TableCounts(inserted, updated, deleted, staged - inserted - updated)


def _tracked(connection: psycopg.Connection, table: PlainTable, change: sql.Composed) -> int:
    """Run a change; for videos, keyframes and lines note whose words it touches. Rows changed."""
    if table not in (VIDEOS, KEYFRAMES, OCR_LINES):
        return connection.execute(change).rowcount
    return connection.execute(
        sql.SQL("with written as ({} returning t.{}) insert into {} select * from written").format(
            change, sql.Identifier(table.key[0]), sql.Identifier("pg_temp", f"changed_{table.name}")
        )
    ).rowcount


def _find_gone_keyframes(connection: psycopg.Connection) -> None:
    connection.execute(
        "insert into gone_keyframes select o.keyframe_sha256 from old_keyframes as o where not"
        " exists (select from vidpipe.keyframes as k where k.keyframe_sha256 = o.keyframe_sha256)"
    )


# What a vector table must let go of, by its name: rows (t) whose owner is gone, or whose owner is
# staged without them.
OWNER_GONE: dict[str, LiteralString] = {
    "frame_embeddings": "t.keyframe_sha256 in (select keyframe_sha256 from gone_keyframes)",
    "content_embeddings": "t.content_sha256 in (select content_sha256 from released_contents)",
    "text_embeddings": (
        "t.video_id in (select video_id from changed_videos)"
        " and not exists (select from vidpipe.videos as v where v.video_id = t.video_id)"
    ),
}
OWNER_STAGED: dict[str, LiteralString] = {
    "frame_embeddings": "t.keyframe_sha256 in (select keyframe_sha256 from stage_keyframes)",
    "content_embeddings": "t.content_sha256 in (select content_sha256 from stage_contents)",
    "text_embeddings": "t.video_id in (select video_id from stage_videos)",
}


def _forget_in_other_models(connection: psycopg.Connection, model: RegisteredModel) -> None:
    for other in registered_models(connection):
        for table in VECTOR_TABLES if other.model_no != model.model_no else ():
            connection.execute(
                sql.SQL("delete from {} as t where {}").format(
                    sql.Identifier("vidpipe", table.of_model(other.model_no)),
                    sql.SQL(OWNER_GONE[table.name]),
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
    name = table.of_model(model.model_no)
    target = sql.Identifier("vidpipe", name)
    new, known = frame, frame.clear()
    parts: dict[str, sql.Composable] = {
        "target": target,
        "stage": sql.Identifier("pg_temp", f"stage_{table.name}"),
        "key": _list(table.key),
        "keys": _list(table.key, "t"),
        "columns": _list([*table.columns, "embedding"]),
        "values": _list([*table.columns, "embedding"], "s"),
        "old": _list([*table.columns, "embedding"], "t"),
        "same_key": _same_key(table.key),
        "let_go": sql.SQL("(({}) or ({}) and not exists (select from {} as s where {}))").format(
            sql.SQL(OWNER_GONE[table.name]),
            sql.SQL(OWNER_STAGED[table.name]),
            sql.Identifier("pg_temp", f"keys_{table.name}"),
            _same_key(table.key),
        ),
    }
    has_rows = _count(
        connection,
        sql.SQL("select count(*) from (select from {target} limit 1) as t").format(**parts),
    )
    doomed = changed = 0
    if has_rows:
        new, known = _split_known(connection, table, frame, parts)
        _stage_known(connection, table, known, parts)
        changed = _count(
            connection,
            sql.SQL(
                "select count(*) from {target} as t inner join {stage} as s on {same_key}"
                " where ({old}) is distinct from ({values})"
            ).format(**parts),
        )
        doomed = _count(
            connection, sql.SQL("select count(*) from {target} as t where {let_go}").format(**parts)
        )
    counts = TableCounts(len(new), changed, doomed, len(known) - changed)
    report.tables[table.name] = counts
    if _is_worth_rebuilding(connection, target, len(new) + changed):
        _load_beside(connection, table, new, model, parts, has_rows=bool(has_rows))
        return True
    if doomed:
        connection.execute(sql.SQL("delete from {target} as t where {let_go}").format(**parts))
    if changed:
        connection.execute(
            sql.SQL(
                "update {target} as t set ({columns}) = ({values}) from {stage} as s"
                " where {same_key} and ({old}) is distinct from ({values})"
            ).format(**parts)
        )
    copy_vectors(connection, target, new, table.columns)
    return False


def _split_known(
    connection: psycopg.Connection,
    table: VectorTable,
    frame: pl.DataFrame,
    parts: Mapping[str, sql.Composable],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows whose keys the table lacks, and those it has: only the latter need comparing."""
    keys = sql.Identifier("pg_temp", f"keys_{table.name}")
    connection.execute(
        sql.SQL("create temp table {} ({}) on commit drop").format(
            sql.Identifier(f"keys_{table.name}"),
            sql.SQL(", ").join(
                sql.SQL("{} text").format(sql.Identifier(column)) for column in table.key
            ),
        )
    )
    copy_rows(connection, keys, frame, dict.fromkeys(table.key, "text"))
    connection.execute(sql.SQL("analyze {}").format(keys))
    rows = connection.execute(
        sql.SQL("select {keys} from {target} as t inner join {stage} as s on {same_key}").format(
            **{**parts, "stage": keys}
        )
    ).fetchall()
    known = pl.DataFrame(rows, schema=dict.fromkeys(table.key, pl.String()), orient="row")
    on = list(table.key)
    return frame.join(known, on=on, how="anti"), frame.join(known, on=on, how="semi")


def _stage_known(
    connection: psycopg.Connection,
    table: VectorTable,
    known: pl.DataFrame,
    parts: Mapping[str, sql.Composable],
) -> None:
    connection.execute(
        sql.SQL("create temp table {} (like {target}) on commit drop").format(
            sql.Identifier(f"stage_{table.name}"), **parts
        )
    )
    copy_vectors(connection, parts["stage"], known, table.columns)
    connection.execute(sql.SQL("analyze {stage}").format(**parts))


def _is_worth_rebuilding(
    connection: psycopg.Connection, target: sql.Identifier, arriving: int
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
    *,
    has_rows: bool,
) -> None:
    """Fill and index a table beside the one that readers use."""
    name = _beside(table, model)
    connection.execute(  # left behind by nothing we know of: a failed publish rolls it back
        sql.SQL("drop table if exists vidpipe.{}").format(sql.Identifier(name))
    )
    create_vector_table(connection, table, model, name)
    beside = sql.Identifier("vidpipe", name)
    if has_rows:
        connection.execute(
            sql.SQL(
                "insert into {beside} ({columns}) select {old} from {target} as t"
                " where not {let_go} and not exists (select from {stage} as s where {same_key})"
            ).format(**parts, beside=beside)
        )
        connection.execute(
            sql.SQL("insert into {beside} ({columns}) select {columns} from {stage}").format(
                **parts, beside=beside
            )
        )
    copy_vectors(connection, beside, new, table.columns)
    create_key(connection, table, name)
    _build_index(connection, name, model.dimensions)
    connection.execute(sql.SQL("analyze {}").format(beside))


def _build_index(connection: psycopg.Connection, name: str, dimensions: int) -> None:
    rows = _count(
        connection, sql.SQL("select count(*) from vidpipe.{}").format(sql.Identifier(name))
    )
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
    connection.execute("select pg_advisory_xact_lock(%s)", [MODEL_LOCK])
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
        " where v.content_sha256 in (select content_sha256 from changed_keyframes union"
        " select k.content_sha256 from vidpipe.keyframes as k inner join changed_ocr_lines as c"
        " using (keyframe_sha256))"
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


def _analyze(connection: psycopg.Connection, report: PublishReport) -> None:
    """Tell the planner about tables that changed much; autovacuum would, a minute too late."""
    names = {table.name: table.target for table in PLAIN_TABLES}
    names["video_words"] = sql.Identifier("vidpipe", "video_words")
    for name, target in names.items():
        written = report.tables[name].written
        if written:
            rows = _count(
                connection,
                sql.SQL(
                    "select greatest(reltuples, 0)::bigint from pg_class where oid = {}::regclass"
                ).format(sql.Literal(target.as_string(connection))),
            )
            if written > ANALYZE_SHARE * rows:
                connection.execute(sql.SQL("analyze {}").format(target))


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
