"""What a corpus is like: a sample of its frames, against which scores are measured.

Belongs here: reading it, the median and the spread of scores. Does not: the same in SQL
(`vidpipe.score_spread`), what the scores mean (measures.py).
"""

from dataclasses import dataclass
from functools import cached_property
from math import nan

import numpy as np
import psycopg
from numpy.typing import NDArray

from vidpipe.search.term_algebra import Vector

SAMPLE = 1000  # frames, as in vidpipe.score_spread
NORMAL = 1.4826  # then a median absolute deviation is a standard one where scores are normal


@dataclass(frozen=True)
class CorpusSample:
    """Frames of the corpus.

    Attributes:
        frames: float32 unit vectors, shape (frames, dimensions).
    """

    frames: NDArray[np.float32]

    @classmethod
    def read(cls, connection: psycopg.Connection) -> "CorpusSample":
        """The frames of the first digests, which are as good as random: the key's index has them.

        The index must hold a frame.
        """
        rows = connection.execute(
            "select embedding from vidpipe.frame_embeddings order by keyframe_sha256 limit %s",
            [SAMPLE],
        ).fetchall()
        return cls(np.stack([vector.to_numpy() for (vector,) in rows]).astype(np.float32))

    @cached_property
    def typical_frame(self) -> Vector:
        """The mean of the frames: float32, shape (dimensions,)."""
        mean: Vector = self.frames.mean(axis=0)
        return mean

    @staticmethod
    def spread(scores: NDArray[np.float32]) -> tuple[float, float]:
        """The median of scores, and their median absolute deviation as a standard one."""
        median = float(np.median(scores))
        return median, NORMAL * float(np.median(np.abs(scores - median)))


def deviations_above(scores: NDArray[np.float32], score: float) -> float:
    """How many deviations a score lies above the median of others; NaN where most are alike."""
    median, deviation = CorpusSample.spread(scores)
    return (score - median) / deviation if deviation else nan
