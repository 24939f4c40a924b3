"""Vectors in random directions, and an HNSW index that finds few of the nearest among them."""

import numpy as np
import polars as pl
import psycopg
from psycopg import sql

from vidpipe.stores.binary_copy import copy_rows
from vidpipe.stores.model_registry import VECTOR_TABLES, RegisteredModel, create_index

FRAMES = VECTOR_TABLES[0]
RANDOM = "random-"  # how the keys of the added vectors begin


def add_random_frames(
    connection: psycopg.Connection, model: RegisteredModel, count: int = 600
) -> None:
    """Adds vectors of keyframes that do not exist; builds the index over all as vidpipe does."""
    random = np.random.default_rng(5)
    vectors = random.normal(size=(count, model.dimensions))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    frame = pl.DataFrame(
        {
            "keyframe_sha256": [f"{RANDOM}{number}" for number in range(count)],
            "embedding": vectors.astype(np.float32).tolist(),
        }
    )
    name = FRAMES.of_model(model.model_no)
    _drop_index(connection, name)
    copy_rows(connection, sql.Identifier("vidpipe", name), frame, FRAMES.types)
    create_index(connection, name)


def spoil_index(connection: psycopg.Connection, model: RegisteredModel) -> None:
    """Builds the index of frames anew with so few links that most of its graph is out of reach."""
    name = FRAMES.of_model(model.model_no)
    _drop_index(connection, name)
    connection.execute(
        sql.SQL(
            "create index {} on vidpipe.{} using hnsw (embedding halfvec_ip_ops)"
            " with (m = 2, ef_construction = 4)"
        ).format(sql.Identifier(f"{name}_hnsw"), sql.Identifier(name))
    )


def mend_index(connection: psycopg.Connection, model: RegisteredModel) -> None:
    """Takes the added vectors away again and builds the index as vidpipe does."""
    name = FRAMES.of_model(model.model_no)
    _drop_index(connection, name)
    connection.execute(
        sql.SQL("delete from vidpipe.{} where starts_with(keyframe_sha256, {})").format(
            sql.Identifier(name), sql.Literal(RANDOM)
        )
    )
    create_index(connection, name)


def _drop_index(connection: psycopg.Connection, name: str) -> None:
    connection.execute(sql.SQL("drop index vidpipe.{}").format(sql.Identifier(f"{name}_hnsw")))
