"""Hashtags and mentions inside what a poster wrote, for the sites that do not list them.

Belongs here: which parts of a text are hashtags and mentions, in any script.
Does not: lists that a sidecar has (vidpipe.uploads.metadata.fields), or when a text is asked
instead of a list (vidpipe.uploads.metadata.precedence).

Source of hashtags: UAX #31 "Unicode Identifiers and Syntax", R8 (extended hashtag identifiers):
one of `#﹟＃`, then XID_Continue, Extended_Pictographic, Emoji_Component, `_`, `-` and `+`.
Narrower than that: digits and punctuation alone are a number (`#1`), no tag; and neither `a#b`, the
fragment of an address, nor the character reference `&#39;` holds one.
"""

from collections.abc import Iterable

import regex

from vidpipe.clean_text import clean_key
from vidpipe.uploads.metadata.fields import MAX_HASHTAG_CHARACTERS, MAX_HASHTAGS

_DOMAIN = r"\b[\w-]{1,63}+(?:\.[\w-]{1,63}+){0,5}\.[^\W\d_]{2,63}/"  # bounded: no text is slow
_ADDRESS = regex.compile(rf"(?:https?://|\bwww\.|{_DOMAIN})[^\s<>]*", regex.IGNORECASE)
_HASH = r"[#﹟＃]"
_CONTINUE = r"[\p{XID_Continue}\p{Extended_Pictographic}\p{Emoji_Component}_+-]"
_TAG = rf"{_HASH}((?:(?!{_HASH}){_CONTINUE})+)"
# Scripts without spaces between words: a hashtag follows its text directly.
_WITHOUT_SPACES = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
_TAGS_IN_A_ROW = regex.compile(rf"(?:(?<![\p{{XID_Continue}}&])|(?<={_WITHOUT_SPACES}))(?:{_TAG})+")
_TELLS = regex.compile(r"[\p{L}\p{Nl}\p{Extended_Pictographic}\p{Regional_Indicator}\u20e3]")
# A name of Latin letters ends where another script begins: `@aliceさん` is alice.
_HANDLE = r"(?:[\p{Latin}\p{M}\p{Nd}_]+(?:[.-][\p{Latin}\p{M}\p{Nd}_]+)*+|\w+(?:[.-]\w+)*+)"
_MENTION = regex.compile(
    rf"(?<![\p{{Latin}}\p{{Nd}}_+@-])[@＠]({_HANDLE}(?:@[\w-]+(?:\.[\w-]+)++)?)"
)


def hashtags_in(text: str) -> tuple[str, ...]:
    """The hashtags of a cleaned text without `#`, each once whatever its case, in their order."""
    runs = _TAGS_IN_A_ROW.finditer(_ADDRESS.sub(" ", text))
    tags = (tag.rstrip("-+*") for run in runs for tag in run.captures(1))
    return _each_once(tag for tag in tags if _TELLS.search(tag))


def mentions_in(text: str) -> tuple[str, ...]:
    """The handles that a cleaned text names, without `@`, each once whatever its case.

    E-mail addresses and links name nobody.
    """
    found = _MENTION.finditer(_ADDRESS.sub(" ", text))
    return _each_once(match[1] for match in found if regex.search(r"\p{L}", match[1]))


def _each_once(names: Iterable[str]) -> tuple[str, ...]:
    kept: dict[str, str] = {}
    for name in names:
        kept.setdefault(name.casefold(), clean_key(name, MAX_HASHTAG_CHARACTERS))
        if len(kept) == MAX_HASHTAGS:
            break
    return tuple(kept.values())
