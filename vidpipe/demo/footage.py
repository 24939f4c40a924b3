"""The inside of a planned video: form, shots, blur, standstill, captions.

Belongs here: lengths, sizes, rates, and what each shot of a theme shows.
Does not: who posts it and why (vidpipe.demo.story).

Everything that begins or ends does so on a frame: at a whole number of frames from the start.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import cycle, pairwise
from typing import Literal

import numpy as np

from vidpipe.demo.captions import LOOKS
from vidpipe.demo.compositions import INDOOR_WEATHER, INDOORS, WEATHERS, Composition, compositions
from vidpipe.demo.dealing import deal, deal_share
from vidpipe.demo.headlines import HEADLINES
from vidpipe.demo.plan import PlannedCaption, PlannedShot, Stretch

Setting = tuple[str, str]  # place and time

SHORTEST_S, MEDIAN_S, LONG_S, LONGEST_S = 3.0, 12.0, 41.0, 60.0
ORDINARY_S = 26.0  # nine in ten videos are at most so long
LONG_SHARE = 0.1
RING_QUANTILES = (0.2, 0.8)  # footage that is reposted is neither short nor long
SIZES = {(640, 360): 0.47, (360, 640): 0.45, (480, 360): 0.05, (360, 360): 0.03}
RATES = {24: 0.2, 25: 0.25, 30: 0.35, 50: 0.1, 60: 0.1}
VARIABLE_SHARE = 1 / 6
CAPTIONED_SHARE = 0.4
LEAD_IN_SHARE, LEAD_OUT_SHARE = 0.25, 0.2
LEAD_S = (0.4, 1.4)
SHORTEST_WITH_LEADS_S = 5.0
SHOT_COUNTS = {1: 0.15, 2: 0.2, 3: 0.25, 4: 0.2, 5: 0.1, 6: 0.1}
SHORTEST_SHOT_S = 1.0
MAIN_SETTING_SHARE = 0.6
OTHER_SUBJECT_SHARE, OTHER_SUBJECT_TIME = 0.35, 0.25
WEATHER_SHARES = (0.4, 0.2, 0.2, 0.2)
BLUR_SHARE, BLUR_S = 0.25, (0.4, 1.2)
STATIC_SHARE, STATIC_S = 0.15, (1.0, 4.0)
SECONDS_A_CAPTION = 12.0
CAPTION_SIZES = (0.07, 0.13)


@dataclass(frozen=True)
class Form:
    """What a video is like, whatever it shows."""

    duration_s: float
    size: tuple[int, int]
    fps: int
    is_variable_rate: bool
    is_captioned: bool
    has_lead_in: bool
    has_lead_out: bool


@dataclass(frozen=True)
class Theme:
    """What a video is about.

    Attributes:
        subject: what is shown most of the time.
        states: the states that it may be in; the first is shown first.
        settings: where it may be; it is in the first for most of the time.
        others: subjects that may be shown for a moment.
    """

    subject: str
    states: tuple[str, ...]
    settings: tuple[Setting, ...]
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class DrawnFootage:
    """Shots and captions; `topic` is the composition that most says what the video is about."""

    duration_s: float
    shots: tuple[PlannedShot, ...]
    captions: tuple[PlannedCaption, ...]
    topic: Composition


@cache
def settings_of(subject: str) -> tuple[Setting, ...]:
    """Where a subject can be, in order."""
    found = {(one.place, one.time) for one in compositions() if one.subject == subject}
    return tuple(sorted(found))


def draw_forms(is_reposted: Sequence[bool], videos: int, rng: np.random.Generator) -> list[Form]:
    """Draws the forms of all originals; with their copies, their lengths are as they should be.

    Args:
        is_reposted: whether there will be copies of each original.
        videos: number of originals and copies.
        rng: decides who gets what.
    """
    reposted = sum(is_reposted)
    alone = len(is_reposted) - reposted
    long_share = min(1.0, LONG_SHARE * videos / max(1, alone))
    low, high = RING_QUANTILES
    lengths_s = [_length_s(one, long_share) for one in _shuffled_quantiles(alone, rng)]
    shared_s = [
        _length_s(low + (high - low) * one, 0.0) for one in _shuffled_quantiles(reposted, rng)
    ]
    forms = iter(_draw_forms(lengths_s, rng))
    shared_forms = iter(_draw_forms(shared_s, rng))
    return [next(shared_forms if is_shared else forms) for is_shared in is_reposted]


def _draw_forms(lengths_s: Sequence[float], rng: np.random.Generator) -> list[Form]:
    count = len(lengths_s)
    return [
        Form(*one)
        for one in zip(
            lengths_s,
            deal(SIZES, count, rng),
            deal(RATES, count, rng),
            deal_share(VARIABLE_SHARE, count, rng),
            deal_share(CAPTIONED_SHARE, count, rng),
            deal_share(LEAD_IN_SHARE, count, rng),
            deal_share(LEAD_OUT_SHARE, count, rng),
            strict=True,
        )
    ]


def _shuffled_quantiles(count: int, rng: np.random.Generator) -> list[float]:
    return [float((number + 0.5) / count) for number in rng.permutation(count)]


def _length_s(quantile: float, long_share: float) -> float:
    knots = (0.0, 0.5, max(0.5, 1 - long_share))
    if quantile > knots[-1]:
        return float(np.interp(quantile, (knots[-1], 1.0), (LONG_S, LONGEST_S)))
    return float(np.interp(quantile, knots, (SHORTEST_S, MEDIAN_S, ORDINARY_S)))


def draw_footage(theme: Theme, form: Form, language: str, rng: np.random.Generator) -> DrawnFootage:
    """Draws the shots and captions of one original.

    Args:
        theme: what it is about.
        form: its length and rate, and what it has.
        language: language of its captions, where there are texts in it; else English.
        rng: decides the rest.
    """
    total = round(form.duration_s * form.fps)
    is_roomy = form.duration_s >= SHORTEST_WITH_LEADS_S
    lead_in, lead_out = (
        round(rng.uniform(*LEAD_S) * form.fps) if has_one and is_roomy else 0
        for has_one in (form.has_lead_in, form.has_lead_out)
    )
    cuts = _draw_cuts(lead_in, total - lead_out, form.fps, rng)
    shown = _draw_compositions(theme, [end - start for start, end in pairwise(cuts)], rng)
    shots = tuple(
        _draw_shot(start, end, form.fps, composition, rng)
        for (start, end), composition in zip(pairwise(cuts), shown, strict=True)
    )
    captions: tuple[PlannedCaption, ...] = ()
    if form.is_captioned:
        captions = _draw_captions(cuts[0], cuts[-1], form.fps, language, rng)
    place, time = theme.settings[0]
    topic = next(
        one for one in shown if (one.subject, one.place, one.time) == (theme.subject, place, time)
    )
    return DrawnFootage(total / form.fps, shots, captions, topic)


def _draw_cuts(first: int, last: int, fps: int, rng: np.random.Generator) -> list[int]:
    """Draws the numbers of the frames at which shots begin, and the end of the last shot."""
    shortest = round(SHORTEST_SHOT_S * fps)
    most = max(1, (last - first) // (2 * shortest))
    count = min(most, int(rng.choice(list(SHOT_COUNTS), p=list(SHOT_COUNTS.values()))))
    spare = last - first - count * shortest
    inner = np.sort(rng.integers(0, spare + 1, count - 1))
    return [first, *(int(first + cut + shortest * (n + 1)) for n, cut in enumerate(inner)), last]


def _draw_compositions(
    theme: Theme, lengths: Sequence[int], rng: np.random.Generator
) -> list[Composition]:
    """What each shot shows: neighbours differ, the main subject and setting have most of the time.

    `lengths` are the shots', in frames.
    """
    is_main = _main_shots(lengths, needs_gaps=len(theme.states) == 1)
    states, elsewhere = cycle(theme.states), cycle(theme.settings[1:] or theme.settings)
    weathers = {
        setting: INDOOR_WEATHER
        if setting[0] in INDOORS
        else str(rng.choice(WEATHERS, p=WEATHER_SHARES))
        for setting in theme.settings
    }
    shown = []
    for is_there in is_main:
        setting = theme.settings[0] if is_there else next(elsewhere)
        shown.append(Composition(theme.subject, next(states), *setting, weathers[setting]))
    shortest = int(np.argmin(lengths))
    is_short = lengths[shortest] <= OTHER_SUBJECT_TIME * sum(lengths)
    if is_short and rng.random() < OTHER_SUBJECT_SHARE:
        shown[shortest] = _other_subject(shown[shortest], theme, rng)
    return shown


def _main_shots(lengths: Sequence[int], *, needs_gaps: bool) -> list[bool]:
    """Draws which shots are in the main setting: at least half of the time.

    A subject with a single state would look the same in two neighbouring shots, so it needs gaps.
    """
    count = len(lengths)
    if needs_gaps:
        is_even = sum(lengths[::2]) >= sum(lengths[1::2])
        return [(number % 2 == 0) == is_even for number in range(count)]
    is_main = [False] * count
    for number in np.argsort(lengths, kind="stable")[::-1]:
        held = sum(length for length, taken in zip(lengths, is_main, strict=True) if taken)
        is_main[number] = held < MAIN_SETTING_SHARE * sum(lengths)
    return is_main


def _other_subject(composition: Composition, theme: Theme, rng: np.random.Generator) -> Composition:
    """Draws another subject in the same setting."""
    possible = [
        one
        for one in compositions()
        if one.subject != theme.subject
        and (one.place, one.time, one.weather)
        == (composition.place, composition.time, composition.weather)
    ]
    liked = [one for one in possible if one.subject in theme.others] or possible
    return liked[int(rng.integers(len(liked)))]


def _draw_shot(
    start: int, end: int, fps: int, composition: Composition, rng: np.random.Generator
) -> PlannedShot:
    blur = static = None
    chance = rng.random()
    if chance < BLUR_SHARE:
        blur = _draw_stretch(start, end, fps, BLUR_S, rng)
    elif chance < BLUR_SHARE + STATIC_SHARE:
        static = _draw_stretch(start, end, fps, STATIC_S, rng)
    return PlannedShot(start / fps, end / fps, composition, blur, static)


def _draw_stretch(
    start: int, end: int, fps: int, lengths_s: tuple[float, float], rng: np.random.Generator
) -> Stretch:
    """Draws a part of a shot, at most two thirds of it."""
    length = min(round(rng.uniform(*lengths_s) * fps), (end - start) * 2 // 3)
    first = int(rng.integers(start, end - length + 1))
    return Stretch(first / fps, (first + length) / fps)


def _draw_captions(
    first: int, last: int, fps: int, language: str, rng: np.random.Generator
) -> tuple[PlannedCaption, ...]:
    """Draws one caption or more, one after another, each in its part of the time."""
    texts_in = language if language in HEADLINES else str(rng.choice(list(HEADLINES)))
    count = 1 + int((last - first) / fps / SECONDS_A_CAPTION)
    texts = rng.choice(HEADLINES[texts_in], min(count, len(HEADLINES[texts_in])), replace=False)
    bounds = np.linspace(first, last, len(texts) + 1).astype(int)
    style = list(LOOKS)[int(rng.integers(len(LOOKS)))]
    size_share = float(rng.uniform(*CAPTION_SIZES))
    edges: tuple[Literal["top", "bottom"], ...] = ("top", "bottom", "bottom")
    edge = edges[int(rng.integers(len(edges)))]
    captions = []
    for text, (start, end) in zip(texts, pairwise(bounds), strict=True):
        length = int((end - start) * rng.uniform(0.5, 0.9))
        begin = int(rng.integers(start, end - length + 1))
        captions.append(
            PlannedCaption(
                begin / fps, (begin + length) / fps, str(text), texts_in, style, size_share, edge
            )
        )
    return tuple(captions)
