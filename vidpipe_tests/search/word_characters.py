"""Which characters make words, and their lower case: written from Unicode into SQL.

Belongs here: `sql/functions/word_characters.sql`, made from Python's Unicode tables, so that the
database needs no locale. Does not: how words are cut (`sql/functions/word_cutting.sql`).

    python -m vidpipe_tests.search.word_characters
"""

import sys
import unicodedata
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path

import regex

WRITTEN = Path(__file__).parents[2] / "sql" / "functions" / "word_characters.sql"

# Thai, Lao, Tibetan, Myanmar, Khmer, kana, Han: words are not separated there.
UNSPACED_BLOCKS = (
    (0x0E00, 0x0FFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3005, 0x30FF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xA9E0, 0xA9FF),
    (0xAA60, 0xAA7F),
    (0xF900, 0xFAFF),
    (0x1B000, 0x1B16F),
    (0x20000, 0x3FFFF),
)
CODE_POINTS = range(0x30, 0x40000)
SKIN_TONES = range(0x1F3FB, 0x1F400)
IS_PICTURE = regex.compile(r"\p{Extended_Pictographic}")
LINE = 90


def is_unspaced(code: int) -> bool:
    """Whether a character belongs to a script that does not separate words."""
    return any(first <= code <= last for first, last in UNSPACED_BLOCKS)


def is_of_words(code: int) -> bool:
    """Whether a character is a letter, a mark or a digit, as words are made of."""
    return unicodedata.category(chr(code))[0] in "LMN" and not 0xFE00 <= code <= 0xFE0F


def is_known(code: int) -> bool:
    """Whether the Unicode of this Python knows what a character is."""
    return unicodedata.category(chr(code)) not in ("Cn", "Co", "Cs")


def is_emoji(code: int) -> bool:
    """Whether a character is an emoji; those that change the skin of others are none."""
    return bool(IS_PICTURE.match(chr(code))) and code not in SKIN_TONES and code > 0xA0


def is_of_spaced_words(code: int) -> bool:
    """Whether a character makes words in a script that separates them."""
    return is_of_words(code) and not is_unspaced(code)


def is_of_unspaced_words(code: int) -> bool:
    """Whether a character makes words in a script that does not separate them."""
    return is_of_words(code) and is_unspaced(code)


CLASSES: dict[str, Callable[[int], bool]] = {
    "spaced_letters": is_of_spaced_words,
    "unspaced_letters": is_of_unspaced_words,
    "emoji": is_emoji,
}
COMMENTS = {
    "spaced_letters": "Letters, marks and digits of scripts that put spaces between words, as in"
    " brackets of a regular expression.",
    "unspaced_letters": "Letters, marks and digits of scripts that do not: Thai, Lao, Tibetan,"
    " Myanmar, Khmer, kana, Han.",
    "emoji": "Emoji, as they stand in the brackets of a regular expression.",
}


def ranges(belongs: Callable[[int], bool]) -> list[tuple[int, int]]:
    """Ranges of the characters that belong; what nobody knows between two of them does, too."""
    found: list[tuple[int, int]] = []
    known = (code for code in CODE_POINTS if is_known(code))
    for belonging, codes in groupby(known, belongs):
        if belonging:
            first, *rest = codes
            found.append((first, rest[-1] if rest else first))
    return found


def pairs_of_case() -> Iterator[tuple[str, str]]:
    """Upper case letters beyond ASCII and their lower case, as far as that is one letter."""
    for code in CODE_POINTS:
        upper, lower = chr(code), chr(code).lower()
        is_whole = unicodedata.normalize("NFKC", upper) == upper
        if code > 0x7F and is_whole and lower != upper and len(lower) == 1:
            yield upper, lower
    yield "\u0130", "i"


def in_brackets(found: list[tuple[int, int]]) -> str:
    """Ranges as they stand between the brackets of a regular expression of PostgreSQL."""
    return "".join(
        _escaped(first) if first == last else f"{_escaped(first)}-{_escaped(last)}"
        for first, last in found
    )


def written() -> str:
    """The whole file."""
    upper, lower = zip(*pairs_of_case(), strict=True)
    lines = [
        "-- Written by python -m vidpipe_tests.search.word_characters from Unicode"
        f" {unicodedata.unidata_version}: do not edit.",
        "-- Cutting words by these needs no locale, so every database cuts them alike.",
    ]
    for name, belongs in CLASSES.items():
        lines += _function(name, in_brackets(ranges(belongs)), COMMENTS[name])
    lines += _function("upper_letters", "".join(upper), "Upper case letters beyond ASCII.")
    of_upper = "The lower case of upper_letters, in its order."
    lines += _function("lower_letters", "".join(lower), of_upper)
    return "\n".join(lines) + "\n"


def _escaped(code: int) -> str:
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def _function(name: str, value: str, comment: str) -> list[str]:
    if "\\" in value:
        pieces = regex.findall(r"(?:\\u.{4}|\\U.{8}|-){1,14}", value)
    else:
        pieces = [value[start : start + LINE] for start in range(0, len(value), LINE)]
    lines = "\n        || ".join(f"'{piece}'" for piece in pieces)
    return [
        "",
        f"create or replace function vidpipe.{name}()",
        "returns text",
        "language sql",
        "immutable",
        "parallel safe",
        "as $$",
        f"    select {lines};",
        "$$;",
        f"comment on function vidpipe.{name}() is",
        f"'{comment}';",
    ]


if __name__ == "__main__":
    WRITTEN.write_text(written(), "utf-8")
    sys.stdout.write(f"{WRITTEN}\n")
