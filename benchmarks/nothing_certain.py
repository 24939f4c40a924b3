"""How often a search says "nothing certain", rightly and wrongly; a part of `search_quality`.

Belongs here: calibrating with half of the questions and asking the other half, by the score's
cut-off alone and by several measures. Does not: worlds and their indexes (search_quality.py).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from statistics import fmean
from typing import Any

from vidpipe.search import certainty, cutoffs
from vidpipe.search.answers import Search, answer
from vidpipe.search.evaluation import BY_LOOKS, DEPTH, Corpus
from vidpipe.search.labelled_queries import LabelledQuery
from vidpipe.search.searcher import Searcher


@dataclass(frozen=True)
class Verdict:
    """What two rules say of a query that neither saw.

    Attributes:
        kind: of the query.
        has_answer: whether a right answer is among the first `DEPTH` that a keyframe shows.
        by_cutoff: whether the first right answer, or else the first result, reaches the cut-off.
        by_measures: whether the results are certain, and a right answer among them if there is one.
    """

    kind: str
    has_answer: bool
    by_cutoff: bool
    by_measures: bool


def verdicts(
    searcher: Searcher, corpus: Corpus, queries: Sequence[LabelledQuery], world: Path
) -> list[Verdict]:
    """Calibrates with one half of the questions and asks the other."""
    halves: dict[bool, list[LabelledQuery]] = defaultdict(list)
    for query in queries:
        halves[_is_held_out(query)].append(query)
    for told in (cutoffs, certainty):
        told.keep(
            searcher, told.calibrate(searcher, corpus, halves[False], world), world / "queries.yaml"
        )
    asked = (_verdict(searcher, corpus, query, world) for query in halves[True])
    return [one for one in asked if one is not None]


def shares(found: Iterable[Verdict]) -> dict[str, Any]:
    """By kind: right answers lost, and queries without one that come back as nothing certain."""
    by_kind: dict[str, dict[bool, list[Verdict]]] = defaultdict(lambda: defaultdict(list))
    for one in found:
        by_kind[one.kind][one.has_answer].append(one)
    return {
        kind: {
            "with_answer": len(of_kind[True]),
            "without_answer": len(of_kind[False]),
            "lost": _doubted(of_kind[True]),
            "nothing_certain": _doubted(of_kind[False]),
        }
        for kind, of_kind in by_kind.items()
    }


def _doubted(found: Sequence[Verdict]) -> dict[str, float | None]:
    """Share that a rule does not take for an answer."""
    return {
        "by_cutoff": fmean(not one.by_cutoff for one in found) if found else None,
        "by_measures": fmean(not one.by_measures for one in found) if found else None,
    }


def _is_held_out(query: LabelledQuery) -> bool:
    """The same question in several languages lies in one half."""
    return sha256((query.pair or query.id).encode()).digest()[0] % 2 == 1


def _verdict(
    searcher: Searcher, corpus: Corpus, query: LabelledQuery, world: Path
) -> Verdict | None:
    """None for what cannot be answered by looks, or is not shown, or not found at all."""
    relevant = corpus.relevant(query)
    if query.kind not in BY_LOOKS or (relevant and not corpus.shown(query)):
        return None
    question = query.question(world)
    found = searcher.find(question, k=DEPTH)
    right = [row["score"] for row in found if row["content_sha256"] in relevant]
    if not found or (relevant and not right):
        return None
    cutoff = searcher.cutoff(question)
    answered = answer(searcher, Search(question, k=DEPTH))
    shown = {row["content_sha256"] for row in answered.results}
    return Verdict(
        query.kind,
        bool(relevant),
        by_cutoff=cutoff is None or (right or [found[0]["score"]])[0] >= cutoff,
        by_measures=answered.certain is not False and (not relevant or bool(relevant & shown)),
    )
