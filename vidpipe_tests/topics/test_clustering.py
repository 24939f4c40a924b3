"""Groups of near vectors: trees, thresholds, samples."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.metrics import adjusted_rand_score, silhouette_score

from vidpipe.topics import clustering
from vidpipe.topics.clustering import OUTLIER, adjusted_rand_index, cluster, groups_of
from vidpipe.topics.space import Labels, Vectors, unit_rows

labels = st.lists(st.integers(0, 4), min_size=2, max_size=30)


def planted(groups: int, members: int, strays: int = 0) -> tuple[Vectors, Labels]:
    """Vectors around axes in random order, and some at right angles to all."""
    rng = np.random.default_rng(3)
    truth = np.repeat(np.arange(groups), members)
    axes = np.eye(groups + strays, dtype=np.float32)
    near = axes[truth] + rng.normal(0, 0.08, (groups * members, groups + strays))
    vectors = unit_rows(np.concatenate([near, axes[groups:]]))
    truth = np.concatenate([truth, np.full(strays, OUTLIER)])
    order = rng.permutation(len(truth))
    return vectors[order], truth[order]


def test_planted_groups_are_found_and_strays_left_out() -> None:
    vectors, truth = planted(groups=7, members=12, strays=5)
    found = cluster(vectors, least=3)
    assert adjusted_rand_score(truth, found.labels) == 1
    assert set(np.flatnonzero(found.labels == OUTLIER)) == set(np.flatnonzero(truth == OUTLIER))
    best = max(found.candidates, key=lambda one: one.score)
    as_good = [one for one in found.candidates if one.score >= best.score - best.error]
    assert found.threshold == max(one.threshold for one in as_good)
    assert {one.groups for one in as_good} == {7}


def test_the_error_of_a_candidate_is_that_of_a_mean() -> None:
    """Four times the vectors halve it."""
    few, many = (cluster(planted(groups=5, members=size)[0], least=3) for size in (10, 40))
    ratios = [
        one.silhouette_error / other.silhouette_error
        for one, other in zip(few.candidates, many.candidates, strict=True)
        if one.groups == other.groups == 5
    ]
    assert ratios
    assert ratios == pytest.approx([2.0] * len(ratios), rel=0.25)


def test_groups_are_numbered_by_size() -> None:
    vectors, truth = planted(groups=3, members=10)
    kept = ~((truth == 1) & (np.cumsum(truth == 1) > 4))
    sizes = np.bincount(cluster(vectors[kept], least=3).labels)
    assert sizes.tolist() == sorted(sizes, reverse=True)
    assert sizes.min() == 4


def test_a_large_corpus_is_clustered_by_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, truth = planted(groups=6, members=40)
    monkeypatch.setattr(clustering, "MOST_AT_ONCE", 60)
    found = cluster(vectors, least=3, threshold=0.5)
    assert adjusted_rand_score(truth, found.labels) == 1
    assert found.candidates == ()


def test_small_groups_of_a_large_corpus_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are hidden among large groups and strays, few in any one sample."""
    vectors, truth = planted(groups=12, members=60, strays=60)
    is_kept = (truth < 4) | (np.arange(len(truth)) % 8 == 0) | (truth == OUTLIER)
    monkeypatch.setattr(clustering, "MOST_AT_ONCE", 50)
    found = cluster(vectors[is_kept], least=3, threshold=0.5)
    small = truth[is_kept] >= 4
    assert (found.labels[small] != OUTLIER).mean() > 0.9
    assert adjusted_rand_score(truth[is_kept][small], found.labels[small]) == 1


@pytest.mark.parametrize("count", [1, 2, 5])
def test_few_vectors_make_no_trouble(count: int) -> None:
    found = cluster(planted(groups=count, members=1)[0], least=3)
    assert found.labels.tolist() == [OUTLIER] * count


def test_a_radius_holds_what_is_near_the_members_in_the_mean() -> None:
    vectors, truth = planted(groups=4, members=40, strays=4)
    groups = groups_of(vectors, truth, 0.5)
    assert np.array_equal(groups.nearest(vectors), truth)
    between = unit_rows(vectors[truth == 0][:1] + 0.9 * vectors[truth == 1][:1])
    nearness = (between @ vectors[truth == 0].T).mean()
    for threshold, inside in ((1 - nearness - 0.01, False), (1 - nearness + 0.01, True)):
        assert (groups_of(vectors, truth, threshold).nearest(between)[0] == 0) == inside
    assert (groups.nearest(-groups.centroids) == OUTLIER).all()


@given(labels, st.data())
def test_the_agreement_of_groupings_is_that_of_the_library(
    one: list[int], data: st.DataObject
) -> None:
    other = data.draw(st.lists(st.integers(0, 4), min_size=len(one), max_size=len(one)))
    ours = adjusted_rand_index(np.array(one), np.array(other))
    assert ours == pytest.approx(adjusted_rand_score(one, other), abs=1e-9)


@settings(deadline=None)  # the first example imports SciPy
@given(st.integers(2, 25), st.integers(0, 100), st.sampled_from([0.2, 0.5, 1.0]))
def test_trees_are_cut_as_the_library_cuts_them(count: int, seed: int, threshold: float) -> None:
    vectors = unit_rows(np.random.default_rng(seed).normal(size=(count, 3)))
    ours = cluster(vectors, least=1, threshold=threshold).labels
    tree = linkage(vectors.astype(np.float64), "average", metric="cosine")
    assert adjusted_rand_score(fcluster(tree, threshold, "distance"), ours) == 1


def test_silhouettes_are_those_of_the_library() -> None:
    vectors, _ = planted(groups=4, members=9, strays=2)
    distances = np.maximum(1 - vectors @ vectors.T, 0)
    np.fill_diagonal(distances, 0)
    compared = 0
    for candidate in cluster(vectors, least=1).candidates:
        labels = cluster(vectors, least=1, threshold=candidate.threshold).labels
        if 1 < candidate.groups < len(vectors):
            theirs = silhouette_score(distances, labels, metric="precomputed")
            assert candidate.silhouette == pytest.approx(theirs, abs=1e-5)
            compared += 1
    assert compared > 3
