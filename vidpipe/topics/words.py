"""The words of videos: as vectors to cluster by, and as tokens that name topics.

Belongs here: tokens in any script, hashtags as vectors. Does not: c-TF-IDF (naming.py).
"""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from functools import cache

import numpy as np

from vidpipe.topics.space import Vectors, unit_rows

AXES = 256  # as many as a SHA-256 has bits
NEIGHBOURS = 5


def hashtag_vectors(hashtags: Sequence[Sequence[str]]) -> Vectors:
    """Unit rows, shape (videos, AXES), nearer the more rare hashtags are shared.

    TF-IDF over a random projection: the direction of a hashtag is the signs of the bits of its
    digest, so it is the same in every run (Achlioptas, "Database-friendly random projections",
    2003). A row without hashtags is zero.
    """
    folded = [sorted({tag.casefold() for tag in tags}) for tags in hashtags]
    counts = Counter(tag for tags in folded for tag in tags)
    rarity = {tag: np.log(len(folded) / count) + 1e-3 for tag, count in counts.items()}
    rows = np.zeros((len(folded), AXES), np.float32)
    for row, tags in zip(rows, folded, strict=True):
        for tag in tags:
            row += rarity[tag] * _direction(tag)
    return unit_rows(rows)


def filled_in(words: Vectors, looks: Vectors) -> Vectors:
    """The same, with rows of zeros replaced by the mean of the nearest videos that have words."""
    has_words = words.any(axis=1)
    if has_words.all() or not has_words.any():
        return words
    similarity = looks[~has_words] @ looks[has_words].T
    nearest = np.argsort(-similarity, axis=1, kind="stable")[:, :NEIGHBOURS]
    filled = words.copy()
    filled[~has_words] = unit_rows(words[has_words][nearest].mean(axis=1))
    return filled


@cache
def _direction(tag: str) -> Vectors:
    digest = np.frombuffer(hashlib.sha256(tag.encode()).digest(), np.uint8)
    signs = np.unpackbits(digest).astype(np.float32) * 2 - 1
    return signs / np.float32(np.sqrt(AXES))
