"""A laboratory searched as a corpus is: candidates of the index, comparisons, the guard.

Belongs here: what is found of all pairs at once. Does not: pairs compared on purpose
(benchmarks.reuse_lab.evaluation), a database.
"""

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import inf
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from zlib import crc32

import cv2

from benchmarks.reuse_lab.evaluation import MISSES_SHOWN, stranger_sets, summed
from benchmarks.reuse_lab.pairs import stranger_pairs
from benchmarks.reuse_lab.shelf import EDITS, GROUPS, Entry, Shelf
from vidpipe.reuse.calibration.judging import judged
from vidpipe.reuse.candidates import FootageIndex
from vidpipe.reuse.candidates.index import Stored
from vidpipe.reuse.common_segments import without_common
from vidpipe.reuse.comparison import compare
from vidpipe.reuse.comparison.odds import Odds, surety
from vidpipe.reuse.comparison.pairs import stretches
from vidpipe.reuse.footage import Footage
from vidpipe.reuse.matches import Match

CONTENTS_A_TASK = 20
INDEX = "index"
LOOKED_AT = 10
"""Of so many compared pairs one is looked at for what chance does."""
EXPECTED = (1.0, 10.0, 100.0)
"""E-values at which strangers are counted that pass every gate but the last."""


@dataclass(frozen=True)
class Searched:
    """What became of one content.

    Attributes:
        pairs: how many were compared.
        matches: what was found.
        surest: of some of the pairs, both names and the surest stretch that passes every gate but
            that of the E-value (nats).
    """

    pairs: int
    matches: list[Match]
    surest: list[tuple[str, str, float]]


def searched(folder: Path, workers: int, groups: Sequence[str] = GROUPS) -> dict[str, Any]:
    """What a search of a laboratory finds.

    Args:
        folder: the laboratory.
        workers: processes.
        groups: what the corpus is made of.

    Returns:
        `edits`: the figures of each edit, where a source that is no candidate is not found;
        `strangers`: pairs, false copies and verdicts by set, and of `all` videos together;
        `chance`: at some E-values, how many strangers were as sure, for each one expected;
        `pairs` that were compared, `seconds`.
    """
    shelf = Shelf(folder)
    entries = {entry.name: entry for group in groups for entry in shelf.entries(group)}
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
        "edits": _edits(entries.values(), by_pair),
        "strangers": _strangers(shelf, entries, by_pair),
        "chance": _chance(found, entries),
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
        return Searched(0, [], [])
    others = [one.content for one in index.candidates(footage) if one.content < name]
    found = [compare(footage, index.footage(other), odds) for other in others]
    looked_at = others[crc32(name.encode()) % LOOKED_AT :: LOOKED_AT]
    surest = [(name, other, _surest(footage, index.footage(other))) for other in looked_at]
    return Searched(len(others), [match for match in found if match is not None], surest)


def _surest(a: Footage, b: Footage) -> float:
    """The surest stretch of two videos that passes every gate but that of the E-value (nats)."""
    accepted, _ = stretches(a, b, Odds(pairs=0))
    return max((surety(one.pictures, one.line.speed, one.cells) for one in accepted), default=-inf)


def _chance(found: Sequence[Searched], entries: Mapping[str, Entry]) -> dict[float, float]:
    """How many strangers are as sure as an E-value says, for each one that it expects.

    Pairs that are no candidates of each other have no stretch at all.
    """
    nats = [
        sure for one in found for a, b, sure in one.surest if entries[a].is_stranger_of(entries[b])
    ]
    odds = Odds(pairs=len(stranger_pairs(list(entries.values()), None)))
    return {
        expected: LOOKED_AT * sum(odds.expected(sure) <= expected for sure in nats) / expected
        for expected in EXPECTED
    }


def _edits(entries: Iterable[Entry], by_pair: dict[frozenset[str], Match]) -> dict[str, Any]:
    figures = {}
    copies = [entry for entry in entries if entry.truth]
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
    for name, known in {**stranger_sets(shelf), "all": list(entries.values())}.items():
        members = [entry for entry in known if entry.name in entries]
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
