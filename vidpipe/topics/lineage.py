"""Which topic of a run is which of the run before.

Belongs here: matching by members and centres, and naming what happened. Does not: storing it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from vidpipe.topics.space import Vectors

Event = Literal["kept", "new", "split", "merged", "gone"]
MOST_OF = 0.5  # of a topic's contents make it the same, part of another, or merged into it
SAME_CENTRE = 0.95  # cosine from which topics without a common content are the same


@dataclass(frozen=True)
class Known:
    """A topic of either run: its contents and its centre (unit vector)."""

    contents: frozenset[str]
    centre: Vectors


@dataclass(frozen=True)
class Step:
    """What became of a topic.

    Attributes:
        event: what happened.
        topic: number in the new run, or None.
        previous: topic_id in the run before, or None.
        overlap: contents of both ÷ contents of either, 0 to 1.
        contents: number of contents of both; of new and gone topics, of all.
    """

    event: Event
    topic: int | None
    previous: int | None
    overlap: float
    contents: int


def lineage(previous: Mapping[int, Known], topics: Sequence[Known]) -> list[Step]:
    """Steps from the topics of the run before to those of this one.

    Contents that only one of the runs has read say nothing and are left out.

    Args:
        previous: topics of the run before, by topic_id.
        topics: topics of the new run; a step names their numbers.

    Returns:
        One step for each topic, in order, then one for each previous topic that ended.
    """
    old_ids = sorted(previous)
    both = _all([previous[one] for one in old_ids]) & _all(topics)
    old = [previous[one].contents & both for one in old_ids]
    new = [topic.contents & both for topic in topics]
    shared = np.array([[len(a & b) for b in old] for a in new]).reshape(len(new), len(old))
    kept = _matched(shared, old, new, [previous[one] for one in old_ids], topics)
    steps = []
    for number, topic in enumerate(topics):
        parent = kept.get(number)
        event: Event = "kept"
        if parent is None:
            parent = _most(shared[number], len(new[number]))
            event = "new" if parent is None else "split"
        if parent is None:
            steps.append(Step(event, number, None, 0.0, len(topic.contents)))
        else:
            common = int(shared[number, parent])
            jaccard = _jaccard(common, new[number], old[parent])
            steps.append(Step(event, number, old_ids[parent], jaccard, common))
    for index in sorted(set(range(len(old))) - set(kept.values())):
        heir = _most(shared[:, index], len(old[index]))
        if heir is None:
            contents = len(previous[old_ids[index]].contents)
            steps.append(Step("gone", None, old_ids[index], 0.0, contents))
        elif not any((one.topic, one.previous) == (heir, old_ids[index]) for one in steps):
            common = int(shared[heir, index])
            jaccard = _jaccard(common, new[heir], old[index])
            steps.append(Step("merged", heir, old_ids[index], jaccard, common))
    return steps


def _matched(
    shared: np.ndarray,
    old: Sequence[frozenset[str]],
    new: Sequence[frozenset[str]],
    previous: Sequence[Known],
    topics: Sequence[Known],
) -> dict[int, int]:
    """Index of the old topic that each new one is: together they share as much as can be."""
    from scipy.optimize import linear_sum_assignment

    if not shared.size:
        return {}
    sizes = np.array([[len(a | b) for b in old] for a in new])
    likeness = shared / np.maximum(sizes, 1)
    now, before = (np.array([one.centre for one in side]) for side in (topics, previous))
    is_one_space = now.shape[1] == before.shape[1]  # else another model made the vectors
    centres = now @ before.T if is_one_space else np.zeros(shared.shape)
    rows, columns = linear_sum_assignment(likeness + 1e-3 * centres, maximize=True)
    matched = {}
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        smaller = min(len(new[row]), len(old[column]))
        strangers = not new[row] and not old[column]
        is_same = (
            centres[row, column] >= SAME_CENTRE
            if strangers
            else shared[row, column] >= MOST_OF * max(smaller, 1)
        )
        if is_same:
            matched[row] = column
    return matched


def _most(shared: np.ndarray, contents: int) -> int | None:
    """The topic that has most of so many contents, if one has."""
    if not len(shared) or not contents:
        return None
    best = int(shared.argmax())
    return best if shared[best] >= MOST_OF * contents else None


def _all(topics: Sequence[Known]) -> frozenset[str]:
    return frozenset().union(*(topic.contents for topic in topics))


def _jaccard(common: int, one: frozenset[str], other: frozenset[str]) -> float:
    return common / max(1, len(one) + len(other) - common)
