"""Other methods of finding copied footage, on the same hashes, each at its best threshold.

Belongs here: scores of a pair by vPDQ, a temporal network, mean vectors; thresholds at which no
strangers of the templates and the intro pass.
Does not: vidpipe's own comparison.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.reuse_lab.evaluation import stranger_sets
from benchmarks.reuse_lab.pairs import Pair, compared, stranger_pairs
from benchmarks.reuse_lab.shelf import EDITS, INTRO, TEMPLATES, Shelf
from vidpipe.reuse.footage import Footage, View

Score = Callable[[Footage, Footage], float]

VPDQ_BITS, VPDQ_SHARE = 31, 0.8
"""The defaults of vPDQ: frames match within 31 bits, videos when 80 % of both sides' frames do."""
BITS_TRIED = (31, 40, 50, 60, 70, 80, 90)
TOP_K = 5
MAX_STEP = 10
MIN_LENGTH = 5
"""Of the temporal network: neighbours a frame, samples that a path may skip, samples of a path."""
BITS = 256


def vpdq(bits: int, a: Footage, b: Footage) -> float:
    """The smaller of the two shares of frames, one a second, that have a match.

    Source: Facebook, "vPDQ", ThreatExchange, 2022.
    """
    return min(_matched_shares(bits, a, b))


def vpdq_either(bits: int, a: Footage, b: Footage) -> float:
    """The larger of the two shares, for clips of longer videos."""
    return max(_matched_shares(bits, a, b))


def temporal_network(bits: int, a: Footage, b: Footage) -> float:
    """The weight of the heaviest path through agreeing samples that goes forward in both videos.

    A node is one of the `TOP_K` samples of `b` most like a sample of `a`, within `bits`; an edge
    leads to a later sample of both, at most `MAX_STEP` on. A shorter path than `MIN_LENGTH` counts
    nothing.

    Source: Tan et al., "Scalable detection of partial near-duplicate videos by visual-temporal
    consistency", ACM Multimedia 2009; steps as in VCSL (He et al., CVPR 2022).
    """
    distances = _distances(_whole(a).hashes[a.is_usable], _whole(b).hashes[b.is_usable])
    if not distances.size:
        return 0.0
    rows, columns = distances.shape
    kept = np.argsort(distances, axis=1)[:, : min(TOP_K, columns)]
    gains = (bits + 1 - np.take_along_axis(distances, kept, axis=1)) / BITS
    weights = np.where(gains > 0, gains, -np.inf)
    lengths = np.where(gains > 0, 1, 0)
    totals = weights.copy()
    for row in range(1, rows):
        first = max(0, row - MAX_STEP)
        before = kept[first:row].reshape(-1)
        sums, counts = totals[first:row].reshape(-1), lengths[first:row].reshape(-1)
        ahead = kept[row][:, None] - before[None, :]
        reachable = np.where((ahead > 0) & (ahead <= MAX_STEP), sums[None, :], -np.inf)
        best = reachable.argmax(axis=1)
        gained = reachable[np.arange(len(best)), best]
        is_longer = (gained > 0) & (gains[row] > 0)
        totals[row] = np.where(is_longer, weights[row] + gained, totals[row])
        lengths[row] = np.where(is_longer, counts[best] + 1, lengths[row])
    long = totals[lengths >= MIN_LENGTH]
    return float(long.max()) if long.size else 0.0


def mean_bits(a: Footage, b: Footage) -> float:
    """The cosine of the mean hashes."""
    return _cosine(*(_signs(one).mean(axis=0) for one in (a, b)))


def mean_picture(a: Footage, b: Footage) -> float:
    """The cosine of the mean thumbnails, each evened first."""
    return _cosine(*(_mean_thumbnail(one) for one in (a, b)))


SCORES: dict[str, tuple[Score, ...]] = {
    "vPDQ": tuple(partial(vpdq, bits) for bits in BITS_TRIED),
    "vPDQ, either side": tuple(partial(vpdq_either, bits) for bits in BITS_TRIED),
    "temporal network": tuple(partial(temporal_network, bits) for bits in BITS_TRIED),
    "mean of hashes": (mean_bits,),
    "mean of thumbnails": (mean_picture,),
}
"""Methods with the parameters that are tried."""


def peers(folder: Path, *, workers: int = 1, most_pairs: int | None = None) -> dict[str, Any]:
    """Recall by edit of every peer, at the parameters and threshold that are best for it.

    A threshold is the highest score of any pair of strangers of the templates and the intro.

    Args:
        folder: the laboratory.
        workers: processes.
        most_pairs: the most pairs of a set of strangers: fewer are kinder to peers.

    Returns:
        By method its parameter, threshold, false pairs among unrelated videos, and recalls.
    """
    shelf = Shelf(folder)
    sets = {
        name: stranger_pairs(entries, most_pairs) for name, entries in stranger_sets(shelf).items()
    }
    wearing = [
        pair
        for name, pairs in sets.items()
        if name.partition("/")[0] in {TEMPLATES, INTRO}
        for pair in pairs
    ]
    copies = [(entry.name, entry.source or "") for entry in shelf.entries(EDITS)]
    figures: dict[str, Any] = {"vPDQ, defaults": _defaults(folder, wearing, copies, workers)}
    for method, scores in SCORES.items():
        tried = [
            (number, *_at_best(folder, score, wearing, copies, workers))
            for number, score in enumerate(scores)
        ]
        number, threshold, recalls = max(tried, key=lambda one: _mean(one[2]))
        figures[method] = {
            "bits": BITS_TRIED[number] if len(scores) > 1 else None,
            "threshold": round(threshold, 4),
            "recall": recalls,
            "mean_recall": round(_mean(recalls), 3),
        }
    return figures


def _defaults(
    folder: Path, wearing: Sequence[Pair], copies: Sequence[Pair], workers: int
) -> dict[str, Any]:
    score = partial(vpdq, VPDQ_BITS)
    false = sum(value >= VPDQ_SHARE for value in _scores(folder, score, wearing, workers))
    recalls = _recalls(copies, _scores(folder, score, copies, workers), VPDQ_SHARE - 1e-9)
    return {"false": false, "recall": recalls, "mean_recall": round(_mean(recalls), 3)}


def _at_best(
    folder: Path, score: Score, wearing: Sequence[Pair], copies: Sequence[Pair], workers: int
) -> tuple[float, dict[str, float]]:
    threshold = max(_scores(folder, score, wearing, workers), default=0.0)
    return threshold, _recalls(copies, _scores(folder, score, copies, workers), threshold)


def _scores(folder: Path, score: Score, pairs: Sequence[Pair], workers: int) -> list[float]:
    return [value for _, value in compared(folder, pairs, score, workers)]


def _recalls(copies: Sequence[Pair], scores: Sequence[float], threshold: float) -> dict[str, float]:
    by_edit: dict[str, list[bool]] = {}
    for (name, _), score in zip(copies, scores, strict=True):
        by_edit.setdefault(name.split("/")[1], []).append(score > threshold)
    return {edit: round(float(np.mean(found)), 3) for edit, found in by_edit.items()}


def _mean(recalls: dict[str, float]) -> float:
    return float(np.mean(list(recalls.values()))) if recalls else 0.0


def _whole(footage: Footage) -> View:
    """The frame as it is, bars and all: peers know no others."""
    return footage.views.get("whole", footage.views["full"])


def _matched_shares(bits: int, a: Footage, b: Footage) -> tuple[float, float]:
    distances = _distances(_each_second(a), _each_second(b))
    if not distances.size:
        return 0.0, 0.0
    is_match = distances <= bits
    return float(is_match.any(axis=1).mean()), float(is_match.any(axis=0).mean())


def _each_second(footage: Footage) -> NDArray[np.uint8]:
    _, first = np.unique(footage.times_s.astype(int), return_index=True)
    return _whole(footage).hashes[first[footage.is_usable[first]]]


def _distances(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> NDArray[np.int64]:
    ones, others = (np.unpackbits(hashes, axis=1).astype(np.float32) for hashes in (a, b))
    differing = ones.sum(axis=1)[:, None] + others.sum(axis=1)[None, :] - 2 * ones @ others.T
    return np.asarray(differing.round(), np.int64)


def _signs(footage: Footage) -> NDArray[np.float32]:
    bits = np.unpackbits(_whole(footage).hashes, axis=1).astype(np.float32)
    return bits * 2 - 1


def _mean_thumbnail(footage: Footage) -> NDArray[np.float64]:
    pictures = footage.thumbnails.reshape(len(footage), -1).astype(np.float64)
    evened = pictures - pictures.mean(axis=1, keepdims=True)
    return np.asarray(evened.mean(axis=0))


def _cosine(one: NDArray[Any], other: NDArray[Any]) -> float:
    length = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / length if length else 0.0
