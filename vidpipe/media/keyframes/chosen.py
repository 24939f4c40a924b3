"""Frames that were chosen as keyframes, whatever the method.

Belongs here: their scores, what is remembered of them, whether another frame repeats one.
Does not: the methods of choice (beside this module), the formulas of the scores
(vidpipe.media.frame_scores, vidpipe.media.colours).
"""

from dataclasses import dataclass

import cv2

from vidpipe.media.colours import (
    Signature,
    colour_distances,
    colour_signature,
    colour_variance,
)
from vidpipe.media.decode import Plane, TimedFrame
from vidpipe.media.frame_scores import entropy, light, sharpness

COPY_MEAN_DIFFERENCE = 1.0
COPY_LARGEST_DIFFERENCE = 12.0
COPY_COLOUR_DISTANCE = 2.0
"""Two frames no further apart than all three (grey levels of reduced luma, colour units) show the
same picture, compressed twice. A new subtitle, a blink or a moved hand passes the second."""


@dataclass(frozen=True)
class Chosen:
    """A frame that was chosen for a segment, with the scores it was chosen by."""

    segment: int
    timed: TimedFrame
    sharpness: float
    brightness: float
    entropy: float
    colour_variance: float
    colour_distance: float | None
    is_low_information: bool


@dataclass(frozen=True)
class Look:
    """What is remembered of a chosen frame when its pixels are gone."""

    luma: Plane
    signature: Signature


def is_copy(one: Plane, other: Plane) -> bool:
    """Whether two reduced luma planes show the same picture, compression noise apart."""
    return (
        one.shape == other.shape
        and cv2.norm(one, other, cv2.NORM_L1) <= COPY_MEAN_DIFFERENCE * one.size
        and cv2.norm(one, other, cv2.NORM_INF) <= COPY_LARGEST_DIFFERENCE
    )


def repeats(luma: Plane, distances: list[float], earlier: list[Look]) -> bool:
    """Whether a frame shows the same picture as an earlier one, at these distances in colour."""
    return any(
        distance <= COPY_COLOUR_DISTANCE and is_copy(luma, look.luma)
        for distance, look in zip(distances, earlier, strict=True)
    )


def unless_copy(segment: int, timed: TimedFrame, luma: Plane, earlier: list[Look]) -> list[Chosen]:
    """Chooses a frame and remembers it, unless it repeats an earlier one: an empty list then."""
    signature = colour_signature(timed.frame, luma)
    distances = colour_distances(signature, [look.signature for look in earlier])
    if repeats(luma, distances, earlier):
        return []
    chosen = scored(segment, timed, luma, signature, earlier)
    earlier.append(Look(luma, signature))
    return [chosen]


def scored(
    segment: int, timed: TimedFrame, luma: Plane, signature: Signature, earlier: list[Look]
) -> Chosen:
    """The chosen frame with all of its scores."""
    lit = light(luma)
    return Chosen(
        segment=segment,
        timed=timed,
        sharpness=sharpness(luma),
        brightness=lit.brightness,
        entropy=entropy(luma),
        colour_variance=colour_variance(signature),
        colour_distance=min(
            colour_distances(signature, [look.signature for look in earlier]), default=None
        ),
        is_low_information=lit.is_low_information,
    )
