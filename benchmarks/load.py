"""How fast a date is published, against PostgreSQL's own COPY of the same rows.

    python -m benchmarks.load [--frames 50000] [--dimensions 512]

Two ratios, each of work that stores the same rows in the same run on the same server:

* `load_ratio`: bare COPY BINARY ÷ publishing, indexes of vectors and words apart. The bare side
  copies the same rows of all tables into tables without any key, in one transaction; publishing
  has the keys and B-trees of all tables, and compares with what is there.
* `initial_load_ratio`: (COPY BINARY + CREATE INDEX) ÷ publishing into an empty database with
  everything: the HNSW indexes of all three kinds of vectors, keys, and the words of every post.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import polars as pl
import psycopg
from psycopg import sql

from vidpipe.publication import index_rebuilding, transaction
from vidpipe.publication.counts import TableCounts
from vidpipe.publication.tables import CONTENTS, FAILURES, KEYFRAMES, PLAIN_TABLES, VIDEOS, DateRows
from vidpipe.settings import Settings, load_settings
from vidpipe.stores.binary_copy import copy_rows
from vidpipe.stores.database import connect
from vidpipe.stores.embedded import server as embedded_server
from vidpipe.stores.model_identity import ModelIdentity
from vidpipe.stores.model_registry import VECTOR_TABLES, VectorTable, ensure_model
from vidpipe.stores.schema_upgrade import upgrade

FRAMES_PER_CONTENT = 5
DAY = date(2026, 11, 2)
WORDS = ("tank", "truck", "street", "field", "speaker", "crowd", "fire", "night", "rain", "flag")


def made_up_date(frames: int, dimensions: int, seed: int = 0) -> DateRows:
    """Rows of one date with so many keyframes: five a content, two OCR lines a keyframe."""
    random = np.random.default_rng(seed)
    contents = [random.bytes(32).hex() for _ in range(frames // FRAMES_PER_CONTENT)]
    keyframes = [random.bytes(32).hex() for _ in range(len(contents) * FRAMES_PER_CONTENT)]
    videos = [f"tiktok:{number}" for number in range(len(contents))]
    start = datetime(2026, 11, 2, tzinfo=UTC)
    empty = DateRows.empty()
    descriptions = [" ".join(words) for words in random.choice(WORDS, (len(contents), 12))]
    scores = random.uniform(0, 100, (len(keyframes), 5))
    lines = [" ".join(words) for words in random.choice(WORDS, (2 * len(keyframes), 3))]
    shown = _filled(
        empty.videos,
        {
            "video_id": videos,
            "post_id": videos,
            "clip_number": 1,
            "platform": "tiktok",
            "account": [f"account{number % 97}" for number in range(len(videos))],
            "account_id": [f"account{number % 97}" for number in range(len(videos))],
            "posted_at": [start + timedelta(seconds=number) for number in range(len(videos))],
            "ingest_date": DAY,
            "description": descriptions,
            "hashtags": [["news", "war"]] * len(videos),
            "mentions": [[]] * len(videos),
            "content_sha256": contents,
            "upload_id": [f"2026-11-02/{number}.mp4" for number in range(len(videos))],
            "is_damaged": False,
            "metadata_source": "native",
        },
    )
    version = {"version": 1, "is_current": True, "first_seen_at": start}
    known = [name for name in empty.video_versions.columns if name in shown.columns]
    return DateRows(
        videos=shown,
        video_versions=_filled(
            empty.video_versions, shown.select(known).to_dict(as_series=False) | version
        ),
        contents=pl.DataFrame(
            {
                "content_sha256": contents,
                "duration_s": 60.0,
                "fps": 30.0,
                "width_px": 1280,
                "height_px": 720,
                "codec": "h264",
                "size_bytes": 9_000_000,
                "ingest_date": DAY,
            },
            schema_overrides=dict(empty.contents.schema),
        ),
        keyframes=pl.DataFrame(
            {
                "content_sha256": np.repeat(contents, FRAMES_PER_CONTENT).tolist(),
                "segment": list(range(FRAMES_PER_CONTENT)) * len(contents),
                "frame_index": list(range(0, 1800, 360)) * len(contents),
                "timestamp_s": [0.0, 12.0, 24.0, 36.0, 48.0] * len(contents),
                "keyframe_sha256": keyframes,
                "sharpness": scores[:, 0],
                "brightness": scores[:, 1],
                "entropy": scores[:, 2],
                "colour_variance": scores[:, 3],
                "colour_distance": scores[:, 4],
                "is_low_information": False,
                "image_uri": [f"media/{name[:2]}/{name}.jpg" for name in keyframes],
            },
            schema_overrides=dict(empty.keyframes.schema),
        ),
        ocr_lines=pl.DataFrame(
            {
                "keyframe_sha256": np.repeat(keyframes, 2).tolist(),
                "line_no": [0, 1] * len(keyframes),
                "text": lines,
                "confidence": 0.95,
                "accepted": True,
                "box": [[0.0, 0.0, 90.0, 0.0, 90.0, 20.0, 0.0, 20.0]] * len(lines),
            },
            schema_overrides=dict(empty.ocr_lines.schema),
        ),
        frame_embeddings=_vectors(random, {"keyframe_sha256": keyframes}, dimensions),
        content_embeddings=_vectors(random, {"content_sha256": contents}, dimensions),
        text_embeddings=_vectors(
            random,
            {
                "video_id": videos,
                "kind": ["description"] * len(videos),
                "text_sha256": [random.bytes(32).hex() for _ in videos],
            },
            dimensions,
        ),
        failures=empty.failures,
        unshown_uploads=empty.unshown_uploads,
    )


def _filled(empty: pl.DataFrame, columns: dict[str, Any]) -> pl.DataFrame:
    """Rows with these columns and the types of an empty frame; other columns are null."""
    return pl.DataFrame(
        dict.fromkeys(empty.columns) | columns, schema_overrides=dict(empty.schema)
    ).select(empty.columns)


def _vectors(
    random: np.random.Generator, keys: dict[str, list[str]], dimensions: int
) -> pl.DataFrame:
    """Unit vectors around 200 centres, as pictures of a few subjects are."""
    rows = len(next(iter(keys.values())))
    centres = random.normal(size=(200, dimensions)).astype(np.float32)
    values = centres[random.integers(0, 200, rows)]
    values += 0.7 * random.normal(size=values.shape).astype(np.float32)
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    vectors = pl.Series(values.reshape(rows, dimensions)).arr.to_list()
    return pl.DataFrame(keys).with_columns(embedding=vectors)


@contextmanager
def fresh_database(server: embedded_server.EmbeddedServer, home: Path) -> Iterator[Settings]:
    """Settings with an upgraded database that is dropped afterwards."""
    name = "vidpipe_bench_load"
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(f"drop database if exists {name} with (force)".encode())
        connection.execute(f"create database {name}".encode())
    settings = load_settings(home=home, database_url=server.url(name))
    upgrade(settings)
    try:
        yield settings
    finally:
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            connection.execute(f"drop database {name} with (force)".encode())


def fill(
    connection: psycopg.Connection,
    rows: DateRows,
    model: ModelIdentity,
    vectors: Sequence[VectorTable],
) -> int:
    """Fills the tables of posts and these ones of the model's vectors, whose indexes are dropped.

    Returns:
        model_no: number in the names of the model's tables.
    """
    model_no = ensure_model(connection, model).model_no
    connection.execute(f"set default_statistics_target = {transaction.STATISTICS}".encode())
    for plain in (VIDEOS, CONTENTS, KEYFRAMES):
        copy_rows(connection, plain.target, getattr(rows, plain.name), plain.server_types)
        connection.execute(sql.SQL("analyze {}").format(plain.target))
    for kind in vectors:
        table = kind.of_model(model_no)
        target = sql.Identifier("vidpipe", table)
        connection.execute(f"drop index vidpipe.{table}_hnsw".encode())
        copy_rows(connection, target, getattr(rows, kind.name), kind.types)
        connection.execute(sql.SQL("analyze {}").format(target))
    return model_no


def bare_copy(connection: psycopg.Connection, rows: DateRows, dimensions: int) -> float:
    """Seconds to COPY BINARY all rows into tables without keys, in one transaction."""
    with connection.transaction():
        connection.execute("create schema bare")
        for table in PLAIN_TABLES:
            connection.execute(
                sql.SQL("create table bare.{} (like {})").format(
                    sql.Identifier(table.name), table.target
                )
            )
        for vectors in VECTOR_TABLES:
            columns = "".join(f"{column} text not null, " for column in vectors.columns)
            columns += f"embedding halfvec({dimensions}) not null"
            connection.execute(f"create table bare.{vectors.name} ({columns})".encode())
            connection.execute(
                f"alter table bare.{vectors.name} alter embedding set storage plain".encode()
            )
    started = time.perf_counter()
    with connection.transaction():
        for table in PLAIN_TABLES:
            if table is FAILURES:
                continue
            target = sql.Identifier("bare", table.name)
            copy_rows(connection, target, getattr(rows, table.name), table.server_types)
        for vectors in VECTOR_TABLES:
            target = sql.Identifier("bare", vectors.name)
            copy_rows(connection, target, getattr(rows, vectors.name), vectors.types)
    return time.perf_counter() - started


def bare_indexes(connection: psycopg.Connection) -> float:
    """Seconds to build the HNSW indexes of the bare tables, with enough memory."""
    started = time.perf_counter()
    with connection.transaction():
        connection.execute("set local maintenance_work_mem = '512MB'")
        for vectors in VECTOR_TABLES:
            target = f"bare.{vectors.name} using hnsw (embedding halfvec_ip_ops)"
            connection.execute(f"create index on {target}".encode())
    return time.perf_counter() - started


def published(connection: psycopg.Connection, rows: DateRows, dimensions: int) -> float:
    """Seconds to publish the rows."""
    model = ModelIdentity("benchmark", dimensions)
    return transaction.publish_rows(connection, rows, ingest_date=DAY, model=model).seconds


def published_without_indexes(
    connection: psycopg.Connection, rows: DateRows, dimensions: int
) -> float:
    """Seconds to publish the rows when neither vectors nor words are indexed."""
    with (
        patch.object(index_rebuilding, "create_index"),
        patch.object(transaction, "swap_in"),
        patch.object(transaction, "refresh_words", return_value=TableCounts()),
    ):
        return published(connection, rows, dimensions)


def run(frames: int = 50_000, dimensions: int = 512, repeats: int = 3) -> dict[str, float]:
    """Both ratios, medians of the repeats, with the seconds behind them."""
    rows = made_up_date(frames, dimensions)
    seconds: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        server = embedded_server.start(home)
        try:
            for repeat in range(repeats):
                with fresh_database(server, home) as settings, connect(settings) as connection:
                    measures = {
                        "copy_s": bare_copy(connection, rows, dimensions),
                        "publish_without_index_s": published_without_indexes(
                            connection, rows, dimensions
                        ),
                    }
                    if repeat == 0:
                        measures["create_index_s"] = bare_indexes(connection)
                if repeat == 0:
                    with fresh_database(server, home) as settings, connect(settings) as connection:
                        measures["publish_s"] = published(connection, rows, dimensions)
                        measures["publish_unchanged_s"] = published(connection, rows, dimensions)
                for name, value in measures.items():
                    seconds.setdefault(name, []).append(value)
        finally:
            embedded_server.stop(home)
    medians = {name: round(statistics.median(values), 3) for name, values in seconds.items()}
    return {
        "frames": frames,
        "dimensions": dimensions,
        **medians,
        "load_ratio": round(medians["copy_s"] / medians["publish_without_index_s"], 3),
        "initial_load_ratio": round(
            (medians["copy_s"] + medians["create_index_s"]) / medians["publish_s"], 3
        ),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--frames", type=int, default=50_000)
    parser.add_argument("--dimensions", type=int, default=512)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    print(json.dumps(run(arguments.frames, arguments.dimensions, arguments.repeats), indent=1))
