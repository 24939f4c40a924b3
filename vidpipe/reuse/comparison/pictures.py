"""What the pictures of two videos say of a line: whether they are alike, and move alike.

Belongs here: the common part of both thumbnails along a line, fitting the map between the frames,
correlation of pictures and of what moves.
Does not: hashes (vidpipe.reuse.comparison.hashes).

A template (logo, caption box, meme bar) makes two videos alike and their hashes agree, but what
moves beside it is not the same: after the mean picture of the run is taken away, copies still
correlate and wearers of one template do not.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vidpipe.reuse.comparison.geometry import FrameMap, common_box
from vidpipe.reuse.comparison.hashes import Indices
from vidpipe.reuse.footage import Floats, Footage, FrameBox

GRID_PX = 24
BLOCKS = 4
"""Rows and columns of blocks in which motion is compared."""
COVERED_BLOCKS = 0.25
"""Share of what moves that an overlay may hide."""
SMALLEST_PART = 0.02
"""Share of a frame: what two frames have in common is not smaller."""
FITTED_SAMPLES = 10
FIRST_STEPS = np.array([0.10, 0.10, 0.08, 0.08])
FITTING_ROUNDS = 5

Pictures = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Likeness:
    """What pictures along a run say; correlations are -1 to 1.

    Attributes:
        motion: correlation of what moves.
        likeness: mean correlation of the pictures.
        each: correlation of each pair of pictures, shape (samples,).
        energy: how much moves: the mean share of variance over time, 0 (still) to 1.
    """

    motion: float
    likeness: float
    each: Floats
    energy: float


def common_pictures(
    a: Footage, b: Footage, to_b: FrameMap, i: Indices, j: Indices
) -> tuple[Pictures, Pictures] | None:
    """The part that both show, evened: two arrays (samples, pixels) of zero mean and unit length.

    None if the two have too little of their frames in common.
    """
    a_full, b_full = a.views["full"].box, b.views["full"].box
    part = common_box(a_full, b_full, to_b)
    if part is None or (part[2] - part[0]) * (part[3] - part[1]) < SMALLEST_PART:
        return None
    other = to_b.box(part)
    if (other[2] - other[0]) * (other[3] - other[1]) < SMALLEST_PART:
        return None
    one = resampled(a.thumbnails[i], a_full, part)
    two = resampled(b.thumbnails[j], b_full, other)
    if to_b.is_mirrored:
        two = two[:, :, ::-1]
    return evened(one), evened(two)


def resampled(thumbnails: npt.NDArray[np.uint8], full: FrameBox, part: FrameBox) -> Pictures:
    """A part of every thumbnail: float32, shape (samples, GRID_PX, GRID_PX).

    Args:
        thumbnails: uint8, shape (samples, side_px, side_px).
        full: the box of the frame that they show.
        part: the box that is wanted, inside it.
    """
    side = thumbnails.shape[1]
    steps = (np.arange(GRID_PX) + 0.5) / GRID_PX
    columns = _weights(side, full[0], full[2], part[0] + steps * (part[2] - part[0]))
    rows = _weights(side, full[1], full[3], part[1] + steps * (part[3] - part[1]))
    across = thumbnails.astype(np.float32) @ columns.T
    return np.asarray(rows @ across, np.float32)


def _weights(side: int, low: float, high: float, wanted: Floats) -> Pictures:
    """Rows of linear interpolation, averaged over a step where that is wider than a pixel."""
    places = (wanted - low) / (high - low) * side - 0.5
    reach = max(1.0, abs(float(places[1] - places[0])))
    weights = np.maximum(0, 1 - np.abs(places[:, None] - np.arange(side)) / reach)
    weights[:, 0] += places < 0  # at the edges the nearest pixel stands for what is beyond it
    weights[:, -1] += places > side - 1
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


def evened(pictures: Pictures) -> Pictures:
    """Pictures of zero mean and unit length: brightness and contrast do not count."""
    flat = pictures.reshape(len(pictures), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(flat, axis=1, keepdims=True)
    return np.asarray(flat / np.maximum(lengths, 1e-3), np.float32)


def likeness(one: Pictures, two: Pictures) -> Likeness:
    """Compares evened pictures of a run."""
    each = (one * two).sum(axis=1).astype(np.float64)
    moves_a, moves_b = one - one.mean(axis=0), two - two.mean(axis=0)
    energy = float(np.sqrt((moves_a**2).sum(axis=1).mean() * (moves_b**2).sum(axis=1).mean()))
    return Likeness(_motion(moves_a, moves_b), float(each.mean()), each, energy)


def _motion(moves_a: Pictures, moves_b: Pictures) -> float:
    """Correlation of what moves, over the blocks that an overlay would leave."""
    shape = (len(moves_a), BLOCKS, GRID_PX // BLOCKS, BLOCKS, GRID_PX // BLOCKS)
    blocks_a, blocks_b = moves_a.reshape(shape), moves_b.reshape(shape)
    axes = (0, 2, 4)
    products = (blocks_a * blocks_b).sum(axis=axes).ravel()
    powers_a, powers_b = (blocks_a**2).sum(axis=axes).ravel(), (blocks_b**2).sum(axis=axes).ravel()
    power = np.sqrt(powers_a * powers_b)
    if power.sum() <= 0:
        return 0.0
    order = np.argsort(products / np.maximum(power, 1e-9))
    hidden = np.cumsum(power[order]) <= COVERED_BLOCKS * power.sum()
    kept = order[~hidden]
    both = np.sqrt(powers_a[kept].sum() * powers_b[kept].sum())
    return float(products[kept].sum() / max(both, 1e-9))


def fitted(a: Footage, b: Footage, to_b: FrameMap, i: Indices, j: Indices) -> FrameMap:
    """The map between the frames, moved until the pictures are most alike.

    A crop of 25 % is first found as one of 20 or 30 %: so far off, moving parts do not meet.
    """
    chosen = np.linspace(0, len(i) - 1, min(len(i), FITTED_SAMPLES)).round().astype(int)
    i, j = i[chosen], j[chosen]
    within = to_b.box(a.views["full"].box)

    def value(change: Floats) -> float:
        pictures = common_pictures(a, b, to_b.moved(within, change), i, j)
        return -1.0 if pictures is None else float((pictures[0] * pictures[1]).sum(axis=1).mean())

    best, change, steps = value(np.zeros(4)), np.zeros(4), FIRST_STEPS
    directions = np.concatenate([DIRECTIONS, -DIRECTIONS])
    for _ in range(FITTING_ROUNDS):
        improved = True
        while improved:
            improved = False
            for direction in directions:
                moved = change + direction * steps
                if np.abs(moved).max() > LARGEST_CHANGE:
                    continue
                found = value(moved)
                if found > best + 1e-4:
                    best, change, improved = found, moved, True
        steps = steps / 2
    return to_b.moved(within, change)


DIRECTIONS = np.array(
    [[1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 0, 0, 0], [0, 1, 0, 0]], dtype=np.float64
)
LARGEST_CHANGE = 0.35
