"""Random order with exact shares: one in six of thirty values means five of them.

Belongs here: dealing values out. Does not: what is dealt (vidpipe.demo.story, .footage).
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def deal(weights: Mapping[T, float], count: int, rng: np.random.Generator) -> list[T]:
    """Deals `count` values in random order, each as often as its weight says, to within one.

    The last places go to the largest remainders; among equal remainders, to the heavier value, then
    to the earlier one.
    """
    values, shares = list(weights), np.array(list(weights.values()), float)
    exact = np.round(shares / shares.sum() * count, 9)
    counts = np.floor(exact).astype(int)
    claims = np.lexsort((np.arange(len(values)), -shares, counts - exact))
    counts[claims[: count - counts.sum()]] += 1
    dealt = [value for value, times in zip(values, counts, strict=True) for _ in range(times)]
    return list(shuffled(dealt, rng))


def deal_share(share: float, count: int, rng: np.random.Generator) -> list[bool]:
    """Deals `count` booleans in random order, `share` of them true."""
    return deal({True: share, False: 1 - share}, count, rng)


def shuffled(values: Sequence[T], rng: np.random.Generator) -> tuple[T, ...]:
    """The values in random order."""
    return tuple(values[number] for number in rng.permutation(len(values)))
