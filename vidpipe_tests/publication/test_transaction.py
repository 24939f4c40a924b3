"""Publishing a date to the real embedded server: all of it or nothing, and no more than changed."""

import threading
from dataclasses import replace
from datetime import date, timedelta

import psycopg
import pytest
from pgvector import HalfVector

from vidpipe.publication.transaction import publish_rows
from vidpipe.settings import Settings
from vidpipe.stores.database import connect
from vidpipe.uploads.registry.pending_dates import MadeOf
from vidpipe_tests.publication.published_rows import (
    DAY,
    MODEL,
    POSTS,
    Post,
    date_rows,
    failures,
)
from vidpipe_tests.publication.shown_rows import row_versions, shown_rows


def test_what_is_published_is_what_is_shown(connection: psycopg.Connection) -> None:
    rows = date_rows(POSTS)
    report = publish_rows(connection, rows, ingest_date=DAY, model=MODEL)
    assert {name: counts.inserted for name, counts in report.tables.items()} == {
        "videos": 3,
        "video_versions": 3,
        "contents": 2,
        "keyframes": 6,
        "ocr_lines": 2,
        "failures": 0,
        "frame_embeddings": 6,
        "content_embeddings": 2,
        "text_embeddings": 3,
        "unshown_uploads": 0,
        "video_words": 3,
    }
    shown = connection.execute("select * from vidpipe.videos order by video_id").fetchall()
    assert shown == rows.videos.sort("video_id").rows()
    lines = connection.execute("select * from vidpipe.ocr_lines order by line_no").fetchall()
    assert [line[2] for line in lines] == ["FIRE", "NOW"]
    assert lines[0][5] == [0.0, 0.0, 9.0, 0.0, 9.0, 4.0, 0.0, 4.0]
    vectors: dict[str, HalfVector] = dict(
        connection.execute(
            "select keyframe_sha256, embedding from vidpipe.frame_embeddings"
        ).fetchall()
    )
    for key, vector in rows.frame_embeddings.rows():
        assert vectors[key].to_list() == pytest.approx(vector, abs=1e-3)


def test_publishing_an_unchanged_date_again_writes_no_tuple(
    connection: psycopg.Connection,
) -> None:
    rows = replace(date_rows(POSTS), failures=failures({"stage": "metadata", "item_key": "x.json"}))
    publish_rows(connection, rows, ingest_date=DAY, model=MODEL, made_of=MadeOf("u", ""))
    before = row_versions(connection)
    report = publish_rows(connection, rows, ingest_date=DAY, model=MODEL, made_of=MadeOf("u", ""))
    assert report.written == 0
    assert report.tables["frame_embeddings"].unchanged == 6
    assert row_versions(connection) == before
    publish_rows(connection, rows, ingest_date=DAY, model=MODEL, made_of=MadeOf("other", ""))
    assert len(set(row_versions(connection)) - set(before)) == 1  # the date's digest


def test_only_rows_that_changed_are_written(connection: psycopg.Connection) -> None:
    publish_rows(connection, date_rows(POSTS), ingest_date=DAY, model=MODEL)
    before = set(row_versions(connection))
    changed = [replace(POSTS[0], description="a truck"), *POSTS[1:]]
    report = publish_rows(connection, date_rows(changed), ingest_date=DAY, model=MODEL)
    assert report.tables["videos"].updated == 1
    assert report.tables["videos"].unchanged == 2
    written = [str(row[0]) for row in set(row_versions(connection)) - before]
    assert sorted(written) == [
        "vidpipe.text_embeddings_m1",
        "vidpipe.video_versions",
        "vidpipe.video_words",
        "vidpipe.videos",
        "vidpipe_ops.published_dates",
    ]


def test_two_runs_that_publish_at_once_end_as_if_one_after_the_other(
    upgraded_database_settings: Settings,
) -> None:
    days = [DAY + timedelta(days=number) for number in range(6)]
    shared = [Post("tiktok:shared", "shared")]
    problems: list[Exception] = []

    def run(day: date) -> None:
        posts = [Post(f"tiktok:{day}", f"{day}"), Post(f"x:{day}", "shared")]
        try:
            with connect(upgraded_database_settings) as connection:
                for _ in range(2):
                    rows = date_rows(posts, ingest_date=day)
                    publish_rows(connection, rows, ingest_date=day, model=MODEL)
        except Exception as error:
            problems.append(error)

    threads = [threading.Thread(target=run, args=[day]) for day in days]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    with connect(upgraded_database_settings) as connection:
        shown = shown_rows(connection)
    assert len(shown["vidpipe.videos"]) == 2 * len(days)
    assert len(shown["vidpipe.contents"]) == len(days) + len(shared)


def test_publishing_inside_a_transaction_is_a_mistake(connection: psycopg.Connection) -> None:
    connection.autocommit = False
    connection.execute("select 1")
    with pytest.raises(ValueError, match="outside any transaction"):
        publish_rows(connection, date_rows(POSTS), ingest_date=DAY, model=MODEL)
