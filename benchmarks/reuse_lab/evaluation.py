"""How well copies are found, and which strangers are taken for copies.

Belongs here: recall, verdicts, intervals and offsets by edit; false matches by set.
Does not: other methods (benchmarks.reuse_lab.peers), comparing (vidpipe.reuse.comparison).
"""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.reuse_lab.pairs import Pair, compared, relative_pairs, stranger_pairs
from benchmarks.reuse_lab.shelf import (
    CLIPS,
    EDITS,
    INTRO,
    SLIDES,
    SOURCES,
    STATIC,
    TEMPLATES,
    Entry,
    Shelf,
)
from vidpipe.reuse.calibration.judging import Found, judged
from vidpipe.reuse.footage import Footage
from vidpipe.reuse.matches import Match

Compare = Callable[[Footage, Footage], Match | None]

EVALUATED = (EDITS, SOURCES, TEMPLATES, INTRO, STATIC, SLIDES)
MISSES_SHOWN = 12


def evaluate(
    folder: Path,
    compare: Compare,
    *,
    workers: int = 1,
    most_pairs: int | None = None,
    groups: Sequence[str] = EVALUATED,
) -> dict[str, Any]:
    """Every figure of a laboratory.

    Args:
        folder: the laboratory.
        compare: a picklable function from copy and source to a match.
        workers: processes.
        most_pairs: the most pairs of a set of strangers; None for all.
        groups: what to look at.

    Returns:
        By edit its figures under `edits`, by set of strangers its counts under `strangers`, and
        by set of videos that share pictures the verdicts under `relatives`.
    """
    shelf = Shelf(folder)
    figures: dict[str, Any] = {"edits": {}, "strangers": {}, "relatives": {}}
    copies = [entry for entry in shelf.entries(EDITS) if EDITS in groups]
    for edit in dict.fromkeys(entry.group.rpartition("/")[2] for entry in copies):
        mine = [entry for entry in copies if entry.group == f"{EDITS}/{edit}"]
        figures["edits"][edit] = summed(found_copies(folder, mine, compare, workers))
    for name, entries in stranger_sets(shelf).items():
        if name.partition("/")[0] in groups:
            pairs = stranger_pairs(entries, most_pairs)
            figures["strangers"][name] = _verdicts(folder, pairs, compare, workers)
            if name in {STATIC, SLIDES}:
                figures["relatives"][name] = _verdicts(
                    folder, relative_pairs(entries), compare, workers
                )
    return figures


def stranger_sets(shelf: Shelf) -> dict[str, list[Entry]]:
    """Sets of videos whose pairs are strangers, by name; sources and clips are one set."""
    sets = {SOURCES: [*shelf.entries(SOURCES), *shelf.entries(CLIPS)]}
    for entry in shelf.entries(TEMPLATES):
        sets.setdefault(entry.group, []).append(entry)
    for group in (INTRO, STATIC, SLIDES):
        sets[group] = shelf.entries(group)
    return {name: entries for name, entries in sets.items() if entries}


def found_copies(
    folder: Path, copies: Sequence[Entry], compare: Compare, workers: int
) -> list[Found]:
    """How each copy is found when it is compared with its source."""
    pairs = [(entry.name, entry.source or "") for entry in copies]
    matches = (match for _, match in compared(folder, pairs, compare, workers))
    return [
        judged(entry.name, entry.truth, match)
        for entry, match in zip(copies, matches, strict=True)
        if entry.truth
    ]


def summed(found: Sequence[Found]) -> dict[str, Any]:
    """The figures of one edit."""
    hits = [one for one in found if one.is_found]
    return {
        "copies": len(found),
        "recall": round(len(hits) / max(1, len(found)), 3),
        "verdict": _mean([one.is_right for one in hits]),
        "copy_iou": _quantiles([one.copy_iou for one in hits]),
        "source_iou": _quantiles([one.source_iou for one in hits]),
        "offset_s": _quantiles([one.offset_error_s for one in hits]),
        "speed": _quantiles([one.speed_error for one in hits]),
        "box_iou": _quantiles([one.box_iou for one in hits]),
        "mirror": _mean([one.is_mirror_right for one in hits]),
        "signals": dict(Counter(one.signal for one in hits)),
        "missed": {one.name.rpartition("/")[2]: one.verdict for one in found if not one.is_found},
        "wrong": {one.name.rpartition("/")[2]: one.verdict for one in hits if not one.is_right},
    }


def _verdicts(
    folder: Path, pairs: Sequence[Pair], compare: Compare, workers: int
) -> dict[str, Any]:
    counts: Counter[str] = Counter()
    wrong: list[tuple[str, str, str]] = []
    for pair, match in compared(folder, pairs, compare, workers):
        if match is None:
            continue
        counts[match.verdict] += 1
        if match.verdict.is_copy:
            wrong.append((*pair, match.verdict))
    return {
        "pairs": len(pairs),
        "copies": len(wrong),
        "verdicts": dict(counts),
        "examples": wrong[:MISSES_SHOWN],
    }


def _mean(values: Sequence[bool | None]) -> float | None:
    return round(float(np.mean([bool(value) for value in values])), 3) if values else None


def _quantiles(values: Sequence[float | None]) -> dict[str, float] | None:
    known = [value for value in values if value is not None]
    if not known:
        return None
    low, middle, high = np.quantile(known, [0.1, 0.5, 0.9])
    return {"p10": round(low, 3), "median": round(middle, 3), "p90": round(high, 3)}
