"""Where a source's picture lies in the frame of its edited copy.

Belongs here: following crops, scales, frames and warps, and what they leave visible.
Does not: moving pixels (vidpipe.reuse.editing.steps and its neighbours).
"""

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True)
class Placement:
    """The frame of a copy while it is edited.

    Attributes:
        width_px, height_px: size of the frame.
        source: where the source's whole frame would lie, px; what a crop cut off lies outside.
        window: the part of the frame in which the source is seen, px.
        is_mirrored: whether left and right are exchanged.
    """

    width_px: int
    height_px: int
    source: Box
    window: Box
    is_mirrored: bool = False

    @classmethod
    def whole(cls, width_px: int, height_px: int) -> "Placement":
        """The unedited frame."""
        box = (0.0, 0.0, float(width_px), float(height_px))
        return cls(width_px, height_px, box, box)

    @property
    def size(self) -> tuple[int, int]:
        """(width_px, height_px), as OpenCV takes it."""
        return self.width_px, self.height_px

    @property
    def copy_box(self) -> Box:
        """The part of the copy's frame that shows the source, as shares of width and height."""
        left, top, right, bottom = self.window
        width, height = self.size
        return left / width, top / height, right / width, bottom / height

    @property
    def source_box(self) -> Box:
        """The part of the source's frame that the copy shows, as shares of width and height."""
        left, top, right, bottom = self.source
        xs = [(x - left) / (right - left) for x in (self.window[0], self.window[2])]
        ys = [(y - top) / (bottom - top) for y in (self.window[1], self.window[3])]
        if self.is_mirrored:
            xs = [1 - x for x in reversed(xs)]
        return xs[0], ys[0], xs[1], ys[1]

    def mirrored(self) -> "Placement":
        """The frame with left and right exchanged."""
        width = self.width_px
        source, window = (
            (width - right, top, width - left, bottom)
            for left, top, right, bottom in (self.source, self.window)
        )
        return replace(self, source=source, window=window, is_mirrored=not self.is_mirrored)

    def cropped(self, left: int, top: int, width: int, height: int) -> "Placement":
        """A part of the frame (px)."""
        moved = self.on_canvas(width, height, -left, -top)
        x0, y0, x1, y1 = moved.window
        window = (max(0.0, x0), max(0.0, y0), min(float(width), x1), min(float(height), y1))
        return replace(moved, window=window)

    def on_canvas(self, width: int, height: int, left: int, top: int) -> "Placement":
        """The frame laid on a canvas of another size (px) at a place."""
        source, window = (
            (box[0] + left, box[1] + top, box[2] + left, box[3] + top)
            for box in (self.source, self.window)
        )
        return replace(self, width_px=width, height_px=height, source=source, window=window)

    def scaled(self, width: int, height: int) -> "Placement":
        """The frame shrunk or enlarged to a size (px)."""
        across, down = width / self.width_px, height / self.height_px
        source, window = (
            (box[0] * across, box[1] * down, box[2] * across, box[3] * down)
            for box in (self.source, self.window)
        )
        return replace(self, width_px=width, height_px=height, source=source, window=window)

    def warped(self, matrix: NDArray[Any]) -> "Placement":
        """The frame after a perspective warp (3x3): boxes become the upright ones around them."""
        return replace(
            self, source=_around(self.source, matrix), window=_around(self.window, matrix)
        )


def _around(box: Box, matrix: NDArray[Any]) -> Box:
    left, top, right, bottom = box
    corners = np.array([[[left, top], [right, top], [right, bottom], [left, bottom]]], np.float64)
    moved = np.asarray(cv2.perspectiveTransform(corners, matrix), np.float64)[0]
    low, high = moved.min(axis=0), moved.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def even(side_px: float) -> int:
    """The nearest even number of pixels, at least 2: H.264 stores colours of 2x2 blocks."""
    return max(2, 2 * round(side_px / 2))
