"""Polars frames as PostgreSQL's COPY BINARY.

Belongs here: encoding, and handing it to COPY.
Does not: which rows go where (publish).

Vectors are encoded a block at a time by numpy: value by value, Python would take longer than the
server needs to store them.
Format: https://www.postgresql.org/docs/current/sql-copy.html (binary), pgvector's `halfvec_send`.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl
import psycopg
from psycopg import sql

HEADER = b"PGCOPY\n\xff\r\n\x00" + struct.pack(">ii", 0, 0)
TRAILER = struct.pack(">h", -1)
BLOCK_ROWS = 2_000  # about 2 MB of 512-dimensional vectors at a time


def copy_rows(
    connection: psycopg.Connection,
    target: sql.Composable,
    frame: pl.DataFrame,
    types: Mapping[str, str],
) -> None:
    """Append a frame's rows to a table.

    Args:
        target: the table, quoted.
        frame: has the columns of `types`.
        types: PostgreSQL type of each column, in the order to write them.
    """
    if frame.is_empty():
        return
    statement = _statement(target, list(types))
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(list(types.values()))
        for row in without_nul(frame.select(list(types))).iter_rows():
            copy.write_row(row)


def copy_vectors(
    connection: psycopg.Connection,
    target: sql.Composable,
    frame: pl.DataFrame,
    keys: Sequence[str],
) -> None:
    """Append rows of text keys and one `halfvec` named `embedding` to a table.

    Args:
        target: the table, quoted.
        frame: the text columns `keys` without nulls, and `embedding`, lists of one length.

    Raises:
        ValueError: vectors of different lengths, missing or not finite.
    """
    if frame.is_empty():
        return
    with (
        connection.cursor() as cursor,
        cursor.copy(_statement(target, [*keys, "embedding"])) as copy,
    ):
        for block in encoded_vectors(frame, keys):
            copy.write(block)


def encoded_vectors(frame: pl.DataFrame, keys: Sequence[str]) -> Iterator[bytes]:
    """The COPY BINARY stream of such rows, in blocks.

    Raises:
        ValueError: vectors of different lengths, missing or not finite.
    """
    yield HEADER
    fields = struct.pack(">h", len(keys) + 1)
    for rows in without_nul(frame.select(*keys, "embedding")).iter_slices(BLOCK_ROWS):
        columns = [_text_fields(rows[key]) for key in keys]
        yield b"".join(
            part
            for row in zip(*columns, _vector_fields(rows["embedding"]), strict=True)
            for part in (fields, *row)
        )
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
    values = lists.explode().to_numpy()
    if not np.isfinite(values).all():
        raise ValueError(f"vectors in {vectors.name!r} hold numbers that are not finite")
    return np.asarray(values, dtype=np.float32).reshape(len(lists), int(lengths[0]))


def without_nul(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with NUL characters taken out of its texts.

    The door of vidpipe removes them already; PostgreSQL refuses them, and one that slipped in
    through an error message must not keep a whole date from being published.
    """
    texts = [
        pl.col(name).str.replace_all("\x00", "", literal=True)
        for name, kind in frame.schema.items()
        if kind == pl.String
    ]
    lists = [
        pl.col(name).list.eval(pl.element().str.replace_all("\x00", "", literal=True))
        for name, kind in frame.schema.items()
        if kind == pl.List(pl.String)
    ]
    return frame.with_columns(*texts, *lists)


def _statement(target: sql.Composable, columns: Sequence[str]) -> sql.Composed:
    return sql.SQL("copy {} ({}) from stdin (format binary)").format(
        target, sql.SQL(", ").join(map(sql.Identifier, columns))
    )


def _text_fields(texts: pl.Series) -> list[bytes]:
    encoded = [text.encode() for text in texts]
    return [struct.pack(">i", len(text)) + text for text in encoded]


def _vector_fields(vectors: pl.Series) -> list[bytes]:
    values = matrix(vectors)
    rows, dimensions = values.shape
    block = np.empty(
        rows,
        dtype=[("bytes", ">i4"), ("dim", ">u2"), ("unused", ">u2"), ("v", ">f2", (dimensions,))],
    )
    block["bytes"] = 4 + 2 * dimensions
    block["dim"] = dimensions
    block["unused"] = 0
    block["v"] = values
    whole, size = block.tobytes(), block.itemsize
    return [whole[start : start + size] for start in range(0, len(whole), size)]
