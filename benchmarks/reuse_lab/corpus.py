"""A laboratory searched as a corpus is: candidates of the index, comparisons, the guard.

Belongs here: what is found of all pairs at once. Does not: pairs compared on purpose
(benchmarks.reuse_lab.evaluation), a database.
"""

import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2

from benchmarks.reuse_lab.evaluation import MISSES_SHOWN, stranger_sets, summed
from benchmarks.reuse_lab.pairs import stranger_pairs
from benchmarks.reuse_lab.shelf import EDITS, Entry, Shelf
from vidpipe.reuse.calibration.judging import judged
from vidpipe.reuse.candidates import FootageIndex
from vidpipe.reuse.candidates.index import Stored
from vidpipe.reuse.common_segments import without_common
from vidpipe.reuse.comparison import compare
from vidpipe.reuse.comparison.odds import Odds
from vidpipe.reuse.matches import Match

CONTENTS_A_TASK = 20
INDEX = "index"


@dataclass(frozen=True)
class Searched:
    """What became of one content: pairs that were compared, and matches."""

    pairs: int
    matches: list[Match]


def searched(folder: Path, workers: int) -> dict[str, Any]:
    """What a search of the whole laboratory finds.

    Returns:
        `edits`: the figures of each edit, where a source that is no candidate is not found;
        `strangers`: pairs, false copies and verdicts by set, and of `all` videos together;
        `pairs` that were compared, `seconds`.
    """
    shelf = Shelf(folder)
    entries = {entry.name: entry for entry in shelf.entries()}
    began = time.perf_counter()
    stored = [Stored(name, date(2026, 1, 1), "lab") for name in entries]
    index = FootageIndex.synchronised(
        folder / INDEX, stored, lambda names: ((name, shelf.print_of(name)) for name in names)
    )
    built = time.perf_counter() - began
    odds = Odds(pairs=len(entries) * (len(entries) - 1) / 2)
    names = sorted(entries)
    tasks = [
        names[start : start + CONTENTS_A_TASK] for start in range(0, len(names), CONTENTS_A_TASK)
    ]
    found: list[Searched] = []
    with ProcessPoolExecutor(
        workers, get_context("spawn"), initializer=cv2.setNumThreads, initargs=(1,)
    ) as pool:
        for part in pool.map(
            _search,
            tasks,
            [index.folder] * len(tasks),
            [index.names] * len(tasks),
            [odds] * len(tasks),
        ):
            found += part
    matches = without_common([match for one in found for match in one.matches])
    by_pair = {frozenset((match.a, match.b)): match for match in matches}
    return {
        "edits": _edits(shelf, by_pair),
        "strangers": _strangers(shelf, entries, by_pair),
        "contents": len(entries),
        "compared": sum(one.pairs for one in found),
        "index_seconds": round(built, 1),
        "seconds": round(time.perf_counter() - began - built, 1),
    }


def _search(
    names: list[str], folder: Path, segments: tuple[str, ...], odds: Odds
) -> list[Searched]:
    index = _index(folder, segments)
    return [_of_content(index, name, odds) for name in names]


@lru_cache(1)
def _index(folder: Path, segments: tuple[str, ...]) -> FootageIndex:
    return FootageIndex(folder, segments)


def _of_content(index: FootageIndex, name: str, odds: Odds) -> Searched:
    footage = index.footage(name)
    if footage.is_too_short:
        return Searched(0, [])
    others = [one.content for one in index.candidates(footage) if one.content < name]
    found = [compare(footage, index.footage(other), odds) for other in others]
    return Searched(len(others), [match for match in found if match is not None])


def _edits(shelf: Shelf, by_pair: dict[frozenset[str], Match]) -> dict[str, Any]:
    figures = {}
    copies = shelf.entries(EDITS)
    for edit in dict.fromkeys(entry.group.rpartition("/")[2] for entry in copies):
        mine = [one for one in copies if one.group == f"{EDITS}/{edit}" and one.truth]
        figures[edit] = summed(
            [judged(one.name, one.truth, _read(by_pair, one)) for one in mine if one.truth]
        )
    return figures


def _read(by_pair: dict[frozenset[str], Match], copy: Entry) -> Match | None:
    match = by_pair.get(frozenset((copy.name, copy.source or "")))
    return match if match is None or match.a == copy.name else match.exchanged


def _strangers(
    shelf: Shelf, entries: dict[str, Entry], by_pair: dict[frozenset[str], Match]
) -> dict[str, Any]:
    figures = {}
    for name, members in {**stranger_sets(shelf), "all": list(entries.values())}.items():
        own = {entry.name for entry in members}
        between = [match for match in by_pair.values() if match.a in own and match.b in own]
        strangers = [
            match for match in between if entries[match.a].is_stranger_of(entries[match.b])
        ]
        false = [match for match in strangers if match.verdict.is_copy]
        figures[name] = {
            "pairs": len(stranger_pairs(members, None)),
            "copies": len(false),
            "verdicts": dict(Counter(match.verdict.value for match in strangers)),
            "examples": [(match.a, match.b, match.verdict.value) for match in false[:MISSES_SHOWN]],
        }
    return figures
