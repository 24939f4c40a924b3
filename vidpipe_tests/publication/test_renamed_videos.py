"""Videos that get another id keep what people noted under the old one, which still answers."""

import json
from dataclasses import replace

import polars as pl
import psycopg

from vidpipe.publication.tables import DateRows
from vidpipe.publication.transaction import publish_rows
from vidpipe.search.judgements import keep_judgement
from vidpipe_tests.publication.published_rows import DAY, MODEL, POSTS, date_rows

NAMING = """
insert into vidpipe.saved_queries (name, terms, embedding, embedded_at, model_id)
values ('like', '[{"text": "a"}, {"video": "tiktok:1", "weight": 0.5}]', '[1]', now(), %s);
insert into vidpipe.relevance_judgements (query_name, video_id, grade)
values ('like', 'tiktok:1', 1), ('like', 'tiktok:2', 0);
insert into vidpipe.watch_hits (query_name, video_id, content_sha256, segment, score, ingest_date)
select 'like', video_id, content_sha256, 0, 0.9, ingest_date from vidpipe.videos
where video_id = 'tiktok:1';
insert into vidpipe.watched_footage (name, content_sha256) values ('war', repeat('a', 64));
insert into vidpipe.footage_watch_hits (name, video_id, content_sha256, verdict, coverage,
    copy_coverage, ingest_date)
select 'war', video_id, content_sha256, 'identical', 1, 1, ingest_date from vidpipe.videos
where video_id = 'tiktok:1';
insert into vidpipe_ops.seen_videos (video_id) values ('tiktok:1');
insert into vidpipe.topic_runs (week, is_current, model_id, inputs_digest, videos, contents, topics,
    account_topics, outlier_share, settings, candidates, notes)
values ('2026-11-02', true, 'm', '', 3, 2, 1, 0, 0, '{}', '[]', '{}');
insert into vidpipe.topics
values (1, 1, 'global', null, null, 'tank', '{tank}', 2, 3, 'tiktok:1', '{}', '[1]', null);
insert into vidpipe.video_topics values (1, 'tiktok:1', 1, 1, true);
"""
NAMED = """
select video_id from vidpipe.relevance_judgements where grade = 1
union all select video_id from vidpipe.watch_hits
union all select video_id from vidpipe.footage_watch_hits
union all select video_id from vidpipe_ops.seen_videos
union all select video_id from vidpipe.video_topics
union all select medoid_video_id from vidpipe.topics
union all select terms -> 1 ->> 'video' from vidpipe.saved_queries
"""


def called(rows: DateRows, names: dict[str, str]) -> DateRows:
    """The same uploads under other video ids."""
    change = pl.col("video_id").replace(names)
    return replace(
        rows,
        videos=rows.videos.with_columns(change),
        video_versions=rows.video_versions.with_columns(change),
        text_embeddings=rows.text_embeddings.with_columns(change),
    )


def publish(connection: psycopg.Connection, names: dict[str, str]) -> None:
    rows = called(date_rows(POSTS), names)
    publish_rows(connection, rows, ingest_date=DAY, model=MODEL)


def former(connection: psycopg.Connection) -> dict[str, str]:
    return dict(
        connection.execute("select former_id, video_id from vidpipe.former_video_ids").fetchall()
    )


def answer(connection: psycopg.Connection, noted: str) -> str:
    row = connection.execute("select vidpipe.video_id_of(%s)", [noted]).fetchone()
    assert row is not None
    return str(row[0])


def test_what_names_a_renamed_video_follows_it(connection: psycopg.Connection) -> None:
    publish(connection, {})
    psycopg.ClientCursor(connection).execute(NAMING, [MODEL.model_id])
    publish(connection, {"tiktok:1": "tiktok:1@alice"})
    assert set(connection.execute(NAMED).fetchall()) == {("tiktok:1@alice",)}
    assert former(connection) == {"tiktok:1": "tiktok:1@alice"}
    kept = connection.execute(
        "select terms, embedding is not null, model_id from vidpipe.saved_queries"
    ).fetchone()
    terms = [{"text": "a"}, {"video": "tiktok:1@alice", "weight": 0.5}]
    assert kept == (terms, True, MODEL.model_id)
    others = "select video_id from vidpipe.relevance_judgements where grade = 0"
    assert connection.execute(others).fetchall() == [("tiktok:2",)]


def test_all_judgements_of_two_videos_that_become_one_are_kept(
    connection: psycopg.Connection,
) -> None:
    publish(connection, {})
    psycopg.ClientCursor(connection).execute(NAMING, [MODEL.model_id])
    keep_judgement(connection, "like", "tiktok:1", 0)
    before = "select video_id, grade, judgement_no from vidpipe.relevance_judgements order by 3"
    assert [grade for _, grade, _ in connection.execute(before).fetchall()] == [1, 0, 0]
    publish(connection, {"tiktok:1": "tiktok:1@alice"})
    assert connection.execute(before).fetchall() == [
        ("tiktok:1@alice", 1, 1),
        ("tiktok:2", 0, 2),
        ("tiktok:1@alice", 0, 3),
    ]
    newest = "select grade from vidpipe.current_judgements where video_id = 'tiktok:1@alice'"
    assert connection.execute(newest).fetchall() == [(0,)]


def test_terms_that_nobody_understands_keep_no_date_from_being_published(
    connection: psycopg.Connection,
) -> None:
    """Rows of before terms were checked."""
    publish(connection, {})
    connection.execute("alter table vidpipe.saved_queries disable trigger check_terms")
    connection.execute(
        "insert into vidpipe.saved_queries (name, terms)"
        ' values (\'old\', \'[{"video": "tiktok:1"}, {"words": 5}]\')'
    )
    connection.execute("alter table vidpipe.saved_queries enable trigger check_terms")
    publish(connection, {"tiktok:1": "tiktok:1@alice"})
    assert former(connection) == {"tiktok:1": "tiktok:1@alice"}


def test_a_former_id_answers_everywhere(connection: psycopg.Connection) -> None:
    publish(connection, {})
    search = "select video_id, score from vidpipe.{}(%s) order by rank"
    similar = connection.execute(search.format("similar_videos").encode(), ["tiktok:1"]).fetchall()
    near = connection.execute(search.format("navigate").encode(), [["video:tiktok:1"]]).fetchall()
    publish(connection, {"tiktok:1": "tiktok:1#2"})
    assert answer(connection, "tiktok:1") == "tiktok:1#2"
    again = connection.execute(search.format("similar_videos").encode(), ["tiktok:1"]).fetchall()
    assert again == similar
    renamed = connection.execute(
        search.format("navigate").encode(), [["video:tiktok:1"]]
    ).fetchall()
    assert [score for _, score in renamed] == [score for _, score in near]
    connection.execute(
        "insert into vidpipe.saved_queries (name, terms) values ('q', %s)",
        [json.dumps([{"text": "a"}])],
    )
    keep_judgement(connection, "q", "tiktok:1", 1)
    judged = connection.execute("select video_id from vidpipe.relevance_judgements").fetchall()
    assert judged == [("tiktok:1#2",)]
    assert answer(connection, "nobody:1") == "nobody:1"


def test_former_ids_make_no_chains_and_end_when_a_video_has_the_id_again(
    connection: psycopg.Connection,
) -> None:
    publish(connection, {})
    publish(connection, {"tiktok:1": "b"})
    publish(connection, {"tiktok:1": "c"})
    assert former(connection) == {"tiktok:1": "c", "b": "c"}
    publish(connection, {"tiktok:1": "b"})
    assert former(connection) == {"tiktok:1": "b", "c": "b"}
    publish(connection, {"tiktok:1": "b", "tiktok:2": "tiktok:1"})
    assert former(connection) == {"c": "b", "tiktok:2": "tiktok:1"}


def test_two_videos_that_swap_their_ids_keep_their_own_judgements(
    connection: psycopg.Connection,
) -> None:
    publish(connection, {})
    psycopg.ClientCursor(connection).execute(NAMING, [MODEL.model_id])
    publish(connection, {"tiktok:1": "tiktok:2", "tiktok:2": "tiktok:1"})
    judged = "select video_id, grade from vidpipe.relevance_judgements order by video_id"
    assert connection.execute(judged).fetchall() == [("tiktok:1", 0), ("tiktok:2", 1)]
    assert former(connection) == {}


def test_another_file_at_the_same_path_is_another_post(connection: psycopg.Connection) -> None:
    rows = date_rows(POSTS[1:2])
    publish_rows(connection, rows, ingest_date=DAY, model=MODEL)
    other = called(date_rows([replace(POSTS[1], content="another file")]), {"tiktok:2": "tiktok:9"})
    publish_rows(connection, other, ingest_date=DAY, model=MODEL)
    assert former(connection) == {}
