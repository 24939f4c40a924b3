"""Whether what the pipeline computed and published is right: each function finds what is not.

Belongs here: what must hold in the lake, in PostgreSQL and between the two, as plain functions that
return findings.
Does not: Dagster's asset checks (vidpipe.automation.checks wraps these functions), what must hold
of rows before they are written (vidpipe.publication.checking).
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from psycopg import Connection, sql

from vidpipe.pipeline.snapshot import IS_NO_VIDEO, PRESENT, USABLE, Snapshot
from vidpipe.pipeline.stages import Pipeline, Session
from vidpipe.publication.assembly import assemble_rows
from vidpipe.publication.reading import date_snapshots, read_uploads
from vidpipe.publication.tables import DateRows, compared_columns
from vidpipe.stores.lake import CLIP_EMBEDDINGS, KEYFRAMES, LakeTable
from vidpipe.stores.model_registry import VECTOR_TABLES, find_model

UNIT_LENGTH_TOLERANCE = 1e-3
RECALL_QUERIES = 20
RECALL_K = 10


def contents_without_keyframe(snapshot: Snapshot) -> pl.DataFrame:
    """Contents that have neither a keyframe nor a recorded failure."""
    failed = snapshot.outcomes(KEYFRAMES).filter(~USABLE)
    return (
        snapshot.contents.filter(PRESENT)
        .join(snapshot.frames, on="content_sha256", how="anti")
        .join(failed, on="content_sha256", how="anti")
    )


def wrong_vectors(snapshot: Snapshot, dimensions: int) -> pl.DataFrame:
    """Embedding inputs without a good vector or a recorded failure, with the `problem`.

    A vector is good when it has the model's dimensions, is finite, and is of unit length. Inputs
    that only another model made a vector of are left out.
    """
    key = CLIP_EMBEDDINGS.key_columns
    vectors = snapshot.vectors
    others = snapshot.outdated(CLIP_EMBEDDINGS).join(vectors, on=key, how="anti")
    failed = snapshot.outcomes(CLIP_EMBEDDINGS).filter(~USABLE)
    vector = pl.col("vector")
    length = vector.list.eval(pl.element().cast(pl.Float64) ** 2).list.sum().sqrt()
    problem = (
        pl.when(vector.is_null())
        .then(pl.lit("missing"))
        .when(vector.list.len() != dimensions)
        .then(pl.lit("dimensions"))
        .when(~length.is_finite())
        .then(pl.lit("not finite"))
        .when((length - 1).abs() > UNIT_LENGTH_TOLERANCE)
        .then(pl.lit("not of unit length"))
    )
    return (
        snapshot.embedding_inputs.select(*key, "ingest_date")
        .join(failed, on=key, how="anti")
        .join(others, on=key, how="anti")
        .join(vectors, on=key, how="left")
        .with_columns(problem=problem)
        .filter(pl.col("problem").is_not_null())
        .drop("vector")
    )


def failure_shares(snapshot: Snapshot, table: LakeTable) -> dict[date, float]:
    """Share of a stage's items that failed, for each date where any did.

    What is no video was nobody's failure: sound that a downloader left must not raise an alarm.
    """
    key = table.key_columns
    has_failed = (pl.col("status") == "failed") & ~IS_NO_VIDEO
    by_date = (
        snapshot.inputs(table)
        .select(*key, "ingest_date")
        .join(snapshot.outcomes(table).select(*key, "status", "error_class"), on=key, how="left")
        .group_by("ingest_date")
        .agg(has_failed.mean().alias("share"))
        .filter(pl.col("share") > 0)
    )
    return dict(by_date.iter_rows())


def row_differences(pipeline: Pipeline, session: Session, days: Sequence[date]) -> pl.DataFrame:
    """Where PostgreSQL does not hold what the lake holds: `ingest_date`, `table`, `missing` rows.

    Rows that PostgreSQL holds beyond the lake's are counted as `surplus`. Vectors are those of the
    model in use, which need not be the active one.

    Raises:
        UnknownName: nothing was published with this model yet.
    """
    model = find_model(session.connection, pipeline.model.model_id)
    of_model = {table.name: table.of_model(model.model_no) for table in VECTOR_TABLES}
    uploads = read_uploads(pipeline, session)
    found = []
    for snapshot, day in date_snapshots(pipeline, session, days):
        rows = assemble_rows(snapshot, uploads, day, pipeline.model.dimensions)
        for table, columns in compared_columns().items():
            wanted = set(getattr(rows, table).select(columns).iter_rows())
            held = _published_rows(
                session.connection, table, of_model.get(table, table), columns, rows, day
            )
            if wanted != held:
                found.append((day, table, len(wanted - held), len(held - wanted)))
    return pl.DataFrame(
        found,
        schema={
            "ingest_date": pl.Date,
            "table": pl.String,
            "missing": pl.Int64,
            "surplus": pl.Int64,
        },
        orient="row",
    )


def unaccounted_uploads(connection: Connection[Any], days: Sequence[date]) -> pl.DataFrame:
    """Uploads of these dates that nothing tells what became of: `upload_id`, `ingest_date`.

    Every upload is shown, a version, failed, no video, held, waiting, forgotten or a side file; one
    that is none of these was lost.
    """
    rows = connection.execute(
        "select upload_id, ingest_date from vidpipe.upload_outcomes"
        " where outcome = 'unaccounted' and ingest_date = any(%s) order by ingest_date, upload_id",
        [list(days)],
    ).fetchall()
    schema = {"upload_id": pl.String, "ingest_date": pl.Date}
    return pl.DataFrame(rows, schema=schema, orient="row")


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
        float(np.mean(np.asarray(near) <= true[-1] + 1e-6)) if near else 0.0
        for near, true in zip(found, exact, strict=True)
    ]
    return float(np.mean(shares))


def _published_rows(
    connection: Connection[Any],
    table: str,
    relation: str,
    columns: Sequence[str],
    rows: DateRows,
    day: date,
) -> set[tuple[Any, ...]]:
    """Rows in PostgreSQL of a date's videos, or of the owners that the lake's rows name."""
    if table in ("videos", "video_versions"):
        column, values = "ingest_date", [day]
    else:
        column = columns[0]
        owners = {"video_id": rows.videos, "content_sha256": rows.contents}
        values = owners.get(column, rows.keyframes)[column].unique().to_list()
    return set(
        connection.execute(
            sql.SQL("select {} from {} where {} = any(%s)").format(
                sql.SQL(", ").join(map(sql.Identifier, columns)),
                sql.Identifier("vidpipe", relation),
                sql.Identifier(column),
            ),
            [values],
        ).fetchall()
    )


def _nearest(connection: Connection[Any], query: Any, *, exact: bool) -> list[float]:
    connection.execute(f"set local enable_indexscan = {'off' if exact else 'on'}")
    connection.execute(f"set local enable_seqscan = {'on' if exact else 'off'}")
    rows = connection.execute(
        "select embedding <#> %(query)s from vidpipe.frame_embeddings"
        " order by embedding <#> %(query)s limit %(k)s",
        {"query": query, "k": RECALL_K},
    ).fetchall()
    return [float(distance) for (distance,) in rows]
