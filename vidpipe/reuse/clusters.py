"""Clusters of one footage: a content, one stretch of it, and the copies that show that stretch.

Belongs here: which contents make a cluster, and which cluster is which of those before.
Does not: finding copies (vidpipe.reuse.comparison), rows of clusters (vidpipe.reuse.cluster_store).

A chain is no cluster: a compilation is a copy of all it shows, which share nothing with each other.
So a cluster is one moment of one content, its medoid. Its members are copies of the medoid (a
verdict of their own says so) whose aligned stretches cover that moment, and hence show the same
footage. A content is in one cluster for each footage that it shares.

Clusters are chosen greedily: always the medoid and moment with most pairs of copies that are in no
cluster together yet, of equals those covered best, until every pair of copies is together in one.
Components of the graph of copies do not touch each other: any of them can be clustered alone.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vidpipe.groups.lineage import Step, lineage
from vidpipe.reuse.matches import Match, Verdict

MARGIN_S = 0.5  # how far the ends of a stretch may be wrong (s): beyond, it is not relied upon
MOST_MARGIN = 0.25  # of a stretch, where it is short
LEAST_COMMON = 2  # contents that make two clusters relatives: one alone may show two footages

Stretch = tuple[float, float]  # from and to in one content (s)


@dataclass(frozen=True)
class Copy:
    """A pair of contents of which one is a copy of the other, as far as clusters need it.

    Attributes:
        a, b: `content_sha256` of the two.
        verdict: read from `a` to `b`; one that says copy.
        a_coverage, b_coverage: share of each content that they share, 0 to 1.
        a_stretches, b_stretches: the aligned stretches in the time of each content (s), without
            those that many contents show; without any, the pair is taken to share the beginning.
    """

    a: str
    b: str
    verdict: Verdict
    a_coverage: float
    b_coverage: float
    a_stretches: tuple[Stretch, ...]
    b_stretches: tuple[Stretch, ...]

    @classmethod
    def of(cls, match: Match) -> "Copy":
        """The copy that a match tells of."""
        own = [segment for segment in match.segments if not segment.is_common]
        return cls(
            match.a,
            match.b,
            match.verdict,
            match.a_coverage,
            match.b_coverage,
            tuple((segment.a_start_s, segment.a_end_s) for segment in own),
            tuple((segment.b_start_s, segment.b_end_s) for segment in own),
        )


@dataclass(frozen=True)
class Member:
    """A content in a cluster.

    Attributes:
        content: its `content_sha256`.
        verdict: read from it to the medoid; identical for the medoid itself.
        coverage: share of it that it shares with the medoid, 0 to 1.
        medoid_coverage: share of the medoid that it shares with it, 0 to 1.
        start_s, end_s: the stretch around the cluster's moment that it shows, in the medoid's
            time; of the medoid, the stretch that any other one shows.
    """

    content: str
    verdict: Verdict
    coverage: float
    medoid_coverage: float
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Cluster:
    """Contents that show one footage.

    Attributes:
        medoid: the content that the others are copies of.
        start_s, end_s: the stretch of the medoid that all of them show (s).
        members: all contents, the medoid included, by their digests; two at least.
    """

    medoid: str
    start_s: float
    end_s: float
    members: tuple[Member, ...]

    @property
    def contents(self) -> frozenset[str]:
        """`content_sha256` of all members."""
        return frozenset(member.content for member in self.members)


@dataclass(frozen=True)
class _Link:
    """What one content has to do with another, in the time of the other, the medoid."""

    verdict: Verdict
    coverage: float
    medoid_coverage: float
    stretches: tuple[Stretch, ...]

    @property
    def weight(self) -> float:
        return (self.coverage + self.medoid_coverage) / 2


@dataclass(frozen=True)
class _Candidate:
    """The best cluster around a medoid, by what it would bring together."""

    pairs: int
    weight: float
    medoid: str
    moment_s: float
    others: tuple[str, ...]

    @property
    def place(self) -> tuple[int, float, str]:
        """Smaller is chosen first."""
        return (-self.pairs, -self.weight, self.medoid)


Links = Mapping[str, Mapping[str, _Link]]  # by medoid, then by the other content


def find_clusters(copies: Iterable[Copy]) -> list[Cluster]:
    """Clusters in which every pair of copies is together at least once, in the order of choosing.

    The order of the copies does not matter. A pair that is given twice counts as given last.
    """
    links = _links(copies)
    apart = {medoid: set(others) for medoid, others in links.items()}
    heap = [candidate.place for candidate in _candidates(links, apart)]
    heapq.heapify(heap)
    clusters = []
    while heap:
        place = heapq.heappop(heap)
        candidate = _best_around(place[2], links, apart)
        if candidate is None:
            continue
        if heap and candidate.place > heap[0]:  # others have taken some of its pairs
            heapq.heappush(heap, candidate.place)
            continue
        clusters.append(_cluster(candidate, links))
        together = {candidate.medoid, *candidate.others}
        for content in together:
            apart[content] -= together
        if apart[candidate.medoid]:
            heapq.heappush(heap, candidate.place)
    return clusters


def cluster_lineage(
    previous: Mapping[int, frozenset[str]], clusters: Sequence[Cluster]
) -> list[Step]:
    """What became of clusters, as `vidpipe.groups.lineage.lineage` tells it.

    Args:
        previous: contents of the clusters before, by cluster_id.
        clusters: the clusters now.

    Returns:
        One step for each cluster, in order, then one for each previous cluster that ended.
    """
    now: dict[int, Step] = {}
    ended = []
    for ids, numbers in _related(previous, clusters):
        steps = lineage(
            {one: previous[one] for one in ids},
            [clusters[number].contents for number in numbers],
            np.zeros((len(numbers), len(ids))),
            least_common=LEAST_COMMON,
        )
        for step in steps:
            group = None if step.group is None else numbers[step.group]
            moved = Step(step.event, group, step.previous, step.overlap, step.contents)
            if group is None or step.event == "merged":
                ended.append(moved)
            else:
                now[group] = moved
    ended.sort(key=lambda step: step.previous or 0)
    return [*(now[number] for number in range(len(clusters))), *ended]


def _links(copies: Iterable[Copy]) -> dict[str, dict[str, _Link]]:
    links: dict[str, dict[str, _Link]] = {}
    for copy in copies:
        links.setdefault(copy.b, {})[copy.a] = _Link(
            copy.verdict, copy.a_coverage, copy.b_coverage, _joined(copy.b_stretches)
        )
        links.setdefault(copy.a, {})[copy.b] = _Link(
            copy.verdict.mirrored_roles,
            copy.b_coverage,
            copy.a_coverage,
            _joined(copy.a_stretches),
        )
    return links


def _joined(stretches: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """The stretches in time order, those that overlap made one."""
    joined: list[Stretch] = []
    for start, end in sorted(stretches):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined) or ((0.0, 0.0),)


def _candidates(links: Links, apart: Mapping[str, set[str]]) -> Iterator[_Candidate]:
    for medoid in links:
        candidate = _best_around(medoid, links, apart)
        if candidate is not None:
            yield candidate


def _best_around(medoid: str, links: Links, apart: Mapping[str, set[str]]) -> _Candidate | None:
    """The moment of a medoid that most contents show which are in no cluster with it yet."""
    events = []
    for content in apart[medoid]:
        for start, end in links[medoid][content].stretches:
            margin = min(MARGIN_S, MOST_MARGIN * (end - start))
            events += [(start + margin, 0, content), (end - margin, 1, content)]
    if not events:
        return None
    showing: set[str] = set()
    weight, most, best = 0.0, (0, 0.0), 0.0
    for moment_s, is_end, content in sorted(events):
        if is_end:
            showing.remove(content)
            weight -= links[medoid][content].weight
        else:
            showing.add(content)
            weight += links[medoid][content].weight
            if (len(showing), round(weight, 6)) > most:
                most, best = (len(showing), round(weight, 6)), moment_s
    others = tuple(
        sorted(
            content
            for content in apart[medoid]
            if _shown_at(best, links[medoid][content].stretches) is not None
        )
    )
    return _Candidate(most[0], most[1], medoid, best, others)


def _shown_at(moment_s: float, stretches: Sequence[Stretch]) -> Stretch | None:
    """The stretch that surely covers a moment."""
    for start, end in stretches:
        margin = min(MARGIN_S, MOST_MARGIN * (end - start))
        if start + margin <= moment_s <= end - margin:
            return start, end
    return None


def _cluster(candidate: _Candidate, links: Links) -> Cluster:
    members = []
    for content in candidate.others:
        link = links[candidate.medoid][content]
        shown = _shown_at(candidate.moment_s, link.stretches)
        assert shown is not None
        members.append(
            Member(content, link.verdict, link.coverage, link.medoid_coverage, shown[0], shown[1])
        )
    first = min(member.start_s for member in members)
    last = max(member.end_s for member in members)
    own = Member(candidate.medoid, Verdict.IDENTICAL, 1.0, 1.0, first, last)
    return Cluster(
        candidate.medoid,
        max(member.start_s for member in members),
        min(member.end_s for member in members),
        tuple(sorted([own, *members], key=lambda member: member.content)),
    )


def _related(
    previous: Mapping[int, frozenset[str]], clusters: Sequence[Cluster]
) -> list[tuple[list[int], list[int]]]:
    """Ids of previous clusters and numbers of clusters that hang together by their contents."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ids = sorted(previous)
    groups = [*(previous[one] for one in ids), *(cluster.contents for cluster in clusters)]
    numbers: dict[str, int] = {}
    rows, columns = [], []
    for row, contents in enumerate(groups):
        for content in contents:
            rows.append(row)
            columns.append(len(groups) + numbers.setdefault(content, len(numbers)))
    size = len(groups) + len(numbers)
    graph = coo_array((np.ones(len(rows), bool), (rows, columns)), shape=(size, size))
    count, labels = connected_components(graph, directed=False)
    related: list[tuple[list[int], list[int]]] = [([], []) for _ in range(count)]
    for row, label in enumerate(labels[: len(groups)].tolist()):
        if row < len(ids):
            related[label][0].append(ids[row])
        else:
            related[label][1].append(row - len(ids))
    return [one for one in related if one[0] or one[1]]
