"""Finding groups of near vectors, and how near is near enough.

Belongs here: clustering and the choice of its one setting.
Does not: making the vectors (space.py), plugging the clustering into BERTopic (model.py).

Average linkage: two groups are one when the mean distance of their members is below a threshold.
Density clustering (HDBSCAN, which BERTopic takes by default) was measured to leave too many videos
out where subjects have few videos each, and needs a fallback for small accounts; this needs none.

The threshold is the largest candidate whose product of the following two is within one standard
error of the greatest, for the difference is chance then and fewer groups say more (the rule of one
standard error: Breiman, Friedman, Olshen and Stone, "Classification and regression trees", 1984):

- silhouette: how much nearer videos are to their own group than to the next (Rousseeuw, 1987);
- stability: adjusted Rand index of the groupings of two random samples, over the videos in both
  (Ben-Hur, Elisseeff and Guyon, "A stability based method for discovering structure in clustered
  data", PSB 2002).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidpipe.topics.space import Labels, Vectors, unit_rows

OUTLIER = -1
THRESHOLDS = tuple(round(0.4 + 0.05 * step, 2) for step in range(12))  # cosine distances
SAMPLE_SHARE = 0.8
SAMPLES = 4
SEED = 5
FEWEST_SAMPLED = 15  # below, two samples say nothing
MOST_AT_ONCE = 3_000  # vectors whose distances are all compared
MOST_TRIED = 1_500  # of them, by which the threshold is chosen


@dataclass(frozen=True)
class Candidate:
    """One threshold and what it gives.

    Attributes:
        threshold: mean cosine distance up to which groups are joined.
        groups: number of groups that are large enough.
        outliers: share of vectors in none, 0 to 1.
        silhouette: mean over the vectors, -1 to 1.
        silhouette_error: its standard error.
        stability: adjusted Rand index, at most 1; 1 where there are too few to sample.
    """

    threshold: float
    groups: int
    outliers: float
    silhouette: float
    silhouette_error: float
    stability: float

    @property
    def score(self) -> float:
        """The value by which candidates are chosen."""
        return self.silhouette * max(0.0, self.stability)

    @property
    def error(self) -> float:
        """Standard error of the score, by that of the silhouette."""
        return self.silhouette_error * max(0.0, self.stability)


@dataclass(frozen=True)
class Clustering:
    """Which vector is in which group.

    Attributes:
        labels: number of the group, or `OUTLIER`; shape (vectors,).
        threshold: the threshold that was used.
        candidates: the thresholds that were compared; none where the threshold was given.
    """

    labels: Labels
    threshold: float
    candidates: tuple[Candidate, ...] = ()

    @property
    def outlier_share(self) -> float:
        """Share of vectors in no group, 0 to 1; 0 without vectors."""
        return float((self.labels == OUTLIER).mean()) if len(self.labels) else 0.0


@dataclass(frozen=True)
class Groups:
    """Where groups lie.

    Attributes:
        centroids: unit rows, shape (groups, axes).
        radii: least cosine similarity of what belongs to each, shape (groups,).
    """

    centroids: Vectors
    radii: Vectors

    def nearest(self, vectors: Vectors) -> Labels:
        """The nearest group of each vector within that group's radius, else `OUTLIER`."""
        if not len(self.centroids):
            return np.full(len(vectors), OUTLIER, np.int64)
        similarity = vectors @ self.centroids.T
        best = similarity.argmax(axis=1)
        is_near = similarity[np.arange(len(vectors)), best] >= self.radii[best]
        return np.where(is_near, best, OUTLIER).astype(np.int64)


def cluster(vectors: Vectors, *, least: int, threshold: float | None = None) -> Clustering:
    """Groups of near vectors.

    More than `MOST_AT_ONCE` vectors are clustered by a sample; the others join the nearest
    group whose radius they lie in, and of what is left another sample is clustered, until all were
    in one. What is left over then joins the nearest group, too, and so do later videos.

    Args:
        vectors: unit rows in a random order that is always the same (such as that of digests).
        least: number of vectors that make a group; fewer are outliers.
        threshold: mean cosine distance up to which groups are joined; None chooses it.
    """
    candidates = () if threshold is not None else _candidates(vectors[:MOST_TRIED], least)
    if threshold is None:
        threshold = _chosen(candidates).threshold
    labels = np.full(len(vectors), OUTLIER, np.int64)
    is_untried = np.ones(len(vectors), bool)
    found = 0
    while len(left := np.flatnonzero((labels == OUTLIER) & is_untried)):
        taken, rest = left[:MOST_AT_ONCE], left[MOST_AT_ONCE:]
        is_untried[taken] = False
        grouped = _large_enough(_cut(_tree(vectors[taken]), [threshold])[0], least)
        if not (grouped != OUTLIER).any():
            continue
        labels[taken[grouped != OUTLIER]] = grouped[grouped != OUTLIER] + found
        groups = groups_of(vectors[taken], grouped, threshold)
        near = groups.nearest(vectors[rest])
        labels[rest[near != OUTLIER]] = near[near != OUTLIER] + found
        found += len(groups.centroids)
    left = labels == OUTLIER
    labels[left] = groups_of(vectors, labels, threshold).nearest(vectors[left])
    return Clustering(_by_size(labels), threshold, tuple(candidates))


def groups_of(vectors: Vectors, labels: Labels, threshold: float) -> Groups:
    """Centroids and radii of groups 0 to the largest label.

    A vector lies within the radius when its mean distance to the members is at most the threshold:
    when the clustering would have joined it.
    """
    count = int(labels.max(initial=OUTLIER)) + 1
    means = np.array([vectors[labels == number].mean(axis=0) for number in range(count)])
    means = means.reshape(count, vectors.shape[1])
    radii = (1 - threshold) / np.maximum(np.linalg.norm(means, axis=1), 1e-9)
    return Groups(unit_rows(means), radii.astype(np.float32))


def adjusted_rand_index(one: Labels, other: Labels) -> float:
    """Agreement of two groupings of the same vectors: 1 is equal, 0 is chance.

    Source: Hubert and Arabie, "Comparing partitions", 1985. With `adjusted_rand_score` of
    scikit-learn, which tests compare with, finding the topics of 7,500 videos of 200 accounts took
    2.7 times as long: its checks take longer than comparing a few dozen videos does.
    """
    columns = int(other.max(initial=0)) + 1
    cells = np.bincount(one * columns + other, minlength=1).astype(np.float64)
    pairs, of_one, of_other = (
        float((sizes * (sizes - 1)).sum()) / 2
        for sizes in (cells, np.bincount(one).astype(float), np.bincount(other).astype(float))
    )
    every = len(one) * (len(one) - 1) / 2
    by_chance = of_one * of_other / every if every else 0.0
    most = (of_one + of_other) / 2
    return 1.0 if most == by_chance else (pairs - by_chance) / (most - by_chance)


def _candidates(vectors: Vectors, least: int) -> Sequence[Candidate]:
    tree, distances = _tree(vectors), _distances(vectors)
    stabilities = _stabilities(vectors)
    found = []
    for threshold, labels, stability in zip(
        THRESHOLDS, _cut(tree, THRESHOLDS), stabilities, strict=True
    ):
        grouped = _large_enough(labels, least)
        widths = _silhouettes(distances, labels)
        found.append(
            Candidate(
                threshold=threshold,
                groups=int(grouped.max(initial=OUTLIER)) + 1,
                outliers=float((grouped == OUTLIER).mean()) if len(grouped) else 0.0,
                silhouette=float(widths.mean()),
                silhouette_error=float(widths.std() / np.sqrt(len(widths))),
                stability=stability,
            )
        )
    return found


def _chosen(candidates: Sequence[Candidate]) -> Candidate:
    best = max(candidates, key=lambda one: one.score)
    as_good = (one for one in candidates if one.score >= best.score - best.error)
    return max(as_good, key=lambda one: one.threshold)


def _stabilities(vectors: Vectors) -> list[float]:
    count = len(vectors)
    if count < FEWEST_SAMPLED:
        return [1.0] * len(THRESHOLDS)
    rng = np.random.default_rng(SEED)
    agreements = np.zeros(len(THRESHOLDS))
    for _ in range(SAMPLES):
        groupings = []
        for _ in range(2):
            chosen = rng.permutation(count)[: round(SAMPLE_SHARE * count)]
            labels = np.full((len(THRESHOLDS), count), OUTLIER, np.int64)
            labels[:, chosen] = _cut(_tree(vectors[chosen]), THRESHOLDS)
            groupings.append(labels)
        first, second = groupings
        both = (first[0] != OUTLIER) & (second[0] != OUTLIER)
        agreements += [
            adjusted_rand_index(one[both], other[both])
            for one, other in zip(first, second, strict=True)
        ]
    return [float(agreement) for agreement in agreements / SAMPLES]


def _silhouettes(distances: NDArray[Any], labels: Labels) -> NDArray[np.floating[Any]]:
    """Silhouette of every vector; that of a group of one is 0.

    With `silhouette_samples` of scikit-learn, which tests compare with, finding the topics of 7,500
    videos of 200 accounts took 1.4 times as long.
    """
    count = int(labels.max(initial=OUTLIER)) + 1
    if not 1 < count < len(labels):
        return np.zeros(max(1, len(labels)))
    is_member = np.zeros((len(labels), count), np.float32)
    is_member[np.arange(len(labels)), labels] = 1
    sizes = is_member.sum(axis=0)
    totals = distances @ is_member
    own = (np.arange(len(labels)), labels)
    others = sizes[labels] - 1
    within = totals[own] / np.maximum(others, 1)
    means = totals / sizes
    means[own] = np.inf
    nearest = means.min(axis=1)
    widths = (nearest - within) / np.maximum(np.maximum(nearest, within), 1e-12)
    return np.where(others > 0, widths, 0)


def _distances(vectors: Vectors) -> NDArray[np.float32]:
    distances = np.clip(1 - vectors @ vectors.T, 0, 2)
    np.fill_diagonal(distances, 0)
    return distances.astype(np.float32)


def _tree(vectors: Vectors) -> NDArray[np.float64]:
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    if len(vectors) < 2:
        return np.zeros((0, 4))
    distances = _distances(vectors)
    return np.asarray(linkage(squareform((distances + distances.T) / 2, checks=False), "average"))


def _cut(tree: NDArray[np.float64], thresholds: Sequence[float]) -> list[Labels]:
    """Groups at each threshold.

    In the order in which the tree's leaves can be drawn, groups follow each other: one ends where
    the next leaf joins above the threshold. With `fcluster` of SciPy, which tests compare with,
    finding the topics of 7,500 videos of 200 accounts took 1.6 times as long, with `cut_tree` more.
    """
    count = len(tree) + 1
    ends = [(leaf, leaf) for leaf in range(count)]
    after = np.zeros(count, np.int64)
    joins = np.full(count, np.inf)
    for left, right, height, _ in tree.tolist():
        (first, last), (start, end) = ends[int(left)], ends[int(right)]
        after[last], joins[last] = start, height
        ends.append((first, end))
    order = np.empty(count, np.int64)
    leaf = ends[-1][0]
    for place in range(count):
        order[place] = leaf
        leaf = after[leaf]
    found = []
    for threshold in thresholds:
        labels = np.zeros(count, np.int64)
        labels[order[1:]] = np.cumsum(joins[order[:-1]] > threshold)
        found.append(labels)
    return found


def _large_enough(labels: Labels, least: int) -> Labels:
    """Groups of at least `least` vectors, numbered anew; the others become outliers."""
    sizes = np.bincount(labels) if len(labels) else np.zeros(0, np.int64)
    numbers = np.where(sizes >= least, np.cumsum(sizes >= least) - 1, OUTLIER)
    return numbers[labels].astype(np.int64)


def _by_size(labels: Labels) -> Labels:
    """The same groups, the largest first; of equally large ones, that with the first vector."""
    kept = labels[labels != OUTLIER]
    if not len(kept):
        return labels
    numbers, firsts, sizes = np.unique(kept, return_index=True, return_counts=True)
    order = np.lexsort((firsts, -sizes))
    rank = np.empty(int(numbers.max()) + 1, np.int64)
    rank[numbers[order]] = np.arange(len(order))
    return np.where(labels == OUTLIER, OUTLIER, rank[np.maximum(labels, 0)]).astype(np.int64)
