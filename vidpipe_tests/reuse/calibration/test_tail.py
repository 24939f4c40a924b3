"""The tail of chance: what is fitted to made-up sureties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vidpipe.reuse.calibration.tail import (
    LEAST_SCALE_NATS,
    USUAL,
    USUAL_PAIRS,
    checked,
    fitted,
    needed_nats,
)
from vidpipe.reuse.comparison.odds import Odds

SURETIES = st.lists(st.none() | st.floats(0, 60), max_size=200)
SCALES = st.floats(LEAST_SCALE_NATS, 5)


def drawn(pairs: int, share: float, scale_nats: float, seed: int = 0) -> list[float | None]:
    """Sureties of so many pairs, of which a share has an exponential tail."""
    rng = np.random.default_rng(seed)
    reached = int(rng.binomial(pairs, share))
    beyond = USUAL.start_nats + rng.exponential(scale_nats, reached)
    return [*beyond.tolist(), *[None] * (pairs - reached)]


@settings(deadline=None, max_examples=25)
@given(scale_nats=SCALES, share=st.floats(0.05, 0.3), seed=st.integers(0, 1000))
def test_share_and_scale_are_recovered_from_many_pairs(
    scale_nats: float, share: float, seed: int
) -> None:
    tail = fitted(drawn(30_000, share, scale_nats, seed))
    assert tail.scale_nats == pytest.approx(scale_nats, rel=0.15)
    assert tail.share == pytest.approx(share, rel=0.15)


@given(sureties=SURETIES)
def test_no_tail_promises_more_than_the_floors_allow(sureties: list[float | None]) -> None:
    tail = fitted(sureties)
    assert tail.scale_nats >= LEAST_SCALE_NATS
    assert tail.share >= USUAL.share * USUAL_PAIRS / (USUAL_PAIRS + len(sureties))
    assert tail.pairs == len(sureties)
    steepest = Odds(1e8, tail.share, tail.start_nats, LEAST_SCALE_NATS)
    assert tail.odds(1e8).expected(20.0) >= steepest.expected(20.0)


@given(sureties=SURETIES, more=st.floats(3, 60))
def test_a_surer_unrelated_pair_never_makes_matches_surer(
    sureties: list[float | None], more: float
) -> None:
    """A pair in the tail, beyond its mean, expects more chance everywhere."""
    tail = fitted(sureties)
    beyond = max(more, tail.start_nats + tail.scale_nats)
    worse = fitted([*sureties, beyond])
    assert worse.odds(1e6).expected(15.0) >= tail.odds(1e6).expected(15.0) * (1 - 1e-9)


@given(sureties=SURETIES, nats=st.lists(st.floats(0, 200), min_size=2, max_size=2))
def test_more_surety_is_never_expected_more_often(
    sureties: list[float | None], nats: list[float]
) -> None:
    odds = fitted(sureties).odds(1e6)
    assert odds.expected(max(nats)) <= odds.expected(min(nats))


def test_pairs_without_a_tail_weigh_little_beside_the_usual_odds() -> None:
    tail = fitted([None] * 500)
    assert (tail.reached, tail.scale_nats) == (0, USUAL.scale_nats)
    assert tail.share == pytest.approx(USUAL.share * 2 / 3)


@pytest.mark.parametrize("pairs", [1.0, 1e4, 2e8])
def test_the_needed_surety_is_where_the_expected_number_meets_the_limit(pairs: float) -> None:
    odds = Odds(pairs, 0.001, 3.0, 1.5)
    needed = needed_nats(odds, 0.01)
    assert odds.expected(needed) <= 0.01 * (1 + 1e-9)
    assert needed == 3.0 or odds.expected(needed - 0.01) > 0.01


def test_a_fit_holds_on_pairs_alike_and_not_where_chance_does_more() -> None:
    tail = fitted(drawn(3000, 0.05, 1.0, seed=1))
    alike = checked(tail, drawn(1000, 0.05, 1.0, seed=2))
    assert alike.holds
    assert alike.expected == pytest.approx(1000 * tail.share)
    assert not checked(tail, drawn(1000, 0.2, 1.0, seed=3)).holds, "more of them"
    assert not checked(tail, drawn(1000, 0.05, 4.0, seed=4)).holds, "as many, but surer"
    nothing = checked(tail, [])
    assert (nothing.holds, nothing.observed, nothing.expected) == (True, 0, 0)
