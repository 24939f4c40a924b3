"""Topic runs on real tables: what is stored, kept from run to run, and shown by the views."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import psycopg
import pytest
from threadpoolctl import threadpool_limits

from vidpipe.errors import StoreError, VidpipeError
from vidpipe.settings import Settings
from vidpipe.stores.database import connect
from vidpipe.stores.media_store import MediaStore
from vidpipe.topics.corpus import read_corpus
from vidpipe.topics.fit import TopicSettings, find_topics
from vidpipe.topics.forgetting import forget
from vidpipe.topics.provisional import give_topics
from vidpipe.topics.report import gathering
from vidpipe.topics.run import make_run
from vidpipe_tests.publication.published_rows import DAY
from vidpipe_tests.topics.corpora import WEEK, corpus_of_accounts, ingest, posts


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
    monkeypatch.setattr(gathering, "MOST_ACCOUNTS", 1)
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
    labels: dict[int, str] = dict(
        connection.execute("select topic_id, label from vidpipe.current_topics").fetchall()
    )
    assert labels[by_subject["tank"]].startswith("#tank")
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
    assert ("fifteen", 2) in scoped


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


def current_run(connection: psycopg.Connection) -> int:
    [(run_no,)] = connection.execute(
        "select run_no from vidpipe.topic_runs where is_current"
    ).fetchall()
    return int(run_no)


def test_a_run_of_an_earlier_week_does_not_become_current(
    settings: Settings, connection: psycopg.Connection
) -> None:
    ingest(connection, corpus_of_accounts())
    ingest(connection, posts("tank", 4, account="pusher", first=50), DAY + timedelta(days=7))
    later = make_run(settings, WEEK + timedelta(days=7))
    earlier = make_run(settings, WEEK)
    assert (earlier.status, earlier.videos, earlier.report_uri) == ("made", 43, None)
    assert f"run {later.run_no} is current" in earlier.notes[-1]
    assert (later.is_current, earlier.is_current) == (True, False)
    assert current_run(connection) == later.run_no
    again = make_run(settings, WEEK)
    assert (again.status, again.run_no) == ("unchanged", earlier.run_no)


def test_a_report_that_could_not_be_written_is_written_by_the_next_run(
    settings: Settings, connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(connection, corpus_of_accounts())

    def fail(_store: MediaStore, name: str, _data: bytes) -> str:
        raise StoreError(f"{name}: disk full")

    with monkeypatch.context() as broken:
        broken.setattr(MediaStore, "put", fail)
        first = make_run(settings, WEEK)
    assert first.notes == (f"there is no report: topics/run-{first.run_no}/config.json: disk full",)
    second = make_run(settings, WEEK)
    assert (second.status, second.run_no) == ("unchanged", first.run_no)
    assert second.report_uri is not None
    assert Path(second.report_uri).exists()


def test_of_two_runs_at_once_one_finds_the_others_result(
    settings: Settings, connection: psycopg.Connection
) -> None:
    ingest(connection, corpus_of_accounts())
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda _: make_run(settings, WEEK), range(2)))
    assert sorted(run.status for run in runs) == ["made", "unchanged"]
    assert len({run.run_no for run in runs}) == 1


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
    for table in ("videos", "video_versions"):  # its sources know no other id than the handle
        connection.execute(
            f"update vidpipe.{table} set account = 'sixteen', account_id = 'sixteen'"
            " where account = 'fifteen'"
        )
    run = make_run(settings, WEEK)
    assert run.notes == ("account fifteen is called sixteen now: 15 of its posts have moved",)
    assert connection.execute(query, ["sixteen"]).fetchall() == before


def test_an_account_with_an_id_is_one_whatever_its_handle(
    settings: Settings, connection: psycopg.Connection
) -> None:
    fifteen = [post for post in corpus_of_accounts() if post.account == "fifteen"]
    others = [post for post in corpus_of_accounts() if post.account != "fifteen"]
    ingest(connection, [*others, *fifteen])
    make_run(settings, WEEK)
    query = "select topic_id from vidpipe.current_topics where account = %s order by 1"
    before = connection.execute(query, ["fifteen"]).fetchall()
    half = [post.video_id for post in fifteen[::2]]
    for table in ("videos", "video_versions"):  # read again, when the account had another handle
        connection.execute(
            f"update vidpipe.{table} set account = 'sixteen' where video_id = any(%s)", [half]
        )
    connection.execute(
        "update vidpipe.video_versions set first_seen_at = now() where account = 'sixteen'"
    )
    assert make_run(settings, WEEK).status == "unchanged"
    assert connection.execute(query, ["fifteen"]).fetchall() == []
    assert connection.execute(query, ["sixteen"]).fetchall() == before
    for view in ("account_focus", "account_activity"):
        counts = f"select account, account_id, videos from vidpipe.{view} where account_id = %s"
        assert connection.execute(counts.encode(), ["fifteen"]).fetchall() == [
            ("sixteen", "fifteen", 15)
        ]
    firsts = connection.execute(
        "select accounts, first_accounts from vidpipe.topic_trends where account = 'sixteen'"
    ).fetchall()
    assert firsts == [(1, ["sixteen"])] * len(before)


def test_topics_of_an_account_go_on_where_a_backup_knows_no_ids(
    settings: Settings, connection: psycopg.Connection
) -> None:
    ingest(connection, corpus_of_accounts())
    make_run(settings, WEEK)
    query = "select account_id, topic_id from vidpipe.current_topics order by topic_id"
    before = connection.execute(query).fetchall()
    connection.execute("update vidpipe.topics set account_id = null")
    assert connection.execute(query).fetchall() == before
    ingest(connection, posts("tank", 3, account="pusher", first=50), DAY + timedelta(days=1))
    run = make_run(settings, WEEK)
    assert run.lineage == {"kept": len(before)}


def test_gaps_are_named_and_stop_nobody_else(
    settings: Settings, connection: psycopg.Connection
) -> None:
    assert make_run(settings, WEEK).status == "empty"
    ingest(connection, corpus_of_accounts())
    assert make_run(settings, WEEK - timedelta(days=70)).status == "empty"
    connection.execute(
        "update vidpipe.videos set account = null, account_id = null, posted_at = null"
        " where account = 'one'"
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


def test_one_wrong_date_makes_no_bursts_and_nobody_silent(
    settings: Settings, connection: psycopg.Connection
) -> None:
    """Ten days of four posts each, one post from 1970, one of another account from the future."""
    ingest(connection, [*posts("tank", 40, account="daily"), *posts("cat", 4, account="other")])
    connection.execute(
        "update vidpipe.videos as v set posted_at = ingest_date - (n.place % 10)::integer"
        " from (select video_id, row_number() over (order by video_id) as place"
        " from vidpipe.videos where account = 'daily') as n where v.video_id = n.video_id"
    )
    connection.execute(
        "update vidpipe.videos set posted_at = case account when 'daily' then date '1970-01-01'"
        " else date '2199-01-01' end where video_id in ('t:daily-tank-0', 't:other-cat-0')"
    )
    make_run(settings, WEEK)
    activity = connection.execute(
        "select account, burst_days, silent_days < 1 from vidpipe.account_activity order by 1"
    ).fetchall()
    assert activity == [("daily", [], True), ("other", [], True)]
    trends = connection.execute(
        "select account, burst_days, last_posted_at < '2100-01-01' from vidpipe.topic_trends"
        " where scope = 'global' order by videos desc"
    ).fetchall()
    assert trends == [(None, [], True), (None, [], True)]


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


def test_forgetting_a_post_in_no_topic_takes_reports_and_notes_that_show_it(
    settings: Settings, connection: psycopg.Connection
) -> None:
    [stray] = posts("boat", 1, account="stray")
    ingest(connection, [*posts("tank", 9, account="a"), *posts("cat", 9, account="b"), stray])
    connection.execute("update vidpipe.videos set posted_at = null where account = 'stray'")
    run = make_run(settings, WEEK)
    assert stray.video_id not in main_topics(connection)
    assert stray.video_id in run.notes[0]
    assert run.report_uri is not None
    assert stray.video_id in Path(run.report_uri).read_text("utf-8")
    forget(connection, MediaStore(settings.media), [stray.video_id])
    assert not Path(run.report_uri).exists()
    assert connection.execute("select notes from vidpipe.topic_runs").fetchall() == [([],)]
