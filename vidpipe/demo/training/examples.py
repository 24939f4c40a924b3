"""What training sees: stills and texts of compositions of the `seen` split, and of no others.

Belongs here: rendering a pool of stills, drawing batches from it, wording them.
Does not: learning from them (contrastive.py, distillation.py).
"""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields
from functools import partial
from multiprocessing import get_context
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidpipe.demo.captions import LOOKS, draw_caption
from vidpipe.demo.compositions import Composition, compositions, difference, neighbours
from vidpipe.demo.headlines import HEADLINES
from vidpipe.demo.language import VARIANTS, attribute_values, describe, phrasings, words
from vidpipe.demo.plan import PlannedCaption
from vidpipe.demo.scene import render_still
from vidpipe.demo.sketch import Picture

POOL_PX = 120  # side of a still in the pool: larger than what the tower sees, for random crops
RENDERED_PX = (140, 210)  # shorter side of the frame that a still is cut from
TASK_STILLS = 64  # so many stills are rendered by one task

ATTRIBUTES = tuple(field.name for field in fields(Composition))
# What partial captions say, as people search: seldom all, mostly the subject.
PARTIAL = (
    frozenset({"scene"}),
    frozenset({"scene", "place"}),
    frozenset({"scene", "time"}),
    frozenset({"scene", "weather"}),
    frozenset({"scene", "place", "time"}),
    frozenset({"scene", "place", "weather"}),
    frozenset({"place", "time", "weather"}),
    frozenset({"place", "time"}),
)


@dataclass(frozen=True)
class Wear:
    """What posting does to frames: shares of them, 0 to 1.

    Attributes:
        portrait: are upright.
        landscape: are wide; the others are square.
        caption: bear a caption.
        bars: have black bars above and below.
        squeezed: were made to fit a frame of another shape, with black around them.
        grey: have lost their colours.
        cut: are a smaller cut-out of the frame.
    """

    portrait: float = 0.3
    landscape: float = 0.0
    caption: float = 0.15
    bars: float = 0.04
    squeezed: float = 0.0
    grey: float = 0.0
    cut: float = 0.0


LITTLE_WEAR = Wear()
# The wear of posts that go round: more captions, and what is done to hide where footage comes from.
MUCH_WEAR = Wear(
    portrait=0.4, landscape=0.3, caption=0.4, bars=0.06, squeezed=0.06, grey=0.08, cut=0.12
)


def training_still(
    composition: Composition, seed: tuple[int, ...], wear: Wear = LITTLE_WEAR
) -> Picture:
    """What an image tower sees of a video's frame of any shape: its middle square, worn by posting.

    Args:
        composition: what is shown.
        seed: decides the frame's shape, size and wear, too.
        wear: how much of it there is.

    Returns:
        uint8 RGB, shape (POOL_PX, POOL_PX, 3).
    """
    from PIL import Image

    rng = np.random.default_rng((*seed, 2))
    short, long = int(rng.integers(*RENDERED_PX)), 0
    shape = rng.random()
    if shape < wear.portrait + wear.landscape:
        long = short * 16 // 9
    size = (short, long or short) if shape < wear.portrait else (long or short, short)
    frame = _worn(render_still(composition, size, seed), wear, rng)
    left, top = (frame.shape[1] - short) // 2, (frame.shape[0] - short) // 2
    square = Image.fromarray(frame[top : top + short, left : left + short])
    return np.asarray(square.resize((POOL_PX, POOL_PX), Image.Resampling.BICUBIC))


def _worn(frame: Picture, wear: Wear, rng: np.random.Generator) -> Picture:
    """A frame as it comes out of posting: captions, black bars, edits, coarse JPEG."""
    import cv2

    size = (frame.shape[1], frame.shape[0])
    if rng.random() < wear.caption:
        placed = draw_caption(_random_caption(rng), size)
        placed.layer.over(frame, placed.left, placed.top)
    if rng.random() < wear.bars:
        bar_px = int(frame.shape[0] * rng.uniform(0.05, 0.13))
        frame[:bar_px] = frame[-bar_px:] = 0
    if rng.random() < wear.cut:
        frame = _cut(frame, rng.uniform(0.7, 0.95), rng)
    if rng.random() < wear.squeezed:
        frame = _squeezed(frame, rng.uniform(0.55, 0.9))
    if rng.random() < wear.grey:
        grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        frame = np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), dtype=np.uint8)
    quality = int(rng.integers(35, 96))
    _, encoded = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), dtype=np.uint8)


def _cut(frame: Picture, share: float, rng: np.random.Generator) -> Picture:
    """Cuts out a share of either side, and enlarges it to the frame."""
    import cv2

    height, width = frame.shape[:2]
    rows, columns = int(height * share), int(width * share)
    top, left = rng.integers(height - rows + 1), rng.integers(width - columns + 1)
    part = np.ascontiguousarray(frame[top : top + rows, left : left + columns])
    return np.asarray(cv2.resize(part, (width, height), interpolation=cv2.INTER_LINEAR))


def _squeezed(frame: Picture, share: float) -> Picture:
    """Puts the frame at a share of its size in the middle of black."""
    import cv2

    height, width = frame.shape[:2]
    rows, columns = int(height * share), int(width * share)
    small = cv2.resize(frame, (columns, rows), interpolation=cv2.INTER_AREA)
    black = np.zeros_like(frame)
    top, left = (height - rows) // 2, (width - columns) // 2
    black[top : top + rows, left : left + columns] = small
    return black


def _random_caption(rng: np.random.Generator) -> PlannedCaption:
    language = str(rng.choice(sorted(HEADLINES)))
    return PlannedCaption(
        start_s=0,
        end_s=1,
        text=str(rng.choice(HEADLINES[language])),
        language=language,
        style=list(LOOKS)[int(rng.integers(len(LOOKS)))],
        size_share=float(rng.uniform(0.09, 0.14)),
        edge="top" if rng.random() < 0.3 else "bottom",
    )


@dataclass(frozen=True)
class Pool:
    """Stills together with what they show.

    Attributes:
        shown: the compositions.
        stills: uint8 RGB, shape (compositions, renderings, POOL_PX, POOL_PX, 3).
    """

    shown: tuple[Composition, ...]
    stills: NDArray[np.uint8]


def render_pool(
    shown: Sequence[Composition],
    renderings: int,
    seed: int,
    *,
    wear: Wear = LITTLE_WEAR,
    workers: int | None = None,
    progress: Callable[[int, int], None],
) -> Pool:
    """Renders every composition several times, in parallel processes.

    Args:
        shown: the compositions.
        renderings: stills of each.
        seed: seed of all of them.
        wear: what posting does to them.
        workers: processes; default: one a core.
        progress: told how many of how many stills are done.
    """
    jobs = [(index, number) for index in range(len(shown)) for number in range(renderings)]
    tasks = [jobs[start : start + TASK_STILLS] for start in range(0, len(jobs), TASK_STILLS)]
    stills = np.zeros((len(shown), renderings, POOL_PX, POOL_PX, 3), np.uint8)
    render = partial(_render_task, tuple(shown), seed, wear)
    with ProcessPoolExecutor(workers or os.cpu_count(), mp_context=get_context("spawn")) as pool:
        for done, (task, pictures) in enumerate(zip(tasks, pool.map(render, tasks), strict=True)):
            for (index, number), picture in zip(task, pictures, strict=True):
                stills[index, number] = picture
            progress(min(len(jobs), (done + 1) * TASK_STILLS), len(jobs))
    return Pool(tuple(shown), stills)


def _render_task(
    shown: tuple[Composition, ...], seed: int, wear: Wear, task: Iterable[tuple[int, int]]
) -> list[Picture]:
    import cv2

    cv2.setNumThreads(1)
    return [training_still(shown[index], (seed, index, number), wear) for index, number in task]


@dataclass(frozen=True)
class Batch:
    """Stills of compositions and of a neighbour of each, two renderings of all.

    Attributes:
        shown: composition of each row.
        partners: row of a picture of the neighbour, for each row.
        changed: attribute in which a row and its partner differ.
        stills: uint8 RGB, shape (rows, side_px, side_px, 3).
    """

    shown: tuple[Composition, ...]
    partners: NDArray[np.int64]
    changed: tuple[str, ...]
    stills: NDArray[np.uint8]


class Batches:
    """Draws batches from a pool."""

    def __init__(self, pool: Pool, side_px: int, seed: int) -> None:
        self._pool, self._side_px = pool, side_px
        self._rng = np.random.default_rng(seed)
        self._index = {one: index for index, one in enumerate(pool.shown)}
        backgrounds: dict[tuple[str, str, str], list[int]] = {}
        for one, index in self._index.items():
            backgrounds.setdefault((one.place, one.time, one.weather), []).append(index)
        self._backgrounds = list(backgrounds.values())
        self._order = np.array([], int)

    def draw(self, rows: int, alike: int = 1) -> Batch:
        """Draws a batch of stills: anchors, a neighbour of each, and both once more.

        Args:
            rows: how many stills, a multiple of 4.
            alike: how many anchors at a time show the same place, time and weather.
        """
        quarter = rows // 4
        if len(self._order) < quarter:
            self._order = self._shuffled(alike)
        anchors, self._order = self._order[:quarter], self._order[quarter:]
        others = [self._neighbour(self._pool.shown[index]) for index in anchors]
        shown = [*(self._pool.shown[index] for index in anchors), *others] * 2
        changed = [difference(a, b) for a, b in zip(shown[:quarter], others, strict=True)] * 4
        half = np.roll(np.arange(2 * quarter), quarter)
        partners = np.concatenate([half, half + 2 * quarter])
        return Batch(tuple(shown), partners, tuple(changed), self._stills(shown))

    def _shuffled(self, alike: int) -> NDArray[np.int64]:
        """Puts all compositions in a random order of random groups of alike ones."""
        groups = []
        for members in self._backgrounds:
            mixed = self._rng.permutation(members)
            groups += [mixed[start : start + alike] for start in range(0, len(mixed), alike)]
        return np.concatenate([groups[index] for index in self._rng.permutation(len(groups))])

    def _neighbour(self, composition: Composition) -> Composition:
        """Draws a seen neighbour; each attribute changes as often, however many values it has."""
        known = [one for one in neighbours(composition) if one in self._index]
        by_attribute: dict[str, list[Composition]] = {}
        for one in known:
            by_attribute.setdefault(difference(composition, one), []).append(one)
        choices = by_attribute[str(self._rng.choice(sorted(by_attribute)))]
        return choices[int(self._rng.integers(len(choices)))]

    def _stills(self, shown: Sequence[Composition]) -> NDArray[np.uint8]:
        """Cuts random renderings, mirrors half of them; the two of a composition differ."""
        renderings = self._pool.stills.shape[1]
        first = self._rng.integers(renderings, size=len(shown) // 2)
        second = (first + self._rng.integers(1, max(2, renderings), size=len(first))) % renderings
        spare = POOL_PX - self._side_px
        cut = []
        for composition, number in zip(shown, np.concatenate([first, second]), strict=True):
            still = self._pool.stills[self._index[composition], number]
            top, left = self._rng.integers(0, spare + 1, size=2)
            still = still[top : top + self._side_px, left : left + self._side_px]
            cut.append(still[:, ::-1] if self._rng.random() < 0.5 else still)
        return np.stack(cut)


def caption(composition: Composition, rng: np.random.Generator, language: str = "en") -> str:
    """Writes a full description in one of the phrasings that training may see."""
    known = phrasings(language, held_out=False)
    return describe(
        composition,
        language,
        int(rng.integers(len(known))),
        variant=int(rng.integers(VARIANTS)),
    )


def partial_caption(
    composition: Composition, rng: np.random.Generator, language: str = "en"
) -> tuple[str, frozenset[str]]:
    """Writes a description of some parts of a composition, and which parts these are."""
    parts = PARTIAL[int(rng.integers(len(PARTIAL)))]
    known = phrasings(language, held_out=False)
    text = describe(
        composition,
        language,
        int(rng.integers(len(known))),
        parts=parts,
        variant=int(rng.integers(VARIANTS)),
    )
    return text, parts


def word_list(rng: np.random.Generator, language: str = "en") -> list[tuple[str, str, str]]:
    """Lists (attribute, value, one of its words) for every attribute value, in order."""
    return [
        (attribute, value, str(rng.choice(words(attribute, value, language))))
        for attribute, values in attribute_values().items()
        for value in values
    ]


def training_compositions() -> tuple[Composition, ...]:
    """The compositions that training may see."""
    return compositions("seen")


def as_input(stills: NDArray[np.uint8], device: Any) -> Any:
    """Prepares stills as the image tower takes them: float32 tensor (rows, 3, side_px, side_px)."""
    import torch

    from vidpipe.models.pair_layout import IMAGE_DEVIATION, IMAGE_MEAN

    pixels = torch.from_numpy(np.ascontiguousarray(stills)).to(device).permute(0, 3, 1, 2).float()
    mean = torch.tensor(IMAGE_MEAN, device=device).view(1, 3, 1, 1) * 255
    deviation = torch.tensor(IMAGE_DEVIATION, device=device).view(1, 3, 1, 1) * 255
    return (pixels - mean) / deviation
