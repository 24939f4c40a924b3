"""What the pictures of two videos say of a line: whether they are alike, and move alike.

Belongs here: the common part of both thumbnails along a line, fitting the map between the frames,
correlation of pictures and of what moves.
Does not: hashes (vidpipe.reuse.comparison.hashes).

A template (logo, caption box, meme bar) makes two videos alike and their hashes agree, but what
moves beside it is not the same: among the pixels that move in both, after their mean over the run
is taken away, copies still correlate and wearers of one template do not.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from vidpipe.reuse.comparison.geometry import FrameMap, area, common_box
from vidpipe.reuse.comparison.hashes import Indices
from vidpipe.reuse.footage import Floats, Footage, FrameBox

GRID_PX = 24
BLOCKS = 4
"""Rows and columns of blocks in which motion is compared."""
COVERED_BLOCKS = 0.25
"""Share of what moves that an overlay may hide."""
SMALLEST_PART = 0.02
"""Share of a frame: what two frames have in common is not smaller."""

LEAST_SEEN = 0.6
"""Share of the common part that overlays leave, at least."""
MOST_APART = 0.5
"""Standard deviations by which pixels of the two mean pictures may differ without an overlay."""
LEAST_DEVIATION = 1.5
"""Grey levels: a flatter picture is not amplified to more than this."""
MOST_DEVIATIONS = 3.0
"""Pixels of an overlay may be far brighter or darker than all else; they count as so many."""

LEAST_CHANGE = 2.0
"""Grey levels: pixels with a smaller deviation over time do not move."""
MOVING_SHARE = 0.2
"""Nor do those with less than this share of what the most lively pixels have."""
LEAST_MOVING = 0.03
"""Share of the common part that must move for what moves to be compared."""

FITTED_SAMPLES = 6
FIRST_STEPS = np.array([0.10, 0.10, 0.08, 0.08])
FITTING_ROUNDS = 4
DIRECTIONS = np.array(
    [[1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 0, 0, 0], [0, 1, 0, 0]], dtype=np.float64
)
LARGEST_FIT = 0.35

Pictures = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Likeness:
    """What pictures along a run say; correlations are -1 to 1.

    Attributes:
        motion: correlation of what moves.
        likeness: mean correlation of the pictures.
        moving: share of the common part that moves in both videos, 0 to 1.
        moving_likeness: mean correlation of the pictures among the pixels that move in both.
        phases: how many different pictures the run is worth, as far as they move: 1 where one
            picture gives way to another.
    """

    motion: float
    likeness: float
    moving: float
    moving_likeness: float
    phases: float


@dataclass(frozen=True, eq=False)
class Parts:
    """The part of the frame that two videos have in common, in pairs of samples.

    Attributes:
        one, two: luma, float32, shape (pairs, GRID_PX * GRID_PX).
    """

    one: Pictures
    two: Pictures

    def __getitem__(self, pairs: slice) -> "Parts":
        return Parts(self.one[pairs], self.two[pairs])

    @cached_property
    def evened(self) -> tuple[Pictures, Pictures]:
        """Both with brightness and contrast evened: zero mean, unit length.

        What an overlay covers in one of them does not count for that: pixels that stay unlike in
        the mean of all pairs are left out of mean and deviation.
        """
        plain = [_scaled(part, part) for part in (self.one, self.two)]
        apart = np.abs(plain[0].mean(axis=0) - plain[1].mean(axis=0))
        kept = apart <= MOST_APART / GRID_PX
        if kept.all():
            return plain[0], plain[1]
        if kept.mean() < LEAST_SEEN:
            place = int(LEAST_SEEN * apart.size)
            kept = apart <= np.partition(apart, place)[place]
        return _scaled(self.one, self.one[:, kept]), _scaled(self.two, self.two[:, kept])

    @cached_property
    def likeness(self) -> Pictures:
        """Correlation of each pair of pictures, shape (pairs,)."""
        return np.asarray(np.einsum("np,np->n", *self.evened), np.float32)

    @cached_property
    def moving(self) -> npt.NDArray[np.bool_]:
        """Pixels that change over time in both videos, shape (pixels,).

        A template, which both wear, and an overlay, which one wears, are not among them.
        """
        return _moving(self.one) & _moving(self.two)

    @cached_property
    def moves(self) -> tuple[Pictures, Pictures]:
        """What moves: evened among the moving pixels, without its mean over time; 0 elsewhere."""
        return _moves(self.one, self.moving), _moves(self.two, self.moving)

    def judged(self) -> Likeness:
        """What the pictures of the run say, beside what an overlay hides."""
        uncovered = _uncovered(*self.moves)
        seen = self.moving & uncovered
        if seen.mean() < LEAST_MOVING:
            seen = self.moving
        one, two = _scaled_moving(self.one, seen), _scaled_moving(self.two, seen)
        return Likeness(
            _correlation(self.moves[0][:, uncovered], self.moves[1][:, uncovered]),
            float(self.likeness.mean()),
            float(self.moving.mean()),
            float(np.einsum("np,np->n", one, two).mean()),
            min(_phases(own) for own in self.moves),
        )


def common_parts(a: Footage, b: Footage, to_b: FrameMap, i: Indices, j: Indices) -> Parts | None:
    """The part that both show; None if the two have too little of their frames in common."""
    a_full, b_full = a.views["full"].box, b.views["full"].box
    part = common_box(a_full, b_full, to_b)
    if part is None or area(part) < SMALLEST_PART:
        return None
    other = to_b.box(part)
    if area(other) < SMALLEST_PART:
        return None
    one = resampled(a.thumbnails[i], a_full, part)
    two = resampled(b.thumbnails[j], b_full, other)
    if to_b.is_mirrored:
        two = two[:, :, ::-1]
    return Parts(one.reshape(len(one), -1), two.reshape(len(two), -1))


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


def _scaled(pictures: Pictures, seen: Pictures) -> Pictures:
    """Pictures (n, pixels) by mean and deviation of the pixels that are `seen` of each."""
    means = seen.mean(axis=1, keepdims=True)
    squares = np.einsum("np,np->n", seen, seen)[:, None] / seen.shape[1]
    deviations = np.sqrt(np.maximum(squares - means**2, LEAST_DEVIATION**2))
    scaled = np.clip((pictures - means) / deviations, -MOST_DEVIATIONS, MOST_DEVIATIONS)
    lengths = np.sqrt(np.einsum("np,np->n", scaled, scaled))[:, None]
    return np.asarray(scaled / np.maximum(lengths, 1e-3), np.float32)


def _moving(pictures: Pictures) -> npt.NDArray[np.bool_]:
    deviations = pictures.std(axis=0)
    place = int(0.95 * deviations.size)
    most = float(np.partition(deviations, place)[place])
    return np.asarray(deviations >= max(LEAST_CHANGE, MOVING_SHARE * most))


def _moves(pictures: Pictures, moving: npt.NDArray[np.bool_]) -> Pictures:
    scaled = _scaled_moving(pictures, moving)
    return np.asarray(scaled - scaled.mean(axis=0), np.float32)


def _scaled_moving(pictures: Pictures, moving: npt.NDArray[np.bool_]) -> Pictures:
    scaled = np.zeros_like(pictures)
    if moving.mean() >= LEAST_MOVING:
        scaled[:, moving] = _scaled(pictures[:, moving], pictures[:, moving])
    return scaled


def _phases(moves: Pictures) -> float:
    """Participation ratio of the variances over time: (sum)^2 / sum of squares, at least 1."""
    # Both products have the same trace and the same sum of squares; the smaller one is made.
    products = moves @ moves.T if len(moves) <= moves.shape[1] else moves.T @ moves
    squares = float((products**2).sum())
    return float(np.trace(products)) ** 2 / squares if squares > 0 else 1.0


def _correlation(one: Pictures, two: Pictures) -> float:
    """Correlation of two lists of pictures whose means are 0; 0 where nothing moves."""
    power = float(np.sqrt((one**2).sum() * (two**2).sum()))
    return float((one * two).sum()) / power if power > 0 else 0.0


def _uncovered(moves_a: Pictures, moves_b: Pictures) -> npt.NDArray[np.bool_]:
    """Pixels of the blocks that an overlay would leave: those that move most alike."""
    shape = (len(moves_a), BLOCKS, GRID_PX // BLOCKS, BLOCKS, GRID_PX // BLOCKS)
    blocks_a, blocks_b = moves_a.reshape(shape), moves_b.reshape(shape)
    axes = (0, 2, 4)
    products = (blocks_a * blocks_b).sum(axis=axes).ravel()
    powers = (blocks_a**2).sum(axis=axes).ravel() * (blocks_b**2).sum(axis=axes).ravel()
    power = np.sqrt(powers)
    order = np.argsort(products / np.maximum(power, 1e-9))
    hidden = order[np.cumsum(power[order]) <= COVERED_BLOCKS * power.sum()]
    is_seen = np.ones(BLOCKS * BLOCKS, bool)
    is_seen[hidden] = False
    block = np.ones((GRID_PX // BLOCKS, GRID_PX // BLOCKS), bool)
    return np.kron(is_seen.reshape(BLOCKS, BLOCKS), block).ravel()


def fitted(a: Footage, b: Footage, to_b: FrameMap, i: Indices, j: Indices) -> FrameMap:
    """The map between the frames, moved until the pictures are most alike.

    A crop of 25 % is first found as one of 20 or 30 %: so far off, moving parts do not meet.
    """
    chosen = np.linspace(0, len(i) - 1, min(len(i), FITTED_SAMPLES)).round().astype(int)
    i, j = i[chosen], j[chosen]
    within = to_b.box(a.views["full"].box)

    def value(change: Floats) -> float:
        parts = common_parts(a, b, to_b.moved(within, change), i, j)
        return -1.0 if parts is None else float(parts.likeness.mean())

    best, change, steps = value(np.zeros(4)), np.zeros(4), FIRST_STEPS
    directions = np.concatenate([DIRECTIONS, -DIRECTIONS])
    for _ in range(FITTING_ROUNDS):
        improved = True
        while improved:
            improved = False
            for direction in directions:
                moved = change + direction * steps
                if np.abs(moved).max() > LARGEST_FIT:
                    continue
                found = value(moved)
                if found > best + 1e-4:
                    best, change, improved = found, moved, True
        steps = steps / 2
    return to_b.moved(within, change)
