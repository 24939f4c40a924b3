"""ORB keypoints of keyframes: what finds footage in another crop, window or layout.

Belongs here: choosing and describing points, their packed form. Does not: comparing them
(vidpipe.reuse.comparison.keypoints).

**Packed form**, n points a keyframe. `points`: n x 4 bytes, two little-endian uint16: x and y of
the point as shares of 65,535 of the width and height. `descriptors`: n x 32 bytes, the ORB
bits.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from vidpipe.media.decode import Plane

KEYPOINT_LONG_SIDE_PX = 480
GRID = (6, 8)  # rows and columns of cells that share the points between them
POINTS = 130
"""The most points of a keyframe: 4.7 kB, of five keyframes 23.4 kB."""
DETECTED = 1500
FAST_THRESHOLD = 7  # low: soft pictures have points, too, and the strongest of a cell are kept

_SHARE = 65535


@dataclass(frozen=True)
class KeyframePoints:
    """The keypoints of one keyframe; see the module for the meaning of the bytes."""

    timestamp_s: float
    points: bytes
    descriptors: bytes


def keyframe_points(timestamp_s: float, image: bytes) -> KeyframePoints:
    """The keypoints of a keyframe.

    Args:
        timestamp_s: when it is shown (s).
        image: its JPEG.
    """
    picture = cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_GRAYSCALE)
    points, descriptors = described(np.asarray(picture, np.uint8))
    return KeyframePoints(timestamp_s, points.tobytes(), descriptors.tobytes())


def described(picture: Plane) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint8]]:
    """ORB points spread over a picture, and their descriptors.

    The strongest points of a picture crowd on one caption or logo; each cell of a grid gives its
    own, so that what is left of a picture beside them can be recognised.

    Args:
        picture: luma, uint8, shape (height_px, width_px).

    Returns:
        Points, uint16, shape (n, 2), and descriptors, uint8, shape (n, 32), of at most `POINTS`.
    """
    scale = KEYPOINT_LONG_SIDE_PX / max(picture.shape)
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(picture, size, interpolation=how), np.uint8)
    orb = cv2.ORB.create(nfeatures=DETECTED, fastThreshold=FAST_THRESHOLD)
    found, descriptors = orb.detectAndCompute(small, np.full_like(small, 255))
    if not found:
        return np.zeros((0, 2), np.uint16), np.zeros((0, 32), np.uint8)
    chosen = _spread(found, small.shape)
    points = np.array([found[number].pt for number in chosen]) / size
    packed = np.round(np.clip(points, 0, 1) * _SHARE).astype("<u2")
    return packed, np.asarray(descriptors, np.uint8)[chosen]


def unpacked_points(points: bytes) -> npt.NDArray[np.float64]:
    """Points as shares of width and height, shape (n, 2)."""
    return np.frombuffer(points, "<u2").reshape(-1, 2) / _SHARE


def _spread(found: Sequence[cv2.KeyPoint], shape: tuple[int, ...]) -> list[int]:
    """Numbers of the strongest points, taken in turns from the cells of a grid."""
    rows, columns = GRID
    places: dict[tuple[int, int], int] = {}
    turns: list[tuple[int, int, int]] = []
    for number in sorted(range(len(found)), key=lambda one: -found[one].response):
        x, y = found[number].pt
        cell = (int(y * rows / shape[0]), int(x * columns / shape[1]))
        places[cell] = turn = places.get(cell, -1) + 1
        turns.append((turn, len(turns), number))
    return [number for _, _, number in sorted(turns)[:POINTS]]
