"""What the views for analysts make of published rows."""

from collections.abc import Iterator
from dataclasses import replace

import polars as pl
import psycopg
import pytest

from vidpipe.publication.tables import DateRows
from vidpipe.publication.transaction import publish_rows
from vidpipe.settings import Settings
from vidpipe.stores.database import connect
from vidpipe_tests.publication.published_rows import DAY, MODEL, POSTS, date_rows, digest, failures


@pytest.fixture
def connection(upgraded_database_settings: Settings) -> Iterator[psycopg.Connection]:
    with connect(upgraded_database_settings, autocommit=True) as opened:
        yield opened


def test_failures_read_like_sentences(connection: psycopg.Connection) -> None:
    broken = failures(
        {
            "stage": "raw_videos",
            "item_key": "2026-11-06/broken/empty.mp4",
            "upload_id": "2026-11-06/broken/empty.mp4",
            "error_message": "2026-11-06/broken/empty.mp4 is empty (0 bytes)",
        },
        {
            "stage": "keyframes",
            "item_key": "abc",
            "status": "ok_damaged",
            "video_id": "tiktok:7",
            "error_message": "12 of 90 frames could not be decoded",
        },
    )
    publish_rows(
        connection, replace(DateRows.empty(), failures=broken), ingest_date=DAY, model=MODEL
    )
    sentences = connection.execute(
        "select sentence from vidpipe.video_failures order by stage"
    ).fetchall()
    assert sentences == [
        ("tiktok:7 was kept, damaged, at keyframes: 12 of 90 frames could not be decoded",),
        ("2026-11-06/broken/empty.mp4 failed at raw_videos: it is empty (0 bytes)",),
    ]


def test_a_summary_merges_repeated_lines_and_lists_frames_in_time_order(
    connection: psycopg.Connection,
) -> None:
    rows = date_rows(POSTS)
    again = rows.ocr_lines.with_columns(
        keyframe_sha256=pl.lit(digest("a", 1)),
        text=pl.Series(["  fire ", "MORE"]),
        accepted=pl.Series([True, False]),
    )
    publish_rows(
        connection,
        replace(rows, ocr_lines=pl.concat([rows.ocr_lines, again])),
        ingest_date=DAY,
        model=MODEL,
    )
    row = connection.execute(
        "select ocr_text, keyframe_timestamps_s, cardinality(keyframe_uris)"
        " from vidpipe.video_summaries where video_id = 'tiktok:1'"
    ).fetchone()
    assert row == ("FIRE\nNOW", [0.0, 0.5, 1.0], 3)
    said = connection.execute(
        "select post_id, account_id, account_name, posted_at_precision, views, likes, reposts,"
        " comments from vidpipe.video_summaries where video_id = 'tiktok:1'"
    ).fetchone()
    assert said == ("tiktok:1", "alice", None, "second", None, None, None, None)
    accounts = connection.execute(
        "select account, videos, contents from vidpipe.accounts order by account"
    ).fetchall()
    assert accounts == [("alice", 1, 1), ("bob", 2, 2)]
