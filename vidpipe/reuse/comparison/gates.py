"""Which aligned stretches are copies.

Belongs here: the rule. Does not: how often it is wrong (vidpipe.reuse.calibration).
"""

from dataclasses import dataclass

from vidpipe.reuse.comparison.alignment import Alignment


@dataclass(frozen=True)
class Gate:
    """One way to be accepted: all of these at least."""

    name: str
    samples: int
    motion: float
    score: float = 0.0
    cells: int = 0
    likeness: float = -1.0

    def lets_through(self, found: Alignment) -> bool:
        """Whether a stretch reaches all of them."""
        return (
            found.samples >= self.samples
            and found.pictures.motion >= self.motion
            and found.score >= self.score
            and found.cells >= self.cells
            and found.pictures.likeness >= self.likeness
        )


GATES = (
    Gate("moves alike", samples=5, motion=0.6, score=1.0),
    Gate("hashes agree and it moves alike", samples=8, motion=0.45, score=6.0),
    Gate(
        "hashes agree for long and it looks alike", samples=8, motion=0.2, score=20, likeness=0.65
    ),
    Gate("keypoints agree and it moves alike", samples=5, motion=0.5, cells=8),
)


def passed(found: Alignment) -> Gate | None:
    """The first gate that a stretch passes."""
    return next((gate for gate in GATES if gate.lets_through(found)), None)
