"""Weights that are never negative, learnt from few examples."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from vidpipe.search.logistic import Numbers, fit


def examples(seed: int, count: int = 200) -> tuple[Numbers, NDArray[np.bool_]]:
    """Two measures that tell right from wrong, one of them backwards, and one of chance."""
    rng = np.random.default_rng(seed)
    is_right = rng.random(count) < 0.5
    told = is_right[:, None] * np.array([2.0, -2.0, 0.0])
    return rng.normal(size=(count, 3)) + told, is_right


def test_a_measure_that_tells_gets_weight_and_one_that_tells_the_contrary_gets_none() -> None:
    values, is_right = examples(1)
    fitted = fit(values, is_right)
    assert fitted.weights[0] > 0.5
    assert fitted.weights[1] == 0
    logits = fitted.logits(values)
    assert np.mean((logits > 0) == is_right) > 0.8


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.integers(0, 2), st.floats(0, 5))
def test_more_of_a_measure_never_makes_an_answer_less_likely(
    seed: int, measure: int, more: float
) -> None:
    values, is_right = examples(seed, 40)
    fitted = fit(values, is_right)
    raised = values.copy()
    raised[:, measure] += more
    assert (fitted.logits(raised) >= fitted.logits(values)).all()


def test_what_is_not_known_counts_as_the_mean() -> None:
    values, is_right = examples(2)
    values[::3, 0] = np.nan
    values[:, 2] = np.nan
    fitted = fit(values, is_right)
    unknown, mean = fitted.logits(np.array([[np.nan] * 3, [*fitted.means[:2], np.nan]]))
    assert unknown == mean == fitted.intercept
    assert fitted.weights[0] > 0
    assert fitted.weights[2] == 0


def test_ten_times_as_many_wrong_examples_do_not_make_everything_wrong() -> None:
    """Each kind weighs half: the middle between the two kinds stays where it is."""
    values, is_right = examples(3, 1000)
    few = np.flatnonzero(is_right)[:50]
    rare = np.concatenate([few, np.flatnonzero(~is_right)])
    fitted = fit(values[rare], is_right[rare])
    assert np.mean(fitted.logits(values[is_right]) > 0) > 0.75
    assert np.mean(fitted.logits(values[~is_right]) < 0) > 0.75
