"""The hashtags of videos as vectors to cluster by.

Belongs here: the space of hashtags, and the vectors of videos without any.
Does not: words that name topics (naming.py).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from vidpipe.topics.space import Labels, Vectors, unit_rows

AXES = 256  # as many as a SHA-256 has bits
NEIGHBOURS = 5
MOST_ASKED = 5_000  # videos among which the nearest are looked for
ROWS_AT_ONCE = 10_000
EVERYWHERE = 1e-3  # rarity of a hashtag that every video has, so that its direction stays
ALIKE = 0.3  # cosine by which videos of a hashtag that names a subject look more alike than any two
LEAST_TELLING = 0.25  # of 0 to 1, below which a hashtag tells nothing: #fyp stands on anything
ONCE_TELLING = 0.5  # of a hashtag of one video, which nothing can be compared with


@dataclass(frozen=True)
class HashtagSpace:
    """Hashtags as vectors: TF-IDF over a random projection, weighed by what hashtags tell.

    The direction of a hashtag is the signs of the bits of its digest, so it is the same in every
    run (Achlioptas, "Database-friendly random projections", 2003).

    Generic hashtags (#fyp, #viral) are told by their videos, which look no more alike than any two
    do; they weigh nothing, in whatever language they are.

    Attributes:
        rarity: weight of each known hashtag (folded), 0 where it tells nothing.
        unknown: weight of any other.
    """

    rarity: Mapping[str, float]
    unknown: float

    @classmethod
    def of(cls, hashtags: Sequence[Sequence[str]], looks: Vectors) -> "HashtagSpace":
        """The space of these videos' hashtags.

        Args:
            hashtags: of each video.
            looks: unit rows, shape (videos, axes).
        """
        videos = len(hashtags)
        rows_of: dict[str, list[int]] = {}
        for row, tags in enumerate(hashtags):
            for tag in _folded(tags):
                rows_of.setdefault(tag, []).append(row)
        anyhow, deviation = _alike(looks), _deviation(looks)
        rarity = {
            tag: (float(np.log(videos / len(rows))) + EVERYWHERE)
            * _telling(looks[rows], anyhow, deviation)
            for tag, rows in rows_of.items()
        }
        return cls(rarity, (float(np.log(max(videos, 1))) + EVERYWHERE) * ONCE_TELLING)

    def place(self, hashtags: Sequence[Sequence[str]]) -> Vectors:
        """Unit rows, shape (videos, AXES); zeros for a video whose hashtags tell nothing."""
        rows = np.zeros((len(hashtags), AXES), np.float32)
        for number, tags in enumerate(hashtags):
            for tag in _folded(tags):
                weight = np.float32(self.rarity.get(tag, self.unknown))
                if weight > 0:
                    rows[number] += weight * _direction(tag)
        return unit_rows(rows)


def filled_in(words: Vectors, looks: Vectors) -> Vectors:
    """The same vectors, with a video without words given the mean of its nearest with some.

    Args:
        words: hashtag vectors, shape (videos, AXES); rows of zeros for videos without words.
        looks: unit rows by which the nearest are found, shape (videos, axes).
    """
    has_words = np.any(words != 0, axis=1)
    if has_words.all() or not has_words.any():
        return words
    known = np.flatnonzero(has_words)[:MOST_ASKED]
    filled = words.copy()
    for start in range(0, len(words), ROWS_AT_ONCE):
        rows = np.flatnonzero(~has_words[start : start + ROWS_AT_ONCE]) + start
        nearest = _greatest(looks[rows] @ looks[known].T, NEIGHBOURS)
        filled[rows] = unit_rows(words[known[nearest]].mean(axis=1))
    return filled


def _alike(looks: Vectors) -> float:
    """Mean cosine of any two videos; 0 of fewer than two."""
    count = len(looks)
    if count < 2:
        return 0.0
    total = float(np.square(looks.sum(axis=0, dtype=np.float64)).sum())
    return (total - float(np.square(looks).sum())) / (count * (count - 1))


def _deviation(looks: Vectors) -> float:
    """Standard deviation of the cosines of two videos, by those that follow each other."""
    return float((looks[1:] * looks[:-1]).sum(axis=1).std()) if len(looks) > 2 else 0.0


def _telling(looks: Vectors, anyhow: float, deviation: float) -> float:
    """How far a hashtag says what its videos look like, 0 to 1, less what chance may say.

    Args:
        looks: of its videos, unit rows.
        anyhow: mean cosine of any two videos.
        deviation: standard deviation of such cosines.
    """
    count = len(looks)
    if count < 2:
        return ONCE_TELLING
    by_chance = anyhow + deviation / float(np.sqrt(count * (count - 1) / 2))
    telling = min(1.0, (_alike(looks) - by_chance) / (ALIKE * (1 - anyhow) + 1e-9))
    return telling if telling >= LEAST_TELLING else 0.0


def _greatest(values: Vectors, count: int) -> Labels:
    """Columns of the greatest values of each row, in order; of equal values, the first ones.

    It is what a stable sort of each row begins with, in less time.
    """
    count = min(count, values.shape[1])
    least = np.partition(values, -count, axis=1)[:, -count, None]
    rows, columns = np.nonzero(values >= least)
    order = np.lexsort((columns, -values[rows, columns], rows))
    firsts = np.searchsorted(rows, np.arange(len(values)))
    greatest: Labels = columns[order[firsts[:, None] + np.arange(count)]]
    return greatest


def _folded(tags: Sequence[str]) -> list[str]:
    return sorted({tag.casefold() for tag in tags})


@lru_cache(maxsize=100_000)
def _direction(tag: str) -> Vectors:
    digest = np.frombuffer(hashlib.sha256(tag.encode()).digest(), np.uint8)
    signs = np.unpackbits(digest).astype(np.float32) * 2 - 1
    direction: Vectors = signs / np.float32(np.sqrt(AXES))
    return direction
