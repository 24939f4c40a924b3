"""Watch-lists: new posts that match a watched query are hits, once, and told once."""

from collections.abc import Iterator
from datetime import date

import psycopg
import pytest
from pgvector import HalfVector
from pydantic import SecretStr

from vidpipe.publication.transaction import publish_rows
from vidpipe.search.watch_lists import Hit, forget, hits_of_run, look_for_watched, tell_hits
from vidpipe.settings import Settings
from vidpipe.stores.database import connect
from vidpipe.stores.model_registry import activate, ensure_model
from vidpipe_tests.alert_receiver import alert_receiver
from vidpipe_tests.publication.published_rows import (
    DAY,
    MODEL,
    Post,
    date_rows,
    digest,
    unit_vectors,
)

NEXT_DAY = date(2026, 11, 3)


@pytest.fixture
def connection(upgraded_database_settings: Settings) -> Iterator[psycopg.Connection]:
    with connect(upgraded_database_settings, autocommit=True) as opened:
        ensure_model(opened, MODEL)
        activate(opened, MODEL.model_id)
        yield opened


def arrive(connection: psycopg.Connection, day: date, *posts: Post) -> None:
    publish_rows(connection, date_rows(posts, ingest_date=day), ingest_date=day, model=MODEL)


def watch(connection: psycopg.Connection, name: str, content: str, threshold: float) -> None:
    """Watches for the first frame of a content."""
    vector = unit_vectors([digest(content, 0)], MODEL.dimensions)[0].to_numpy()
    connection.execute(
        "insert into vidpipe.saved_queries"
        " (name, terms, embedding, model_id, embedded_at, watch_threshold)"
        ' values (%s, \'[{"text": "any"}]\', %s, %s, now(), %s)',
        [name, HalfVector(vector), MODEL.model_id, threshold],
    )


def test_only_posts_that_come_in_while_a_query_is_watched_are_hits(
    connection: psycopg.Connection,
) -> None:
    arrive(connection, DAY, Post("a:old", "c1"))
    assert look_for_watched(connection, "run1", days=[DAY]) == []
    watch(connection, "one", "c1", 0.95)
    arrive(connection, DAY, Post("a:old", "c1"), Post("a:new", "c1"), Post("a:other", "c2"))
    (hit,) = look_for_watched(connection, "run2", days=[DAY])
    assert (hit.query_name, hit.video_id, hit.ingest_date) == ("one", "a:new", DAY)
    assert hit.score == pytest.approx(1, abs=1e-3)
    assert look_for_watched(connection, "run3", days=[DAY]) == [], "a hit is found once"
    assert hits_of_run(connection, "run2") == [hit]
    assert hits_of_run(connection, "run3") == []


def test_posts_that_come_before_the_vector_is_made_are_looked_at_afterwards(
    connection: psycopg.Connection,
) -> None:
    arrive(connection, DAY, Post("a:1", "c1"))
    watch(connection, "late", "c5", 0.95)
    connection.execute(
        "update vidpipe.saved_queries set terms = '[{\"text\": \"else\"}]' where name = 'late'"
    )
    arrive(connection, NEXT_DAY, Post("a:5", "c5"))
    assert look_for_watched(connection, "run1", days=[NEXT_DAY]) == []
    vector = unit_vectors([digest("c5", 0)], MODEL.dimensions)[0].to_numpy()
    connection.execute(
        "update vidpipe.saved_queries set embedding = %s, model_id = %s, embedded_at = now()",
        [HalfVector(vector), MODEL.model_id],
    )
    (hit,) = look_for_watched(connection, "run2", queries=["late"])
    assert hit.video_id == "a:5"


def test_watching_ends_and_begins_anew(connection: psycopg.Connection) -> None:
    watch(connection, "one", "c1", 0.95)
    connection.execute("update vidpipe.saved_queries set watch_threshold = null")
    arrive(connection, DAY, Post("a:1", "c1"))
    assert look_for_watched(connection, "run1", days=[DAY]) == []
    connection.execute("update vidpipe.saved_queries set watch_threshold = 0.9")
    assert look_for_watched(connection, "run2", days=[DAY]) == [], "it came in before"
    arrive(connection, NEXT_DAY, Post("a:2", "c1"))
    (hit,) = look_for_watched(connection, "run3", days=[NEXT_DAY])
    assert hit.video_id == "a:2"


def test_every_hit_is_told_once_even_if_nobody_listens(
    connection: psycopg.Connection, upgraded_database_settings: Settings
) -> None:
    watch(connection, "one", "c1", 0.95)
    watch(connection, "two", "c2", 0.95)
    arrive(connection, DAY, Post("a:1", "c1"), Post("a:2", "c2"))
    assert len(look_for_watched(connection, "run", days=[DAY])) == 2
    assert tell_hits(connection, upgraded_database_settings) == 0, "no address is set"
    with alert_receiver() as receiver:
        settings = upgraded_database_settings.model_copy(
            update={"alert_url": SecretStr(receiver.url)}
        )
        assert tell_hits(connection, settings) == 2
        assert tell_hits(connection, settings) == 0
        [alert] = receiver.alerts
    assert [(one["query"], one["video_id"]) for one in alert["details"]] == [
        ("one", "a:1"),
        ("two", "a:2"),
    ]
    arrive(connection, NEXT_DAY, Post("a:3", "c1"))
    assert len(look_for_watched(connection, "run", days=[NEXT_DAY])) == 1
    assert tell_hits(connection, settings) == 1, "the address is gone; it is not tried again"
    assert tell_hits(connection, settings) == 0


def test_what_is_forgotten_leaves_no_hit(connection: psycopg.Connection) -> None:
    watch(connection, "one", "c1", 0.95)
    arrive(connection, DAY, Post("a:1", "c1"), Post("a:2", "c1"))
    found = look_for_watched(connection, "run", days=[DAY])
    forget(connection, ["a:1"])
    assert hits_of_run(connection, "run") == [hit for hit in found if hit.video_id == "a:2"]
    assert all(isinstance(hit, Hit) for hit in found)
