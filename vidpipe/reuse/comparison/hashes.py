"""How well the hashes of two videos agree, in every pair of their views.

Belongs here: bits to evidence, the matrix of all samples, the bits along a line.
Does not: finding lines (vidpipe.reuse.comparison.lines).

A pair of samples is worth `clip((80 - bits) / 16, -1, 3)`: hashes of one picture after a mild edit
differ in about 20 bits, after a strong one in up to 80, unrelated ones in about 128.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vidpipe.media.footage_print.pdq import Hashes, mirrored
from vidpipe.reuse.footage import Footage, signs_of

AGREEING_BITS = 80
BITS_PER_POINT = 16
MOST_POINTS, LEAST_POINTS = 3.0, -1.0
LARGEST_MATRIX = 1_500_000
"""Cells of the matrix: of longer videos every second, third ... sample is taken."""

Scores = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]


class ViewPair(NamedTuple):
    """A view of each video, the second one mirrored or not."""

    a: str
    b: str
    is_mirrored: bool


def view_pairs(a: Footage, b: Footage) -> list[ViewPair]:
    """Pairs of views in which a copy and its source may agree.

    The centre views of two videos agree where their full views do, and are left out.
    """
    pairs = []
    for one in a.views:
        for other in b.views:
            if one.startswith("centre") and other.startswith("centre"):
                continue
            pairs += [ViewPair(one, other, False), ViewPair(one, other, True)]
    return pairs


def points(bits: npt.NDArray[np.float32]) -> Scores:
    """What pairs of samples are worth by the bits in which their hashes differ."""
    return np.clip((AGREEING_BITS - bits) / BITS_PER_POINT, LEAST_POINTS, MOST_POINTS).astype(
        np.float32
    )


@dataclass(frozen=True, eq=False)
class Matrix:
    """The best points of every pair of samples, over all pairs of views.

    Attributes:
        values: shape (samples of a, samples of b).
        a_samples, b_samples: which samples these are.
    """

    values: Scores
    a_samples: Indices
    b_samples: Indices

    def without(self, taken: Sequence[tuple[Indices, Indices]]) -> "Matrix":
        """The matrix with the pairs of samples in stretches that are taken as disagreeing."""
        values = self.values.copy()
        for one, other in taken:
            rows = (self.a_samples >= one[0]) & (self.a_samples <= one[-1])
            columns = (self.b_samples >= other[0]) & (self.b_samples <= other[-1])
            values[np.ix_(rows, columns)] = LEAST_POINTS
        return Matrix(values, self.a_samples, self.b_samples)


def matrix(a: Footage, b: Footage) -> Matrix:
    """Compares all usable samples of two videos, or evenly chosen ones of long videos."""
    chosen_a, chosen_b = np.flatnonzero(a.is_usable), np.flatnonzero(b.is_usable)
    stride = int(np.ceil(np.sqrt(chosen_a.size * chosen_b.size / LARGEST_MATRIX)))
    if stride > 1:
        chosen_a, chosen_b = chosen_a[::stride], chosen_b[::stride]
    if not chosen_a.size or not chosen_b.size:
        return Matrix(np.zeros((chosen_a.size, chosen_b.size), np.float32), chosen_a, chosen_b)
    nearest = np.full((chosen_a.size, chosen_b.size), 256, np.float32)
    signs_b = {name: signs_of(view.hashes[chosen_b]) for name, view in b.views.items()}
    stacked = {
        is_mirrored: np.concatenate(
            [signs * _MIRROR if is_mirrored else signs for signs in signs_b.values()]
        )
        for is_mirrored in (False, True)
    }
    is_centre = np.repeat([name.startswith("centre") for name in signs_b], chosen_b.size)
    for name, view in a.views.items():
        signs = signs_of(view.hashes[chosen_a])
        for others in stacked.values():
            kept = others[~is_centre] if name.startswith("centre") else others
            products = signs @ kept.T
            best = products.reshape(chosen_a.size, -1, chosen_b.size).max(axis=1)
            np.minimum(nearest, (256 - best) / 2, out=nearest)
    return Matrix(points(nearest), chosen_a, chosen_b)


def bits_along(
    a: Footage, b: Footage, pairs: list[ViewPair], i: Indices, j: Indices
) -> npt.NDArray[np.float32]:
    """Bits that differ between samples `i` of a and `j` of b: shape (pairs of views, samples)."""
    differing = np.empty((len(pairs), len(i)), np.float32)
    for number, pair in enumerate(pairs):
        one, other = a.views[pair.a].hashes[i], b.views[pair.b].hashes[j]
        if pair.is_mirrored:
            other = mirrored(other)
        differing[number] = _bits(one, other)
    return differing


def _bits(one: Hashes, other: Hashes) -> npt.NDArray[np.int64]:
    words = np.ascontiguousarray(one ^ other).view(np.uint64)
    return np.asarray(np.bitwise_count(words).sum(axis=1, dtype=np.int64))


_MIRROR = 1 - 2 * np.unpackbits(mirrored(np.zeros((1, 32), np.uint8)), axis=1).astype(np.float32)
