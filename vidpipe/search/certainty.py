"""Whether a list of results holds an answer at all: several measures, weighed as was calibrated.

Belongs here: learning the weights by labelled queries, keeping them, judging a list by them.
Does not: the measures (measures.py), the score from which one result counts (cutoffs.py), what is
shown (answers.py).

The confidence is the probability that a list holds a right answer, were questions with and without
one equally many. A list is certain from the confidence on that keeps 96 % of the lists with a right
answer. That confidence is found with queries that the weights were not fitted to, or it would be
too high; and what it keeps and empties is measured on halves of the queries that neither weights
nor confidence saw. Of a certain list the results count that stand far enough above the corpus.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from math import isnan, nan
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vidpipe.search.evaluation import BY_LOOKS, DEPTH, Corpus
from vidpipe.search.labelled_queries import LabelledQuery
from vidpipe.search.logistic import Numbers, Regression, fit
from vidpipe.search.measures import MEASURES, measures
from vidpipe.search.quality_history import query_set_digest
from vidpipe.search.searcher import Searcher

KEPT = 0.96  # lists with an answer; a right answer may also be too far down in its list
KEPT_IN_LIST = 0.99  # of the right answers in certain lists: the list was judged already
FEWEST_OF_EACH = 20  # questions of a kind, with and without an answer; fewer teach nothing
FOLDS = 5


@dataclass(frozen=True)
class Weight:
    """What a measure counts for: `weight · (value - mean) / deviation`."""

    mean: float
    deviation: float
    weight: float


@dataclass(frozen=True)
class Judge:
    """How lists that answer a kind of query are judged.

    Attributes:
        kind: one of `BY_LOOKS`.
        weights: of each measure that counts.
        intercept: logit of a list whose measures are all at their means.
        threshold: confidence from which a list is certain.
        deviations: how far above the median score of its query a result of a certain list counts.
        kept: share of the queries held out whose first right answer counts, in a certain list.
        emptied: share of the lists without one that are not certain, of queries held out.
        queries: number of queries with a right answer among the first `DEPTH` that a keyframe
            shows.
        absent_queries: number of queries without any right answer.
    """

    kind: str
    weights: Mapping[str, Weight]
    intercept: float
    threshold: float
    deviations: float
    kept: float
    emptied: float
    queries: int
    absent_queries: int

    def confidence(self, measured: Mapping[str, float]) -> float:
        """Probability that a list of these measures holds an answer; from 0 to 1."""
        logit = self.intercept
        for name, one in self.weights.items():
            value = measured[name]
            if np.isfinite(
                value
            ):  # what this question does not have speaks neither for nor against
                logit += one.weight * (value - one.mean) / one.deviation
        return float(_probability(np.array(logit)))


@dataclass(frozen=True)
class Example:
    """A labelled query's list.

    Attributes:
        group: shared by the same question in several languages: they are held out together.
        measured: the measures of its list.
        standing: deviations of the first right answer above the median score of the query; None
            where the corpus holds none.
        is_first: whether that is the first result, which counts whenever its list is certain.
    """

    group: str
    measured: Mapping[str, float]
    standing: float | None
    is_first: bool = True

    @property
    def is_right(self) -> bool:
        """Whether the list holds a right answer."""
        return self.standing is not None


def calibrate(
    searcher: Searcher, corpus: Corpus, queries: Iterable[LabelledQuery], folder: Path
) -> list[Judge]:
    """Fits a judge for every kind of which there are `FEWEST_OF_EACH` with and without an answer.

    Args:
        searcher: the searcher of the index that is asked.
        corpus: what the index holds.
        queries: labelled queries, some of them without a right answer.
        folder: folder of the query set's file, where pictures are looked for.
    """
    examples: dict[str, list[Example]] = defaultdict(list)
    for query in queries:
        relevant = corpus.relevant(query)
        if query.kind not in BY_LOOKS or (relevant and not corpus.shown(query)):
            continue
        question = query.question(folder)
        found = searcher.find(question, k=DEPTH)
        right = [row["score"] for row in found if row["content_sha256"] in relevant]
        if found and (right or not relevant):
            measured = measures(searcher, question, found)
            standing = searcher.standing(question, right[0]) if right else None
            if standing is not None and isnan(standing):
                continue  # most of the corpus scores alike: nothing can be measured
            is_first = right[:1] == [found[0]["score"]]
            example = Example(query.pair or query.id, measured, standing, is_first)
            examples[question.kind].append(example)
    return [
        judge_of(kind, examples[kind])
        for kind in BY_LOOKS
        if all(len(groups) >= FEWEST_OF_EACH for groups in _groups(examples[kind]))
    ]


def judge_of(kind: str, examples: list[Example]) -> Judge:
    """A judge fitted to examples, its figures measured on halves that it did not see.

    Args:
        kind: one of `BY_LOOKS`.
        examples: at least `FEWEST_OF_EACH` questions with and without a right answer.
    """
    values = np.array([[one.measured[name] for name in MEASURES] for one in examples])
    is_right = np.array([one.is_right for one in examples])
    standings = np.array([nan if one.standing is None else one.standing for one in examples])
    is_first = np.array([one.is_first for one in examples])
    half, fold = _dealt(examples, 2), _dealt(examples, FOLDS)
    certain, counts = np.zeros((2, len(examples)), bool)
    for side in (0, 1):
        seen, unseen = half != side, half == side
        threshold = _threshold(values[seen], is_right[seen], fold[seen])
        confidences = _confidences(fit(values[seen], is_right[seen]), values[unseen])
        certain[unseen] = confidences >= threshold
        counts[unseen] = is_first[unseen] | (standings[unseen] >= _least_standing(standings[seen]))
    fitted = fit(values, is_right)
    return Judge(
        kind,
        _named(fitted),
        fitted.intercept,
        threshold=_threshold(values, is_right, fold),
        deviations=_least_standing(standings),
        kept=float((certain & counts)[is_right].mean()),
        emptied=float(1 - certain[~is_right].mean()),
        queries=int(is_right.sum()),
        absent_queries=int((~is_right).sum()),
    )


def keep(searcher: Searcher, judges: Iterable[Judge], query_set: Path) -> None:
    """Makes these the judges of the active model; those of other kinds stay."""
    for judge in judges:
        row = asdict(judge) | {
            "weights": json.dumps({name: asdict(one) for name, one in judge.weights.items()}),
            "model_id": searcher.model.model_id,
            "query_set_sha256": query_set_digest(query_set),
        }
        changed = [name for name in row if name not in ("model_id", "kind")]
        searcher.connection.execute(
            f"insert into vidpipe.certainty_weights ({', '.join(row)})"
            f" values ({', '.join(f'%({name})s' for name in row)})"
            " on conflict (model_id, kind) do update set measured_at = now(), "
            + ", ".join(f"{name} = excluded.{name}" for name in changed),
            row,
        )


def kept_judge(searcher: Searcher, kind: str) -> Judge | None:
    """The judge of a kind of query under the active model; None where none was calibrated."""
    row = searcher.connection.execute(
        "select weights, intercept, threshold, deviations, kept, emptied, queries, absent_queries"
        " from vidpipe.certainty_weights where model_id = %s and kind = %s",
        [searcher.model.model_id, kind],
    ).fetchone()
    if row is None:
        return None
    weights = {name: Weight(**one) for name, one in row[0].items() if name in MEASURES}
    return Judge(kind, weights, *row[1:])


def _groups(examples: Iterable[Example]) -> tuple[set[str], set[str]]:
    """The questions with a right answer, and the others."""
    right = {one.group for one in examples if one.is_right}
    return right, {one.group for one in examples} - right


def _dealt(examples: list[Example], parts: int) -> NDArray[np.int_]:
    """A part for each example: questions of either kind are dealt out evenly, never split.

    They are dealt in the order of their digests, so each calibration deals them alike.
    """
    part: dict[str, int] = {}
    for groups in _groups(examples):
        ordered = sorted(groups, key=lambda group: sha256(f"{parts} {group}".encode()).digest())
        part |= {group: place % parts for place, group in enumerate(ordered)}
    return np.array([part[one.group] for one in examples])


def _threshold(values: Numbers, is_right: NDArray[np.bool_], fold: NDArray[np.int_]) -> float:
    """The confidence that keeps `KEPT` of the right examples, each judged without its own fold."""
    confidences = np.zeros(len(values))
    for number in range(FOLDS):
        held_out = fold == number
        if held_out.any():
            fitted = fit(values[~held_out], is_right[~held_out])
            confidences[held_out] = _confidences(fitted, values[held_out])
    return _limit(confidences[is_right], KEPT)


def _least_standing(standings: Numbers) -> float:
    """The standing that keeps `KEPT_IN_LIST` of the first right answers."""
    return _limit(standings[np.isfinite(standings)], KEPT_IN_LIST)


def _limit(values: Numbers, kept: float) -> float:
    """The largest of some values that another one like them reaches with a given probability.

    A quantile of few values promises too much: another one lies below the k-th lowest of n with
    probability k / (n + 1) (Vovk et al., "Algorithmic Learning in a Random World", 2005). Of too
    few the lowest is all that there is.
    """
    place = int((1 - kept) * (len(values) + 1))
    return float(np.sort(values)[max(place, 1) - 1])


def _confidences(fitted: Regression, values: Numbers) -> Numbers:
    return _probability(fitted.logits(values))


def _probability(logits: Numbers) -> Numbers:
    probability: Numbers = (1 + np.tanh(logits / 2)) / 2  # as 1 / (1 + e^-x), without its overflow
    return probability


def _named(fitted: Regression) -> dict[str, Weight]:
    """The measures that count, with their weights."""
    numbers = zip(MEASURES, fitted.means, fitted.deviations, fitted.weights, strict=True)
    return {
        name: Weight(float(mean), float(deviation), float(weight))
        for name, mean, deviation, weight in numbers
        if weight > 0
    }
