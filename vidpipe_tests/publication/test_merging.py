"""Rows of dates that share contents, posts that move, and values that are hard to write."""

from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
import psycopg

from vidpipe.publication.tables import DateRows
from vidpipe.publication.transaction import empty_published_tables, publish_rows
from vidpipe_tests.publication.published_rows import (
    DAY,
    MODEL,
    NEXT_DAY,
    POSTS,
    Post,
    date_rows,
    digest,
)
from vidpipe_tests.publication.shown_rows import shown_rows


def test_what_a_date_no_longer_has_goes_with_everything_about_it(
    connection: psycopg.Connection,
) -> None:
    publish_rows(connection, date_rows(POSTS[1:2]), ingest_date=DAY, model=MODEL)
    expected = shown_rows(connection)
    publish_rows(connection, date_rows(POSTS), ingest_date=DAY, model=MODEL)
    assert shown_rows(connection) != expected
    publish_rows(connection, date_rows(POSTS[1:2]), ingest_date=DAY, model=MODEL)
    assert shown_rows(connection) == expected
    publish_rows(connection, DateRows.empty(), ingest_date=DAY, model=MODEL)
    assert all(rows == [] for rows in shown_rows(connection).values())


def test_frames_that_a_new_version_no_longer_chooses_go(connection: psycopg.Connection) -> None:
    publish_rows(connection, date_rows(POSTS, frames_per_content=5), ingest_date=DAY, model=MODEL)
    report = publish_rows(
        connection, date_rows(POSTS, frames_per_content=2), ingest_date=DAY, model=MODEL
    )
    assert report.tables["keyframes"].deleted == 6
    assert report.tables["frame_embeddings"].deleted == 6
    fresh = shown_rows(connection)
    empty_published_tables(connection)
    publish_rows(connection, date_rows(POSTS, frames_per_content=2), ingest_date=DAY, model=MODEL)
    assert shown_rows(connection) == fresh


def test_a_repost_on_another_day_shares_the_content_until_the_last_post_is_gone(
    connection: psycopg.Connection,
) -> None:
    repost = Post("x:9", "a", account="carol")
    publish_rows(connection, date_rows(POSTS), ingest_date=DAY, model=MODEL)
    report = publish_rows(
        connection, date_rows([repost], ingest_date=NEXT_DAY), ingest_date=NEXT_DAY, model=MODEL
    )
    assert report.tables["contents"].written == 0
    assert report.tables["frame_embeddings"].written == 0
    first_seen = connection.execute(
        "select ingest_date from vidpipe.contents where content_sha256 = %s", [digest("a")]
    ).fetchone()
    assert first_seen == (DAY,)

    publish_rows(connection, DateRows.empty(), ingest_date=DAY, model=MODEL)
    left = connection.execute("select content_sha256 from vidpipe.contents").fetchall()
    assert left == [(digest("a"),)]
    frames = connection.execute("select count(*) from vidpipe.frame_embeddings").fetchone()
    assert frames == (3,)
    publish_rows(connection, DateRows.empty(), ingest_date=NEXT_DAY, model=MODEL)
    assert all(rows == [] for rows in shown_rows(connection).values())


def test_a_post_that_moves_to_another_date_is_not_taken_away_by_its_old_one(
    connection: psycopg.Connection,
) -> None:
    publish_rows(connection, date_rows(POSTS), ingest_date=DAY, model=MODEL)
    publish_rows(
        connection, date_rows(POSTS[:1], ingest_date=NEXT_DAY), ingest_date=NEXT_DAY, model=MODEL
    )
    publish_rows(connection, date_rows(POSTS[1:]), ingest_date=DAY, model=MODEL)
    dates = connection.execute(
        "select video_id, ingest_date from vidpipe.videos order by 1"
    ).fetchall()
    assert dates == [("tiktok:1", NEXT_DAY), ("tiktok:2", DAY), ("tiktok:3", DAY)]
    texts = connection.execute("select count(*) from vidpipe.text_embeddings").fetchone()
    assert texts == (3,)


def test_strange_text_is_kept_and_nul_is_dropped(connection: psycopg.Connection) -> None:
    text = '\'; drop table vidpipe.videos; -- <script> ]]> \\N \\. \t\n\r \u202e😀\x07 {a,"b"} é'
    odd = Post(text + ":1", "a", text, text, (text, "", "{}", "null"), (text,))
    rows = date_rows([odd])
    publish_rows(connection, rows, ingest_date=DAY, model=MODEL)
    assert connection.execute("select * from vidpipe.videos").fetchall() == rows.videos.rows()
    assert connection.execute("select text from vidpipe.ocr_lines").fetchall() == [(text,)]

    nul = Post("tiktok:nul", "b", description="a\x00b", hashtags=("x\x00", "\x00"))
    publish_rows(connection, date_rows([nul]), ingest_date=DAY, model=MODEL)
    shown = connection.execute("select description, hashtags from vidpipe.videos").fetchall()
    assert shown == [("ab", ["x", ""])]


def test_empty_values_and_far_times_survive(connection: psycopg.Connection) -> None:
    rows = date_rows([Post("tiktok:1", "a")])
    far = [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)]
    for posted_at in (*far, None):
        videos = rows.videos.with_columns(
            posted_at=pl.lit(posted_at, pl.Datetime("us", "UTC")),
            platform=pl.lit(None, pl.String),
            content_sha256=pl.lit(None, pl.String),
        )
        publish_rows(connection, replace(rows, videos=videos), ingest_date=DAY, model=MODEL)
        shown = connection.execute(
            "select posted_at, platform, content_sha256, hashtags from vidpipe.videos"
        ).fetchone()
        assert shown == (posted_at, None, None, [])
