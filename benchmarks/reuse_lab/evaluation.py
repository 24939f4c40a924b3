"""How well copies are found, and which strangers are taken for copies.

Belongs here: recall, verdicts, intervals and offsets by edit; false matches by set.
Does not: other methods (benchmarks.reuse_lab.peers), comparing (vidpipe.reuse.comparison).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
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
from vidpipe.reuse.editing.truth import Truth
from vidpipe.reuse.footage import Footage
from vidpipe.reuse.matches import Match, Segment

Compare = Callable[[Footage, Footage], Match | None]
Interval = tuple[float, float]

GROUPS = (EDITS, SOURCES, TEMPLATES, INTRO, STATIC, SLIDES)
MISSES_SHOWN = 12


@dataclass(frozen=True)
class Found:
    """How a copy was found; the numbers are None where it was not.

    Attributes:
        name: of the copy's entry.
        verdict: of the match, from copy to source; None for no match at all.
        is_found: whether the verdict says that footage was reused.
        is_right: whether the verdict is one of the true ones.
        copy_iou, source_iou: of the matched stretches with the true one.
        offset_error_s: how far off the source's time is in the middle of the true stretch (s).
        speed_error: relative.
        box_iou: of the copy's box with the true one.
        signal: what found the strongest segment.
    """

    name: str
    verdict: str | None
    is_found: bool
    is_right: bool = False
    copy_iou: float | None = None
    source_iou: float | None = None
    offset_error_s: float | None = None
    speed_error: float | None = None
    is_mirror_right: bool | None = None
    box_iou: float | None = None
    signal: str | None = None


def evaluate(
    folder: Path,
    compare: Compare,
    *,
    workers: int = 1,
    most_pairs: int | None = None,
    groups: Sequence[str] = GROUPS,
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


def judged(name: str, truth: Truth, match: Match | None) -> Found:
    """A match of a copy (first) and its source (second) held against the truth."""
    if match is None or not match.verdict.is_copy or not match.segments:
        return Found(name, match.verdict if match else None, False)
    best = max(match.segments, key=lambda one: _overlap((one.a_start_s, one.a_end_s), _copy(truth)))
    middle_s = sum(_copy(truth)) / 2
    true_s = truth.offset_s + truth.speed * middle_s
    return Found(
        name=name,
        verdict=match.verdict,
        is_found=True,
        is_right=match.verdict in truth.verdicts,
        copy_iou=_iou(((one.a_start_s, one.a_end_s) for one in match.segments), _copy(truth)),
        source_iou=_iou(
            ((one.b_start_s, one.b_end_s) for one in match.segments),
            (truth.source_start_s, truth.source_end_s),
        ),
        offset_error_s=abs(best.offset_s + best.speed * middle_s - true_s),
        speed_error=abs(best.speed / truth.speed - 1),
        is_mirror_right=best.is_mirrored == truth.is_mirrored,
        box_iou=_box_iou(best, truth),
        signal=best.signal,
    )


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


def _copy(truth: Truth) -> Interval:
    return truth.copy_start_s, truth.copy_end_s


def _overlap(one: Interval, other: Interval) -> float:
    return max(0.0, min(one[1], other[1]) - max(one[0], other[0]))


def _iou(intervals: Iterable[Interval], true: Interval) -> float:
    """Of the union of some intervals with one."""
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    both = sum(_overlap(one, true) for one in merged)
    either = sum(end - start for start, end in merged) + true[1] - true[0] - both
    return both / either if either > 0 else 0.0


def _box_iou(segment: Segment, truth: Truth) -> float:
    """Of the boxes in the copy's frame."""
    one, other = segment.a_box, truth.copy_box
    across = _overlap((one[0], one[2]), (other[0], other[2]))
    down = _overlap((one[1], one[3]), (other[1], other[3]))
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return across * down / max(1e-9, areas - across * down)


def _mean(values: Sequence[bool | None]) -> float | None:
    return round(float(np.mean([bool(value) for value in values])), 3) if values else None


def _quantiles(values: Sequence[float | None]) -> dict[str, float] | None:
    known = [value for value in values if value is not None]
    if not known:
        return None
    low, middle, high = np.quantile(known, [0.1, 0.5, 0.9])
    return {"p10": round(low, 3), "median": round(middle, 3), "p90": round(high, 3)}
