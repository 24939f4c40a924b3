"""Comparing many pairs of a laboratory in processes that keep what they have read.

Belongs here: pairs, spreading them, cached footage. Does not: what a comparison says.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from itertools import combinations, islice
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np

from benchmarks.reuse_lab.shelf import Entry, Shelf
from vidpipe.reuse.footage import Footage

PAIRS_A_TASK = 200
KEPT_FOOTAGE = 4000

Pair = tuple[str, str]
R = TypeVar("R")


def stranger_pairs(entries: Sequence[Entry], most: int | None, seed: int = 0) -> list[Pair]:
    """Pairs that share no footage; a random part of them if there are more than `most`."""
    pairs = [
        (one.name, other.name)
        for one, other in combinations(entries, 2)
        if one.is_stranger_of(other)
    ]
    if most is None or len(pairs) <= most:
        return pairs
    chosen = np.random.default_rng(seed).choice(len(pairs), most, replace=False)
    return [pairs[int(index)] for index in sorted(chosen)]


def relative_pairs(entries: Sequence[Entry]) -> list[Pair]:
    """Pairs that share footage."""
    return [
        (one.name, other.name)
        for one, other in combinations(entries, 2)
        if not one.is_stranger_of(other)
    ]


def compared(
    folder: Path, pairs: Sequence[Pair], judge: Callable[[Footage, Footage], R], workers: int
) -> Iterator[tuple[Pair, R]]:
    """What `judge` says of each pair, in order.

    Args:
        folder: the laboratory.
        pairs: names of entries.
        judge: a picklable function.
        workers: processes.
    """
    chunks = [pairs[start : start + PAIRS_A_TASK] for start in range(0, len(pairs), PAIRS_A_TASK)]
    if workers == 1 or len(chunks) == 1:
        for chunk in chunks:
            yield from zip(chunk, _judged(folder, chunk, judge), strict=True)
        return
    with ProcessPoolExecutor(
        workers, get_context("spawn"), initializer=cv2.setNumThreads, initargs=(1,)
    ) as pool:
        waiting = iter(chunks)
        futures = [
            (chunk, pool.submit(_judged, folder, chunk, judge))
            for chunk in islice(waiting, 2 * workers)
        ]
        while futures:
            chunk, future = futures.pop(0)
            for following in islice(waiting, 1):
                futures.append((following, pool.submit(_judged, folder, following, judge)))
            yield from zip(chunk, future.result(), strict=True)


def _judged(folder: Path, pairs: Sequence[Pair], judge: Callable[[Footage, Footage], R]) -> list[R]:
    return [judge(_footage(folder, one), _footage(folder, other)) for one, other in pairs]


@lru_cache(KEPT_FOOTAGE)
def _footage(folder: Path, name: str) -> Footage:
    return Shelf(folder).footage(name)
