"""Videos of unrelated footage that look alike: false matches waiting to happen.

Belongs here: templates worn by strangers, an intro that all share, stills, loops, slide shows.
Does not: judging matches (benchmarks.reuse_lab.evaluation).
"""

from collections.abc import Iterator, Sequence
from functools import partial
from zlib import crc32

import cv2
import numpy as np

from benchmarks.reuse_lab.shelf import INTRO, SLIDES, STATIC, TEMPLATES, Entry, Shelf, Task
from vidpipe.media.limits import Limits
from vidpipe.reuse.editing.copying import write_copy
from vidpipe.reuse.editing.edit import Edit
from vidpipe.reuse.editing.encoding import write_pictures
from vidpipe.reuse.editing.playback import Picture, Playback
from vidpipe.reuse.editing.steps import Reshaped
from vidpipe.reuse.editing.templates import FPS, LOGO, WIDE, worn
from vidpipe.reuse.editing.templates import TEMPLATES as TEMPLATE_STEPS
from vidpipe.reuse.editing.timetable import LeadIn, Surrounded

LONG_SIDE_PX = 400
STILL_SIZE = (400, 226)
SLIDE_S = (2.0, 3.5)
FADE_S = 0.4
SHARED_SLIDES = 4
"""Slides that stand in several slide shows: a title, a thank-you."""


def template_tasks(clips: Sequence[Entry]) -> dict[str, Task]:
    """Every clip in every template, all of one shape so that the templates lie exactly alike."""
    return {
        f"{TEMPLATES}/{template}/{_stem(clip)}": partial(
            _write_edited,
            f"{TEMPLATES}/{template}/{_stem(clip)}",
            clip,
            worn(template),
            None,
        )
        for template in TEMPLATE_STEPS
        for clip in clips
    }


def intro_tasks(clips: Sequence[Entry], intro: Entry) -> dict[str, Task]:
    """Every clip behind the same black lead-in and intro, under the same logo."""
    edit = Edit(
        ("intro",),
        time=(Surrounded(((1, 0.3, 3.1),)), LeadIn(1.3)),
        picture=(Reshaped(WIDE, 0.5), LOGO),
        fps=FPS,
    )
    return {
        f"{INTRO}/{_stem(clip)}": partial(
            _write_edited, f"{INTRO}/{_stem(clip)}", clip, edit, intro.name
        )
        for clip in clips
        if clip.is_stranger_of(intro)
    }


def still_tasks(clips: Sequence[Entry], count: int, seed: int) -> dict[str, Task]:
    """Videos in which nothing moves, and loops of about a second, in turns.

    Every fifth still shows the picture of the one before: a copy that pictures cannot prove.
    """
    tasks: dict[str, Task] = {}
    for number in range(count):
        is_still = number % 2 == 0
        clip = clips[(number - 2 if is_still and number % 10 == 8 else number) % len(clips)]
        name = f"{STATIC}/{'still' if is_still else 'loop'}-{number:03d}"
        tasks[name] = partial(_write_still if is_still else _write_loop, name, clip, seed)
    return tasks


def slide_tasks(clips: Sequence[Entry], count: int, seed: int) -> dict[str, Task]:
    """Slide shows with cross-fades; every other one has shared slides among its own."""
    tasks: dict[str, Task] = {}
    for number in range(count):
        rng = _rng(seed, f"slides{number}")
        own = [clips[(SHARED_SLIDES + number * 5 + step) % len(clips)] for step in range(5)]
        slides = own[: int(rng.integers(3, 6))]
        if number % 2:
            slides.insert(0, clips[int(rng.integers(SHARED_SLIDES))])
        name = f"{SLIDES}/show-{number:03d}"
        tasks[name] = partial(_write_slides, name, tuple(slides), seed)
    return tasks


def _write_edited(name: str, clip: Entry, edit: Edit, intro: str | None, shelf: Shelf) -> None:
    others = [shelf.video(intro)] if intro else []
    write_copy(
        shelf.video(clip.name), shelf.video(name), edit, others=others, long_side_px=LONG_SIDE_PX
    )
    shelf.keep(Entry(name, clip.families))


def _write_still(name: str, clip: Entry, seed: int, shelf: Shelf) -> None:
    rng = _rng(seed, name)
    picture = _picture(shelf, clip)
    count = round(float(rng.uniform(5, 12)) * FPS)
    timed = ((number / FPS, picture) for number in range(count))
    write_pictures(shelf.video(name), timed, STILL_SIZE, fps=FPS)
    shelf.keep(Entry(name, (f"{clip.families[0]} still",)))


def _write_loop(name: str, clip: Entry, seed: int, shelf: Shelf) -> None:
    rng = _rng(seed, name)
    turn = round(float(rng.uniform(0.7, 1.6)) * FPS)
    turns = int(rng.integers(4, 9))
    with Playback(shelf.video(clip.name), Limits()) as playback:
        start_s = float(rng.uniform(0, max(0.1, playback.duration_s - 2)))
        loop = [
            playback.covering(
                min(start_s + step / FPS, playback.duration_s - 0.01), STILL_SIZE
            ).copy()
            for step in range(turn)
        ]
    timed = ((number / FPS, loop[number % turn]) for number in range(turn * turns))
    write_pictures(shelf.video(name), timed, STILL_SIZE, fps=FPS)
    shelf.keep(Entry(name, clip.families))


def _write_slides(name: str, slides: tuple[Entry, ...], seed: int, shelf: Shelf) -> None:
    rng = _rng(seed, name)
    lengths = [float(length) for length in rng.uniform(*SLIDE_S, len(slides))]
    pictures = [_picture(shelf, slide) for slide in slides]
    write_pictures(shelf.video(name), _faded(pictures, lengths), STILL_SIZE, fps=FPS)
    shelf.keep(Entry(name, tuple(f"{slide.families[0]} still" for slide in slides)))


def _faded(pictures: list[Picture], lengths: list[float]) -> Iterator[tuple[float, Picture]]:
    starts = np.concatenate([[0], np.cumsum(lengths)])
    for number in range(round(float(starts[-1]) * FPS)):
        time_s = number / FPS
        index = min(int(np.searchsorted(starts, time_s, "right")) - 1, len(pictures) - 1)
        share = 1 - (time_s - float(starts[index])) / FADE_S
        picture = pictures[index]
        if index and share > 0:
            picture = np.asarray(
                cv2.addWeighted(pictures[index - 1], share, picture, 1 - share, 0), np.uint8
            )
        yield time_s, picture


def _picture(shelf: Shelf, clip: Entry) -> Picture:
    """The picture in a clip's middle."""
    with Playback(shelf.video(clip.name), Limits()) as playback:
        return playback.covering(playback.duration_s / 2, STILL_SIZE).copy()


def _stem(entry: Entry) -> str:
    return entry.name.rpartition("/")[2]


def _rng(seed: int, name: str) -> np.random.Generator:
    return np.random.default_rng([seed, crc32(name.encode())])
