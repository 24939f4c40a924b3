"""Words that say nothing of a subject, and the language that a text is in by them.

Belongs here: stop words by language, and telling languages by them.
Does not: cutting texts (tokens.py), weighing what is left (naming.py).

The lists are those of stopwords-iso (58 languages), mended where they hold names of things: its
Malay list was counted in business news, so Malay takes the Indonesian list and the words that only
Malay has.
"""

from collections import Counter
from collections.abc import Sequence
from functools import cache

import regex

KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}]")
HAN = regex.compile(r"\p{Han}")
HANGUL = regex.compile(r"\p{Hangul}")
NAMES_OF_THINGS = {
    "en": "bill caption computer fire group groups homepage man member members men order page "
    "pages room rooms state states system website young youngest",
    "hi": "घर",
}
OWN_OF_MALAY = (
    "adakah awak bagaimanapun bahawa boleh daripada dia hendak iaitu ialah kerana kepada mahu "
    "manakala mempunyai masih sahaja sangat seorang sebuah seekor sedang sejak selepas semasa "
    "supaya terdapat tetapi tiada walaupun yang"
)
LISTED_AS = {"nb": "no", "nn": "no", "fil": "tl", "iw": "he", "in": "id", "cmn": "zh", "yue": "zh"}
# Languages with most speakers, who decide where lists and corpus do not.
MOST_SPOKEN = (  # noqa: SIM905
    "en zh es ar hi fr pt ru id bn ur de ja ms mr vi tr ko fa it tl th pl uk nl ro cs el sv"
    " hu fi he bg da no sk hr sl lt lv et sw"
).split()


@cache
def function_words(language: str) -> frozenset[str]:
    """Folded stop words of a language (ISO 639-1); none where there is no list."""
    import stopwordsiso

    if language == "ms":
        return function_words("id") | frozenset(OWN_OF_MALAY.split())
    if not stopwordsiso.has_lang(language):
        return frozenset()
    kept = NAMES_OF_THINGS.get(language, "").split()
    return frozenset(word.casefold() for word in stopwordsiso.stopwords(language)) - set(kept)


def language_of_tag(tag: str | None) -> str | None:
    """The language of a BCP 47 tag by its code in the lists; None where it says none."""
    code = (tag or "").replace("_", "-").split("-")[0].lower()
    if not code or code in ("und", "zxx", "mul", "mis", "qme", "qst", "art"):
        return None
    return LISTED_AS.get(code, code)


def is_listed(word: str) -> bool:
    """Whether a folded word is a function word of any language."""
    return word in _listed()


def languages(texts: Sequence[str], tags: Sequence[str | None]) -> list[str | None]:
    """The language of each text; None where nothing tells it.

    What the platform says counts. Else the script does, where it is of one language, or the list
    that has most of the text's words; of equal lists, that of the language which more other texts
    are in.

    Args:
        texts: the texts.
        tags: BCP 47 tags of them, as platforms say.
    """
    found: list[str | None] = []
    votes: list[tuple[str, ...]] = []
    for text, tag in zip(texts, tags, strict=True):
        known = language_of_tag(tag) or _language_of_script(text)
        found.append(known)
        votes.append(() if known else _voted(text))
    usual = Counter(one for one in found if one)
    order = {language: place for place, language in enumerate(MOST_SPOKEN)}
    usual.update(vote[0] for vote in votes if len(vote) == 1)
    return [
        known
        or min(vote, key=lambda one: (-usual[one], order.get(one, len(order)), one), default=None)
        for known, vote in zip(found, votes, strict=True)
    ]


def _language_of_script(text: str) -> str | None:
    if KANA.search(text):
        return "ja"
    if HAN.search(text):
        return "zh"
    return "ko" if HANGUL.search(text) else None


def _voted(text: str) -> tuple[str, ...]:
    """The languages whose lists have most of a text's words; none where no list has any.

    A language of few speakers counts where no other has any: its list is as long as theirs, and
    shares words with many.
    """
    listed = _listed()
    counts: Counter[str] = Counter()
    for word in {*regex.findall(r"[\p{L}\p{M}]{2,}", text.casefold())}:
        counts.update(listed.get(word, ()))
    usual = {one: counts[one] for one in MOST_SPOKEN if one in counts} or counts
    most = max(usual.values(), default=0)
    return tuple(sorted(language for language, count in usual.items() if count == most))


@cache
def _listed() -> dict[str, tuple[str, ...]]:
    """The languages whose lists have each word."""
    import stopwordsiso

    found: dict[str, list[str]] = {}
    for language in sorted(stopwordsiso.langs()):
        for word in function_words(language):
            found.setdefault(word, []).append(language)
    return {word: tuple(of_word) for word, of_word in found.items()}
