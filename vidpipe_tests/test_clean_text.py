"""The one door for text from uploads."""

import json
import re
import unicodedata

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from vidpipe.clean_text import (
    MAX_TEXT_BYTES,
    clean_key,
    clean_line,
    clean_text,
    display_name,
)
from vidpipe.settings import Settings
from vidpipe.stores.database import connect

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)
REFUSED_BY_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@given(ANY_TEXT)
def test_what_is_clean_stays_as_it_is(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)
    assert clean_line(clean_line(text)) == clean_line(text)


@given(ANY_TEXT)
def test_clean_text_is_utf8_nfc_and_free_of_what_xml_refuses(text: str) -> None:
    cleaned = clean_text(text)
    cleaned.encode()
    assert REFUSED_BY_XML.search(cleaned) is None
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not any(unicodedata.category(one) == "Cc" and one not in "\t\n" for one in cleaned)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_categories=["Cc"])))
def test_ordinary_text_is_not_changed(text: str) -> None:
    assert clean_text(unicodedata.normalize("NFC", text)) == unicodedata.normalize("NFC", text)


@settings(max_examples=20)
@given(st.integers(0, 3), st.sampled_from("aé坦\U0001f600"))
def test_long_text_is_cut_at_a_whole_character(offset: int, letter: str) -> None:
    cleaned = clean_text("a" * offset + letter * MAX_TEXT_BYTES)
    assert MAX_TEXT_BYTES - 4 < len(cleaned.encode()) <= MAX_TEXT_BYTES
    assert set(cleaned) <= {"a", letter}


def test_markup_is_kept_and_left_to_whoever_renders_it() -> None:
    assert clean_text("<script>alert(1)</script> ]]> & **x**") == (
        "<script>alert(1)</script> ]]> & **x**"
    )


def test_lone_surrogates_become_replacement_characters_and_pairs_become_one_character() -> None:
    assert clean_text("a\ud83d\ude00b") == "a\U0001f600b"
    assert clean_text("a\ud83db\udc00") == "a\ufffdb\ufffd"
    assert clean_text(json.loads('"\\ud800 x"')) == "\ufffd x"


def test_line_breaks_of_all_kinds_become_one_kind() -> None:
    assert clean_text("a\r\nb\rc\x85d\u2028e\x0bf") == "a\nb\nc\nd\nef"


def test_a_pile_of_combining_marks_is_bounded() -> None:
    cleaned = clean_text("a" + "\u0301\u0316" * 30_000 + "b")
    assert len(cleaned) < 40
    assert cleaned.endswith("b")


def test_keys_are_bounded_and_stay_distinct() -> None:
    long = "x" * 1000
    assert clean_key("short\nname", 64) == "short name"
    assert len(clean_key(long, 64)) == 64
    assert clean_key(long + "a", 64) != clean_key(long + "b", 64)


def test_names_are_shown_on_one_line_whatever_bytes_they_hold() -> None:
    assert display_name("a%0Ab/%FF%FE.mp4") == "a b/\ufffd\ufffd.mp4"
    assert display_name("%E5%9D%A6%E5%85%8B%00.mp4") == "坦克.mp4"


@pytest.mark.parametrize("text", ["\0nul", "\ud800", "\x1b[31mred", "</script>]]>", "e\u0301"])
def test_postgres_and_polars_take_it(database_settings: Settings, text: str) -> None:
    cleaned = clean_text(text)
    assert pl.Series([cleaned]).to_list() == [cleaned]
    with connect(database_settings) as connection:
        assert connection.execute("select %s::text", [cleaned]).fetchone() == (cleaned,)
        document = Jsonb({"text": cleaned})
        row = connection.execute("select %s::jsonb ->> 'text'", [document]).fetchone()
        assert row == (cleaned,)
