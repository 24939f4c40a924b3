"""How sure an aligned stretch is, and how often chance does as well.

Belongs here: evidence in nats, and the matches expected among unrelated pairs.
Does not: measuring chance in a corpus (vidpipe.reuse.calibration).

A correlation r over n independent values is worth `-n / 2 ln(1 - r^2)` nats against no correlation
at all. How many values are independent is judged by how often the pictures of a run change.
"""

from dataclasses import dataclass

import numpy as np

from vidpipe.reuse.comparison.pictures import Likeness

VALUES_A_CHANGE = 8.0
"""Independent values of what moves, for each different picture of a run."""
VALUES_A_PICTURE = 6.0
"""The same of the pictures themselves."""
NEARLY_ONE = 0.995
"""Correlations beyond this are worth no more: thumbnails are not that exact."""


UNUSUAL_PACE_NATS = 2.0
"""What another pace than the usual one must bring: among many paces one fits by chance."""


CELL_NATS = 0.5
LEAST_CELLS, MOST_CELLS = 12, 28
"""Cells of agreeing keypoints that say something: letters of one caption fill up to 15."""


def surety(pictures: Likeness, speed: float, cells: int) -> float:
    """What pictures and keypoints of a run say for a copy (nats): 0 for chance."""
    likeness = min(max(pictures.moving_likeness, 0.0), NEARLY_ONE)
    seen = VALUES_A_PICTURE * (pictures.phases + 1)
    placed = CELL_NATS * (min(max(cells, LEAST_CELLS), MOST_CELLS) - LEAST_CELLS)
    return motion_surety(pictures, speed) - seen * float(np.log1p(-(likeness**2))) / 2 + placed


def motion_surety(pictures: Likeness, speed: float) -> float:
    """What the part of it that moves says alone (nats): other takes of one scene do not."""
    motion = min(max(pictures.motion, 0.0), NEARLY_ONE)
    moved = VALUES_A_CHANGE * pictures.phases
    pace = 0.0 if speed == 1 else UNUSUAL_PACE_NATS
    return -moved * float(np.log1p(-(motion**2))) / 2 - pace


@dataclass(frozen=True)
class Odds:
    """How sure unrelated pairs of a corpus come out, by chance and by what they wear.

    Attributes:
        pairs: number of unrelated pairs among which a match is looked for.
        share: share of unrelated pairs that reach `start_nats` at all.
        start_nats: surety from which on the tail is told.
        scale_nats: how much more surety is e times as rare.
    """

    pairs: float = 1e6
    share: float = 0.001
    start_nats: float = 3.0
    scale_nats: float = 1.0

    def expected(self, found_nats: float) -> float:
        """How many unrelated pairs are expected to be as sure (the E-value)."""
        beyond = max(0.0, found_nats - self.start_nats)
        return float(self.pairs * self.share * np.exp(-beyond / self.scale_nats))
