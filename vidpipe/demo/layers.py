"""Transparent pictures that are laid over many frames.

Belongs here: laying one over another fast.
Does not: drawing them (vidpipe.demo.sketch, vidpipe.demo.captions).
"""

from dataclasses import dataclass

import numpy as np

from vidpipe.demo.sketch import Picture


@dataclass(frozen=True)
class Layer:
    """A transparent picture, split so that laying it over a frame is two operations.

    Attributes:
        colours: uint8 RGB with opacity multiplied in, shape (height_px, width_px, 3).
        kept: uint8, same shape: how much of what lies below stays, 255 for all of it.
    """

    colours: Picture
    kept: Picture

    @classmethod
    def of(cls, pixels: Picture) -> "Layer":
        """Splits uint8 RGBA with opacity multiplied in, shape (height_px, width_px, 4)."""
        kept = np.repeat(255 - pixels[..., 3:], 3, axis=2)
        return cls(np.ascontiguousarray(pixels[..., :3]), kept)

    def over(self, picture: Picture, left: int, top: int) -> None:
        """Lays itself over an RGB picture, in place, clipped."""
        import cv2

        x0, y0 = max(0, left), max(0, top)
        x1 = min(picture.shape[1], left + self.colours.shape[1])
        y1 = min(picture.shape[0], top + self.colours.shape[0])
        if x1 <= x0 or y1 <= y0:
            return
        part = np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
        below = picture[y0:y1, x0:x1]
        cv2.multiply(below, self.kept[part], dst=below, scale=1 / 255)
        cv2.add(below, self.colours[part], dst=below)
