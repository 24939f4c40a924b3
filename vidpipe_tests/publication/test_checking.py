"""Rows that contradict each other or their model are refused before anything changes."""

from dataclasses import replace

import polars as pl
import psycopg
import pytest

from vidpipe.errors import DatabaseError
from vidpipe.publication.transaction import publish_rows
from vidpipe_tests.publication.published_rows import DAY, MODEL, NEXT_DAY, POSTS, date_rows
from vidpipe_tests.publication.shown_rows import shown_rows


def test_contradictions_are_refused_before_anything_changes(
    connection: psycopg.Connection,
) -> None:
    rows = date_rows(POSTS)
    wrong_model = replace(MODEL, dimensions=8)
    broken = rows.frame_embeddings.with_columns(
        embedding=pl.lit([float("nan")] * 16, pl.List(pl.Float32))
    )
    for bad, model, message in (
        (replace(rows, videos=rows.videos.drop("url")), MODEL, r"missing columns \['url'\]"),
        (replace(rows, videos=pl.concat([rows.videos, rows.videos])), MODEL, "twice"),
        (rows, wrong_model, r"have \[16\] dimensions, but model .* makes 8"),
        (date_rows(POSTS, ingest_date=NEXT_DAY), MODEL, "belongs to 2026-11-03"),
        (replace(rows, frame_embeddings=broken), MODEL, "not finite"),
    ):
        with pytest.raises(DatabaseError, match=message):
            publish_rows(connection, bad, ingest_date=DAY, model=model)
    assert all(shown == [] for shown in shown_rows(connection).values())


def test_a_model_that_changes_its_dimensions_is_refused(connection: psycopg.Connection) -> None:
    publish_rows(connection, date_rows(POSTS), ingest_date=DAY, model=MODEL)
    other = replace(MODEL, dimensions=8)
    with pytest.raises(DatabaseError, match="registered with 16 dimensions and now has 8"):
        publish_rows(connection, date_rows(POSTS, model=other), ingest_date=DAY, model=other)
