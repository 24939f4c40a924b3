"""Where two videos may show the same: lines of equal footage in the plane of their times.

Belongs here: offsets and speeds, the best run along a line. Does not: what pictures say
(vidpipe.reuse.comparison.pictures).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vidpipe.reuse.comparison.hashes import Indices, Matrix, Scores
from vidpipe.reuse.footage import Floats, Footage

SPEEDS = tuple(float(speed) for speed in np.geomspace(0.5, 2, 17))
"""Seconds of the second video in one of the first; a step is 9 %."""
OFFSET_STEP_S = 0.25
LINES_A_SPEED = 6
LINES = 8
MOST_ALONG = 4096
"""Samples that are looked at along a line."""
LEAST_POINTS = 0.25
"""Pairs of samples that are worth less do not vote for a line."""


@dataclass(frozen=True)
class Line:
    """Times of two videos that belong together: `b_time = offset_s + speed * a_time`."""

    speed: float
    offset_s: float

    def b_time(self, a_time: Floats) -> Floats:
        """The times in the second video (s)."""
        return self.offset_s + self.speed * a_time


@dataclass(frozen=True)
class Run:
    """A stretch of consecutive samples, from `start` to before `end`, and its weighed points."""

    start: int
    end: int
    score: float


def samples_along(a: Footage, b: Footage, line: Line) -> tuple[Indices, Indices]:
    """Numbers of the samples that stand on a line: of each of a, the nearest one of b.

    Of very many every second, third ... one.
    """
    times = line.b_time(a.times_s)
    nearest = nearest_samples(b.times_s, times)
    is_there = np.abs(b.times_s[nearest] - times) <= 0.75 * max(b.step_s, line.speed * a.step_s)
    i = np.flatnonzero(is_there & a.is_usable & b.is_usable[nearest])
    i = i[:: max(1, -(-len(i) // MOST_ALONG))]
    return i, nearest[i]


def nearest_samples(times: Floats, wanted: Floats) -> Indices:
    """The number of the nearest time for each wanted one; times increase."""
    after = np.clip(np.searchsorted(times, wanted), 1, max(1, len(times) - 1))
    if len(times) < 2:
        return np.zeros(len(wanted), np.intp)
    is_before = wanted - times[after - 1] <= times[after] - wanted
    return after - is_before


def lines_of(a: Footage, b: Footage, matrix: Matrix) -> list[Line]:
    """Lines on which many samples agree, the most promising first."""
    rows, columns = np.nonzero(matrix.values >= LEAST_POINTS)
    if rows.size < 2:
        return []
    i, j = matrix.a_samples[rows], matrix.b_samples[columns]
    votes = matrix.values[rows, columns] * np.minimum(a.novelty[i], b.novelty[j])
    found = []
    for speed in SPEEDS:
        bins = np.round((b.times_s[j] - speed * a.times_s[i]) / OFFSET_STEP_S).astype(np.int64)
        lowest = int(bins.min())
        counted = np.asarray(np.bincount(bins - lowest, weights=votes), np.float64)
        sums = counted + 0.5 * (np.append(counted[1:], 0) + np.insert(counted[:-1], 0, 0))
        for place in np.argsort(-sums, kind="stable")[:LINES_A_SPEED]:
            line = Line(speed, float(place + lowest) * OFFSET_STEP_S)
            found.append((_promise(a, b, matrix, line), line))
    found.sort(key=lambda one: -one[0])
    return [line for promise, line in found[:LINES] if promise > 0]


def _promise(a: Footage, b: Footage, matrix: Matrix, line: Line) -> float:
    a_times, b_times = a.times_s[matrix.a_samples], b.times_s[matrix.b_samples]
    wanted = line.b_time(a_times)
    columns = nearest_samples(b_times, wanted)
    step = max(b.step_s, line.speed * a.step_s) * max(1.0, len(a) / max(1, a_times.size))
    rows = np.flatnonzero(np.abs(b_times[columns] - wanted) <= 0.75 * step)
    if not rows.size:
        return 0.0
    columns = columns[rows]
    worth = np.minimum(a.novelty[matrix.a_samples[rows]], b.novelty[matrix.b_samples[columns]])
    return best_runs((matrix.values[rows, columns] * worth)[None])[0].score


def best_runs(values: Scores | Floats) -> list[Run]:
    """The stretch with the largest sum in each row of `values`: shape (rows, samples)."""
    sums = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)
    lowest = np.minimum.accumulate(sums, axis=1)
    gains = sums - lowest
    ends = gains.argmax(axis=1)
    runs = []
    for row, end in enumerate(ends):
        start = int(np.flatnonzero(sums[row, : end + 1] == lowest[row, end])[-1])
        runs.append(Run(start, int(end), float(gains[row, end])))
    return runs


def times_of(samples: npt.NDArray[np.intp], footage: Footage) -> tuple[float, float]:
    """From when to when the samples stand, the last one for its usual step (s)."""
    start, end = float(footage.times_s[samples[0]]), float(footage.times_s[samples[-1]])
    return start, min(end + footage.step_s, footage.end_s)
