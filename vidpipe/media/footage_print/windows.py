"""Windows in a video's frame: rectangles whose edges stay where they are while pictures change.

Belongs here: finding pictures in pictures and layouts of several pictures by their edges.
Does not: bars, what moves and what is sharp (vidpipe.media.footage_print.views).

Inside moving footage the gradients of many samples wash out evenly; where one picture ends and
another begins they add up to a thin straight line.
"""

from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Map = npt.NDArray[np.float32]
Box = tuple[int, int, int, int]

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


class _Line(NamedTuple):
    """A line at a place, from `start` to before `end` along it; a border of the frame has no
    strength.
    """

    place: int
    start: int
    end: int
    strength: float


def window_boxes(across: Map, down: Map) -> list[Box]:
    """The windows of a video, the surest first; they do not lie in each other.

    Args:
        across: mean absolute gradient along rows (grey levels a pixel), shape (height, width).
        down: the same along columns.

    Returns:
        Left, top, right, bottom, px; at most `MOST_WINDOWS`.
    """
    height, width = across.shape
    if min(height, width) < 16:
        return []
    upright = [*_lines(across.T), _Line(0, 0, height, 0), _Line(width, 0, height, 0)]
    level = [*_lines(down), _Line(0, 0, width, 0), _Line(height, 0, width, 0)]
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


def _lines(gradient: Map) -> list[_Line]:
    """The straightest lines along the second axis: places count along the first one."""
    count = len(gradient)
    beside = np.full_like(gradient, np.inf)
    beside[BESIDE_PX:] = gradient[: count - BESIDE_PX]
    after = np.full_like(gradient, np.inf)
    after[: count - BESIDE_PX] = gradient[BESIDE_PX:]
    least = np.minimum(beside, after)
    most = np.where(np.isinf(np.maximum(beside, after)), least, np.maximum(beside, after))
    standing_out = np.clip(gradient - most, -LEAST_STEP, 4 * LEAST_STEP) - LEAST_STEP / 2
    sums = np.concatenate([np.zeros((count, 1)), np.cumsum(standing_out, axis=1)], axis=1)
    lowest = np.minimum.accumulate(sums, axis=1)
    gains = sums - lowest
    lines: list[_Line] = []
    for place in np.argsort(-gains.max(axis=1), kind="stable"):
        end = int(gains[place].argmax())
        start = int(np.flatnonzero(sums[place, : end + 1] == lowest[place, end])[-1])
        if end - start < LEAST_SIDE * gradient.shape[1] or len(lines) == LINES:
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
