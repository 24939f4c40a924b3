"""Keyframes at equal distances: the middle of each segment.

Belongs here: which frame stands for the middle.
Does not: looking at what a frame shows (vidpipe.media.keyframes.clear_and_diverse).
"""

from vidpipe.media.decode import Plane, TimedFrame, reduced_luma
from vidpipe.media.keyframes.chosen import Chosen, Look, unless_copy
from vidpipe.media.keyframes.segments import Segments


class Uniform:
    """Chooses the frame at the middle of each segment, whatever it shows."""

    def __init__(self, segments: Segments) -> None:
        self._segments = segments
        self._decided = -1
        self._early: TimedFrame | None = None
        self._chosen: list[Look] = []

    def wants(self, timed: TimedFrame) -> bool:
        """Whether this is the first frame at or after the middle of a segment that is still open.

        A segment whose frames all come before its middle gives the last of them.
        """
        segment = self._segments.of(timed.time_s)
        if segment <= self._decided:
            return False
        if self._early is not None and self._segments.of(self._early.time_s) < segment:
            return True
        if timed.time_s >= self._segments.middle_s(segment):
            return True
        self._early = timed
        return False

    def offer(self, timed: TimedFrame, luma: Plane) -> list[Chosen]:
        """Takes a frame at or after a middle, and what an earlier segment still owes."""
        segment = self._segments.of(timed.time_s)
        early, self._early = self._early, None
        decided = []
        if early is not None and self._segments.of(early.time_s) < segment:
            decided = self._take(early, reduced_luma(early.frame))
        if timed.time_s >= self._segments.middle_s(segment):
            return decided + self._take(timed, luma)
        self._early = timed
        return decided

    def finish(self) -> list[Chosen]:
        """Takes the latest frame of a last segment that ended before its middle."""
        early, self._early = self._early, None
        return self._take(early, reduced_luma(early.frame)) if early is not None else []

    def _take(self, timed: TimedFrame, luma: Plane) -> list[Chosen]:
        self._decided = self._segments.of(timed.time_s)
        return unless_copy(self._decided, timed, luma, self._chosen)
