"""The words of a text in any script, as a person would list them.

Belongs here: cutting texts into words. Does not: which of them say nothing (function_words.py),
which name a topic (naming.py).

Chinese and Japanese are written without spaces, so dictionaries cut them: rjieba and Janome, both
with their dictionaries inside. They know parts of speech, too, so only nouns, verbs and the like
are taken. Thai, Lao, Khmer and Burmese give pairs of characters, which are compared, never shown.
"""

import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from janome.tokenizer import Tokenizer

LONGEST_TEXT = 5_000  # characters
LONGEST_WORD = 40
HASHTAG = "#"

HAN = r"\p{Han}\p{Hiragana}\p{Katakana}ー々"
PAIRS = r"\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
PIECES = regex.compile(
    rf"(?V1)(?P<han>[{HAN}]+)|(?P<paired>[{PAIRS}]+)"
    rf"|(?P<word>[[\p{{L}}\p{{M}}\p{{N}}_\u200c\u200d]--[{HAN}{PAIRS}]]+)"
)
KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}]")
PAIRED = regex.compile(rf"[{PAIRS}]{{2}}")
WITHOUT_LETTERS = regex.compile(r"[\p{N}\p{M}_\u200c\u200d]+")
# First letters of rjieba's parts of speech: nouns, verbs, adjectives, idioms, places, times.
CHINESE = frozenset("nvaijlsbtz")
JAPANESE = (
    "名詞,一般",
    "名詞,固有名詞",
    "名詞,サ変接続",
    "名詞,形容動詞語幹",
    "動詞,自立",
    "形容詞,自立",
)


def tokens(text: str) -> list[str]:
    """The folded words of a text in order, without numbers and single letters."""
    folded = unicodedata.normalize("NFKC", text[:LONGEST_TEXT]).casefold()
    is_japanese = KANA.search(folded) is not None
    found: list[str] = []
    for match in PIECES.finditer(folded):
        piece = match.group()
        if match.lastgroup == "han":
            found += _japanese(piece) if is_japanese else _chinese(piece)
        elif match.lastgroup == "paired":
            found += [piece[start : start + 2] for start in range(len(piece) - 1)]
        elif 1 < len(piece) <= LONGEST_WORD and not WITHOUT_LETTERS.fullmatch(piece):
            found.append(piece)
    return found


def hashtag_token(hashtag: str) -> str:
    """A hashtag as it is shown and counted, which no word of a text can be."""
    folded = unicodedata.normalize("NFKC", hashtag).casefold().split()
    return HASHTAG + "".join(folded).lstrip(HASHTAG)[:LONGEST_WORD]


def can_be_shown(token: str) -> bool:
    """Whether a token is a word: pairs of characters are not."""
    return PAIRED.fullmatch(token) is None


@lru_cache(maxsize=50_000)
def _chinese(piece: str) -> tuple[str, ...]:
    import rjieba

    return tuple(
        word
        for word, part in rjieba.tag(piece)
        if part[:1] in CHINESE and (len(word) > 1 or part[:1] == "n")
    )


@lru_cache(maxsize=50_000)
def _japanese(piece: str) -> tuple[str, ...]:
    return tuple(
        str(token.base_form)
        for token in _janome().tokenize(piece)
        if not isinstance(token, str)  # as it would be if parts of speech were not asked for
        and token.part_of_speech.startswith(JAPANESE)
        and (len(token.base_form) > 1 or token.part_of_speech.startswith("名詞"))
    )


@cache
def _janome() -> "Tokenizer":
    from janome.tokenizer import Tokenizer

    return Tokenizer()
