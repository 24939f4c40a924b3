"""Publishing dates to the real embedded server."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import polars as pl
import psycopg
import pytest
from pgvector import HalfVector

from vidpipe.errors import DatabaseError, UnknownName
from vidpipe.publication import publish as publishing
from vidpipe.publication.publish import DateRows, forget_published, publish
from vidpipe.settings import Settings
from vidpipe.stores.database import connect
from vidpipe.stores.model_identity import ModelIdentity
from vidpipe.stores.model_registry import activate, drop_model, ensure_model, registered_models
from vidpipe_tests.publication.published_rows import DAY, MODEL, Post, date_rows, digest, failures

NEXT_DAY = DAY + timedelta(days=1)
SHOWN = (
    "vidpipe.videos",
    "vidpipe.contents",
    "vidpipe.keyframes",
    "vidpipe.ocr_lines",
    "vidpipe.video_words",
    "vidpipe.frame_embeddings",
    "vidpipe.content_embeddings",
    "vidpipe.text_embeddings",
    "vidpipe_ops.failures",
    "vidpipe_ops.date_contents",
)


@pytest.fixture
def connection(upgraded_database_settings: Settings) -> Iterator[psycopg.Connection]:
    with connect(upgraded_database_settings, autocommit=True) as opened:
        yield opened


def contents_of(connection: psycopg.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Every row that is shown, by table."""
    return {
        table: sorted(connection.execute(f"select t::text from {table} as t").fetchall())
        for table in SHOWN
    }


def row_versions(connection: psycopg.Connection) -> list[tuple[object, ...]]:
    """Place and writing transaction of every row of every real table."""
    tables = connection.execute(
        "select relnamespace::regnamespace || '.' || relname from pg_class where relkind = 'r'"
        " and relnamespace in ('vidpipe'::regnamespace, 'vidpipe_ops'::regnamespace) order by 1"
    ).fetchall()
    return [
        (table, *row)
        for (table,) in tables
        for row in connection.execute(
            f"select ctid::text, xmin::text, xmax::text from {table} order by ctid"
        ).fetchall()
    ]


POSTS = [
    Post("tiktok:1", "a", description="a tank", hashtags=("war",), ocr=("FIRE", "NOW")),
    Post("tiktok:2", "b", account="bob", description="坦克在街上"),
    Post("tiktok:3", "a", account="bob", description="the same tank again"),
]


def test_what_is_published_is_what_is_shown(connection: psycopg.Connection) -> None:
    rows = date_rows(POSTS)
    report = publish(connection, rows, ingest_date=DAY, model=MODEL)
    assert {name: counts.inserted for name, counts in report.tables.items()} == {
        "videos": 3,
        "contents": 2,
        "keyframes": 6,
        "ocr_lines": 2,
        "failures": 0,
        "frame_embeddings": 6,
        "content_embeddings": 2,
        "text_embeddings": 3,
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
    publish(connection, rows, ingest_date=DAY, model=MODEL, uploads_digest="u")
    before = row_versions(connection)
    report = publish(connection, rows, ingest_date=DAY, model=MODEL, uploads_digest="u")
    assert report.written == 0
    assert report.tables["frame_embeddings"].unchanged == 6
    assert row_versions(connection) == before
    publish(connection, rows, ingest_date=DAY, model=MODEL, uploads_digest="other")
    assert len(set(row_versions(connection)) - set(before)) == 1  # the date's digest


def test_only_rows_that_changed_are_written(connection: psycopg.Connection) -> None:
    publish(connection, date_rows(POSTS), ingest_date=DAY, model=MODEL)
    before = set(row_versions(connection))
    changed = [replace(POSTS[0], description="a truck"), *POSTS[1:]]
    report = publish(connection, date_rows(changed), ingest_date=DAY, model=MODEL)
    assert report.tables["videos"].updated == 1
    assert report.tables["videos"].unchanged == 2
    written = [str(row[0]) for row in set(row_versions(connection)) - before]
    assert sorted(written) == [
        "vidpipe.text_embeddings_m1",
        "vidpipe.video_words",
        "vidpipe.videos",
        "vidpipe_ops.published_dates",
    ]


def test_what_a_date_no_longer_has_goes_with_everything_about_it(
    connection: psycopg.Connection,
) -> None:
    publish(connection, date_rows(POSTS[1:2]), ingest_date=DAY, model=MODEL)
    expected = contents_of(connection)
    publish(connection, date_rows(POSTS), ingest_date=DAY, model=MODEL)
    assert contents_of(connection) != expected
    publish(connection, date_rows(POSTS[1:2]), ingest_date=DAY, model=MODEL)
    assert contents_of(connection) == expected
    publish(connection, DateRows.empty(), ingest_date=DAY, model=MODEL)
    assert all(rows == [] for rows in contents_of(connection).values())


def test_frames_that_a_new_version_no_longer_chooses_go(connection: psycopg.Connection) -> None:
    publish(connection, date_rows(POSTS, frames_per_content=5), ingest_date=DAY, model=MODEL)
    report = publish(
        connection, date_rows(POSTS, frames_per_content=2), ingest_date=DAY, model=MODEL
    )
    assert report.tables["keyframes"].deleted == 6
    assert report.tables["frame_embeddings"].deleted == 6
    fresh = contents_of(connection)
    forget_published(connection)
    publish(connection, date_rows(POSTS, frames_per_content=2), ingest_date=DAY, model=MODEL)
    assert contents_of(connection) == fresh


def test_a_repost_on_another_day_shares_the_content_until_the_last_post_is_gone(
    connection: psycopg.Connection,
) -> None:
    repost = Post("x:9", "a", account="carol")
    publish(connection, date_rows(POSTS), ingest_date=DAY, model=MODEL)
    report = publish(
        connection, date_rows([repost], ingest_date=NEXT_DAY), ingest_date=NEXT_DAY, model=MODEL
    )
    assert report.tables["contents"].written == 0
    assert report.tables["frame_embeddings"].written == 0
    first_seen = connection.execute(
        "select ingest_date from vidpipe.contents where content_sha256 = %s", [digest("a")]
    ).fetchone()
    assert first_seen == (DAY,)

    publish(connection, DateRows.empty(), ingest_date=DAY, model=MODEL)
    left = connection.execute("select content_sha256 from vidpipe.contents").fetchall()
    assert left == [(digest("a"),)]
    frames = connection.execute("select count(*) from vidpipe.frame_embeddings").fetchone()
    assert frames == (3,)
    publish(connection, DateRows.empty(), ingest_date=NEXT_DAY, model=MODEL)
    assert all(rows == [] for rows in contents_of(connection).values())


def test_a_post_that_moves_to_another_date_is_not_taken_away_by_its_old_one(
    connection: psycopg.Connection,
) -> None:
    publish(connection, date_rows(POSTS), ingest_date=DAY, model=MODEL)
    publish(
        connection, date_rows(POSTS[:1], ingest_date=NEXT_DAY), ingest_date=NEXT_DAY, model=MODEL
    )
    publish(connection, date_rows(POSTS[1:]), ingest_date=DAY, model=MODEL)
    dates = connection.execute(
        "select video_id, ingest_date from vidpipe.videos order by 1"
    ).fetchall()
    assert dates == [("tiktok:1", NEXT_DAY), ("tiktok:2", DAY), ("tiktok:3", DAY)]
    texts = connection.execute("select count(*) from vidpipe.text_embeddings").fetchone()
    assert texts == (3,)


def many(count: int, prefix: str = "v") -> list[Post]:
    return [Post(f"tiktok:{prefix}{n}", f"{prefix}{n}") for n in range(count)]


def test_much_that_is_new_gets_a_new_index_and_little_goes_into_the_old_one(
    connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "REBUILD_MIN_ROWS", 50)

    def table() -> int:
        row = connection.execute("select 'vidpipe.frame_embeddings_m1'::regclass::oid").fetchone()
        assert row is not None
        return int(row[0])

    report = publish(connection, date_rows(many(100)), ingest_date=DAY, model=MODEL)
    assert report.index_rebuilt
    first = table()
    more = date_rows(many(5, "w"), ingest_date=NEXT_DAY)
    assert not publish(connection, more, ingest_date=NEXT_DAY, model=MODEL).index_rebuilt
    assert table() == first
    fewer = date_rows([*many(60), *many(120, "x")])
    assert publish(connection, fewer, ingest_date=DAY, model=MODEL).index_rebuilt
    assert table() != first

    beside = contents_of(connection)
    forget_published(connection)
    monkeypatch.setattr(publishing, "REBUILD_MIN_ROWS", 10**9)
    publish(connection, fewer, ingest_date=DAY, model=MODEL)
    assert not publish(connection, more, ingest_date=NEXT_DAY, model=MODEL).index_rebuilt
    assert contents_of(connection) == beside
    indexes = connection.execute(
        "select indexname from pg_indexes where tablename = 'frame_embeddings_m1' order by 1"
    ).fetchall()
    assert indexes == [("frame_embeddings_m1_hnsw",), ("frame_embeddings_m1_key",)]


def test_readers_read_on_while_the_index_is_built_and_swapped(
    upgraded_database_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "REBUILD_MIN_ROWS", 50)
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
        publish(connection, date_rows(many(50)), ingest_date=DAY, model=MODEL)
        threads = [threading.Thread(target=read) for _ in range(3)]
        for thread in threads:
            thread.start()
        try:
            for number in range(4):
                day = NEXT_DAY + timedelta(days=number)
                rows = date_rows(many(150, f"d{number}-"), ingest_date=day)
                report = publish(connection, rows, ingest_date=day, model=MODEL)
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
    monkeypatch.setattr(publishing, "REBUILD_MIN_ROWS", 50)
    monkeypatch.setattr(publishing, "SWAP_LOCK_TIMEOUT_MS", 50)
    monkeypatch.setattr(publishing, "SWAP_PAUSE_S", 0.05)
    done = threading.Event()
    with (
        connect(upgraded_database_settings) as publisher,
        connect(upgraded_database_settings) as slow,
        connect(upgraded_database_settings, autocommit=True) as quick,
    ):
        publish(publisher, date_rows(many(50)), ingest_date=DAY, model=MODEL)
        slow.execute("select count(*) from vidpipe.frame_embeddings")

        def work() -> None:
            rows = date_rows(many(50, "n"), ingest_date=NEXT_DAY)
            publish(publisher, rows, ingest_date=NEXT_DAY, model=MODEL)
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
    monkeypatch.setattr(publishing, "REBUILD_MIN_ROWS", 50)
    monkeypatch.setattr(publishing, "SWAP_LOCK_TIMEOUT_MS", 50)
    monkeypatch.setattr(publishing, "SWAP_PAUSE_S", 0.01)
    monkeypatch.setattr(publishing, "SWAP_GIVE_UP_S", 0.3)
    with (
        connect(upgraded_database_settings) as publisher,
        connect(upgraded_database_settings) as slow,
    ):
        ensure_model(publisher, MODEL)
        publisher.commit()
        slow.execute("select count(*) from vidpipe.frame_embeddings")
        with pytest.raises(DatabaseError, match="keeps reading the old ones"):
            publish(publisher, date_rows(many(50)), ingest_date=DAY, model=MODEL)
        assert contents_of(publisher)["vidpipe.videos"] == []


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
                    publish(connection, rows, ingest_date=day, model=MODEL)
        except Exception as error:
            problems.append(error)

    threads = [threading.Thread(target=run, args=[day]) for day in days]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    with connect(upgraded_database_settings) as connection:
        shown = contents_of(connection)
    assert len(shown["vidpipe.videos"]) == 2 * len(days)
    assert len(shown["vidpipe.contents"]) == len(days) + len(shared)


def test_strange_text_is_kept_and_nul_is_dropped(connection: psycopg.Connection) -> None:
    text = '\'; drop table vidpipe.videos; -- <script> ]]> \\N \\. \t\n\r \u202e😀\x07 {a,"b"} é'
    odd = Post(text + ":1", "a", text, text, (text, "", "{}", "null"), (text,))
    rows = date_rows([odd])
    publish(connection, rows, ingest_date=DAY, model=MODEL)
    assert connection.execute("select * from vidpipe.videos").fetchall() == rows.videos.rows()
    assert connection.execute("select text from vidpipe.ocr_lines").fetchall() == [(text,)]

    nul = Post("tiktok:nul", "b", description="a\x00b", hashtags=("x\x00", "\x00"))
    publish(connection, date_rows([nul]), ingest_date=DAY, model=MODEL)
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
        publish(connection, replace(rows, videos=videos), ingest_date=DAY, model=MODEL)
        shown = connection.execute(
            "select posted_at, platform, content_sha256, hashtags from vidpipe.videos"
        ).fetchone()
        assert shown == (posted_at, None, None, [])


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
            publish(connection, bad, ingest_date=DAY, model=model)
    assert all(shown == [] for shown in contents_of(connection).values())


def test_a_model_that_changes_its_dimensions_is_refused(connection: psycopg.Connection) -> None:
    publish(connection, date_rows(POSTS), ingest_date=DAY, model=MODEL)
    other = replace(MODEL, dimensions=8)
    with pytest.raises(DatabaseError, match="registered with 16 dimensions and now has 8"):
        publish(connection, date_rows(POSTS, model=other), ingest_date=DAY, model=other)


def test_publishing_inside_a_transaction_is_a_mistake(connection: psycopg.Connection) -> None:
    connection.autocommit = False
    connection.execute("select 1")
    with pytest.raises(ValueError, match="outside any transaction"):
        publish(connection, date_rows(POSTS), ingest_date=DAY, model=MODEL)


def test_a_second_model_is_filled_beside_the_active_one_then_shown_then_the_first_dropped(
    connection: psycopg.Connection,
) -> None:
    wide = ModelIdentity("wide@1", 32)
    publish(connection, date_rows(POSTS), ingest_date=DAY, model=MODEL)
    publish(connection, date_rows(POSTS, model=wide), ingest_date=DAY, model=wide)
    dims = "select distinct vector_dims(embedding) from vidpipe.frame_embeddings"
    assert connection.execute(dims).fetchall() == [(16,)]
    activate(connection, "wide@1")
    assert connection.execute(dims).fetchall() == [(32,)]
    with pytest.raises(DatabaseError, match="is active"):
        drop_model(connection, "wide@1")
    # what goes, goes from the tables of every model
    publish(connection, DateRows.empty(), ingest_date=DAY, model=wide)
    left = connection.execute("select count(*) from vidpipe.frame_embeddings_m1").fetchone()
    assert left == (0,)
    drop_model(connection, MODEL.model_id)
    assert [model.model_id for model in registered_models(connection)] == ["wide@1"]
    with pytest.raises(UnknownName, match=r"registered are: 'wide@1'"):
        activate(connection, MODEL.model_id)


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
    publish(connection, replace(DateRows.empty(), failures=broken), ingest_date=DAY, model=MODEL)
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
    publish(
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
    accounts = connection.execute(
        "select account, videos, contents from vidpipe.accounts order by account"
    ).fetchall()
    assert accounts == [("alice", 1, 1), ("bob", 2, 2)]
