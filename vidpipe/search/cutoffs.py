"""Cut-offs of searches: the score from which a result counts as an answer, by labelled queries.

Belongs here: measuring and keeping them. Does not: applying them (sql/functions/cutoffs.sql).

Cosines of different queries are not alike: one text lies nearer to every frame than another. So a
score is measured in deviations above the median score that the same query has with the frames of
the corpus (`vidpipe.score_spread`), and one number holds for all queries of a kind. It is the
largest that keeps 95 % of the first right answers; what it empties is measured with queries that
have no right answer in the corpus. Median and median absolute deviation, because a query's own
answers may be a fifth of the corpus: they would raise a mean and a standard deviation above
themselves.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from pgvector import HalfVector

from vidpipe.search.evaluation import BY_LOOKS, DEPTH, Corpus
from vidpipe.search.labelled_queries import LabelledQuery
from vidpipe.search.quality_history import query_set_digest
from vidpipe.search.question import Question
from vidpipe.search.searcher import Searcher

KEPT = 0.95
FEWEST_QUERIES = 10  # of a kind; fewer say nothing about other queries


@dataclass(frozen=True)
class Cutoff:
    """The cut-off of a kind of query.

    Attributes:
        kind: one of `BY_LOOKS`.
        deviations: how far it lies above the median score of a query.
        kept: share of the first right answers at or above it.
        emptied: share of the queries without a right answer that find nothing; None without any.
        queries: number of queries with a right answer among the first `DEPTH` that a keyframe
            shows.
        absent_queries: number of queries without any right answer.
    """

    kind: str
    deviations: float
    kept: float
    emptied: float | None
    queries: int
    absent_queries: int


def calibrate(
    searcher: Searcher, corpus: Corpus, queries: Iterable[LabelledQuery], folder: Path
) -> list[Cutoff]:
    """Measures the cut-off of every kind of which there are at least `FEWEST_QUERIES`.

    Args:
        searcher: the searcher of the index that is asked.
        corpus: what the index holds.
        queries: labelled queries, some of them without a right answer.
        folder: folder of the query set's file, where pictures are looked for.
    """
    right: dict[str, list[float]] = defaultdict(list)
    absent: dict[str, list[float]] = defaultdict(list)
    for query in queries:
        relevant = corpus.relevant(query)
        if query.kind not in BY_LOOKS or (relevant and not corpus.shown(query)):
            continue
        question = query.question(folder)
        found = searcher.find(question, k=DEPTH)
        answers = [row for row in found if row["content_sha256"] in relevant] if relevant else found
        if answers and (standing := _standing(searcher, question, answers[0]["score"])):
            (right if relevant else absent)[question.kind].append(standing)
    return [
        _cutoff(kind, right[kind], absent[kind])
        for kind in BY_LOOKS
        if len(right[kind]) >= FEWEST_QUERIES
    ]


def keep(searcher: Searcher, cutoffs: Iterable[Cutoff], query_set: Path) -> None:
    """Makes these the cut-offs of the active model; those of other kinds stay."""
    for cutoff in cutoffs:
        row = asdict(cutoff) | {
            "model_id": searcher.model.model_id,
            "query_set_sha256": query_set_digest(query_set),
        }
        columns = ", ".join(row)
        searcher.connection.execute(
            f"insert into vidpipe.score_cutoffs ({columns})"
            f" values ({', '.join(f'%({name})s' for name in row)})"
            " on conflict (model_id, kind) do update set (deviations, kept, emptied, queries,"
            " absent_queries, query_set_sha256, measured_at) = (excluded.deviations, excluded.kept,"
            " excluded.emptied, excluded.queries, excluded.absent_queries,"
            " excluded.query_set_sha256, now())",
            row,
        )


def _standing(searcher: Searcher, question: Question, score: float) -> float | None:
    """How many deviations a score lies above the median; None where most frames score alike."""
    vector = HalfVector(searcher.vector(question))
    row = searcher.connection.execute(
        "select median, deviation from vidpipe.score_spread(%s)", [vector]
    ).fetchone()
    assert row is not None
    median, deviation = row
    return (score - median) / deviation if deviation else None


def _cutoff(kind: str, right: list[float], absent: list[float]) -> Cutoff:
    deviations = float(np.quantile(right, 1 - KEPT, method="lower"))
    return Cutoff(
        kind,
        deviations,
        kept=float(np.mean(np.asarray(right) >= deviations)),
        emptied=float(np.mean(np.asarray(absent) < deviations)) if absent else None,
        queries=len(right),
        absent_queries=len(absent),
    )
