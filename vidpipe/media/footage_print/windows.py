"""Windows in a video's frame: rectangles whose edges stay where they are while pictures change.

Belongs here: finding pictures in pictures and layouts of several pictures by their edges.
Does not: bars, what moves and what is sharp (vidpipe.media.footage_print.views).

Inside moving footage the gradients of many samples wash out evenly; where one picture ends and
another begins they add up to a thin straight line. Windows are first told by unbroken lines, which
tells halves of a layout, too; then one more by most of its sides, in pieces: where both pictures
are alike for a while along a side, the line is broken there.
"""

from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Map = npt.NDArray[np.float32]
Box = tuple[int, int, int, int]
Places = npt.NDArray[np.int64]

SMALLEST_PX = 16
"""In smaller frames there are no windows."""

BESIDE_PX = 3
"""Gradients this far beside a line are what it must stand out from."""
LEAST_STEP = 6.0
"""Grey levels a pixel: a mean gradient that stands out by less is no edge."""
LINES = 6
"""Lines of each direction that are tried."""
NEIGHBOURS_PX = 3
"""Lines closer to each other than this are one."""
COVERED_SIDE = 0.7
"""Share of each side that a line must cover."""
LEAST_SIDE = 0.25
"""A window is at least this share of the frame's width and height."""
MOST_WINDOWS = 2
"""By unbroken lines; one more by broken ones."""

INNER_SIDES = 3
"""Sides inside the frame that a window of broken lines has, at least."""
MEAN_STANDING_OUT, LEAST_STANDING_OUT = 0.7, 0.3
"""Share of its sides along which an edge stands out: in the mean, and of the worst side."""
ALL_BUT_ONE = 0.5
"""The same of every side but the worst."""
MOST_BEYOND = 0.3
"""Edges that go on beyond the corners, in shares of the sides, in the mean."""


class _Line(NamedTuple):
    """A line at a place, from `start` to before `end` along it; a border of the frame has no
    strength.
    """

    place: int
    start: int
    end: int
    strength: float


def window_boxes(across: Map, down: Map) -> list[Box]:
    """The windows of a video, the surest first.

    Args:
        across: mean absolute gradient along rows (grey levels a pixel), shape (height, width).
        down: the same along columns.

    Returns:
        Left, top, right, bottom, px: at most `MOST_WINDOWS` of unbroken lines, which do not lie in
        each other, and one of broken lines.
    """
    if min(across.shape) < SMALLEST_PX:
        return []
    edges = _standing_out(across.T), _standing_out(down)
    lines = _lines(edges[0]), _lines(edges[1])
    unbroken = _of_unbroken_lines(*lines, across.shape)
    broken = _of_broken_lines(*edges, *lines)
    return [*unbroken, broken] if broken else unbroken


def _of_unbroken_lines(
    upright: list[_Line], level: list[_Line], shape: tuple[int, ...]
) -> list[Box]:
    """The surest boxes of which each side is most of one line."""
    height, width = shape
    upright = [*upright, _Line(0, 0, height, 0), _Line(width, 0, height, 0)]
    level = [*level, _Line(0, 0, width, 0), _Line(height, 0, width, 0)]
    found: list[tuple[float, Box]] = []
    for left, right in combinations(sorted(upright), 2):
        if right.place - left.place < LEAST_SIDE * width:
            continue
        for top, bottom in combinations(sorted(level), 2):
            if bottom.place - top.place < LEAST_SIDE * height:
                continue
            box = (left.place, top.place, right.place, bottom.place)
            sure = _sureness(left, right, top, bottom)
            if sure > 0:
                found.append((sure, box))
    found.sort(key=lambda one: (-one[0], one[1]))
    chosen: list[Box] = []
    for _, box in found:
        if len(chosen) < MOST_WINDOWS and not any(_meet(box, other) for other in chosen):
            chosen.append(box)
    return chosen


def _of_broken_lines(
    across: Map, down: Map, upright: list[_Line], level: list[_Line]
) -> Box | None:
    """The box along whose sides edges stand out most, wherever along them; None if there is none.

    A side may stand where only lines of the other direction end.

    Args:
        across, down: what stands out, places along the first axis.
        upright, level: the straightest lines in it.
    """
    width, height = len(across), len(down)
    columns, rows = _places(upright, level, width), _places(level, upright, height)
    xs, ys = _extents(columns, LEAST_SIDE * width), _extents(rows, LEAST_SIDE * height)
    if not xs.size or not ys.size:
        return None
    # Axes: left, right, top and bottom side; pairs of columns; pairs of rows.
    upright_sides = [_side(across, xs[:, end], ys) for end in (0, 1)]
    level_sides = [_side(down, ys[:, end], xs).swapaxes(1, 2) for end in (0, 1)]
    inside, beyond = np.stack([*upright_sides, *level_sides], axis=1)
    is_inner = np.stack(
        [
            *(np.repeat(_is_inner(xs[:, end], width)[:, None], len(ys), axis=1) for end in (0, 1)),
            *(np.repeat(_is_inner(ys[:, end], height)[None], len(xs), axis=0) for end in (0, 1)),
        ]
    )
    count = is_inner.sum(axis=0)
    standing, going_on = (inside * is_inner).sum(axis=0), (beyond * is_inner).sum(axis=0)
    worst, second = np.sort(np.where(is_inner, inside, 1), axis=0)[:2]
    is_window = (
        (count >= INNER_SIDES)
        & (standing >= MEAN_STANDING_OUT * count)
        & (going_on <= MOST_BEYOND * count)
        & (worst >= LEAST_STANDING_OUT)
        & (second >= ALL_BUT_ONE)
    )
    if not is_window.any():
        return None
    sureness = np.where(is_window, standing - going_on / 2, 0)
    x, y = np.unravel_index(int(sureness.argmax()), sureness.shape)
    return int(xs[x, 0]), int(ys[y, 0]), int(xs[x, 1]), int(ys[y, 1])


def _places(own: list[_Line], others: list[_Line], size: int) -> list[int]:
    """Where sides may stand: at borders, at lines, and where lines of the other direction end."""
    places = [0, size, *(line.place for line in own)]
    for line in others:
        for end in (line.start, line.end):
            if all(abs(end - place) >= NEIGHBOURS_PX for place in places):
                places.append(end)
    return sorted(places)


def _extents(places: list[int], shortest: float) -> Places:
    """Pairs of places at least so far apart, shape (n, 2)."""
    return np.array([pair for pair in combinations(places, 2) if pair[1] - pair[0] >= shortest])


def _side(edges: Map, places: Places, extents: Places) -> npt.NDArray[np.float64]:
    """Along how much of each side an edge stands out, and how far it goes on beyond the corners.

    Args:
        edges: what stands out, places along the first axis.
        places: shape (n,), of sides.
        extents: from where to where sides reach, shape (m, 2).

    Returns:
        Both in shares of the side's length, shape (2, n, m).
    """
    is_edge = edges > 0
    is_near = is_edge.copy()
    is_near[1:] |= is_edge[:-1]
    is_near[:-1] |= is_edge[1:]
    counts = np.zeros((len(edges) + 1, edges.shape[1] + 1))
    counts[:-1, 1:] = np.cumsum(is_near, axis=1)
    along = counts[places]
    inside = along[:, extents[:, 1]] - along[:, extents[:, 0]]
    return np.stack([inside, along[:, -1:] - inside]) / np.diff(extents, axis=1).ravel()


def _is_inner(places: Places, size: int) -> npt.NDArray[np.bool_]:
    return (places > 0) & (places < size)


def _standing_out(gradient: Map) -> Map:
    """By how much gradients stand out from those beside them; places along the first axis.

    Above 0 where there is an edge.
    """
    count = len(gradient)
    beside = np.full_like(gradient, np.inf)
    beside[BESIDE_PX:] = gradient[: count - BESIDE_PX]
    after = np.full_like(gradient, np.inf)
    after[: count - BESIDE_PX] = gradient[BESIDE_PX:]
    least = np.minimum(beside, after)
    most = np.where(np.isinf(np.maximum(beside, after)), least, np.maximum(beside, after))
    clipped = np.clip(gradient - most, -LEAST_STEP, 4 * LEAST_STEP) - LEAST_STEP / 2
    return np.asarray(clipped, np.float32)


def _lines(standing_out: Map) -> list[_Line]:
    """The straightest lines along the second axis: places count along the first one."""
    count, length = standing_out.shape
    sums = np.concatenate([np.zeros((count, 1)), np.cumsum(standing_out, axis=1)], axis=1)
    lowest = np.minimum.accumulate(sums, axis=1)
    gains = sums - lowest
    lines: list[_Line] = []
    for place in np.argsort(-gains.max(axis=1), kind="stable"):
        end = int(gains[place].argmax())
        start = int(np.flatnonzero(sums[place, : end + 1] == lowest[place, end])[-1])
        if end - start < LEAST_SIDE * length or len(lines) == LINES:
            break
        if all(abs(int(place) - line.place) >= NEIGHBOURS_PX for line in lines):
            strength = float(standing_out[place, start:end].mean())
            lines.append(_Line(int(place), start, end, strength))
    return lines


def _sureness(left: _Line, right: _Line, top: _Line, bottom: _Line) -> float:
    """How clearly the lines are the sides of a window; 0 if they are not."""
    inner = [line for line in (left, right, top, bottom) if line.strength > 0]
    if not inner:
        return 0.0
    covered = []
    for line, start, end in (
        (left, top.place, bottom.place),
        (right, top.place, bottom.place),
        (top, left.place, right.place),
        (bottom, left.place, right.place),
    ):
        share = (min(line.end, end) - max(line.start, start)) / (end - start)
        too_long = (line.end - line.start) / (end - start) if line.strength > 0 else 1.0
        covered.append(min(share, 1 / too_long if too_long > 1 / COVERED_SIDE else 1.0))
    if min(covered) < COVERED_SIDE:
        return 0.0
    return float(min(line.strength for line in inner) * sum(covered) * len(inner))


def _meet(one: Box, other: Box) -> bool:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    if across <= 0 or down <= 0:
        return False
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return across * down > 0.2 * smaller
