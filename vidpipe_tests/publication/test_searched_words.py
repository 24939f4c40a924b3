"""The searched words of posts follow their texts, frames and lines."""

from dataclasses import replace

import polars as pl
import psycopg

from vidpipe.publication.transaction import publish_rows
from vidpipe_tests.publication.published_rows import DAY, MODEL, NEXT_DAY, Post, date_rows

FIRST = Post("tiktok:1", "a", description="a tank", hashtags=("war",), ocr=("fire",))
REPOST = Post("x:1", "a", description="once more")
OTHER = Post("tiktok:2", "b", description="a flag", ocr=("hail",))


def posts_with(connection: psycopg.Connection, word: str) -> set[str]:
    rows = connection.execute(
        "select video_id from vidpipe.video_words where words @@ %s::tsquery", [word]
    ).fetchall()
    return {video_id for (video_id,) in rows}


def test_words_of_every_post_with_a_content_change_with_its_lines(
    connection: psycopg.Connection,
) -> None:
    rows = date_rows([FIRST, OTHER])
    publish_rows(connection, rows, ingest_date=DAY, model=MODEL)
    later = date_rows([REPOST], ingest_date=NEXT_DAY)
    lines = rows.ocr_lines.filter(pl.col("text") == "fire")
    later = replace(later, ocr_lines=lines)
    publish_rows(connection, later, ingest_date=NEXT_DAY, model=MODEL)
    assert posts_with(connection, "fire") == {"tiktok:1", "x:1"}

    read_again = replace(
        rows, ocr_lines=rows.ocr_lines.with_columns(pl.col("text").replace("fire", "rain"))
    )
    report = publish_rows(connection, read_again, ingest_date=DAY, model=MODEL)
    assert posts_with(connection, "fire") == set()
    assert posts_with(connection, "rain") == {"tiktok:1", "x:1"}
    assert posts_with(connection, "hail") == {"tiktok:2"}
    assert report.tables["video_words"].updated == 2
    assert report.tables["video_words"].written == 2


def test_a_post_that_goes_takes_its_words_along(connection: psycopg.Connection) -> None:
    publish_rows(connection, date_rows([FIRST, OTHER]), ingest_date=DAY, model=MODEL)
    report = publish_rows(connection, date_rows([OTHER]), ingest_date=DAY, model=MODEL)
    assert report.tables["video_words"].deleted == 1
    assert posts_with(connection, "war | tank | fire") == set()
    assert posts_with(connection, "flag") == {"tiktok:2"}
