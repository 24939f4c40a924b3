"""Is what the pipeline published right? Each function finds what is not.

Belongs here: comparisons of lake and PostgreSQL, as plain functions that return findings.
Does not: Dagster's asset checks (vidpipe.automation.checks wraps these functions).
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from psycopg import Connection

from vidpipe.pipeline import USABLE, Pipeline, Session
from vidpipe.stages import Stage
from vidpipe.stores.lake import CLIP_EMBEDDINGS, KEYFRAMES

UNIT_LENGTH_TOLERANCE = 1e-3
RECALL_QUERIES = 20
RECALL_K = 10


def contents_without_keyframe(
    pipeline: Pipeline, session: Session, days: Sequence[date]
) -> pl.DataFrame:
    """Contents of these dates that have neither a keyframe nor a recorded failure."""
    contents = pipeline.contents(session, days)
    found = pipeline.lake.results(KEYFRAMES, pipeline.keyframes.version, contents, ["frames"])
    explained = found.filter(~USABLE | (pl.col("frames").list.len() > 0))
    return contents.join(explained, on="content_sha256", how="anti")


def wrong_vectors(pipeline: Pipeline, session: Session, days: Sequence[date]) -> pl.DataFrame:
    """Inputs of these dates without a good vector, with the `problem`.

    A vector is good when it has the model's dimensions, is finite, and is of unit length.
    """
    inputs = pipeline.embedding_inputs(session, days).select("kind", "input_sha256", "ingest_date")
    found = pipeline.lake.results(
        CLIP_EMBEDDINGS, pipeline.clip_embeddings.version, inputs, ["vector"]
    )
    vector = pl.col("vector")
    length = vector.list.eval(pl.element().cast(pl.Float64) ** 2).list.sum().sqrt()
    problem = (
        pl.when(pl.col("status").is_null())
        .then(pl.lit("missing"))
        .when(pl.col("status") == "failed")
        .then(pl.lit(None, pl.String))  # recorded, and counted by the failure share
        .when(vector.list.len() != pipeline.model.dimensions)
        .then(pl.lit("dimensions"))
        .when(~length.is_finite())
        .then(pl.lit("not finite"))
        .when((length - 1).abs() > UNIT_LENGTH_TOLERANCE)
        .then(pl.lit("not of unit length"))
    )
    return (
        inputs.join(
            found.select("kind", "input_sha256", "status", "vector"),
            on=["kind", "input_sha256"],
            how="left",
        )
        .with_columns(problem=problem)
        .filter(pl.col("problem").is_not_null())
        .drop("vector")
    )


def failure_shares(
    pipeline: Pipeline, session: Session, days: Sequence[date], stage: Stage
) -> dict[date, float]:
    """Share of a stage's items that failed, for each of these dates where any did."""
    keys = pipeline.inputs(session, days, stage)
    key_columns = stage.table.key_columns
    outcomes = pipeline.lake.outcomes(stage.table, stage.version, keys)
    by_date = (
        keys.select(*key_columns, "ingest_date")
        .unique(key_columns)
        .join(outcomes.select(*key_columns, "status"), on=key_columns, how="left")
        .group_by("ingest_date")
        .agg((pl.col("status") == "failed").mean().alias("share"))
        .filter(pl.col("share") > 0)
    )
    return dict(by_date.iter_rows())


def ann_recall(connection: Connection[Any]) -> float | None:
    """Recall@10 of the vector index against exact search, over sampled keyframes.

    Returns:
        Share of the true ten nearest that the index finds, 0 to 1; None when there are fewer
        vectors than that.
    """
    with connection.transaction():
        rows = connection.execute(
            "select embedding from vidpipe.frame_embeddings order by md5(keyframe_sha256) limit %s",
            [RECALL_QUERIES],
        ).fetchall()
        if len(rows) < RECALL_K:
            return None
        queries = [embedding for (embedding,) in rows]
        exact = [_nearest(connection, query, exact=True) for query in queries]
        found = [_nearest(connection, query, exact=False) for query in queries]
    # Vectors tie when frames repeat: what counts is how near the found ones are, not which.
    shares = [
        np.mean(np.asarray(near) <= true[-1] + 1e-6) if near else 0.0
        for near, true in zip(found, exact, strict=True)
    ]
    return float(np.mean(shares))


def _nearest(connection: Connection[Any], query: Any, *, exact: bool) -> list[float]:
    connection.execute(f"set local enable_indexscan = {'off' if exact else 'on'}")
    connection.execute(f"set local enable_seqscan = {'on' if exact else 'off'}")
    rows = connection.execute(
        "select embedding <#> %(query)s from vidpipe.frame_embeddings"
        " order by embedding <#> %(query)s limit %(k)s",
        {"query": query, "k": RECALL_K},
    ).fetchall()
    return [float(distance) for (distance,) in rows]
