"""Which topic of a run is which of the run before.

Belongs here: how close the centres of two topics are.
Does not: matching by members and naming what happened (vidpipe.groups.lineage), storing it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vidpipe.groups.lineage import Step
from vidpipe.groups.lineage import lineage as lineage_of_groups
from vidpipe.topics.space import Vectors


@dataclass(frozen=True)
class Known:
    """A topic of either run: its contents and its centre (unit vector)."""

    contents: frozenset[str]
    centre: Vectors


def lineage(previous: Mapping[int, Known], topics: Sequence[Known]) -> list[Step]:
    """Steps from the topics of the run before to those of this one.

    Contents that only one of the runs has read say nothing and are left out. Topics without a
    common content are the same if their centres are.

    Args:
        previous: topics of the run before, by topic_id.
        topics: topics of the new run; a step names their numbers.

    Returns:
        One step for each topic, in order, then one for each previous topic that ended.
    """
    closeness = np.zeros((len(topics), len(previous)))
    if closeness.size:
        now = np.array([topic.centre for topic in topics])
        before = np.array([previous[one].centre for one in sorted(previous)])
        if now.shape[1] == before.shape[1]:  # else another model made the vectors
            closeness = now @ before.T
    contents = {one: topic.contents for one, topic in previous.items()}
    return lineage_of_groups(contents, [topic.contents for topic in topics], closeness)
