"""Which group of a clustering is which of the clustering before.

Belongs here: matching groups by their members, and naming what happened.
Does not: finding groups (vidpipe.topics, vidpipe.reuse), storing what happened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Event = Literal["kept", "new", "split", "merged", "gone"]
MOST_OF = 0.5  # of a group's members make it the same, part of another, or merged into it
SAME_PLACE = 0.95  # closeness from which groups without a common member are the same


@dataclass(frozen=True)
class Step:
    """What became of a group.

    Attributes:
        event: what happened.
        group: number among the new groups, or None.
        previous: id of the group before, or None.
        overlap: members of both ÷ members of either, 0 to 1.
        contents: number of members of both; of new and gone groups, of all.
    """

    event: Event
    group: int | None
    previous: int | None
    overlap: float
    contents: int


def lineage(
    previous: Mapping[int, frozenset[str]],
    groups: Sequence[frozenset[str]],
    closeness: NDArray[np.float64],
    *,
    least_common: int = 1,
) -> list[Step]:
    """Steps from the groups before to those of now.

    Members that are in no group of one of the two sides say nothing and are left out.

    Args:
        previous: members of the groups before, by id.
        groups: members of the groups now; a step names their numbers.
        closeness: shape (groups, previous in the order of their ids), -1 to 1: of equal overlaps,
            the closer groups are the same; so are groups without a common member from
            `SAME_PLACE` on.
        least_common: members that two groups must have in common to have to do with each other.

    Returns:
        One step for each group, in order, then one for each previous group that ended.
    """
    old_ids = sorted(previous)
    both = _all(list(previous.values())) & _all(groups)
    old = [previous[one] & both for one in old_ids]
    new = [group & both for group in groups]
    shared = np.array([[len(a & b) for b in old] for a in new]).reshape(len(new), len(old))
    shared = np.where(shared >= least_common, shared, 0)
    kept = _matched(shared, old, new, closeness)
    steps = []
    for number, group in enumerate(groups):
        parent = kept.get(number)
        event: Event = "kept"
        if parent is None:
            parent = _most(shared[number], len(new[number]))
            event = "new" if parent is None else "split"
        if parent is None:
            steps.append(Step(event, number, None, 0.0, len(group)))
        else:
            common = int(shared[number, parent])
            jaccard = _jaccard(common, new[number], old[parent])
            steps.append(Step(event, number, old_ids[parent], jaccard, common))
    for index in sorted(set(range(len(old))) - set(kept.values())):
        heir = _most(shared[:, index], len(old[index]))
        if heir is None:
            contents = len(previous[old_ids[index]])
            steps.append(Step("gone", None, old_ids[index], 0.0, contents))
        elif not any((one.group, one.previous) == (heir, old_ids[index]) for one in steps):
            common = int(shared[heir, index])
            jaccard = _jaccard(common, new[heir], old[index])
            steps.append(Step("merged", heir, old_ids[index], jaccard, common))
    return steps


def _matched(
    shared: NDArray[np.int64],
    old: Sequence[frozenset[str]],
    new: Sequence[frozenset[str]],
    closeness: NDArray[np.float64],
) -> dict[int, int]:
    """Index of the old group that each new one is: together they share as much as can be."""
    from scipy.optimize import linear_sum_assignment

    if not shared.size:
        return {}
    sizes = np.array([[len(a | b) for b in old] for a in new])
    likeness = shared / np.maximum(sizes, 1)
    rows, columns = linear_sum_assignment(likeness + 1e-3 * closeness, maximize=True)
    matched = {}
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        smaller = min(len(new[row]), len(old[column]))
        strangers = not new[row] and not old[column]
        is_same = (
            closeness[row, column] >= SAME_PLACE
            if strangers
            else shared[row, column] >= MOST_OF * max(smaller, 1)
        )
        if is_same:
            matched[row] = column
    return matched


def _most(shared: NDArray[np.int64], contents: int) -> int | None:
    """The group that has most of so many members, if one has."""
    if not len(shared) or not contents:
        return None
    best = int(shared.argmax())
    return best if shared[best] >= MOST_OF * contents else None


def _all(groups: Sequence[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*groups)


def _jaccard(common: int, one: frozenset[str], other: frozenset[str]) -> float:
    return common / max(1, len(one) + len(other) - common)
