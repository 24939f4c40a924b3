"""The catalogue of published tables: their keys and columns, and where each column comes from.

Belongs here: what assembling, checking, loading and comparing rows must agree on, and what Dagster
shows of the tables.
Does not: the lake's columns, which this catalogue refers to (vidpipe.stores.lake); the tables in
PostgreSQL with their comments (`sql/tables/`); tables of vectors, which exist once per model
(vidpipe.stores.model_registry).

A column made by `_of_lake`, `_fields` or `_items` is the lake's as it stands. Every `Column` that
is written out here differs from the lake: publishing computes it, or takes it from the registry of
uploads.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, LiteralString

import polars as pl
from psycopg import sql

from vidpipe.stores import lake
from vidpipe.stores.lake import LakeTable
from vidpipe.stores.lake_structs import TIMESTAMP
from vidpipe.stores.model_registry import VECTOR_TABLES, VectorTable

# The PostgreSQL type of a column, by the Polars type of its values.
SERVER_TYPES: Mapping[pl.DataType, LiteralString] = {
    pl.String(): "text",
    pl.Int32(): "int4",
    pl.Int64(): "int8",
    pl.Float32(): "float4",
    pl.Float64(): "float8",
    pl.Boolean(): "bool",
    pl.Date(): "date",
    TIMESTAMP: "timestamptz",
    pl.List(pl.String()): "text[]",
    pl.List(pl.Float32()): "float4[]",
}
VECTOR = pl.List(pl.Float32())


@dataclass(frozen=True)
class Column:
    """A column of a published table.

    Attributes:
        name: its name in PostgreSQL, and in the lake if it comes from there.
        dtype: the Polars type of its values.
        field_of: the struct column of the lake whose field it is, if it is one.
    """

    name: str
    dtype: pl.DataType
    field_of: str | None = None

    @property
    def server_type(self) -> LiteralString:
        """Its PostgreSQL type."""
        return SERVER_TYPES[self.dtype]

    @property
    def value(self) -> pl.Expr:
        """Its values in a frame that holds the lake's columns and the computed ones."""
        if self.field_of is None:
            return pl.col(self.name)
        return pl.col(self.field_of).struct.field(self.name)


@dataclass(frozen=True, eq=False)
class PlainTable:
    """A published table without vectors.

    Attributes:
        name: its name without the schema.
        schema: the PostgreSQL schema that holds it.
        key: the columns that tell its rows apart.
        columns: all its columns, in the order in which PostgreSQL holds them.
        also_compared: columns that must equal the lake's, besides the key, for a row to be right.
        shared: whether rows of several dates or contents may coincide.
    """

    name: str
    schema: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    also_compared: tuple[str, ...] = ()
    shared: bool = False

    @property
    def column_names(self) -> list[str]:
        """Names of its columns."""
        return [column.name for column in self.columns]

    @property
    def types(self) -> dict[str, pl.DataType]:
        """Polars type of each column."""
        return {column.name: column.dtype for column in self.columns}

    @property
    def server_types(self) -> dict[str, LiteralString]:
        """PostgreSQL type of each column."""
        return {column.name: column.server_type for column in self.columns}

    @property
    def values(self) -> list[pl.Expr]:
        """Values of its columns in a frame that holds the lake's columns and the computed ones."""
        return [column.value for column in self.columns]

    @property
    def target(self) -> sql.Identifier:
        """The table, quoted."""
        return sql.Identifier(self.schema, self.name)


def _of_lake(table: LakeTable, *names: str) -> list[Column]:
    """Columns of a table of the lake."""
    return [Column(name, table.schema[name]) for name in names]


def _fields(table: LakeTable, column: str, *names: str) -> list[Column]:
    """Fields of a struct column of the lake."""
    fields = _fields_of(table.schema[column])
    return [Column(name, fields[name], field_of=column) for name in names]


def _items(table: LakeTable, column: str) -> list[Column]:
    """All fields of the structs in a list column of the lake, each of which becomes a row."""
    items = table.schema[column]
    assert isinstance(items, pl.List)
    return [Column(name, dtype) for name, dtype in _fields_of(items.inner).items()]


def _fields_of(struct: Any) -> pl.Schema:
    assert isinstance(struct, pl.Struct)
    return pl.Schema(struct.to_schema())


VIDEOS = PlainTable(
    "videos",
    "vidpipe",
    key=("video_id",),
    columns=(
        Column("video_id", pl.String()),  # the id of the metadata, made unique
        *_fields(lake.RAW_VIDEOS, "metadata", "platform", "account", "posted_at"),
        Column("ingest_date", pl.Date()),  # the upload's
        *_fields(lake.RAW_VIDEOS, "metadata", "description", "hashtags", "url"),
        *_of_lake(lake.RAW_VIDEOS, "content_sha256", "upload_id"),
        Column("is_damaged", pl.Boolean()),
        Column("removed_at", TIMESTAMP),
        *_of_lake(lake.RAW_VIDEOS, "metadata_source"),
        Column("post_id", pl.String()),  # the id of the metadata, made unique
        Column("clip_number", pl.Int32()),
        Column("account_id", pl.String()),  # the account where an earlier vidpipe read no id
        *_fields(lake.RAW_VIDEOS, "post", "account_name", "account_source", "posted_at_precision"),
        Column("mentions", pl.List(pl.String)),  # empty where an earlier vidpipe read none
        *_fields(lake.RAW_VIDEOS, "post", "language", "sound_id", "sound_title"),
        *_fields(lake.RAW_VIDEOS, "post", "views", "likes", "reposts", "comments"),
        *_fields(lake.RAW_VIDEOS, "post", "engagement_read_at"),
        *_fields(lake.RAW_VIDEOS, "post", "reply_to", "repost_of", "quote_of"),
    ),
    also_compared=("upload_id",),
)
VIDEO_VERSIONS = PlainTable(
    "video_versions",
    "vidpipe",
    key=("upload_id",),
    columns=(
        *_of_lake(lake.RAW_VIDEOS, "upload_id"),
        Column("video_id", pl.String()),
        Column("version", pl.Int32()),
        Column("is_current", pl.Boolean()),
        *_of_lake(lake.RAW_VIDEOS, "content_sha256"),
        Column("ingest_date", pl.Date()),  # the upload's
        *_of_lake(lake.RAW_VIDEOS, "first_seen_at"),
        Column("removed_at", TIMESTAMP),
        *_fields(lake.RAW_VIDEOS, "metadata", "platform"),
        Column("account_id", pl.String()),
        *_fields(lake.RAW_VIDEOS, "metadata", "account"),
        *_fields(lake.RAW_VIDEOS, "post", "account_name"),
        *_fields(lake.RAW_VIDEOS, "metadata", "posted_at", "description"),
    ),
    also_compared=("video_id", "is_current"),
)
UNSHOWN_UPLOADS = PlainTable(
    "unshown_uploads",
    "vidpipe_ops",
    key=("upload_id",),
    columns=(
        *_of_lake(lake.RAW_VIDEOS, "upload_id"),
        Column("ingest_date", pl.Date()),  # the upload's
        Column("outcome", pl.String()),
        Column("reason", pl.String()),
    ),
)
CONTENTS = PlainTable(
    "contents",
    "vidpipe",
    key=("content_sha256",),
    columns=(
        *_of_lake(lake.RAW_VIDEOS, "content_sha256"),
        *_fields(lake.RAW_VIDEOS, "probe", "duration_s", "fps", "width_px", "height_px", "codec"),
        *_of_lake(lake.RAW_VIDEOS, "size_bytes"),
        Column("ingest_date", pl.Date()),  # the first date that showed it
    ),
    shared=True,
)
KEYFRAMES = PlainTable(
    "keyframes",
    "vidpipe",
    key=("content_sha256", "segment"),
    columns=(
        *_of_lake(lake.KEYFRAMES, "content_sha256"),
        *_items(lake.KEYFRAMES, "frames"),
    ),
    also_compared=("keyframe_sha256",),
    shared=True,
)
OCR_LINES = PlainTable(
    "ocr_lines",
    "vidpipe",
    key=("keyframe_sha256", "line_no"),
    columns=(
        *_of_lake(lake.OCR_TEXT, "keyframe_sha256"),
        *_items(lake.OCR_TEXT, "lines"),
    ),
    shared=True,
)
FAILURES = PlainTable(
    "failures",
    "vidpipe_ops",
    key=("ingest_date", "stage", "item_key"),
    columns=(
        Column("ingest_date", pl.Date()),
        Column("stage", pl.String()),
        Column("item_key", pl.String()),
        Column("upload_id", pl.String()),
        Column("video_id", pl.String()),
        Column("content_sha256", pl.String()),
        *_of_lake(lake.RAW_VIDEOS, "status", "error_class", "error_message"),
        Column("occurred_at", TIMESTAMP),
    ),
    shared=True,
)
PLAIN_TABLES = (
    VIDEOS,
    VIDEO_VERSIONS,
    CONTENTS,
    KEYFRAMES,
    OCR_LINES,
    FAILURES,
    UNSHOWN_UPLOADS,
)


def vector_types(table: VectorTable) -> dict[str, pl.DataType]:
    """Polars type of each column of a table of vectors."""
    return {**dict.fromkeys(table.columns, pl.String()), "embedding": VECTOR}


def compared_columns() -> dict[str, tuple[str, ...]]:
    """The columns by which the rows of each table that analysts read are compared with the lake's.

    The first of them names the post, content or keyframe that a row belongs to.
    """
    plain = {
        table.name: (*table.key, *table.also_compared)
        for table in PLAIN_TABLES
        if table.schema == "vidpipe"
    }
    return plain | {table.name: table.columns for table in VECTOR_TABLES}


@dataclass(frozen=True)
class DateRows:
    """What one ingest date should show: frames with the columns of the tables of their names.

    `failures` has no `ingest_date` (it is the date's). Vectors are lists of numbers of unit length
    in a column `embedding`. `DateRows.empty()` has the exact columns and types.
    """

    videos: pl.DataFrame
    video_versions: pl.DataFrame
    contents: pl.DataFrame
    keyframes: pl.DataFrame
    ocr_lines: pl.DataFrame
    frame_embeddings: pl.DataFrame
    content_embeddings: pl.DataFrame
    text_embeddings: pl.DataFrame
    failures: pl.DataFrame
    unshown_uploads: pl.DataFrame

    @classmethod
    def empty(cls) -> "DateRows":
        """No rows, with every column in its type."""
        plain = {table.name: pl.DataFrame(schema=table.types) for table in PLAIN_TABLES}
        plain["failures"] = plain["failures"].drop("ingest_date")
        vectors = {table.name: pl.DataFrame(schema=vector_types(table)) for table in VECTOR_TABLES}
        return cls(**plain, **vectors)
