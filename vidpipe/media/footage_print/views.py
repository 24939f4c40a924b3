"""The parts of a video's frame that are hashed: each is what some edit leaves of, or adds around,
the footage of another video.

Belongs here: finding bars, what moves and what is sharp; the list of views.
Does not: finding windows (vidpipe.media.footage_print.windows), hashing
(vidpipe.media.footage_print.pdq).

A box is left, top, right, bottom, px in the samples. `full` is the picture inside its bars; the
views beside it are there only where they differ from it.
"""

from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from vidpipe.media.decode import Plane
from vidpipe.media.footage_print.windows import window_boxes

Box = tuple[int, int, int, int]
Map = npt.NDArray[np.float32]

BORDER_RANGE = 24
"""Grey levels: rows and columns at the edge that never leave a range this narrow are border."""
SMALLEST_KEPT_SHARE = 0.15
"""No crop keeps less than this share of width or height: a slide is not all border, but a wide
film on an upright screen keeps a quarter of the height."""
CENTRES = (0.9, 0.8, 0.7, 0.6)
"""Shares of the full view's width and height that centre views keep: crops leave so much."""

MOVING_DEVIATION = 5.0
"""Grey levels: a pixel with a smaller standard deviation over the video does not change."""
SOBEL_GAIN = 8.0
"""What the 3x3 Sobel kernel makes of a slope of one grey level a pixel."""
BUSY_SHARE = 0.2
"""Rows and columns belong to a box if their profile reaches this share of the largest."""
MOST_VIEWS = 9
"""What a minute of hashes may take: 32 bytes a view and sample."""
SAME_BOX = 0.9
"""Boxes whose intersection is this share of their union are one view."""


class WhatChanges:
    """Collects, over the samples of a video, what its boxes are found by."""

    def __init__(self) -> None:
        self._count = 0
        self._lowest: Plane | None = None
        self._highest: Plane | None = None
        self._sum = self._squares = self._across = self._down = np.zeros((0, 0), np.float32)

    def add(self, sample: Plane) -> None:
        """Takes a sample that is neither dark nor flat: uint8, shape (height_px, width_px)."""
        values = sample.astype(np.float32)
        if self._lowest is None or self._highest is None or self._lowest.shape != sample.shape:
            self._count = 0
            self._lowest, self._highest = sample, sample
            self._sum, self._squares = np.zeros_like(values), np.zeros_like(values)
            self._across, self._down = np.zeros_like(values), np.zeros_like(values)
        self._count += 1
        self._lowest = cast(Plane, cv2.min(self._lowest, sample))
        self._highest = cast(Plane, cv2.max(self._highest, sample))
        cv2.accumulate(values, self._sum)
        cv2.accumulateSquare(values, self._squares)
        across = cv2.Sobel(values, cv2.CV_32F, 1, 0, scale=1 / SOBEL_GAIN)
        down = cv2.Sobel(values, cv2.CV_32F, 0, 1, scale=1 / SOBEL_GAIN)
        cv2.accumulate(np.abs(across), self._across)
        cv2.accumulate(np.abs(down), self._down)

    def views(self, shape: tuple[int, ...]) -> dict[str, Box]:
        """The boxes to hash, by the names of the views; `full` comes first.

        Args:
            shape: (height, width) of the samples.
        """
        full = content_box(self._lowest, self._highest, shape)
        boxes = {"full": full}
        boxes |= {f"centre_{round(100 * share)}": central(full, share) for share in CENTRES}
        if not self._count:
            return boxes
        others: dict[str, Box | None] = {
            "whole": (0, 0, shape[1], shape[0]),
            "motion": self._motion_box(full),
        }
        windows = window_boxes(*(_mean(total, self._count) for total in (self._across, self._down)))
        others |= {f"window_{number}": box for number, box in enumerate(windows, 1)}
        others["sharp"] = self._sharp_box(full)
        for name, box in others.items():
            is_new = box and all(overlap(box, one) < SAME_BOX for one in boxes.values())
            if box and is_new and len(boxes) < MOST_VIEWS:
                boxes[name] = box
        return boxes

    def _motion_box(self, full: Box) -> Box | None:
        left, top, right, bottom = full
        mean = self._sum / self._count
        variance = self._squares / self._count - mean**2
        moving = np.sqrt(np.maximum(variance, 0))[top:bottom, left:right] > MOVING_DEVIATION
        return busy_box(moving.astype(np.float32), full)

    def _sharp_box(self, full: Box) -> Box | None:
        left, top, right, bottom = full
        detail = ((self._across + self._down) / self._count)[top:bottom, left:right]
        return busy_box((detail > 0.4 * np.quantile(detail, 0.95)).astype(np.float32), full)


def _mean(total: Map, count: int) -> Map:
    return np.asarray(total / count, np.float32)


def busy_box(shares: Map, within: Box) -> Box | None:
    """The box around the rows and columns where most of a map lies; None if that is too small.

    Args:
        shares: 0 to 1, shape (height, width) of the box `within`.
        within: where the map lies in the frame.
    """
    rows, columns = shares.mean(axis=1), shares.mean(axis=0)
    if not rows.any():
        return None
    top, bottom = _extent(rows)
    # Columns are judged within those rows, so that a moving line of text elsewhere is left out.
    columns = shares[top:bottom].mean(axis=0)
    left, right = _extent(columns)
    smallest = (SMALLEST_KEPT_SHARE * side for side in shares.shape)
    if bottom - top < next(smallest) or right - left < next(smallest):
        return None
    return within[0] + left, within[1] + top, within[0] + right, within[1] + bottom


def _extent(profile: Map) -> tuple[int, int]:
    busy = np.flatnonzero(profile >= BUSY_SHARE * profile.max())
    return int(busy[0]), int(busy[-1]) + 1


def content_box(lowest: Plane | None, highest: Plane | None, shape: tuple[int, ...]) -> Box:
    """The picture inside its bars and borders.

    Args:
        lowest, highest: darkest and brightest value that each pixel ever had; None if unknown.
        shape: (height, width) of the samples.

    A row or column at the edge is border when all its pixels stay within `BORDER_RANGE` grey
    levels through the whole video.
    """
    height, width = shape[:2]
    if lowest is None or highest is None:
        return 0, 0, width, height
    is_row = highest.max(axis=1).astype(int) - lowest.min(axis=1) <= BORDER_RANGE
    top, bottom = _kept(is_row)
    inner_low, inner_high = lowest[top:bottom], highest[top:bottom]
    is_column = inner_high.max(axis=0).astype(int) - inner_low.min(axis=0) <= BORDER_RANGE
    left, right = _kept(is_column)
    return left, top, right, bottom


def _kept(is_border: npt.NDArray[np.bool_]) -> tuple[int, int]:
    inside = np.flatnonzero(~is_border)
    if not inside.size or inside[-1] + 1 - inside[0] < SMALLEST_KEPT_SHARE * is_border.size:
        return 0, int(is_border.size)
    return int(inside[0]), int(inside[-1]) + 1


def central(box: Box, share: float) -> Box:
    """The middle of a box: `share` of its width and height."""
    left, top, right, bottom = box
    across = round((right - left) * (1 - share) / 2)
    down = round((bottom - top) * (1 - share) / 2)
    return left + across, top + down, right - across, bottom - down


def overlap(one: Box, other: Box) -> float:
    """Intersection over union of two boxes, 0 to 1."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    if across <= 0 or down <= 0:
        return 0.0
    both = across * down
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return both / (areas - both)
