"""Vectors that an index holds: of found frames, of contents, of texts.

Belongs here: reading them from PostgreSQL. Does not: ranking by them (sql/functions), a sample of
all frames (corpus_sample.py), the vectors of questions (searcher.py).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from pgvector import HalfVector

from vidpipe.search.term_algebra import Vector

Vectors = NDArray[np.float32]


def frame_vectors(connection: psycopg.Connection, keyframes: Sequence[str]) -> Vectors:
    """Unit vectors of keyframes by their digests, in that order: shape (frames, dimensions)."""
    known: dict[str, Any] = dict(
        connection.execute(
            "select keyframe_sha256, embedding from vidpipe.frame_embeddings"
            " where keyframe_sha256 = any(%s)",
            [list(keyframes)],
        ).fetchall()
    )
    return _stacked([known[digest] for digest in keyframes])


def content_frames(connection: psycopg.Connection, content: str) -> Vectors:
    """Unit vectors of a content's keyframes, in no order: shape (frames, dimensions)."""
    return _vectors(
        connection,
        "select f.embedding from vidpipe.keyframes as k"
        " inner join vidpipe.frame_embeddings as f using (keyframe_sha256)"
        " where k.content_sha256 = %s",
        [content],
    )


def texts_of(connection: psycopg.Connection, contents: Sequence[str]) -> Vectors:
    """Unit vectors of what posts of some contents say, descriptions and read text."""
    return _vectors(
        connection,
        "select t.embedding from vidpipe.videos as v"
        " inner join vidpipe.text_embeddings as t using (video_id)"
        " where v.content_sha256 = any(%s) and v.removed_at is null",
        [list(contents)],
    )


def nearest_texts(connection: psycopg.Connection, direction: Vector, count: int) -> Vectors:
    """Unit vectors of the texts of all posts that lie nearest to a direction, the nearest first."""
    return _vectors(
        connection,
        "select embedding from vidpipe.text_embeddings order by embedding <#> %s limit %s",
        [HalfVector(direction), count],
    )


def _vectors(connection: psycopg.Connection, statement: str, arguments: list[Any]) -> Vectors:
    return _stacked([vector for (vector,) in connection.execute(statement, arguments).fetchall()])


def _stacked(vectors: Sequence[Any]) -> Vectors:
    if not vectors:
        return np.empty((0, 0), np.float32)
    return np.stack([vector.to_numpy() for vector in vectors]).astype(np.float32)
