"""How one language describes a composition: its words and its sentence patterns.

Belongs here: filling a language's patterns. Does not: the words (english.py and its siblings).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from vidpipe.demo.compositions import INDOOR_WEATHER, Composition

Variants = tuple[str, ...]


@dataclass(frozen=True)
class Lexicon:
    """The words and patterns of one language. The first of several variants is the usual one.

    Attributes:
        code: ISO 639-1.
        nouns: the noun of each subject.
        states: each with `{n}` where the noun goes.
        places: where ("on a street").
        times: when ("at night").
        weathers: the words for a weather ("in the rain").
        state_words: a state on its own ("burning").
        place_words: a place on its own ("street").
        time_words: a time on its own.
        weather_words: a weather on its own.
        phrasings: sentence patterns over `{scene}`, `{place}`, `{time}`, `{weather}`.
        held_out: how many of the last phrasings training never sees.
        agree: mends a scene after the noun was put in (articles, gender).
    """

    code: str
    nouns: Mapping[str, Variants]
    states: Mapping[str, Variants]
    places: Mapping[str, Variants]
    times: Mapping[str, Variants]
    weathers: Mapping[str, Variants]
    state_words: Mapping[str, Variants]
    place_words: Mapping[str, Variants]
    time_words: Mapping[str, Variants]
    weather_words: Mapping[str, Variants]
    phrasings: Variants
    held_out: int
    agree: Callable[[str, str], str] = field(default=lambda scene, _noun: scene)

    def scene(self, subject: str, state: str, variant: int = 0) -> str:
        """A subject in a state: "a burning tank"."""
        nouns, states = self.nouns[subject], self.states[state]
        noun = nouns[variant % len(nouns)]
        # Every noun meets every pattern: their numbers of variants may have a common divisor.
        pattern = states[(variant // len(nouns)) % len(states)]
        return self.agree(pattern.format(n=noun), noun)

    def sentence(
        self, composition: Composition, phrasing: int, parts: frozenset[str], variant: int = 0
    ) -> str:
        """The named parts of a composition in one phrasing; a part left out leaves no trace."""
        said = {
            "scene": self.scene(composition.subject, composition.state, variant),
            "place": _chosen(self.places[composition.place], variant),
            "time": _chosen(self.times[composition.time], variant),
            "weather": "",
        }
        if composition.weather != INDOOR_WEATHER:
            said["weather"] = _chosen(self.weathers[composition.weather], variant)
        kept = {name: text if name in parts else "" for name, text in said.items()}
        return _tidy(self.phrasings[phrasing].format(**kept))


def _chosen(variants: Variants, variant: int) -> str:
    return variants[variant % len(variants)]


def _tidy(sentence: str) -> str:
    """Removes the spaces and commas around parts that were left out."""
    sentence = re.sub(r"\s+", " ", sentence)
    sentence = re.sub(r"\s+([,:;，：；])", r"\1", sentence)
    sentence = re.sub(r"([,:;，：；])(?:\s*[,:;，：；])+", r"\1", sentence)
    return sentence.strip(" ,:;，：；")
