"""Choosing K frames that summarise a video, while it is decoded once.

Belongs here: what all methods of choice have in common; one file a method.
Does not: decoding (vidpipe.media.decode), scores (vidpipe.media.frame_scores,
vidpipe.media.colours) or storing JPEGs (vidpipe.pipeline.workers.keyframes).

The timeline is cut into K equal segments of presentation time. Frames arrive in time order, so a
segment is decided when its last frame has passed, and later segments know the frames chosen
before. Full frames are held only while they can still win.
"""

from typing import Protocol

from vidpipe.media.decode import Plane, TimedFrame
from vidpipe.media.keyframes.chosen import Chosen
from vidpipe.media.keyframes.clear_and_diverse import ClearAndDiverse
from vidpipe.media.keyframes.i_frames import IFrames
from vidpipe.media.keyframes.segments import Segments
from vidpipe.media.keyframes.uniform import Uniform
from vidpipe.settings import KeyframeMethod


class Chooser(Protocol):
    """A method of choice: asked for every frame, offered those it wants."""

    def wants(self, timed: TimedFrame) -> bool:
        """Whether this frame should be offered; cheap, called for every frame."""
        ...

    def offer(self, timed: TimedFrame, luma: Plane) -> list[Chosen]:
        """Takes a frame with its reduced luma; returns what became final by it."""
        ...

    def finish(self) -> list[Chosen]:
        """Decides what is still open."""
        ...


def chooser(method: KeyframeMethod, segments: Segments, candidates_per_second: float) -> Chooser:
    """The chooser of a method name, ready for one video.

    Args:
        candidates_per_second: frames that `clear_and_diverse` judges (Hz); infinite judges all.
    """
    if method == "uniform":
        return Uniform(segments)
    if method == "i_frames":
        return IFrames(segments)
    return ClearAndDiverse(segments, candidates_per_second)
