"""How words are asked for: the query language, mistakes, the order of hits, where they stand."""

import unicodedata
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import regex
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from vidpipe.publication.transaction import publish_rows
from vidpipe.settings import Settings
from vidpipe.stores import stored_words
from vidpipe.stores.database import connect, database_url
from vidpipe.stores.schema_upgrade import upgrade, upgrade_connection
from vidpipe_tests.publication.published_rows import DAY, MODEL, Post, date_rows, digest
from vidpipe_tests.search import word_characters
from vidpipe_tests.search.test_word_list import LISTED

POSTS = [
    Post("a:inside", "c1", description="nothing", ocr=("SMOKEMUNCHENWEST", "a slow train")),
    Post("a:folded", "c2", description="rain in Munchen, tank and truck"),
    Post("a:exact", "c3", description="rain in München. A toy tank"),
    Post("a:inflected", "c4", description="two tanks, a truck tank", hashtags=("Strasse",)),
    Post("a:slip", "c5", description="", ocr=("rain", "MUNCHEMS", "EXPLOSLON", "BATTLE STREET")),
]


@pytest.fixture(scope="module")
def connection(module_database_settings: Settings) -> Iterator[psycopg.Connection]:
    with connect(module_database_settings, autocommit=True) as opened:
        publish_rows(opened, date_rows(POSTS), ingest_date=DAY, model=MODEL)
        yield opened


def with_database(url: str, name: str) -> str:
    """The same URL with another database."""
    return make_conninfo(url, dbname=name)


def found(connection: psycopg.Connection, asked: str) -> list[str]:
    """What search_words finds, best first, without the platform."""
    rows = connection.execute(
        "select video_id from vidpipe.search_words(%s, 50) order by rank", [asked]
    )
    return [str(video_id).removeprefix("a:") for (video_id,) in rows.fetchall()]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("tank truck", {"folded", "inflected"}),
        ('"tank truck"', set()),
        ('"truck tank"', {"inflected"}),
        ('"a truck tank" -rain', {"inflected"}),
        ("train or toy", {"inside", "exact"}),
        ("train OR toy rain", {"inside", "exact"}),
        ("tank -toy", {"folded", "inflected"}),
        ("tank --toy", {"folded", "inflected"}),
        ('tank -"toy tank"', {"folded", "inflected"}),
        ("tr*", {"inside", "folded", "inflected"}),
        ("strass*", {"inflected"}),
        ("or", set()),
        ("tank or", set()),
        ("tank - truck", {"folded", "inflected"}),
        ("«tank»; ‘truck’", {"folded", "inflected"}),
    ],
)
def test_questions_are_read_as_by_websearch_to_tsquery(
    connection: psycopg.Connection, asked: str, expected: set[str]
) -> None:
    assert set(found(connection, asked)) == expected


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ('a "tank', 'a quotation is not closed: put " on both sides'),
        ("-tank", "the question only excludes words"),
        ("-a or -b", "the question only excludes words|one side of"),
        ("-a or b", 'one side of "or" only excludes words'),
        ("see fire*x now", r'"fire\*x": a \* can only end a word'),
        ("*fire", r"a \* can only end a word"),
        ("t*", r"put two letters or more before \*"),
        ("x" * 1001, "takes 1000 characters at most; these are 1001"),
        ("a " * 51, "takes 50 words at most; these are 51"),
        ("tank " * 20_000, "takes 1000 characters at most; these are 100000"),
    ],
)
def test_mistakes_are_explained(connection: psycopg.Connection, asked: str, message: str) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue, match=message):
        found(connection, asked)


def test_the_longest_question_is_answered(connection: psycopg.Connection) -> None:
    connection.execute("set statement_timeout = '5s'")
    try:
        assert found(connection, " ".join(f"wordnumber{n}" for n in range(50))) == []
    finally:
        connection.execute("reset statement_timeout")


def test_an_exact_match_ranks_above_a_folded_one_and_that_above_what_stands_inside(
    connection: psycopg.Connection,
) -> None:
    assert found(connection, "münchen") == ["exact", "folded", "inside"]
    assert found(connection, "munchen") == ["folded", "exact", "inside"]
    assert found(connection, "tanks")[0] == "inflected"
    rows = connection.execute(
        "select matched_as, trunc(score) from vidpipe.search_words('münchen') order by rank"
    ).fetchall()
    assert rows == [("exact", 4), ("folded", 3), ("inside", 1)]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("explosion", ["slip"]),
        ("explosions", []),  # two characters
        ("cattle", []),  # another first letter
        ("rains", ["folded", "exact", "slip"]),  # of train it is no part
        ("smoke munchen west", ["inside"]),
    ],
)
def test_what_ocr_glued_or_misread_is_found_and_chance_is_not(
    connection: psycopg.Connection, asked: str, expected: list[str]
) -> None:
    assert sorted(found(connection, asked)) == sorted(expected)


def test_the_first_search_of_a_session_says_nothing(module_database_settings: Settings) -> None:
    said: list[str] = []
    with connect(module_database_settings, autocommit=True) as fresh:
        fresh.add_notice_handler(lambda notice: said.append(str(notice.message_primary)))
        fresh.execute("set client_min_messages = notice")
        for asked in ("tank", "?!", "", "-toy tank", '"the of"'):
            found(fresh, asked)
    assert said == []


def test_a_hit_says_in_which_field_frame_and_line_each_word_stands(
    connection: psycopg.Connection,
) -> None:
    def places(video: str, asked: str) -> list[dict[str, Any]]:
        with connection.cursor(row_factory=dict_row) as cursor:
            query = "select * from vidpipe.word_places(%s, %s)"
            return cursor.execute(query, [video, asked]).fetchall()

    (line,) = places("a:inside", "smoke or train or west")[:1]
    assert (line["field"], line["text"]) == ("ocr", "SMOKEMUNCHENWEST")
    assert line["matched_words"] == ["smoke", "west"]
    assert (line["segment"], line["timestamp_s"], line["line_no"]) == (0, 0.0, 0)
    assert line["keyframe_sha256"] == digest("c1", 0)
    assert line["confidence"] == pytest.approx(0.9)
    assert line["box"] == [0, 0, 9, 0, 9, 4, 0, 4]
    told = [(one["field"], one["matched_words"]) for one in places("a:inflected", "tank straße")]
    assert told == [("hashtags", ["straße"]), ("description", ["tank"])]
    with pytest.raises(psycopg.errors.NoDataFound, match='there is no video "nobody"'):
        places("nobody", "tank")


def test_words_are_cut_alike_in_a_database_of_any_locale(
    connection: psycopg.Connection, module_database_settings: Settings
) -> None:
    texts = [text for one in LISTED.values() for text in (one.description, *one.ocr)]
    questions = [asked for one in LISTED.values() for asked in (*one.finds, *one.misses)]
    query = (
        "select array(select vidpipe.words_read(t)::text from unnest(%s::text[]) as t),"
        " array(select vidpipe.words_wanted(q)::text from unnest(%s::text[]) as q)"
    )
    here = connection.execute(query, [texts, questions]).fetchone()
    name = sql.Identifier(f"{connection.info.dbname}_c")
    connection.execute(
        sql.SQL("create database {} template template0 locale 'C' locale_provider libc").format(
            name
        )
    )
    try:
        url = with_database(database_url(module_database_settings), f"{connection.info.dbname}_c")
        with psycopg.connect(url, autocommit=True) as plain:
            upgrade_connection(plain)
            assert plain.execute("select lower('Ä')").fetchone() == ("Ä",), "it knows ASCII alone"
            assert plain.execute(query, [texts, questions]).fetchone() == here
    finally:
        connection.execute(sql.SQL("drop database {} with (force)").format(name))


def test_the_letters_in_the_database_are_those_of_unicode(connection: psycopg.Connection) -> None:
    """Of another Unicode than that of this Python, they may be fewer, and no others."""
    text = word_characters.WRITTEN.read_text("utf-8")
    version = text.partition("Unicode ")[2].partition(": do")[0]
    if version == unicodedata.unidata_version:
        assert text == word_characters.written()
    for name, belongs in word_characters.CLASSES.items():
        (pattern,) = connection.execute(f"select vidpipe.{name}()").fetchone() or ("",)
        in_file = regex.compile(f"[{pattern}]")
        known = filter(word_characters.is_known, word_characters.CODE_POINTS)
        others = [code for code in known if in_file.match(chr(code)) and not belongs(code)]
        assert [hex(code) for code in others] == []


def test_an_upgrade_cuts_stored_words_again_and_only_once(
    upgraded_database_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_words, "POSTS_AT_ONCE", 2)
    with connect(upgraded_database_settings, autocommit=True) as connection:
        publish_rows(connection, date_rows(POSTS), ingest_date=DAY, model=MODEL)
        stored = "select video_id, words::text from vidpipe.video_words order by video_id"
        published = connection.execute(stored).fetchall()
        connection.execute("update vidpipe.video_words set words = 'old', cut_by = 0")
        assert stored_words.count_outdated(connection) == len(POSTS)
        upgrade(upgraded_database_settings)
        assert connection.execute(stored).fetchall() == published
        assert stored_words.count_outdated(connection) == 0
        versions = "select ctid::text from vidpipe.video_words order by 1"
        before = connection.execute(versions).fetchall()
        upgrade(upgraded_database_settings)
        assert connection.execute(versions).fetchall() == before
