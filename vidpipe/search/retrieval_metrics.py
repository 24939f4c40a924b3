"""How good a ranking is: reciprocal rank, average precision and recall among the first k.

Belongs here: measures of one ranking, and means over many with intervals.
Does not: asking (evaluation.py), the format of labelled queries (labelled_queries.py).

Sources: Voorhees, "The TREC-8 question answering track report", TREC 1999 (reciprocal rank);
Manning, Raghavan and Schuetze, "Introduction to information retrieval", 2008, chapter 8 (average
precision, recall); Efron and Tibshirani, "An introduction to the bootstrap", 1993, chapter 13
(percentile intervals).
"""

from collections.abc import Callable, Hashable, Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

RESAMPLES = 2000
CONFIDENCE = 0.95


def reciprocal_rank(ranked: Sequence[Hashable], relevant: Set[Hashable], k: int) -> float:
    """1 / rank of the first right answer among the first `k`; 0 without one."""
    for rank, is_right in enumerate(_is_right(ranked, relevant, k), start=1):
        if is_right:
            return 1 / rank
    return 0.0


def average_precision(ranked: Sequence[Hashable], relevant: Set[Hashable], k: int) -> float:
    """AP@k = (1 / min(R, k)) * sum over ranks i <= k of P(i) * rel(i).

    R is the number of right answers, P(i) the share of right ones among the first i. A ranking
    that could not be better has 1, also where there are more right answers than places.
    """
    return _precision_sum(ranked, relevant, k) / min(len(relevant), k)


def average_precision_by_all(ranked: Sequence[Hashable], relevant: Set[Hashable], k: int) -> float:
    """Average precision divided by R, as trec_eval does: k places cannot reach 1 if R > k."""
    return _precision_sum(ranked, relevant, k) / len(relevant)


def recall(ranked: Sequence[Hashable], relevant: Set[Hashable], k: int) -> float:
    """Share of the right answers that are among the first `k`."""
    return sum(_is_right(ranked, relevant, k)) / len(relevant)


MEASURES: dict[str, Callable[[Sequence[Hashable], Set[Hashable], int], float]] = {
    "mrr": reciprocal_rank,
    "map": average_precision,
    "map_by_all": average_precision_by_all,
    "recall": recall,
}


def measures(ranked: Sequence[Hashable], relevant: Set[Hashable], k: int) -> dict[str, float]:
    """All measures of one ranking, named as in "mrr@5".

    Args:
        ranked: what was found, the best first; each thing once.
        relevant: the right answers.
        k: places that count.

    Raises:
        ValueError: nothing is relevant, something was found twice, or k is not positive.
    """
    if not relevant:
        raise ValueError("a query without a right answer cannot be scored")
    if len(set(ranked)) != len(ranked):
        raise ValueError("a ranking names something twice")
    if k < 1:
        raise ValueError(f"k is {k}: it must be at least 1")
    return {f"{name}@{k}": measure(ranked, relevant, k) for name, measure in MEASURES.items()}


@dataclass(frozen=True)
class Interval:
    """A mean and where it lies with 95 % confidence."""

    mean: float
    low: float
    high: float


def mean_interval(values: ArrayLike, seed: int = 0) -> Interval:
    """Mean of one figure a query, with a percentile bootstrap interval over queries.

    Args:
        values: shape (queries,), at least one.
        seed: seed of the resampling; the same values give the same interval.

    Raises:
        ValueError: there are no values.
    """
    known: NDArray[np.float64] = np.asarray(values, dtype=np.float64)
    if known.size == 0:
        raise ValueError("there is nothing to take a mean of")
    drawn = np.random.default_rng(seed).integers(known.size, size=(RESAMPLES, known.size))
    outside = (1 - CONFIDENCE) / 2
    low, high = np.quantile(known[drawn].mean(axis=1), [outside, 1 - outside])
    return Interval(float(known.mean()), float(low), float(high))


def _is_right(ranked: Sequence[Hashable], relevant: Set[Hashable], k: int) -> list[bool]:
    return [one in relevant for one in ranked[:k]]


def _precision_sum(ranked: Sequence[Hashable], relevant: Set[Hashable], k: int) -> float:
    found, total = 0, 0.0
    for rank, is_right in enumerate(_is_right(ranked, relevant, k), start=1):
        found += is_right
        total += found / rank if is_right else 0.0
    return total
