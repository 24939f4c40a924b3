"""The timeline of a video, cut into equal parts.

Belongs here: which part a moment belongs to.
Does not: measuring the timeline (vidpipe.media.timeline), choosing a frame of each part (the
methods beside this module).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Segments:
    """The timeline cut into equal parts."""

    count: int
    duration_s: float

    def of(self, time_s: float) -> int:
        """The segment of a moment; frames beyond the measured end belong to the last."""
        if self.duration_s <= 0:
            return 0
        return min(self.count - 1, int(time_s * self.count / self.duration_s))

    def middle_s(self, segment: int) -> float:
        """The middle of a segment in seconds."""
        return (segment + 0.5) * self.duration_s / self.count
