"""Searches find earlier versions of videos when they are asked to, and only then."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import polars as pl
import psycopg
import pytest
from pgvector import HalfVector
from psycopg.rows import dict_row

from vidpipe.publication.tables import DateRows
from vidpipe.publication.transaction import publish_rows
from vidpipe.settings import Settings
from vidpipe.stores.database import connect
from vidpipe_tests.publication.published_rows import (
    DAY,
    MODEL,
    Post,
    date_rows,
    digest,
    many_posts,
    unit_vectors,
)

NOW = Post("tiktok:1", "now", description="a tank", hashtags=("one",))
BEFORE = Post("before", "before", description="a boat", ocr=("SEA",))
REPOST = Post("tiktok:3", "reposted", account="bob")
# More posts than are compared exactly, so that indexes are walked.
POSTS = [NOW, BEFORE, REPOST, Post("again", "reposted"), *many_posts(1_200)]
GONE = "gone"


def with_versions() -> DateRows:
    """`tiktok:1` showed `before` first, `tiktok:2` what bob reposts and what is gone now."""
    rows = date_rows([*POSTS, Post("tiktok:2", "two"), Post(GONE, GONE)])
    earlier = pl.col("video_id").is_in(["before", "again", GONE])
    owners = {"before": "tiktok:1", "again": "tiktok:2", GONE: "tiktok:2"}
    is_gone = pl.col("video_id") == GONE
    return replace(
        rows,
        videos=rows.videos.filter(~earlier),
        text_embeddings=rows.text_embeddings.filter(~earlier),
        video_versions=rows.video_versions.with_columns(
            version=pl.when(earlier | ~pl.col("video_id").is_in(["tiktok:1", "tiktok:2"]))
            .then(1)
            .otherwise(2)
            .cast(pl.Int32),
            is_current=~earlier,
            removed_at=pl.when(is_gone).then(pl.col("first_seen_at")),
            video_id=pl.col("video_id").replace(owners),
        ),
    )


@pytest.fixture(scope="module")
def connection(module_database_settings: Settings) -> Iterator[psycopg.Connection]:
    with connect(module_database_settings, autocommit=True) as opened:
        publish_rows(opened, with_versions(), ingest_date=DAY, model=MODEL)
        vector = HalfVector(unit_vectors([digest("before", 1)], MODEL.dimensions)[0].to_list())
        opened.execute(
            "insert into vidpipe.saved_queries (name, terms, embedding, embedded_at, model_id)"
            " values ('before', '[{\"text\": \"a\"}]', %s, now(), %s)",
            [vector, MODEL.model_id],
        )
        yield opened


def found(
    connection: psycopg.Connection, function: str, given: dict[str, Any], **options: Any
) -> list[dict[str, Any]]:
    arguments = {**given, **options}
    named = ", ".join(f"{name} => %({name})s" for name in arguments)
    with connection.cursor(row_factory=dict_row) as cursor:
        statement = f"select * from vidpipe.{function}({named}) order by rank"
        return cursor.execute(statement.encode(), arguments).fetchall()


def near(content: str) -> dict[str, Any]:
    vector = unit_vectors([digest(content, 1)], MODEL.dimensions)[0].to_list()
    return {"embedding": HalfVector(vector), "model_id": MODEL.model_id}


SEARCHES: list[tuple[str, dict[str, Any]]] = [
    ("search_videos_by_vector", near("before")),
    ("search_frames", near("before")),
    ("search_hybrid", {"words": "sea", **near("before")}),
    ("search_videos", {"query_name": "before"}),
    ("navigate", {"base": ["before"]}),
    ("search_words", {"words": "boat sea"}),
]


@pytest.mark.parametrize("filters", [{}, {"account": "@alice"}, {"hashtag": "none"}])
@pytest.mark.parametrize(("function", "given"), SEARCHES, ids=[name for name, _ in SEARCHES])
def test_an_earlier_version_is_found_when_it_is_asked_for(
    connection: psycopg.Connection,
    function: str,
    given: dict[str, Any],
    filters: dict[str, str],
) -> None:
    without = found(connection, function, given, k=3, **filters)
    assert digest("before") not in {row["content_sha256"] for row in without}
    assert {row["version"] for row in without} <= {None}
    rows = found(connection, function, given, k=3, include_versions=True, **filters)
    if "hashtag" in filters:
        assert rows == []
        return
    first = rows[0]
    assert (first["video_id"], first["content_sha256"]) == ("tiktok:1", digest("before"))
    assert (first["version"], first["posts"]) == (1, 1)
    if "segment" in first:
        assert (first["segment"], first["keyframe_sha256"]) == (1, digest("before", 1))


def test_a_video_looks_like_its_own_earlier_version(connection: psycopg.Connection) -> None:
    given = {"video_id": "tiktok:1", "hashtag": "one"}
    assert found(connection, "similar_videos", given) == []
    (row,) = found(connection, "similar_videos", given, include_versions=True)
    assert (row["video_id"], row["content_sha256"]) == ("tiktok:1", digest("before"))
    assert row["version"] == 1


def test_a_post_that_shows_a_content_now_comes_before_one_that_did(
    connection: psycopg.Connection,
) -> None:
    given = {**near("reposted"), "k": 2}
    (row,) = found(connection, "search_videos_by_vector", given | {"k": 1}, include_versions=True)
    assert (row["video_id"], row["version"], row["posts"]) == ("tiktok:3", None, 2)
    rows = found(
        connection, "search_videos_by_vector", given, include_versions=True, all_posts=True
    )
    assert [(row["video_id"], row["version"]) for row in rows] == [
        ("tiktok:3", None),
        ("tiktok:2", 1),
    ]


def test_a_version_whose_file_is_gone_is_found_with_removed_videos_only(
    connection: psycopg.Connection,
) -> None:
    given = {**near(GONE), "k": 1}
    (row,) = found(connection, "search_videos_by_vector", given, include_versions=True)
    assert row["content_sha256"] != digest(GONE)
    (row,) = found(
        connection,
        "search_videos_by_vector",
        given,
        include_versions=True,
        include_removed=True,
    )
    assert (row["video_id"], row["content_sha256"]) == ("tiktok:2", digest(GONE))


def test_a_renamed_account_is_found_by_all_its_names(
    connection: psycopg.Connection,
) -> None:
    with connection.transaction(force_rollback=True):
        connection.execute(
            "update vidpipe.videos set account_id = 'UC1', account = 'robert', account_name = 'Bob'"
            " where account = 'bob'"
        )
        connection.execute(
            "update vidpipe.video_versions set account_id = 'UC1', account_name = 'Bob'"
            " where account = 'bob'"
        )
        connection.execute(
            "insert into vidpipe.video_versions select 'later.mp4', video_id, 2, false,"
            " content_sha256, ingest_date, now(), null, platform, 'UC1', 'robert', 'Bob',"
            " posted_at, description from vidpipe.video_versions where account_id = 'UC1'"
        )
        for name in ("UC1", "bob", "@robert", "robert", "Bob"):
            rows = found(connection, "search_videos_by_vector", near("now"), account=name)
            assert [row["video_id"] for row in rows] == ["tiktok:3"], name
            share = connection.execute(
                "select videos from vidpipe.concept_share(%s, 'before', cutoff => 0.5)", [name]
            ).fetchall()
            assert share == [(1,)]
        called = connection.execute(
            "select vidpipe.handle_of('tiktok', 'UC1'), vidpipe.is_called('tiktok', 'UC1', '@bob'),"
            " vidpipe.is_called('tiktok', 'alice', 'bob'), vidpipe.is_called(null, 'UC1', 'bob')"
        ).fetchone()
        assert called == ("robert", True, False, False)


def test_a_handle_of_two_platforms_finds_both_accounts_and_nobody_with_their_ids(
    connection: psycopg.Connection,
) -> None:
    """On tiktok 7 is news, on x it is somebody else; news of x is 8 there."""
    with connection.transaction(force_rollback=True):
        for video, platform, account_id, handle in (
            ("tiktok:1", "tiktok", "7", "news"),
            ("tiktok:2", "x", "8", "news"),
            ("tiktok:3", "x", "7", "somebody"),
        ):
            for table in ("videos", "video_versions"):
                connection.execute(
                    f"update vidpipe.{table} set platform = %s, account_id = %s, account = %s"
                    " where video_id = %s",
                    [platform, account_id, handle, video],
                )
        for function, given in (
            ("search_videos_by_vector", near("now")),
            ("search_videos", {"query_name": "before"}),
            ("navigate", {"base": ["before"]}),
            ("search_hybrid", {"words": "sea", **near("before")}),
        ):
            both = found(connection, function, given, account="@news", k=9)
            assert {row["video_id"] for row in both} == {"tiktok:1", "tiktok:2"}, function
            one = found(connection, function, given, account="news", platform="x", k=9)
            assert [row["video_id"] for row in one] == ["tiktok:2"], function
        frames = found(connection, "search_frames", near("now"), account="news", k=99)
        assert {row["video_id"] for row in frames} == {"tiktok:1", "tiktok:2"}


def test_posts_of_the_very_same_bytes_are_similar_where_all_posts_are_asked_for(
    connection: psycopg.Connection,
) -> None:
    with connection.transaction(force_rollback=True):
        for table in ("videos", "video_versions"):
            connection.execute(
                f"update vidpipe.{table} set content_sha256 = %s where video_id in"
                " ('tiktok:2', 'tiktok:v3')",
                [digest("reposted")],
            )
        given = {"video_id": "tiktok:3", "k": 4}
        rows = found(connection, "similar_videos", given, all_posts=True)
        assert {row["video_id"] for row in rows[:2]} == {"tiktok:2", "tiktok:v3"}
        assert [row["score"] for row in rows[:2]] == pytest.approx([1, 1], abs=2e-3)
        assert all(row["own_segment"] == row["segment"] for row in rows[:2])
        assert [row["rank"] for row in rows] == [1, 2, 3, 4]
        assert "tiktok:3" not in {row["video_id"] for row in rows}
        alone = found(connection, "similar_videos", given)
        assert not {"tiktok:2", "tiktok:v3", "tiktok:3"} & {row["video_id"] for row in alone}
        filtered = found(connection, "similar_videos", given | {"hashtag": "one"}, all_posts=True)
        assert [row["video_id"] for row in filtered] == ["tiktok:1"]


def test_accounts_of_one_id_on_two_platforms_are_told_apart_by_their_names(
    connection: psycopg.Connection,
) -> None:
    with connection.transaction(force_rollback=True):
        connection.execute(
            "update vidpipe.videos set account_id = '7', platform = 'x' where video_id = 'tiktok:3'"
        )
        connection.execute(
            "update vidpipe.video_versions as o set account_id = '7', platform = v.platform"
            " from vidpipe.videos as v where o.video_id = v.video_id and v.account_id = '7'"
        )
        for table in ("videos", "video_versions"):
            connection.execute(
                f"update vidpipe.{table} set account_id = '7' where video_id = 'tiktok:2'"
            )
        rows = found(connection, "search_videos_by_vector", near("now"), account="bob", k=5)
        assert [row["video_id"] for row in rows] == ["tiktok:3"]
        both = found(connection, "search_videos_by_vector", near("now"), account="7", k=5)
        assert {row["video_id"] for row in both} == {"tiktok:2", "tiktok:3"}
