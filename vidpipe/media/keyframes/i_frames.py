"""Keyframes that are intra-coded frames of the video.

Belongs here: which of them stands for a segment.
Does not: looking at what a frame shows (vidpipe.media.keyframes.clear_and_diverse).
"""

from vidpipe.media.decode import Plane, TimedFrame
from vidpipe.media.keyframes.chosen import Chosen, Look, unless_copy
from vidpipe.media.keyframes.segments import Segments


class IFrames:
    """Chooses the first intra-coded frame of each segment: where the encoder saw something new."""

    def __init__(self, segments: Segments) -> None:
        self._segments = segments
        self._decided = -1
        self._chosen: list[Look] = []

    def wants(self, timed: TimedFrame) -> bool:
        """Whether the frame is intra-coded and its segment has none yet."""
        return timed.frame.key_frame and self._segments.of(timed.time_s) > self._decided

    def offer(self, timed: TimedFrame, luma: Plane) -> list[Chosen]:
        """Takes the frame for its segment."""
        self._decided = self._segments.of(timed.time_s)
        return unless_copy(self._decided, timed, luma, self._chosen)

    def finish(self) -> list[Chosen]:
        """Returns nothing, for nothing is left open."""
        return []
