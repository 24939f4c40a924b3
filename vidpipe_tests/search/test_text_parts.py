"""Halves and thirds of texts, in scripts with and without spaces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidpipe.search.text_parts import text_parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("tank", []),
        ("", []),
        ("!!", []),
        ("a tank", ["a", "tank"]),
        (
            "a burning tank in the snow",
            ["a burning", "a burning tank", "tank in", "in the snow", "the snow"],
        ),
        ("坦克在街上", ["坦克", "在街", "在街上", "上"]),
        ("坦克", []),
        ("бойова машина", ["бойова", "машина"]),
    ],
)
def test_a_text_is_cut_between_its_words(text: str, parts: list[str]) -> None:
    assert sorted(text_parts(text)) == sorted(parts)


@given(st.text(max_size=400))
def test_parts_stand_in_the_text_once_each(text: str) -> None:
    parts = text_parts(text)
    assert len(parts) == len(set(parts)) <= 5
    assert all(part in text and part.strip() for part in parts)
