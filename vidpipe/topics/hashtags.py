"""The hashtags of videos as vectors to cluster by.

Belongs here: the space of hashtags, and the vectors of videos without any.
Does not: words that name topics (naming.py).
"""

import hashlib
from collections import Counter
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


@dataclass(frozen=True)
class HashtagSpace:
    """Hashtags as vectors: TF-IDF over a random projection.

    The direction of a hashtag is the signs of the bits of its digest, so it is the same in every
    run (Achlioptas, "Database-friendly random projections", 2003).

    Attributes:
        rarity: weight of each known hashtag (folded).
        unknown: weight of any other.
    """

    rarity: Mapping[str, float]
    unknown: float

    @classmethod
    def of(cls, hashtags: Sequence[Sequence[str]]) -> "HashtagSpace":
        """The space of these videos' hashtags."""
        counts = Counter(tag for tags in hashtags for tag in _folded(tags))
        videos = len(hashtags)
        rarity = {tag: float(np.log(videos / count)) + EVERYWHERE for tag, count in counts.items()}
        return cls(rarity, float(np.log(max(videos, 1))) + EVERYWHERE)

    def place(self, hashtags: Sequence[Sequence[str]]) -> Vectors:
        """Unit rows, shape (videos, AXES); a video without hashtags has a row of zeros."""
        rows = np.zeros((len(hashtags), AXES), np.float32)
        for number, tags in enumerate(hashtags):
            for tag in _folded(tags):
                weight = np.float32(self.rarity.get(tag, self.unknown))
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
