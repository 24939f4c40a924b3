"""Watch-lists of footage: new posts that show it again are hits, once, and told once."""

from datetime import date

import psycopg
import pytest
from pydantic import SecretStr

from vidpipe.errors import UnknownName
from vidpipe.publication.transaction import publish_rows
from vidpipe.reuse.forgetting import forget
from vidpipe.reuse.matches import Match, Verdict
from vidpipe.reuse.store import write_comparisons
from vidpipe.reuse.watching import (
    FootageHit,
    hits_of_run,
    raise_hits,
    tell_hits,
    unwatch,
    watch,
    watched,
)
from vidpipe.settings import Settings
from vidpipe.stores.database import connect_url
from vidpipe.stores.roles import grant_analyst
from vidpipe_tests.alert_receiver import alert_receiver
from vidpipe_tests.publication.published_rows import (
    DAY,
    MODEL,
    NEXT_DAY,
    Post,
    date_rows,
    digest,
)
from vidpipe_tests.reuse.made_up_matches import VERSION, compared, match


def arrive(connection: psycopg.Connection, day: date, *posts: Post) -> None:
    publish_rows(connection, date_rows(posts, ingest_date=day), ingest_date=day, model=MODEL)


def find(connection: psycopg.Connection, names: str, *matches: Match) -> None:
    write_comparisons(connection, compared(*names), matches, VERSION)


@pytest.fixture
def war(connection: psycopg.Connection) -> psycopg.Connection:
    """Footage c1 of one post is watched as `war`."""
    arrive(connection, DAY, Post("a:old", "c1"), Post("a:other", "c2"))
    raise_hits(connection, "run0")
    watch(connection, "war", digest("c1"), "seen at the harbour")
    return connection


def test_new_posts_of_the_same_bytes_and_copies_are_hits_once(war: psycopg.Connection) -> None:
    arrive(war, NEXT_DAY, Post("a:same", "c1"), Post("a:clip", "c3"), Post("a:like", "c4"))
    write_comparisons(
        war,
        compared("c1", "c3", "c4"),
        [
            match("c3", "c1", Verdict.CLIP_OF, coverage=(1, 0.25)),
            match("c4", "c1", Verdict.SAME_SCENE),
        ],
        VERSION,
    )
    hits = raise_hits(war, "run1")
    assert hits == [
        FootageHit("war", "a:clip", "contains", 0.25, NEXT_DAY),
        FootageHit("war", "a:same", "identical", 1.0, NEXT_DAY),
    ]
    assert raise_hits(war, "run2") == [], "a hit is found once"
    assert hits_of_run(war, "run1") == hits
    assert hits_of_run(war, "run2") == []


def test_a_copy_that_is_found_later_is_a_hit_of_a_new_post_only(war: psycopg.Connection) -> None:
    arrive(war, NEXT_DAY, Post("a:new", "c3"))
    assert raise_hits(war, "run1") == []
    write_comparisons(
        war, compared("c1", "c2", "c3"), [match("c1", "c2"), match("c1", "c3")], VERSION
    )
    assert [hit.video_id for hit in raise_hits(war, "run2")] == ["a:new"]


def test_only_posts_since_a_time_are_looked_at(war: psycopg.Connection) -> None:
    arrive(war, NEXT_DAY, Post("a:same", "c1"))
    now = war.execute("select now() + interval '1 hour'").fetchone()
    assert now is not None
    assert raise_hits(war, "run1", since=now[0]) == []
    assert [hit.video_id for hit in raise_hits(war, "run2")] == ["a:same"]


def test_another_content_is_watched_from_then_on(war: psycopg.Connection) -> None:
    [before] = watched(war)
    assert (before.name, before.content_sha256, before.note) == (
        "war",
        digest("c1"),
        "seen at the harbour",
    )
    again = watch(war, "war", digest("c1"), "another note")
    assert (again.note, again.watched_since) == ("another note", before.watched_since)
    arrive(war, NEXT_DAY, Post("a:again", "c2"))
    raise_hits(war, "run1")
    assert watch(war, "war", digest("c2")).watched_since > before.watched_since
    assert raise_hits(war, "run2") == [], "it came in before"


def test_what_is_unknown_cannot_be_watched_or_dropped(war: psycopg.Connection) -> None:
    with pytest.raises(UnknownName, match="only what is indexed"):
        watch(war, "nothing", digest("nothing"))
    with pytest.raises(UnknownName, match="peace"):
        unwatch(war, "peace")
    unwatch(war, "war")
    assert watched(war) == []


def test_an_analyst_may_watch_footage(
    war: psycopg.Connection, upgraded_database_settings: Settings
) -> None:
    url = grant_analyst(upgraded_database_settings, "footage_analyst")
    try:
        with connect_url(url, autocommit=True) as analyst:
            analyst.execute(
                "insert into vidpipe.watched_footage (name, content_sha256) values ('mine', %s)",
                [digest("c2")],
            )
            assert [one.name for one in watched(analyst)] == ["mine", "war"]
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                analyst.execute("delete from vidpipe.footage_matches")
            unwatch(analyst, "mine")
    finally:
        war.execute("drop owned by footage_analyst")
        war.execute("drop role footage_analyst")


def test_every_hit_is_told_once_even_if_nobody_listens(
    war: psycopg.Connection, upgraded_database_settings: Settings
) -> None:
    arrive(war, NEXT_DAY, Post("a:1", "c1"), Post("a:2", "c1"))
    assert len(raise_hits(war, "run")) == 2
    assert tell_hits(war, upgraded_database_settings) == 0, "no address is set"
    with alert_receiver() as receiver:
        settings = upgraded_database_settings.model_copy(
            update={"alert_url": SecretStr(receiver.url)}
        )
        assert tell_hits(war, settings) == 2
        assert tell_hits(war, settings) == 0
        [alert] = receiver.alerts
    assert alert["kind"] == "footage_watch_hits"
    assert [(one["footage"], one["video_id"]) for one in alert["details"]] == [
        ("war", "a:1"),
        ("war", "a:2"),
    ]


def test_what_is_forgotten_leaves_no_hit_and_is_not_watched(war: psycopg.Connection) -> None:
    watch(war, "other", digest("c2"))
    arrive(war, NEXT_DAY, Post("a:1", "c1"), Post("a:2", "c1"), Post("a:3", "c2"))
    raise_hits(war, "run")
    forget(war, ["a:1"], [digest("c2")])
    assert [hit.video_id for hit in hits_of_run(war, "run")] == ["a:2"]
    assert [one.name for one in watched(war)] == ["war"]
