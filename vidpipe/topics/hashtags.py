"""The hashtags of videos as vectors to cluster by.

Belongs here: their space, and what videos without any get. Does not: words that name topics
(naming.py).
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from vidpipe.topics.space import Vectors, unit_rows

AXES = 256  # as many as a SHA-256 has bits
NEIGHBOURS = 5
MOST_ASKED = 5_000  # videos among which the nearest are looked for
ROWS_AT_ONCE = 10_000
EVERYWHERE = 1e-3  # rarity of a hashtag that every video has: some, so that its direction stays


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
    """The same, with rows of zeros replaced by the mean of the nearest videos that have words."""
    has_words = np.any(words != 0, axis=1)
    if has_words.all() or not has_words.any():
        return words
    known = np.flatnonzero(has_words)[:MOST_ASKED]
    filled = words.copy()
    for start in range(0, len(words), ROWS_AT_ONCE):
        rows = np.flatnonzero(~has_words[start : start + ROWS_AT_ONCE]) + start
        nearest = np.argsort(-(looks[rows] @ looks[known].T), axis=1, kind="stable")[:, :NEIGHBOURS]
        filled[rows] = unit_rows(words[known[nearest]].mean(axis=1))
    return filled


def _folded(tags: Sequence[str]) -> list[str]:
    return sorted({tag.casefold() for tag in tags})


@lru_cache(maxsize=100_000)
def _direction(tag: str) -> Vectors:
    digest = np.frombuffer(hashlib.sha256(tag.encode()).digest(), np.uint8)
    signs = np.unpackbits(digest).astype(np.float32) * 2 - 1
    direction: Vectors = signs / np.float32(np.sqrt(AXES))
    return direction
