"""Descriptions of compositions in English, Malay, Hindi and Chinese.

Belongs here: one way to ask for a description or for the word of a single attribute.
Does not: the words (english.py, malay.py, hindi.py, chinese.py) or filling patterns (lexicon.py).

    describe(Composition.parse("tank/burning/street/night/rain"), "en")
    -> "a burning tank on a street at night in the rain"
"""

from vidpipe.demo.compositions import SUBJECT_STATES, Composition
from vidpipe.demo.language.chinese import CHINESE
from vidpipe.demo.language.english import ENGLISH
from vidpipe.demo.language.hindi import HINDI
from vidpipe.demo.language.lexicon import Lexicon, Variants
from vidpipe.demo.language.malay import MALAY
from vidpipe.errors import UnknownName

LEXICONS: dict[str, Lexicon] = {one.code: one for one in (ENGLISH, MALAY, HINDI, CHINESE)}
LANGUAGES = tuple(LEXICONS)
PARTS = frozenset({"scene", "place", "time", "weather"})
VARIANTS = 4  # from here on the choices of synonyms repeat


def phrasings(language: str, *, held_out: bool | None = None) -> range:
    """The numbers of a language's phrasings: all, those that training sees, or those it never does.

    Raises:
        UnknownName: there are no descriptions in that language.
    """
    lexicon = _lexicon(language)
    first_held_out = len(lexicon.phrasings) - lexicon.held_out
    if held_out is None:
        return range(len(lexicon.phrasings))
    return range(first_held_out, len(lexicon.phrasings)) if held_out else range(first_held_out)


def describe(
    composition: Composition,
    language: str = "en",
    phrasing: int = 0,
    *,
    parts: frozenset[str] = PARTS,
    variant: int = 0,
) -> str:
    """A description of a composition.

    Args:
        composition: what is described.
        language: one of `LANGUAGES`.
        phrasing: sentence pattern, one of `phrasings(language)`.
        parts: what is said, of `PARTS`; "scene" is the subject in its state.
        variant: which synonyms are used, from 0; they repeat after `VARIANTS`.

    Raises:
        UnknownName: there is no such language, phrasing or part.
    """
    if phrasing not in phrasings(language):
        raise UnknownName(
            f"{language!r} has no phrasing {phrasing}; the last is {len(phrasings(language)) - 1}"
        )
    if not parts or not parts <= PARTS:
        raise UnknownName(f"{sorted(parts)}: a description has parts of {sorted(PARTS)}")
    return _lexicon(language).sentence(composition, phrasing, parts, variant)


def agrees(one: Composition, other: Composition, parts: frozenset[str]) -> bool:
    """Whether a description of these parts of one composition is true of the other."""
    if "scene" in parts and (one.subject, one.state) != (other.subject, other.state):
        return False
    return all(getattr(one, part) == getattr(other, part) for part in parts & PARTS - {"scene"})


def words(attribute: str, value: str, language: str = "en") -> Variants:
    """What a single attribute value is called, the usual word first.

    Args:
        attribute: a field of `Composition`.
        value: one of its values, for instance "burning".

    Raises:
        UnknownName: there is no such language, attribute or value.
    """
    lexicon = _lexicon(language)
    known = {
        "subject": lexicon.nouns,
        "state": lexicon.state_words,
        "place": lexicon.place_words,
        "time": lexicon.time_words,
        "weather": lexicon.weather_words,
    }.get(attribute, {})
    if value not in known:
        raise UnknownName(f"{attribute} {value!r} has no words in {language!r}")
    return known[value]


def attribute_values() -> dict[str, tuple[str, ...]]:
    """Every value of each attribute that has words, in order."""
    return {
        "subject": tuple(SUBJECT_STATES),
        "state": tuple(dict.fromkeys(s for states in SUBJECT_STATES.values() for s in states)),
        "place": tuple(ENGLISH.place_words),
        "time": tuple(ENGLISH.time_words),
        "weather": tuple(ENGLISH.weather_words),
    }


def _lexicon(language: str) -> Lexicon:
    if language not in LEXICONS:
        raise UnknownName(f"no descriptions in {language!r}; there are {', '.join(LEXICONS)}")
    return LEXICONS[language]
