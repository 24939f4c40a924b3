"""Topic runs on real tables: what is stored, kept from run to run, and shown by the views."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import psycopg
import pytest
from threadpoolctl import threadpool_limits

from vidpipe.errors import VidpipeError
from vidpipe.settings import Settings
from vidpipe.stores.database import connect
from vidpipe.stores.media_store import MediaStore
from vidpipe.topics import publish_report
from vidpipe.topics.corpus import read_corpus
from vidpipe.topics.fit import TopicSettings, find_topics
from vidpipe.topics.provisional import give_topics
from vidpipe.topics.run import make_run
from vidpipe.topics.store import forget
from vidpipe_tests.stores.published_rows import DAY
from vidpipe_tests.topics.corpora import WEEK, corpus_of_accounts, ingest, posts


@pytest.fixture
def settings(upgraded_database_settings: Settings, tmp_path: Path) -> Settings:
    return upgraded_database_settings.model_copy(update={"media_url": str(tmp_path)})


@pytest.fixture
def connection(settings: Settings) -> Iterator[psycopg.Connection]:
    with connect(settings, autocommit=True) as opened:
        yield opened


def main_topics(connection: psycopg.Connection) -> dict[str, int]:
    return dict(
        connection.execute(
            "select m.video_id, m.topic_id from vidpipe.video_topics as m"
            " inner join vidpipe.current_topics as t using (run_no, topic_id)"
            " where m.is_main and t.scope = 'global'"
        ).fetchall()
    )


def test_a_report_of_many_accounts_has_pages_of_the_largest(
    settings: Settings, connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish_report, "MOST_ACCOUNTS", 1)
    ingest(connection, corpus_of_accounts())
    run = make_run(settings, WEEK)
    assert run.report_uri is not None
    page = Path(run.report_uri).read_text("utf-8")
    assert "the 1 largest of 5 accounts have a page" in page
    assert all(post.video_id in page for post in corpus_of_accounts()), "all are on the map"


def test_topics_are_stored_with_words_members_and_focus(
    settings: Settings, connection: psycopg.Connection
) -> None:
    ingest(connection, corpus_of_accounts())
    run = make_run(settings, WEEK)
    assert (run.status, run.videos, run.contents, run.topics) == ("made", 43, 43, 4)
    assert run.outlier_share == 0
    assert run.report_uri is not None
    page = Path(run.report_uri).read_text("utf-8")
    assert all(post.video_id in page for post in corpus_of_accounts())
    topics = main_topics(connection)
    by_subject = {video.split("-")[1]: topic for video, topic in topics.items()}
    assert len(set(by_subject.values())) == 4
    assert all(topics[video] == by_subject[video.split("-")[1]] for video in topics)
    labels = dict(
        connection.execute("select topic_id, label from vidpipe.current_topics").fetchall()
    )
    assert labels[by_subject["tank"]].startswith("tank")
    focus = {
        row[0]: row[1:]
        for row in connection.execute(
            "select account, contents, topic_id, share, share_low, share_high, insufficient_data"
            " from vidpipe.account_focus"
        )
    }
    contents, topic, share, low, high, insufficient = focus["pusher"]
    assert (contents, topic, share, insufficient) == (20, by_subject["tank"], 0.9, False)
    assert low == pytest.approx(0.699, abs=0.001)
    assert high == pytest.approx(0.972, abs=0.001)
    assert focus["one"][-1]
    assert focus["two"][-1]
    scoped = connection.execute(
        "select account, count(*) from vidpipe.current_topics where scope = 'account' group by 1"
    ).fetchall()
    assert {account for account, _ in scoped} <= {"pusher", "fifteen", "five"}
    assert dict(scoped)["fifteen"] == 2


@pytest.mark.parametrize(("videos", "own_topics"), [(1, 0), (2, 0), (5, 1), (14, 2), (15, 2)])
def test_an_account_of_any_size_has_sensible_rows(
    settings: Settings, connection: psycopg.Connection, videos: int, own_topics: int
) -> None:
    """Two subjects in turn; a topic has three videos at least."""
    of_cats = (videos + 1) // 2
    account = [
        *posts("cat", of_cats, account="sized"),
        *posts("house", videos - of_cats, account="sized"),
    ]
    ingest(connection, [*corpus_of_accounts(), *account])
    assert make_run(settings, WEEK).status == "made"
    focus = connection.execute(
        "select contents, topic_contents, share, insufficient_data from vidpipe.account_focus"
        " where account = 'sized'"
    ).fetchall()
    assert focus == [(videos, of_cats, pytest.approx(of_cats / videos), videos < 5)]
    scoped = connection.execute(
        "select contents from vidpipe.current_topics where account = 'sized' order by 1 desc"
    ).fetchall()
    assert len(scoped) == own_topics
    assert sum(contents for (contents,) in scoped) <= videos
    activity = "select videos, posts_by_weekday_and_hour from vidpipe.account_activity"
    [(dated, hours)] = connection.execute(f"{activity} where account = 'sized'").fetchall()
    assert (dated, len(hours), sum(hours)) == (videos, 168, videos)


def test_nothing_new_makes_no_run_and_new_videos_keep_the_ids(
    settings: Settings, connection: psycopg.Connection
) -> None:
    ingest(connection, corpus_of_accounts())
    first = make_run(settings, WEEK)
    before = main_topics(connection)
    assert make_run(settings, WEEK).status == "unchanged"
    later = DAY + timedelta(days=7)
    ingest(connection, posts("tank", 4, account="pusher", first=50), later)
    assert make_run(settings, WEEK).status == "unchanged"
    second = make_run(settings, WEEK + timedelta(days=7))
    assert (second.status, second.lineage.get("kept")) == (
        "made",
        first.topics + first.account_topics,
    )
    after = main_topics(connection)
    assert {video: after[video] for video in before} == before
    assert len(after) == len(before) + 4
    connection.execute("select vidpipe.promote_topic_run(%s)", [first.run_no])
    assert main_topics(connection) == before


def test_later_posts_get_the_nearest_topic_provisionally(
    settings: Settings, connection: psycopg.Connection
) -> None:
    ingest(connection, corpus_of_accounts())
    make_run(settings, WEEK)
    topics = main_topics(connection)
    tomorrow = DAY + timedelta(days=7)
    ingest(connection, posts("cat", 3, account="newcomer"), tomorrow)
    given = give_topics(connection, [tomorrow])
    rows = connection.execute(
        "select video_id, topic_id from vidpipe.video_topics where is_provisional"
    ).fetchall()
    assert given[tomorrow] == len(rows) >= 2
    assert {topic for _, topic in rows} == {topics["t:pusher-cat-0"]}
    assert give_topics(connection, [tomorrow]) == given
    assert not give_topics(connection, [DAY])


def test_the_same_inputs_in_another_order_give_the_same_topics(
    settings: Settings, connection: psycopg.Connection
) -> None:
    ingest(connection, corpus_of_accounts())
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads), connect(settings) as reading:
            found.append(find_topics(read_corpus(reading, 1, WEEK), TopicSettings()))
        for table in ("videos", "keyframes", "frame_embeddings_m1"):
            connection.execute(f"create temp table kept as select * from vidpipe.{table}")
            connection.execute(f"delete from vidpipe.{table}")
            connection.execute(f"insert into vidpipe.{table} select * from kept order by random()")
            connection.execute("drop table kept")
    first, second = found
    assert np.array_equal(first.clustering.labels, second.clustering.labels)
    for one, other in zip(first.topics, second.topics, strict=True):
        assert (one.account, one.contents, one.words) == (
            other.account,
            other.contents,
            other.words,
        )
        assert (one.shares, one.keyframes) == (other.shares, other.keyframes)


def test_a_renamed_account_keeps_its_topics_and_is_named(
    settings: Settings, connection: psycopg.Connection
) -> None:
    ingest(connection, corpus_of_accounts())
    make_run(settings, WEEK)
    query = "select topic_id from vidpipe.current_topics where account = %s order by 1"
    before = connection.execute(query, ["fifteen"]).fetchall()
    connection.execute("update vidpipe.videos set account = 'sixteen' where account = 'fifteen'")
    run = make_run(settings, WEEK)
    assert run.notes == ("account fifteen is called sixteen now: 15 of its posts have moved",)
    assert connection.execute(query, ["sixteen"]).fetchall() == before


def test_gaps_are_named_and_stop_nobody_else(
    settings: Settings, connection: psycopg.Connection
) -> None:
    assert make_run(settings, WEEK).status == "empty"
    ingest(connection, corpus_of_accounts())
    assert make_run(settings, WEEK - timedelta(days=70)).status == "empty"
    connection.execute(
        "update vidpipe.videos set account = null, posted_at = null where account = 'one'"
    )
    run = make_run(settings, WEEK)
    assert run.topics == 4
    assert [note.split(" and ")[0] for note in run.notes] == [
        "1 posts have no account",
        "1 posts have no date",
    ]
    connection.execute(
        "delete from vidpipe.content_embeddings_m1 where content_sha256 in"
        " (select content_sha256 from vidpipe.videos limit 2)"
    )
    with pytest.raises(VidpipeError, match="vectors of 41 of 43 contents"):
        make_run(settings, WEEK)


def test_alike_videos_are_one_topic_and_videos_without_text_have_some(
    settings: Settings, connection: psycopg.Connection
) -> None:
    bare = [replace(post, description="", hashtags=()) for post in posts("tank", 6, account="a")]
    ingest(connection, bare)
    connection.execute("delete from vidpipe.ocr_lines")
    run = make_run(settings, WEEK)
    assert (run.topics, run.outlier_share) == (1, 0)
    (label,) = connection.execute(
        "select label from vidpipe.current_topics where scope = 'global'"
    ).fetchone() or ("",)
    assert label == "topic 1"


def test_forgetting_a_post_leaves_no_trace_of_it(
    settings: Settings, connection: psycopg.Connection
) -> None:
    ingest(connection, corpus_of_accounts())
    run = make_run(settings, WEEK)
    assert run.report_uri is not None
    assert Path(run.report_uri).exists()
    gone = [post.video_id for post in corpus_of_accounts() if post.account == "fifteen"]
    forget(connection, MediaStore(settings.media), gone)
    left = connection.execute(
        "select (select count(*) from vidpipe.video_topics where video_id = any(%(gone)s)),"
        " (select count(*) from vidpipe.topics where medoid_video_id = any(%(gone)s)),"
        " (select count(*) from vidpipe.topics where account = 'fifteen'),"
        " (select count(*) from vidpipe.topic_runs where report_uri is not null)",
        {"gone": gone},
    ).fetchone()
    assert left == (0, 0, 0, 0)
    assert not Path(run.report_uri).exists()
