"""Aligning two videos: the line, the run on it, and the part of the frame that both show.

Belongs here: from hashes or keypoints to an aligned stretch with what was measured of it.
Does not: judging whether it is a copy (vidpipe.reuse.comparison.gates).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vidpipe.reuse.comparison import hashes, pictures
from vidpipe.reuse.comparison.geometry import FrameMap, common_box, map_of_boxes
from vidpipe.reuse.comparison.hashes import Indices, Matrix, ViewPair
from vidpipe.reuse.comparison.keypoints import KeypointMap
from vidpipe.reuse.comparison.lines import (
    Line,
    best_runs,
    lines_of,
    nearest_samples,
    samples_along,
)
from vidpipe.reuse.comparison.pictures import Likeness, Parts
from vidpipe.reuse.footage import Floats, Footage, FrameBox

TRIED = 3
"""Lines that are looked at in pictures: those with the highest scores."""
SAME_LINE_S = 0.6
"""Lines that meet closer than this in the middle of their runs are tried once."""
FITTING_ROUNDS = 4
FEWEST_SAMPLES = 4
LARGEST_PRODUCT = 16_000_000
"""Pairs of samples whose pictures are compared: of longer videos every second, third ... sample."""
MOST_FITTED = 512
"""Samples by which the line is fitted."""
NEIGHBOURS = 3
"""How many samples beside the line are looked at when it is fitted."""
LEAST_LIKENESS = 0.35
"""Correlation of what moves that speaks neither for nor against a pair of samples."""
STILL_LIKENESS = 0.8
"""The same of pictures in which nothing moves."""
MOVING_LENGTH = 0.3
"""Length of what moves in a picture of unit length, from which on it alone decides."""
ANCHORS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Where along a run a line of the usual pace may meet the fitted one: at a cut, wherever it is."""
SHIFTS_S = (-0.2, 0.0, 0.2)
CLEARLY = 0.04
"""Another pace must be better by this share."""
HOPELESS_LIKENESS = 0.3
"""Likeness of what moves before anything is fitted: of copies it was 0.58 at least, of wearers of
one template 0.3 at most. What lies below is not fitted, for that is what takes the time."""
HOPELESS_STILLS = 0.6
"""The same of pictures in which nothing moves."""
SPEED_OF_NORMAL = 0.02
"""A speed that differs from 1 by less is 1."""


@dataclass(frozen=True, eq=False)
class Alignment:
    """An aligned stretch, and what was measured of it.

    Attributes:
        line: which times belong together.
        to_b: which parts of the frames belong together.
        i, j: samples of the stretch in both videos.
        views: the views whose hashes agreed best; None when keypoints found it.
        score: weighed points of the hashes along the stretch.
        cells: cells of agreeing keypoints; 0 when hashes found it.
        pictures: what the thumbnails say.
    """

    line: Line
    to_b: FrameMap
    i: Indices
    j: Indices
    views: ViewPair | None
    score: float
    cells: int
    pictures: Likeness

    @property
    def samples(self) -> int:
        """Number of compared samples."""
        return len(self.i)

    @property
    def strength(self) -> float:
        """What alignments of one pair are ranked by."""
        return max(self.pictures.motion, 0.0) * (self.score + 6 * float(np.sqrt(self.samples)))

    def boxes(self, a: Footage, b: Footage) -> tuple[FrameBox, FrameBox]:
        """The parts of both frames that show the same."""
        a_full, b_full = a.views["full"].box, b.views["full"].box
        part = common_box(a_full, b_full, self.to_b) or a_full
        return part, self.to_b.box(part)


Taken = list[tuple[Indices, Indices]]
"""Samples of both videos that stretches found before have taken."""


def by_hashes(a: Footage, b: Footage, matrix: Matrix, taken: Taken) -> list[Alignment]:
    """Alignments that hashes propose beside those that are taken, the strongest first."""
    pairs = hashes.view_pairs(a, b)
    found = []
    for line in lines_of(a, b, matrix):
        i, j = samples_along(a, b, line)
        if len(i) < FEWEST_SAMPLES:
            continue
        values = hashes.points(hashes.bits_along(a, b, pairs, i, j))
        values[:, is_taken(taken, i, j)] = hashes.LEAST_POINTS
        runs = best_runs(values * np.minimum(a.novelty[i], b.novelty[j]))
        best = max(range(len(runs)), key=lambda number: runs[number].score)
        run = runs[best]
        if run.end - run.start >= FEWEST_SAMPLES:
            found.append((run.score, line, pairs[best], i[run.start : run.end]))
    found.sort(key=lambda one: (-one[0], abs(np.log(one[1].speed))))
    aligned: list[Alignment] = []
    tried: list[Line] = []
    for _, line, views, i in found:
        middle = np.array([a.times_s[i].mean()])
        if any(
            abs(float(line.b_time(middle)[0] - other.b_time(middle)[0])) < SAME_LINE_S
            for other in tried
        ):
            continue
        tried.append(line)
        to_b = map_of_boxes(
            a.views[views.a].box, b.views[views.b].box, is_mirrored=views.is_mirrored
        )
        one = refined(a, b, line, to_b, i, views, cells=0, taken=taken)
        if one is not None:
            aligned.append(one)
        if len(tried) == TRIED:
            break
    return sorted(aligned, key=lambda one: -one.strength)


def is_taken(taken: Taken, i: Indices, j: Indices) -> npt.NDArray[np.bool_]:
    """Which pairs of samples lie in stretches that are taken."""
    found = np.zeros(len(i), bool)
    for one, other in taken:
        found |= (i >= one[0]) & (i <= one[-1]) & (j >= other[0]) & (j <= other[-1])
    return found


def by_keypoints(a: Footage, b: Footage, found: KeypointMap, taken: Taken) -> Alignment | None:
    """The alignment in the part of the frames that keypoints lay on each other."""
    usable_a, usable_b = np.flatnonzero(a.is_usable), np.flatnonzero(b.is_usable)
    stride = int(np.ceil(np.sqrt(usable_a.size * usable_b.size / LARGEST_PRODUCT)))
    usable_a, usable_b = usable_a[:: max(1, stride)], usable_b[:: max(1, stride)]
    parts = _parts_of_each(a, b, found.to_b, usable_a, usable_b)
    if parts is None:
        return None
    moves_a, moves_b = parts.moves
    products = _unit(moves_a[: len(usable_a)]) @ _unit(moves_b[: len(usable_b)]).T
    matrix = Matrix(_points_of_motion(products), usable_a, usable_b)
    best: tuple[float, Line, Indices] | None = None
    for line in lines_of(a, b, matrix):
        i, j = samples_along(a, b, line)
        if len(i) < FEWEST_SAMPLES:
            continue
        rows = np.minimum(np.searchsorted(usable_a, i), len(usable_a) - 1)
        columns = np.minimum(np.searchsorted(usable_b, j), len(usable_b) - 1)
        worth = np.minimum(a.novelty[i], b.novelty[j])
        values = np.where(is_taken(taken, i, j), -1.0, matrix.values[rows, columns])
        [run] = best_runs((values * worth)[None])
        if run.end - run.start >= FEWEST_SAMPLES and (best is None or run.score > best[0]):
            best = (run.score, line, i[run.start : run.end])
    if best is None:
        return None
    return refined(a, b, best[1], found.to_b, best[2], None, cells=found.cells, taken=taken)


def refined(
    a: Footage,
    b: Footage,
    line: Line,
    to_b: FrameMap,
    i: Indices,
    views: ViewPair | None,
    *,
    cells: int,
    taken: Taken,
) -> Alignment | None:
    """The alignment after map, line and extent were fitted to the pictures.

    Where the pictures are too unlike for that, it is the one that was given.
    """
    j = nearest_samples(b.times_s, line.b_time(a.times_s[i]))
    parts = pictures.common_parts(a, b, to_b, i, j)
    if parts is None:
        return None
    if _is_hopeless(parts):
        score = _points_of_hashes(a, b, views, i, j)[1]
        return Alignment(line, to_b, i, j, views, score, cells, parts.judged())
    to_b = pictures.fitted(a, b, to_b, i, j)
    line = fitted_line(a, b, line, to_b, i)
    i, j = samples_along(a, b, line)
    parts = pictures.common_parts(a, b, to_b, i, j) if len(i) >= FEWEST_SAMPLES else None
    if parts is None:
        return None
    evidence = _points_of_pictures(parts) + _points_of_hashes(a, b, views, i, j)[0]
    evidence[is_taken(taken, i, j)] = 2 * hashes.LEAST_POINTS
    [run] = best_runs(evidence[None])
    kept = slice(run.start, run.end)
    i, j = i[kept], j[kept]
    if len(i) < FEWEST_SAMPLES:
        return None
    score = _points_of_hashes(a, b, views, i, j)[1]
    return Alignment(line, to_b, i, j, views, score, cells, parts[kept].judged())


def _is_hopeless(parts: Parts) -> bool:
    """Whether pictures are so unlike that fitting does not make a copy of them."""
    said = parts.judged()
    if said.moving < pictures.LEAST_MOVING:
        return said.likeness < HOPELESS_STILLS
    return said.moving_likeness < HOPELESS_LIKENESS


def _points_of_hashes(
    a: Footage, b: Footage, views: ViewPair | None, i: Indices, j: Indices
) -> tuple[Floats, float]:
    """What the hashes of each pair of samples are worth, and their weighed sum; 0 without views."""
    if views is None:
        return np.zeros(len(i)), 0.0
    values = hashes.points(hashes.bits_along(a, b, [views], i, j))[0].astype(np.float64)
    return values, float((values * np.minimum(a.novelty[i], b.novelty[j])).sum())


def fitted_line(a: Footage, b: Footage, line: Line, to_b: FrameMap, i: Indices) -> Line:
    """The line through the samples that are most alike near it.

    Where little moves, samples nearby are all alike, and what is most alike is chance: a line of
    the usual pace is kept unless the pictures are clearly more alike along another one.
    """
    fitted = line
    i = i[:: max(1, -(-len(i) // MOST_FITTED))]
    for _ in range(FITTING_ROUNDS):
        j = nearest_samples(b.times_s, fitted.b_time(a.times_s[i]))
        beside = np.clip(j[:, None] + np.arange(-NEIGHBOURS, NEIGHBOURS + 1), 0, len(b) - 1)
        columns = np.unique(beside)
        parts = _parts_of_each(a, b, to_b, i, columns)
        if parts is None:
            return line
        one, two = parts.moves[0][: len(i)], parts.moves[1][: len(columns)]
        near = _unit(two)[np.searchsorted(columns, beside)]
        alike = np.einsum("np,nkp->nk", _unit(one), near)
        best = alike.argmax(axis=1)
        rows = np.arange(len(i))
        weights = np.clip(alike[rows, best] - 0.2, 0, None) * _strength(one) * a.novelty[i]
        fitted = _least_squares(a.times_s[i], b.times_s[beside[rows, best]], weights, fitted)
    anchors = np.asarray(np.quantile(a.times_s[i], ANCHORS), np.float64)
    meets = fitted.b_time(anchors)
    usual_lines = [
        Line(1.0, float(meet - anchor) + shift)
        for anchor, meet in zip(anchors, meets, strict=True)
        for shift in SHIFTS_S
    ]
    choices = [fitted, line, *usual_lines]
    values = [_value(a, b, to_b, i, choice) for choice in choices]
    best_value = max(values)
    usual = [
        (value, choice)
        for value, choice in zip(values[2:], choices[2:], strict=True)
        if value >= best_value - CLEARLY * abs(best_value)
    ]
    if usual:
        return max(usual, key=lambda one: one[0])[1]
    return fitted if values[0] >= values[1] else line


def _value(a: Footage, b: Footage, to_b: FrameMap, i: Indices, line: Line) -> float:
    """How much the pictures along a line are alike."""
    times = line.b_time(a.times_s[i])
    j = nearest_samples(b.times_s, times)
    parts = pictures.common_parts(a, b, to_b, i, j)
    if parts is None:
        return -np.inf
    is_there = np.abs(b.times_s[j] - times) <= max(b.step_s, line.speed * a.step_s)
    return float((_points_of_pictures(parts) * is_there).sum())


def _least_squares(one: Floats, two: Floats, weights: Floats, line: Line) -> Line:
    total = weights.sum()
    if total <= 0:
        return line
    mean_a, mean_b = (weights * one).sum() / total, (weights * two).sum() / total
    spread = (weights * (one - mean_a) ** 2).sum()
    speed = line.speed
    if spread > 0:
        found = float((weights * (one - mean_a) * (two - mean_b)).sum() / spread)
        speed = float(np.clip(found, line.speed * 0.94, line.speed * 1.06))
    if abs(speed - 1) < SPEED_OF_NORMAL:
        speed = 1.0
    return Line(speed, float(mean_b - speed * mean_a))


def _parts_of_each(a: Footage, b: Footage, to_b: FrameMap, i: Indices, j: Indices) -> Parts | None:
    """The common part of samples `i` of a and of samples `j` of b, the shorter list repeated."""
    longest = max(len(i), len(j))
    return pictures.common_parts(a, b, to_b, np.resize(i, longest), np.resize(j, longest))


def _points_of_pictures(parts: Parts) -> hashes.Scores:
    """Evidence of pairs of pictures like that of hashes, from -1 (unlike) to 3 (the same).

    What moves decides, as far as anything moves; else the pictures themselves.
    """
    moves_a, moves_b = parts.moves
    moving = _points_of_motion(np.einsum("np,np->n", _unit(moves_a), _unit(moves_b)))
    still = np.clip((parts.likeness - STILL_LIKENESS) * 8, -1, 1)
    share = np.minimum(_strength(moves_a), _strength(moves_b))
    return np.asarray(share * moving + (1 - share) * still, np.float32)


def _strength(moves: pictures.Pictures) -> hashes.Scores:
    """How much of each picture is its own and not the run's mean: 0 to 1."""
    return np.asarray(np.clip(np.linalg.norm(moves, axis=1) / MOVING_LENGTH, 0, 1), np.float32)


def _points_of_motion(correlation: Floats | hashes.Scores) -> hashes.Scores:
    above = np.asarray(correlation, np.float32) - np.float32(LEAST_LIKENESS)
    return np.asarray(np.clip(above * 5, -1, 3), np.float32)


def _unit(values: pictures.Pictures) -> pictures.Pictures:
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return np.asarray(values / np.maximum(lengths, 1e-3), np.float32)
