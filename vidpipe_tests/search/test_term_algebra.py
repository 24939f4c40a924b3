"""The algebra of terms obeys its laws, and refuses what has no direction."""

from random import Random

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import ArrayLike

from vidpipe.search.term_algebra import (
    QueryError,
    Term,
    Vector,
    combine,
    contributions,
    gap_corrected,
    rank_fusion,
    unit,
)

DIMENSIONS = 8

vectors = arrays(
    np.float32,
    DIMENSIONS,
    elements=st.floats(-1, 1, width=32, allow_subnormal=False),
).filter(lambda vector: np.abs(vector).max() > 1e-3)
weights = st.floats(0.1, 10) | st.floats(-10, -0.1)
term_lists = st.lists(st.builds(Term, vectors, weights), min_size=1, max_size=6)


def direction(terms: list[Term]) -> Vector:
    """The combination, or a discarded example when the terms nearly cancel out.

    Near cancellation the direction depends on the last bit of the terms, so no law holds exactly.
    """
    total = sum(term.weight * unit(term.vector).astype(np.float64) for term in terms)
    assume(np.linalg.norm(total) > 0.01 * sum(abs(term.weight) for term in terms))
    return combine(terms)


@given(term_lists)
def test_a_query_is_a_float32_vector_of_length_one(terms: list[Term]) -> None:
    query = direction(terms)
    assert query.dtype == np.float32
    assert query.shape == (DIMENSIONS,)
    assert np.linalg.norm(query.astype(np.float64)) == pytest.approx(1, abs=1e-6)


@given(term_lists)
def test_a_query_is_the_normalised_weighted_sum_of_unit_terms(terms: list[Term]) -> None:
    total = np.zeros(DIMENSIONS)
    for term in terms:
        vector = np.asarray(term.vector, dtype=np.float64)
        total += term.weight * vector / np.sqrt((vector**2).sum())
    np.testing.assert_allclose(direction(terms), total / np.sqrt((total**2).sum()), atol=1e-5)


@given(term_lists, st.floats(1e-30, 1e30))
def test_the_length_of_a_term_does_not_matter(terms: list[Term], factor: float) -> None:
    expected = direction(terms)
    longer = [
        Term(np.asarray(term.vector, dtype=np.float64) * factor, term.weight) for term in terms
    ]
    np.testing.assert_allclose(combine(longer), expected, atol=1e-5)


@given(term_lists, st.floats(1e-300, 1e290))
def test_only_the_ratios_of_weights_matter(terms: list[Term], factor: float) -> None:
    expected = direction(terms)
    scaled = [Term(term.vector, term.weight * factor) for term in terms]
    np.testing.assert_allclose(combine(scaled), expected, atol=1e-5)


@given(term_lists, st.randoms())
def test_the_order_of_terms_does_not_matter(terms: list[Term], random: Random) -> None:
    shuffled = random.sample(terms, len(terms))
    expected = direction(terms)
    np.testing.assert_allclose(combine(shuffled), expected, atol=1e-5)


@given(term_lists)
def test_subtracting_a_term_is_adding_its_opposite(terms: list[Term]) -> None:
    turned = [Term(-np.asarray(term.vector), -term.weight) for term in terms]
    expected = direction(terms)
    np.testing.assert_allclose(combine(turned), expected, atol=1e-5)


@given(term_lists, vectors, st.floats(0.1, 5), st.floats(0.1, 5))
def test_a_term_given_twice_counts_with_the_sum_of_its_weights(
    terms: list[Term], vector: Vector, first: float, second: float
) -> None:
    once = [*terms, Term(vector, first + second)]
    twice = [*terms, Term(vector, first), Term(vector, second)]
    expected = direction(once)
    np.testing.assert_allclose(combine(twice), expected, atol=1e-5)


@given(vectors, weights)
def test_one_term_is_its_own_direction_and_a_negative_weight_turns_it_round(
    vector: Vector, weight: float
) -> None:
    np.testing.assert_allclose(
        combine([Term(vector, weight)]), np.sign(weight) * unit(vector), atol=1e-6
    )


@given(vectors, vectors)
def test_adding_a_term_turns_the_query_towards_it(base: Vector, added: Vector) -> None:
    before = direction([Term(base)])
    after = direction([Term(base), Term(added)])
    assert after @ unit(added) >= before @ unit(added) - 1e-5


@given(vectors, st.floats(1e-3, 1e3))
def test_a_term_minus_itself_is_refused_whatever_its_length(vector: Vector, factor: float) -> None:
    opposite = Term(np.asarray(vector, dtype=np.float32) * np.float32(factor), -1, name="itself")
    with pytest.raises(QueryError, match=r"tank, itself cancel each other out"):
        combine([Term(vector, 1, name="tank"), opposite])


@pytest.mark.parametrize("size", [5e-324, 1e-200, 1e200, 1.7e308])
def test_extreme_lengths_keep_their_direction(size: float) -> None:
    np.testing.assert_allclose(unit([size, 0, -size]), [2**-0.5, 0, -(2**-0.5)], rtol=1e-6)


def test_navigation_moves_along_the_difference_of_two_words() -> None:
    suit, uniform, speaker = np.eye(3)
    query = combine(
        [Term(speaker + suit), Term(uniform, name="uniform"), Term(suit, -1, name="suit")]
    )
    assert query @ unit(speaker + uniform) > query @ unit(speaker + suit)


def test_an_empty_query_is_refused() -> None:
    with pytest.raises(QueryError, match="the query is empty"):
        combine([])


@pytest.mark.parametrize(
    ("vector", "complaint"),
    [
        ([0.0, 0.0], "tank is a zero vector"),
        ([1.0, float("nan")], "tank has entries that are not finite"),
        ([1.0, float("inf")], "tank has entries that are not finite"),
        ([], r"tank has shape \(0,\)"),
        ([[1.0, 2.0]], r"tank has shape \(1, 2\)"),
        (3.0, r"tank has shape \(\)"),
        (["a", "b"], "tank is not a vector of numbers"),
        ([[1.0], [1.0, 2.0]], "tank is not a vector of numbers"),
        ([1 + 2j], "tank is not a vector of numbers"),
    ],
)
def test_a_term_without_a_direction_is_refused_by_name(vector: ArrayLike, complaint: str) -> None:
    with pytest.raises(QueryError, match=complaint):
        combine([Term([1.0, 0.0]), Term(vector, name="tank")])


def test_terms_of_two_models_are_refused() -> None:
    with pytest.raises(QueryError, match="term 1 has 3 dimensions and photo has 2: all terms must"):
        combine([Term([1.0, 0.0, 0.0]), Term([1.0, 0.0], name="photo")])


@pytest.mark.parametrize("weight", [0.0, -0.0, float("nan"), float("inf")])
def test_a_weight_that_neither_adds_nor_subtracts_is_refused(weight: float) -> None:
    with pytest.raises(QueryError, match="the weight of tank is"):
        combine([Term([1.0, 0.0], weight, name="tank")])


def test_a_ranking_that_is_taken_away_pushes_down_what_it_finds_first() -> None:
    wanted, unwanted = ["a", "b", "c"], ["a", "x"]
    found = rank_fusion([(1.0, wanted), (-1.0, unwanted)])
    assert [name for name, _ in found] == ["b", "c", "a"]
    assert dict(found)["a"] == pytest.approx(0)
    assert dict(found)["b"] == pytest.approx(1 / 62)


def test_what_two_rankings_name_comes_before_what_one_names() -> None:
    found = rank_fusion([(1.0, ["a", "b", "c"]), (0.5, ["c", "d"])])
    assert [name for name, _ in found] == ["c", "a", "b", "d"]


def test_texts_lose_half_of_what_they_share_and_pictures_nothing() -> None:
    image = Term([1, 0, 2], modality="image")
    text = Term([3, 0, 4], -1.5, name="night", modality="text")
    first, second = gap_corrected([image, text], np.array([0, 0, 0.8], np.float32))
    assert first == image
    assert np.allclose(second.vector, [0.6, 0, 0.4])
    assert (second.weight, second.name) == (-1.5, "night")
    assert gap_corrected([text], None) == [text]


@given(st.lists(st.tuples(vectors, st.sampled_from([1.0, -0.5, 2.0])), min_size=1, max_size=4))
def test_contributions_add_up_to_the_score(parts: list[tuple[Vector, float]]) -> None:
    terms = [Term(vector, weight, name=str(n)) for n, (vector, weight) in enumerate(parts)]
    total = sum(weight * unit(vector).astype(float) for vector, weight in parts)
    if np.linalg.norm(total) < 0.05:
        return
    frame = unit(np.arange(1, DIMENSIONS + 1))
    shares = contributions(terms, frame)
    assert [name for name, _ in shares] == [term.name for term in terms]
    assert sum(share for _, share in shares) == pytest.approx(combine(terms) @ frame, abs=1e-4)
