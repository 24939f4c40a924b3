"""Ways to add and subtract terms, as arithmetic."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vidpipe.search.algebra import Term, combine, unit
from vidpipe.search.navigation import contributions, gap_corrected, rank_fusion

vectors = arrays(np.float32, 6, elements=st.floats(-1, 1, width=32)).filter(
    lambda vector: np.linalg.norm(vector) > 0.1
)


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
def test_contributions_add_up_to_the_score(parts: list[tuple[np.ndarray, float]]) -> None:
    terms = [Term(vector, weight, name=str(n)) for n, (vector, weight) in enumerate(parts)]
    total = sum(weight * unit(vector).astype(float) for vector, weight in parts)
    if np.linalg.norm(total) < 0.05:
        return
    frame = unit(np.arange(1, 7))
    shares = contributions(terms, frame)
    assert [name for name, _ in shares] == [term.name for term in terms]
    assert sum(share for _, share in shares) == pytest.approx(combine(terms) @ frame, abs=1e-4)
