"""The tail of chance: how many unrelated pairs are how sure, as odds that E-values are made of.

Belongs here: fitting the tail to measured pairs, and checking a fit on others.
Does not: measuring pairs (vidpipe.reuse.calibration.workers), what odds mean
(vidpipe.reuse.comparison.odds).

A few hundred pairs tell little of what happens once in millions. So the usual odds, which were
measured with many more pairs, count as `USUAL_PAIRS` pairs and `USUAL_REACHED` of their sureties
beside those of the corpus: an empty tail makes a little more sure, and never promises much. A share
that is larger than the usual one is believed as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

from vidpipe.reuse.comparison.odds import Odds

USUAL = Odds()
USUAL_PAIRS = 1000
USUAL_REACHED = 10
LEAST_SCALE_NATS = 0.8
"""However steep a tail looks, it is not taken to be steeper: rare things make it flatter."""
TOLD_BEYOND_NATS = (0.0, 2.0)
"""Where a fit is checked, as nats above its start."""
UNLIKELY = 0.01
"""A fit does not hold if it makes what was observed less probable than this."""


@dataclass(frozen=True)
class Tail:
    """What was fitted.

    Attributes:
        pairs: number of unrelated pairs behind it.
        reached: how many of them are in the tail.
        share, start_nats, scale_nats: as in `Odds`.
    """

    pairs: int
    reached: int
    share: float
    start_nats: float
    scale_nats: float

    def odds(self, pairs: float) -> Odds:
        """The odds in a corpus with so many pairs."""
        return Odds(pairs, self.share, self.start_nats, self.scale_nats)


@dataclass(frozen=True)
class Check:
    """A fit, held against pairs that it was not made of.

    Attributes:
        pairs: their number.
        expected: how many of them the fit expects in the tail.
        observed: how many there were.
        holds: whether there were no more than chance allows, there and further out.
    """

    pairs: int
    expected: float
    observed: int
    holds: bool


def fitted(sureties: Sequence[float | None]) -> Tail:
    """The tail of unrelated pairs.

    Args:
        sureties: of each pair, in nats, of its surest stretch that passes every other gate; None
            for a pair without one.

    Returns:
        The share of pairs in the tail, and by maximum likelihood the scale of an exponential
        above its start; both with the weight of the usual odds.
    """
    beyond = _beyond(sureties, USUAL.start_nats)
    blended = (len(beyond) + USUAL.share * USUAL_PAIRS) / (len(sureties) + USUAL_PAIRS)
    share = max(blended, len(beyond) / max(1, len(sureties)))
    scale = (sum(beyond) + USUAL.scale_nats * USUAL_REACHED) / (len(beyond) + USUAL_REACHED)
    return Tail(len(sureties), len(beyond), share, USUAL.start_nats, max(scale, LEAST_SCALE_NATS))


def checked(tail: Tail, sureties: Sequence[float | None]) -> Check:
    """Holds a tail against the sureties of other pairs."""
    from scipy.stats import poisson

    expected, observed, holds = [], [], True
    for nats in TOLD_BEYOND_NATS:
        expected.append(len(sureties) * tail.share * exp(-nats / tail.scale_nats))
        observed.append(len(_beyond(sureties, tail.start_nats + nats)))
        holds &= bool(poisson.sf(observed[-1] - 1, expected[-1]) >= UNLIKELY)
    return Check(len(sureties), expected[0], observed[0], holds)


def needed_nats(odds: Odds, most_expected: float) -> float:
    """The surety (nats) from which on no more than `most_expected` unrelated pairs are as sure."""
    at_start = odds.pairs * odds.share
    if at_start <= most_expected:
        return odds.start_nats
    return odds.start_nats + odds.scale_nats * log(at_start / most_expected)


def _beyond(sureties: Sequence[float | None], start_nats: float) -> list[float]:
    return [nats - start_nats for nats in sureties if nats is not None and nats >= start_nats]
