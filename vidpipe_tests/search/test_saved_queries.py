"""Saved queries: what their terms may say, and the vectors that a worker makes for them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from vidpipe.demo.compositions import Composition
from vidpipe.demo.gallery import render_stills
from vidpipe.errors import SettingsError
from vidpipe.models.bundled_pair import demo_pair
from vidpipe.models.clip import ClipPair
from vidpipe.models.clip_weights import model_identity
from vidpipe.pipeline.engine import LocalEngine
from vidpipe.publication.transaction import publish_rows
from vidpipe.search.saved_queries import (
    SavedTerm,
    embed_waiting,
    keep_picture,
    parse_terms,
    save_query,
    waiting_queries,
)
from vidpipe.search.term_algebra import GAP_SHARE, QueryError, Term, combine
from vidpipe.search.typical_text import typical_text
from vidpipe.settings import Settings
from vidpipe.stores.database import connect
from vidpipe.stores.media_store import MediaStore
from vidpipe.stores.model_registry import find_model
from vidpipe_tests.publication.published_rows import DAY, Post, date_rows


@pytest.fixture
def settings(upgraded_database_settings: Settings) -> Settings:
    image, text = (str(folder) for folder in demo_pair())
    return upgraded_database_settings.model_copy(
        update={"clip_image_model": image, "clip_text_model": text}
    )


@pytest.fixture
def connection(settings: Settings) -> Iterator[psycopg.Connection]:
    with connect(settings, autocommit=True) as opened:
        rows = date_rows([Post("a:1", "c1")], model=model_identity(settings))
        publish_rows(opened, rows, ingest_date=DAY, model=model_identity(settings))
        yield opened


def embed(connection: psycopg.Connection, settings: Settings) -> dict[str, str | None]:
    engine = LocalEngine(settings.worker_memory_bytes)
    return embed_waiting(connection, settings, engine, model_identity(settings).model_id)


def vector_of(connection: psycopg.Connection, name: str) -> Any:
    row = connection.execute(
        "select embedding from vidpipe.saved_queries where name = %s", [name]
    ).fetchone()
    assert row is not None
    return row[0].to_numpy()


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({}, "must be a list"),
        ([], "must be a list"),
        (["tank"], "term 1 must be an object"),
        ([{"text": "a"}, {"text": "b", "video": "c"}], "term 2 must have one of"),
        ([{"txt": "a"}], "it has txt"),
        ([{"text": "  "}], "must be a text that is not empty"),
        ([{"text": 5}], "must be a text"),
        ([{"text": "x" * 20_000}], "20000 characters"),
        ([{"text": "a", "weight": 0}], "a weight of 0"),
        ([{"text": "a", "weight": True}], "weight must be a number"),
        ([{"text": "a", "weight": float("nan")}], "weight must be a number"),
    ],
)
def test_terms_that_cannot_be_understood_are_refused(terms: Any, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        parse_terms(terms)


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ("[1]", "term 1 must be an object"),
        ("[{}]", "it has nothing"),
        ('[{"text": "a"}, {"text": "b", "video": "c"}]', "term 2 must have one of text, video"),
        ('[{"txt": "a"}]', "it has txt"),
        ('[{"text": "  "}]', "term 1: text must be a text that is not empty"),
        ('[{"text": null}]', "term 1: text must be a text"),
        ('[{"text": "a", "weight": "1"}]', "term 1: weight must be a number"),
        ('[{"text": "a", "weight": null}]', "term 1: weight must be a number"),
        ('[{"text": "a", "weight": 1e400}]', "term 1: weight must be a number"),
        ('[{"text": "a", "weight": 0}]', "a weight of 0 leaves nothing"),
    ],
)
def test_terms_that_cannot_be_understood_are_not_even_inserted(
    connection: psycopg.Connection, terms: str, message: str
) -> None:
    insert = "insert into vidpipe.saved_queries (name, terms) values ('q', %s)"
    with pytest.raises(psycopg.errors.CheckViolation, match=message) as refused:
        connection.execute(insert, [terms])
    assert 'saved query "q" cannot be saved' in str(refused.value)
    connection.execute(insert, ['[{"text": "a"}]'])
    with pytest.raises(psycopg.errors.CheckViolation, match=message):
        connection.execute("update vidpipe.saved_queries set terms = %s", [terms])


def test_the_database_and_python_agree_on_terms(connection: psycopg.Connection) -> None:
    for terms in (
        [{"text": "a", "weight": -0.5}, {"saved": "b"}],
        [{"image": "x"}, {"video": "y"}],
    ):
        parse_terms(terms)
        asked = connection.execute("select vidpipe.problem_of_terms(%s)", [json.dumps(terms)])
        assert asked.fetchone() == (None,)
    for wrong in ([{"text": "x" * 20_000}], [{"text": "a", "more": 1}], []):
        with pytest.raises(QueryError) as refused:
            parse_terms(wrong)
        asked = connection.execute("select vidpipe.problem_of_terms(%s)", [json.dumps(wrong)])
        assert asked.fetchone() == (str(refused.value),)


def test_terms_of_before_the_check_stay_and_say_why_they_have_no_vector(
    connection: psycopg.Connection, settings: Settings
) -> None:
    connection.execute("alter table vidpipe.saved_queries disable trigger check_terms")
    connection.execute(
        "insert into vidpipe.saved_queries (name, terms) values ('old', '[{\"words\": \"a\"}]')"
    )
    connection.execute("alter table vidpipe.saved_queries enable trigger check_terms")
    assert "it has words" in str(embed(connection, settings)["old"])
    connection.execute("update vidpipe.saved_queries set note = 'still here'")


def test_reasons_name_no_folder_of_the_server(
    connection: psycopg.Connection, settings: Settings
) -> None:
    gone = f"{settings.media}/queries/gone.png"
    broken = MediaStore(settings.media).put("queries/broken.png", b"no picture")
    for name, uri in (("gone", gone), ("broken", broken), ("outside", "/etc/passwd")):
        save_query(connection, name, [SavedTerm("image", uri)])
    told = embed(connection, settings)
    assert "picture 'gone.png' cannot be read from the media store" in str(told["gone"])
    assert told["broken"] == "picture 'broken.png' cannot be decoded"
    assert "picture 'passwd' cannot be read" in str(told["outside"])
    shown = connection.execute("select embedding_error from vidpipe.saved_queries").fetchall()
    assert not [reason for (reason,) in shown if "/" in reason]


def test_a_picture_is_kept_under_a_name_that_tells_nothing_of_the_server(
    settings: Settings, tmp_path: Path
) -> None:
    (picture,) = render_stills([Composition.parse("tank/burning/street/day/clear")], seed=3)
    (tmp_path / "tank.png").write_bytes(picture)
    media = MediaStore(settings.media)
    name = keep_picture(media, tmp_path / "tank.png")
    assert name.startswith("queries/")
    assert media.get(name) == picture


def test_terms_are_read_as_they_are_written() -> None:
    terms = (SavedTerm("text", "tank"), SavedTerm("video", "a:1", -0.5))
    assert parse_terms(json.loads(json.dumps([term.as_json() for term in terms]))) == terms


def test_a_name_is_taken_once_unless_it_is_replaced(connection: psycopg.Connection) -> None:
    save_query(connection, "tanks", [SavedTerm("text", "tank")])
    with pytest.raises(SettingsError, match="--replace"):
        save_query(connection, "tanks", [SavedTerm("text", "other")])
    save_query(connection, "tanks", [SavedTerm("text", "other")], cutoff=0.5, replace=True)
    (waiting,) = waiting_queries(connection)
    assert waiting.terms == [{"text": "other"}]
    with pytest.raises(SettingsError, match="cannot be saved: term 1: text must be a text"):
        save_query(connection, "cats", [SavedTerm("text", " ")])
    with pytest.raises(SettingsError, match="a cut-off is from -1"):
        save_query(connection, "cats", [SavedTerm("text", "cat")], cutoff=3)


def test_vectors_are_the_sum_of_texts_pictures_posts_and_other_queries(
    connection: psycopg.Connection, settings: Settings
) -> None:
    (picture,) = render_stills([Composition.parse("tank/burning/street/day/clear")], seed=3)
    uri = MediaStore(settings.media).put("queries/tank.png", picture)
    save_query(
        connection,
        "mixed",
        [
            SavedTerm("text", "a burning tank"),
            SavedTerm("image", uri, 2.0),
            SavedTerm("video", "a:1", 0.5),
            SavedTerm("text", "night", -1.0),
        ],
    )
    assert embed(connection, settings) == {"mixed": None}
    assert waiting_queries(connection) == []
    pair = ClipPair.from_settings(settings)
    burning, night = pair.texts.embed(["a burning tank", "night"])
    content = connection.execute("select embedding from vidpipe.content_embeddings").fetchone()
    assert content is not None
    typical = typical_text(connection, find_model(connection, "1"))
    assert typical is not None
    expected = combine(
        [
            Term(burning - GAP_SHARE * typical),
            Term(pair.images.embed([picture])[0], 2.0),
            Term(content[0].to_numpy(), 0.5),
            Term(night - GAP_SHARE * typical, -1.0),
        ]
    )
    assert vector_of(connection, "mixed") @ expected == pytest.approx(1, abs=1e-3)
    save_query(connection, "of-mixed", [SavedTerm("saved", "mixed")])
    assert embed(connection, settings) == {"of-mixed": None}
    of_mixed = vector_of(connection, "of-mixed")
    assert np.allclose(of_mixed, vector_of(connection, "mixed"), atol=2e-3)


def test_what_cannot_be_embedded_says_why_and_stops_no_other(
    connection: psycopg.Connection, settings: Settings
) -> None:
    for name, terms in {
        "good": [{"text": "a tank"}],
        "no-video": [{"video": "nobody"}],
        "no-picture": [{"image": "../../etc/passwd"}],
        "nothing-left": [{"text": "a tank"}, {"text": "a tank", "weight": -1}],
    }.items():
        connection.execute(
            "insert into vidpipe.saved_queries (name, terms) values (%s, %s)",
            [name, json.dumps(terms)],
        )
    told = embed(connection, settings)
    assert told.pop("good") is None
    assert 'no video "nobody"' in str(told.pop("no-video"))
    assert "cannot be read" in str(told.pop("no-picture"))
    assert "cancel each other out" in str(told.pop("nothing-left"))
    assert told == {}
    assert waiting_queries(connection) == []
    with pytest.raises(psycopg.DatabaseError, match='"no-video" cannot be embedded: there is no'):
        connection.execute("select * from vidpipe.search_videos('no-video')")
    connection.execute(
        "update vidpipe.saved_queries set terms = '[{\"video\": \"a:1\"}]' where name = 'no-video'"
    )
    assert embed(connection, settings) == {"no-video": None}
