"""Maps between two videos' frames by the ORB keypoints of their keyframes.

Belongs here: matching points, and the shift and scale that many of them agree on.
Does not: finding points (vidpipe.media.footage_print.keypoints), judging a map
(vidpipe.reuse.comparison.pictures).
"""

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from vidpipe.reuse.comparison.geometry import FrameMap
from vidpipe.reuse.footage import Floats, Footage, KeyframeFeatures

MOST_BITS = 68
"""Descriptors that differ in more bits are no pair."""
LEAST_INLIERS = 5
CELLS = 8
"""Rows and columns of cells in which agreeing points are counted: one logo fills one or two."""
TOLERANCE = 0.02
"""How far a point may lie from where the map sends it, in frame heights."""
LARGEST_TURN = 0.15
"""Sine of the largest turn between two frames: footage is reused upright."""
SCALES = (0.2, 5.0)
MAPS = 3


@dataclass(frozen=True)
class KeypointMap:
    """A map that points of two keyframes agree on.

    Attributes:
        to_b: from the first frame to the second.
        a_time_s, b_time_s: when the keyframes are shown (s).
        cells: number of cells of the first frame with points that agree.
    """

    to_b: FrameMap
    a_time_s: float
    b_time_s: float
    cells: int


def keypoint_maps(a: Footage, b: Footage) -> list[KeypointMap]:
    """The maps with the most agreeing cells, of different pairs of keyframes, best first."""
    bits = np.asarray((256 - a.keypoint_signs @ b.keypoint_signs.T) / 2, np.float32)
    rows = np.cumsum([0, *(len(frame.points) for frame in a.keyframes)])
    columns = np.cumsum([0, *(len(frame.points) for frame in b.keyframes)])
    found = []
    for one, frame_a in enumerate(a.keyframes):
        for other, frame_b in enumerate(b.keyframes):
            own = bits[rows[one] : rows[one + 1], columns[other] : columns[other + 1]]
            mapped = _map(frame_a, frame_b, own, a.aspect, b.aspect)
            if mapped is not None:
                found.append(mapped)
    found.sort(key=lambda one: -one.cells)
    return found[:MAPS]


def _map(
    a: KeyframeFeatures,
    b: KeyframeFeatures,
    bits: npt.NDArray[np.float32],
    aspect_a: float,
    aspect_b: float,
) -> KeypointMap | None:
    if min(bits.shape) < LEAST_INLIERS:
        return None
    nearest_b, nearest_a = bits.argmin(axis=1), bits.argmin(axis=0)
    own = np.arange(len(nearest_b))
    is_pair = (nearest_a[nearest_b] == own) & (bits[own, nearest_b] <= MOST_BITS)
    if is_pair.sum() < LEAST_INLIERS:
        return None
    points_a, points_b = a.points[is_pair], b.points[nearest_b[is_pair]]
    # In frame heights, in which a shift and one scale lay one picture on the other.
    heights_a, heights_b = points_a * (aspect_a, 1), points_b * (aspect_b, 1)
    fitted, inliers = cv2.estimateAffinePartial2D(
        heights_a, heights_b, method=cv2.RANSAC, ransacReprojThreshold=TOLERANCE, maxIters=300
    )
    if fitted is None or int(inliers.sum()) < LEAST_INLIERS:
        return None
    scale = float(np.hypot(fitted[0, 0], fitted[1, 0]))
    if not SCALES[0] <= scale <= SCALES[1] or abs(fitted[1, 0]) > LARGEST_TURN * scale:
        return None
    kept = cast("np.ndarray[tuple[int], np.dtype[np.bool_]]", inliers.ravel() > 0)
    return KeypointMap(
        _upright(heights_a[kept], heights_b[kept], aspect_a, aspect_b),
        a.time_s,
        b.time_s,
        min(_cells(points_a[kept]), _cells(points_b[kept])),
    )


def _upright(one: Floats, two: Floats, aspect_a: float, aspect_b: float) -> FrameMap:
    """The scale and shift without turn that fit points (n, 2) in frame heights best."""
    mean_a, mean_b = one.mean(axis=0), two.mean(axis=0)
    scale = float(((one - mean_a) * (two - mean_b)).sum() / ((one - mean_a) ** 2).sum())
    shift = mean_b - scale * mean_a
    return FrameMap(scale * aspect_a / aspect_b, float(shift[0]) / aspect_b, scale, float(shift[1]))


def _cells(points: Floats) -> int:
    cells = np.minimum((points * CELLS).astype(int), CELLS - 1)
    return len(np.unique(cells @ np.array([CELLS, 1])))
