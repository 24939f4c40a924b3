"""Retrieval measures: by hand, against a well-kept library, and against brute force."""

from itertools import permutations

import ir_measures
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vidpipe.search.retrieval_metrics import mean_interval, measures

items = st.integers(0, 12)
rankings = st.lists(items, unique=True, max_size=10).map(tuple)
answers = st.frozensets(items, min_size=1, max_size=8)


def test_a_ranking_worked_out_by_hand() -> None:
    found = measures(["a", "x", "b", "y", "c"], {"a", "b", "c", "d", "e", "f"}, 5)
    precisions = 1 / 1 + 2 / 3 + 3 / 5
    assert found == pytest.approx(
        {
            "mrr@5": 1.0,
            "map@5": precisions / 5,
            "map_by_all@5": precisions / 6,
            "recall@5": 3 / 6,
        }
    )


def test_only_the_first_k_places_count() -> None:
    assert measures(["x", "a"], {"a"}, 1) == pytest.approx(
        {"mrr@1": 0, "map@1": 0, "map_by_all@1": 0, "recall@1": 0}
    )
    assert measures(["x", "a"], {"a"}, 2)["mrr@2"] == 0.5


@given(rankings, answers, st.integers(1, 12))
def test_a_library_agrees_where_all_answers_fit(
    ranked: tuple[int, ...], relevant: frozenset[int], k: int
) -> None:
    assume(len(relevant) <= k)
    names = {
        "mrr": ir_measures.RR @ k,
        "map": ir_measures.AP @ k,
        "map_by_all": ir_measures.AP @ k,
        "recall": ir_measures.R @ k,
    }
    judged = [ir_measures.Qrel("q", str(one), 1) for one in relevant]
    run = [ir_measures.ScoredDoc("q", str(one), -float(place)) for place, one in enumerate(ranked)]
    theirs = ir_measures.calc_aggregate(set(names.values()), judged, run)
    ours = measures(ranked, relevant, k)
    for name, measure in names.items():
        assert ours[f"{name}@{k}"] == pytest.approx(theirs[measure])


@given(rankings, answers, st.integers(1, 12))
def test_average_precision_is_what_its_formula_says(
    ranked: tuple[int, ...], relevant: frozenset[int], k: int
) -> None:
    right = [one in relevant for one in ranked]
    total = sum(
        sum(right[: rank + 1]) / (rank + 1) for rank in range(min(k, len(right))) if right[rank]
    )
    assert measures(ranked, relevant, k)[f"map@{k}"] == pytest.approx(total / min(len(relevant), k))


@given(st.lists(st.integers(0, 5), unique=True, min_size=1, max_size=5), st.integers(1, 5))
def test_no_order_beats_the_right_answers_first(found: list[int], k: int) -> None:
    relevant = {one for one in found if one % 2 == 0}
    assume(relevant)
    best = sorted(found, key=lambda one: one not in relevant)
    reached = measures(best, relevant, k)
    for order in permutations(found):
        for name, value in measures(order, relevant, k).items():
            assert 0 <= value <= reached[name] + 1e-12
    assert reached[f"mrr@{k}"] == reached[f"map@{k}"] == pytest.approx(1)


@pytest.mark.parametrize(
    ("ranked", "relevant", "k"), [(["a"], set(), 5), (["a", "a"], {"a"}, 5), (["a"], {"a"}, 0)]
)
def test_what_cannot_be_scored_is_refused(ranked: list[str], relevant: set[str], k: int) -> None:
    with pytest.raises(ValueError, match=r"right answer|twice|at least 1"):
        measures(ranked, relevant, k)


def test_an_interval_holds_the_mean_and_narrows_with_more_queries() -> None:
    rng = np.random.default_rng(5)
    few = mean_interval(rng.random(20))
    many = mean_interval(rng.random(2000))
    for found in (few, many):
        assert found.low < found.mean < found.high
    assert many.high - many.low < (few.high - few.low) / 4
    assert mean_interval([0.5, 0.5]) == mean_interval([0.5] * 9)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(6)
    held = 0
    for _ in range(200):
        found = mean_interval(rng.random(60) < 0.8)
        held += found.low <= 0.8 <= found.high
    assert 0.88 <= held / 200 <= 0.99


def test_an_empty_mean_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing"):
        mean_interval([])
