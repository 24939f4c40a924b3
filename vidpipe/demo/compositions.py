"""What the demo world can show: subjects, their states, places, times and weathers.

Belongs here: the vocabulary, every composition that makes sense, which ones training never sees.
Does not: drawing them (vidpipe.demo.subjects, vidpipe.demo.places), naming them in a language
(vidpipe.demo.language).

    subject × state × place × time × weather      ("tank", "burning", "street", "night", "rain")

Vehicles and houses stand out of doors only, crowds out of doors or before a stage; indoors there
is no weather. Everything else may be anywhere.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Literal

from vidpipe.errors import UnknownName

VEHICLE_STATES = ("intact", "burning", "destroyed")
SPEAKER_STATES = ("suit", "smiling_suit", "uniform")
CROWD_STATES = ("cheering", "protesting", "waving_flags")
POSES = ("standing", "sitting", "running")
SPORT_STATES = ("playing", "with_trophy")
ANIMAL_STATES = ("standing", "running", "sleeping")
FOOD_STATES = ("whole", "half_eaten")

SUBJECT_STATES: dict[str, tuple[str, ...]] = {
    "tank": VEHICLE_STATES,
    "truck": VEHICLE_STATES,
    "car": VEHICLE_STATES,
    "bus": VEHICLE_STATES,
    "motorcycle": VEHICLE_STATES,
    "tractor": VEHICLE_STATES,
    "helicopter": VEHICLE_STATES,
    "plane": VEHICLE_STATES,
    "house": VEHICLE_STATES,
    "speaker": SPEAKER_STATES,
    "crowd": CROWD_STATES,
    "soldier": POSES,
    "doctor": POSES,
    "cook": POSES,
    "worker": POSES,
    "footballer": SPORT_STATES,
    "basketballer": SPORT_STATES,
    "cyclist": SPORT_STATES,
    "boxer": SPORT_STATES,
    "tennis_player": SPORT_STATES,
    "dog": ANIMAL_STATES,
    "cat": ANIMAL_STATES,
    "horse": ANIMAL_STATES,
    "cow": ANIMAL_STATES,
    "elephant": ANIMAL_STATES,
    "chicken": ANIMAL_STATES,
    "pizza": FOOD_STATES,
    "burger": FOOD_STATES,
    "noodles": FOOD_STATES,
    "cake": FOOD_STATES,
    "fruit": FOOD_STATES,
}
OUTDOORS = ("street", "square", "field", "beach", "forest", "desert", "harbour", "mountains")
INDOORS = ("office", "stage", "kitchen", "hospital", "warehouse", "classroom")
PLACES = OUTDOORS + INDOORS
TIMES = ("day", "night")
WEATHERS = ("clear", "rain", "snow", "fog")
INDOOR_WEATHER = "none"

ONLY_OUTDOORS = frozenset(s for s, states in SUBJECT_STATES.items() if states == VEHICLE_STATES)
HELD_OUT_PERCENT = 18

Split = Literal["seen", "unseen"]


@dataclass(frozen=True, order=True)
class Composition:
    """One thing that a picture of the demo world can show; `weather` is "none" indoors."""

    subject: str
    state: str
    place: str
    time: str
    weather: str

    def __str__(self) -> str:
        return "/".join((self.subject, self.state, self.place, self.time, self.weather))

    @property
    def is_indoors(self) -> bool:
        """Whether there is a roof and no weather."""
        return self.place in INDOORS

    @property
    def split(self) -> Split:
        """`unseen` when training never sees this composition (about 18 % are).

        Decided by a digest of its name, so that it never changes when the vocabulary grows.
        """
        digest = hashlib.sha256(str(self).encode()).digest()
        return "unseen" if int.from_bytes(digest[:4], "big") % 100 < HELD_OUT_PERCENT else "seen"

    @classmethod
    def parse(cls, name: str) -> "Composition":
        """The composition called `tank/burning/street/night/rain`.

        Raises:
            UnknownName: there is no such composition; says which part is unknown.
        """
        parts = name.split("/")
        if len(parts) != len(fields(cls)):
            raise UnknownName(
                f"{name!r} is no composition: give subject/state/place/time/weather, for instance "
                "tank/burning/street/night/rain"
            )
        known = (
            tuple(SUBJECT_STATES),
            SUBJECT_STATES.get(parts[0], ()),
            PLACES,
            TIMES,
            (*WEATHERS, INDOOR_WEATHER),
        )
        for field, part, values in zip(fields(cls), parts, known, strict=True):
            if part not in values:
                raise UnknownName(
                    f"{name!r}: no {field.name} is called {part!r}; there are {', '.join(values)}"
                )
        composition = cls(*parts)
        if composition not in _known():
            raise UnknownName(
                f"{name!r} makes no sense: {parts[0]} cannot be in {parts[2]} with weather "
                f"{parts[4]}"
            )
        return composition


def compositions(split: Split | None = None) -> tuple[Composition, ...]:
    """Every composition, or those of one split, in order."""
    return tuple(one for one in _all() if split is None or one.split == split)


def neighbours(composition: Composition) -> tuple[Composition, ...]:
    """The compositions that differ from this one in exactly one attribute, in order."""
    values = {
        "subject": tuple(SUBJECT_STATES),
        "state": SUBJECT_STATES[composition.subject],
        "place": PLACES,
        "time": TIMES,
        "weather": WEATHERS,
    }
    changed = (
        replace(composition, **{name: value})
        for name, choices in values.items()
        for value in choices
        if value != getattr(composition, name)
    )
    return tuple(sorted(one for one in changed if one in _known()))


def difference(one: Composition, other: Composition) -> str:
    """The name of the attribute in which two neighbours differ.

    Raises:
        ValueError: they differ in none or in several.
    """
    [name] = [f.name for f in fields(one) if getattr(one, f.name) != getattr(other, f.name)]
    return name


@cache
def _all() -> tuple[Composition, ...]:
    return tuple(sorted(_every()))


@cache
def _known() -> frozenset[Composition]:
    return frozenset(_all())


def _every() -> Iterator[Composition]:
    for subject, states in SUBJECT_STATES.items():
        for place in _places(subject):
            weathers = (INDOOR_WEATHER,) if place in INDOORS else WEATHERS
            for state in states:
                for time in TIMES:
                    for weather in weathers:
                        yield Composition(subject, state, place, time, weather)


def _places(subject: str) -> tuple[str, ...]:
    if subject in ONLY_OUTDOORS:
        return OUTDOORS
    return (*OUTDOORS, "stage") if subject == "crowd" else PLACES
