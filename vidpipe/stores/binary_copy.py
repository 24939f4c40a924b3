"""Polars frames as PostgreSQL's COPY BINARY.

Belongs here: encoding, and handing it to COPY.
Does not: which rows go where (vidpipe.publication).

Columns are encoded a block of rows at a time, numbers and vectors by numpy: value by value, Python
would take longer than the server needs to store them.
Format: https://www.postgresql.org/docs/current/sql-copy.html (binary), the `…_send` functions of
PostgreSQL's types and pgvector's `halfvec_send`.
"""

import struct
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import polars as pl
import psycopg
from psycopg import sql

HEADER = b"PGCOPY\n\xff\r\n\x00" + struct.pack(">ii", 0, 0)
TRAILER = struct.pack(">h", -1)
NULL = struct.pack(">i", -1)
BLOCK_ROWS = 2_000  # about 2 MB of 512-dimensional vectors at a time

EPOCH_DAYS = 10_957  # from 1970-01-01 to PostgreSQL's 2000-01-01
EPOCH_US = EPOCH_DAYS * 86_400_000_000
TEXT_OID, FLOAT4_OID = 25, 700

Fields = list[bytes]


def copy_rows(
    connection: psycopg.Connection,
    target: sql.Composable,
    frame: pl.DataFrame,
    types: Mapping[str, str],
) -> None:
    """Appends a frame's rows to a table.

    Args:
        target: the table, quoted.
        frame: has the columns of `types`, in the Polars types of `vidpipe.publication.tables`.
        types: PostgreSQL type of each column, in the order to write them; a key of `ENCODERS`.

    Raises:
        ValueError: vectors of different lengths, missing or not finite.
    """
    if frame.is_empty():
        return
    statement = sql.SQL("copy {} ({}) from stdin (format binary)").format(
        target, sql.SQL(", ").join(map(sql.Identifier, types))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for block in encoded(frame, types):
            copy.write(block)


def encoded(frame: pl.DataFrame, types: Mapping[str, str]) -> Iterator[bytes]:
    """The COPY BINARY stream of a frame's rows, in blocks.

    Raises:
        ValueError: vectors of different lengths, missing or not finite.
    """
    yield HEADER
    count = struct.pack(">h", len(types))
    for rows in frame.select(list(types)).iter_slices(BLOCK_ROWS):
        columns = [ENCODERS[kind](rows[name]) for name, kind in types.items()]
        yield b"".join(part for row in zip(*columns, strict=True) for part in (count, *row))
    yield TRAILER


def matrix(vectors: pl.Series) -> np.ndarray:
    """A column of equally long lists as float32 of shape (rows, dimensions).

    Raises:
        ValueError: lists of different lengths, missing or with numbers that are not finite.
    """
    lists = vectors.cast(pl.List(pl.Float32))
    lengths = lists.list.len()
    if lists.null_count() or lengths.n_unique() != 1:
        raise ValueError(f"vectors in {vectors.name!r} are missing or of different lengths")
    values = np.asarray(lists.explode().to_numpy(), dtype=np.float32)
    if not np.isfinite(values).all():
        raise ValueError(f"vectors in {vectors.name!r} hold numbers that are not finite")
    return values.reshape(len(lists), int(lengths[0]))


def _texts(column: pl.Series) -> Fields:
    values = [None if text is None else text.encode() for text in column]
    return [NULL if v is None else struct.pack(">i", len(v)) + v for v in values]


def _numbers(kind: str) -> Callable[[pl.Series], Fields]:
    """Encoder of a column whose values are stored as numbers of one numpy type."""
    dtype = np.dtype([("bytes", ">i4"), ("value", kind)])

    def encode(column: pl.Series) -> Fields:
        block = np.empty(len(column), dtype=dtype)
        block["bytes"] = dtype["value"].itemsize
        block["value"] = column.fill_null(0).to_numpy()
        fields = _slices(block)
        for row in column.is_null().arg_true():
            fields[row] = NULL
        return fields

    return encode


def _booleans(column: pl.Series) -> Fields:
    return _numbers("i1")(column.cast(pl.Int8))


def _dates(column: pl.Series) -> Fields:
    return _numbers(">i4")(column.cast(pl.Int32) - EPOCH_DAYS)


def _times(column: pl.Series) -> Fields:
    return _numbers(">i8")(column.cast(pl.Int64) - EPOCH_US)


def _arrays(oid: int, of_elements: Callable[[pl.Series], Fields]) -> Callable[[pl.Series], Fields]:
    """Encoder of a column of lists whose elements are not null."""
    empty = struct.pack(">iiI", 0, 0, oid)

    def encode(column: pl.Series) -> Fields:
        elements = of_elements(column.drop_nulls().explode(empty_as_null=False))
        fields = []
        start = 0
        for length in column.list.len():
            if length is None:
                fields.append(NULL)
                continue
            head = struct.pack(">iiIii", 1, 0, oid, length, 1) if length else empty
            body = head + b"".join(elements[start : start + length])
            fields.append(struct.pack(">i", len(body)) + body)
            start += length
        return fields

    return encode


def _vectors(column: pl.Series) -> Fields:
    values = matrix(column)
    rows, dimensions = values.shape
    block = np.empty(
        rows,
        dtype=[("bytes", ">i4"), ("dim", ">u2"), ("unused", ">u2"), ("v", ">f2", (dimensions,))],
    )
    block["bytes"] = 4 + 2 * dimensions
    block["dim"] = dimensions
    block["unused"] = 0
    block["v"] = values
    return _slices(block)


def _slices(block: np.ndarray) -> Fields:
    whole, size = block.tobytes(), block.itemsize
    return [whole[start : start + size] for start in range(0, len(whole), size)]


ENCODERS: Mapping[str, Callable[[pl.Series], Fields]] = {
    "text": _texts,
    "int4": _numbers(">i4"),
    "int8": _numbers(">i8"),
    "float4": _numbers(">f4"),
    "float8": _numbers(">f8"),
    "bool": _booleans,
    "date": _dates,
    "timestamptz": _times,
    "text[]": _arrays(TEXT_OID, _texts),
    "float4[]": _arrays(FLOAT4_OID, _numbers(">f4")),
    "halfvec": _vectors,
}
