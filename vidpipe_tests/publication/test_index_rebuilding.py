"""Readers while an index is built beside the one they use, and while the two are swapped."""

import threading
import time
from datetime import timedelta

import pytest

from vidpipe.errors import DatabaseError
from vidpipe.publication import index_rebuilding, vectors
from vidpipe.publication.transaction import publish_rows
from vidpipe.settings import Settings
from vidpipe.stores.database import connect
from vidpipe.stores.model_registry import ensure_model
from vidpipe_tests.publication.published_rows import (
    DAY,
    MODEL,
    NEXT_DAY,
    date_rows,
    many_posts,
)
from vidpipe_tests.publication.shown_rows import shown_rows


def test_readers_read_on_while_the_index_is_built_and_swapped(
    upgraded_database_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "REBUILD_MIN_ROWS", 50)
    stop = threading.Event()
    counts: list[int] = []
    problems: list[Exception] = []

    def read() -> None:
        try:
            with connect(upgraded_database_settings, autocommit=True) as reader:
                while not stop.is_set():
                    row = reader.execute(
                        "select count(*), count(distinct v.ingest_date)"
                        " from vidpipe.frame_embeddings as f"
                        " inner join vidpipe.keyframes as k using (keyframe_sha256)"
                        " inner join vidpipe.videos as v using (content_sha256)"
                    ).fetchone()
                    assert row is not None
                    counts.append(row[0])
        except Exception as error:
            problems.append(error)

    with connect(upgraded_database_settings) as connection:
        publish_rows(connection, date_rows(many_posts(50)), ingest_date=DAY, model=MODEL)
        threads = [threading.Thread(target=read) for _ in range(3)]
        for thread in threads:
            thread.start()
        try:
            for number in range(4):
                day = NEXT_DAY + timedelta(days=number)
                rows = date_rows(many_posts(150, f"d{number}-"), ingest_date=day)
                report = publish_rows(connection, rows, ingest_date=day, model=MODEL)
                assert report.index_rebuilt
        finally:
            stop.set()
            for thread in threads:
                thread.join()
    assert problems == []
    assert counts
    assert set(counts) <= {150, 600, 1050, 1500, 1950}  # a date is there whole or not at all


def test_a_reader_who_keeps_reading_delays_the_swap_and_not_other_readers(
    upgraded_database_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "REBUILD_MIN_ROWS", 50)
    monkeypatch.setattr(index_rebuilding, "SWAP_LOCK_TIMEOUT_MS", 50)
    monkeypatch.setattr(index_rebuilding, "SWAP_PAUSE_S", 0.05)
    done = threading.Event()
    with (
        connect(upgraded_database_settings) as publisher,
        connect(upgraded_database_settings) as slow,
        connect(upgraded_database_settings, autocommit=True) as quick,
    ):
        publish_rows(publisher, date_rows(many_posts(50)), ingest_date=DAY, model=MODEL)
        slow.execute("select count(*) from vidpipe.frame_embeddings")

        def work() -> None:
            rows = date_rows(many_posts(50, "n"), ingest_date=NEXT_DAY)
            publish_rows(publisher, rows, ingest_date=NEXT_DAY, model=MODEL)
            done.set()

        thread = threading.Thread(target=work)
        thread.start()
        time.sleep(1.0)
        assert not done.is_set()
        quick.execute("set statement_timeout = '10s'")
        assert quick.execute("select count(*) from vidpipe.frame_embeddings").fetchone() == (150,)
        slow.rollback()
        thread.join(timeout=60)
        assert done.is_set()
        assert quick.execute("select count(*) from vidpipe.frame_embeddings").fetchone() == (300,)


def test_a_reader_who_never_stops_fails_the_publication_and_changes_nothing(
    upgraded_database_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "REBUILD_MIN_ROWS", 50)
    monkeypatch.setattr(index_rebuilding, "SWAP_LOCK_TIMEOUT_MS", 50)
    monkeypatch.setattr(index_rebuilding, "SWAP_PAUSE_S", 0.01)
    monkeypatch.setattr(index_rebuilding, "SWAP_GIVE_UP_S", 0.3)
    with (
        connect(upgraded_database_settings) as publisher,
        connect(upgraded_database_settings) as slow,
    ):
        ensure_model(publisher, MODEL)
        publisher.commit()
        slow.execute("select count(*) from vidpipe.frame_embeddings")
        with pytest.raises(DatabaseError, match="keeps reading the old ones"):
            publish_rows(publisher, date_rows(many_posts(50)), ingest_date=DAY, model=MODEL)
        assert shown_rows(publisher)["vidpipe.videos"] == []
