"""Vectors of one or two models: indexes that are kept up to date or built anew."""

import psycopg
import pytest

from vidpipe.errors import DatabaseError, UnknownName
from vidpipe.publication import vectors
from vidpipe.publication.tables import DateRows
from vidpipe.publication.transaction import empty_published_tables, publish_rows
from vidpipe.stores.model_identity import ModelIdentity
from vidpipe.stores.model_registry import activate, drop_model, registered_models
from vidpipe_tests.publication.published_rows import (
    DAY,
    MODEL,
    NEXT_DAY,
    POSTS,
    date_rows,
    many_posts,
)
from vidpipe_tests.publication.shown_rows import shown_rows


def test_much_that_is_new_gets_a_new_index_and_little_goes_into_the_old_one(
    connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "REBUILD_MIN_ROWS", 50)

    def table() -> int:
        row = connection.execute("select 'vidpipe.frame_embeddings_m1'::regclass::oid").fetchone()
        assert row is not None
        return int(row[0])

    report = publish_rows(connection, date_rows(many_posts(100)), ingest_date=DAY, model=MODEL)
    assert report.index_rebuilt
    first = table()
    more = date_rows(many_posts(5, "w"), ingest_date=NEXT_DAY)
    assert not publish_rows(connection, more, ingest_date=NEXT_DAY, model=MODEL).index_rebuilt
    assert table() == first
    fewer = date_rows([*many_posts(60), *many_posts(120, "x")])
    assert publish_rows(connection, fewer, ingest_date=DAY, model=MODEL).index_rebuilt
    assert table() != first

    beside = shown_rows(connection)
    empty_published_tables(connection)
    monkeypatch.setattr(vectors, "REBUILD_MIN_ROWS", 10**9)
    publish_rows(connection, fewer, ingest_date=DAY, model=MODEL)
    assert not publish_rows(connection, more, ingest_date=NEXT_DAY, model=MODEL).index_rebuilt
    assert shown_rows(connection) == beside
    indexes = connection.execute(
        "select indexname from pg_indexes where tablename = 'frame_embeddings_m1' order by 1"
    ).fetchall()
    assert indexes == [("frame_embeddings_m1_hnsw",), ("frame_embeddings_m1_key",)]


def test_a_second_model_is_filled_beside_the_active_one_then_shown_then_the_first_dropped(
    connection: psycopg.Connection,
) -> None:
    wide = ModelIdentity("wide@1", 32)
    publish_rows(connection, date_rows(POSTS), ingest_date=DAY, model=MODEL)
    publish_rows(connection, date_rows(POSTS, model=wide), ingest_date=DAY, model=wide)
    dims = "select distinct vector_dims(embedding) from vidpipe.frame_embeddings"
    assert connection.execute(dims).fetchall() == [(16,)]
    activate(connection, "wide@1")
    assert connection.execute(dims).fetchall() == [(32,)]
    with pytest.raises(DatabaseError, match="is active"):
        drop_model(connection, "wide@1")
    # what goes, goes from the tables of every model
    publish_rows(connection, DateRows.empty(), ingest_date=DAY, model=wide)
    left = connection.execute("select count(*) from vidpipe.frame_embeddings_m1").fetchone()
    assert left == (0,)
    drop_model(connection, MODEL.model_id)
    assert [model.model_id for model in registered_models(connection)] == ["wide@1"]
    with pytest.raises(UnknownName, match=r"registered are: 'wide@1'"):
        activate(connection, MODEL.model_id)
