"""Which aligned stretches are copies: those that pass every gate.

Belongs here: the gates, in words that people read. Does not: measuring
(vidpipe.reuse.comparison.alignment), odds (vidpipe.reuse.comparison.odds).
"""

from collections.abc import Callable
from dataclasses import dataclass

from vidpipe.reuse.comparison.alignment import Alignment
from vidpipe.reuse.comparison.odds import Odds, motion_surety, surety

MOST_EXPECTED = 0.01
"""E-value up to which a match is reported."""


@dataclass(frozen=True)
class Gate:
    """One thing that an aligned stretch must reach.

    Attributes:
        name: what is measured, for people.
        measured: the measure of a stretch.
        least: what it must reach.
    """

    name: str
    measured: Callable[[Alignment], float]
    least: float

    def lets_through(self, found: Alignment) -> bool:
        """Whether a stretch reaches it."""
        return self.measured(found) >= self.least


GATES = (
    Gate("moments compared", lambda found: found.samples, 5),
    Gate("correlation of what moves", lambda found: found.pictures.motion, 0.4),
    Gate("likeness of what moves", lambda found: found.pictures.moving_likeness, 0.35),
    Gate(
        "evidence of what moves (nats)",
        lambda found: motion_surety(found.pictures, found.line.speed),
        2.4,
    ),
)


def refused_by(found: Alignment, odds: Odds) -> str | None:
    """Why a stretch is no copy, in words; None if it is one."""
    for gate in GATES:
        if not gate.lets_through(found):
            return f"{gate.name}: {gate.measured(found):.2f}, less than {gate.least:g}"
    expected = odds.expected(surety(found.pictures, found.line.speed, found.cells))
    if expected > MOST_EXPECTED:
        return f"as sure by chance: {expected:.2g} times in this corpus, more than {MOST_EXPECTED}"
    return None
