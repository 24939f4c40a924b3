"""Where a part of one video's frame lies in another's.

Belongs here: maps between two frames, and the part that both show.
Does not: finding the map (views that agree, vidpipe.reuse.comparison.keypoints).
"""

from dataclasses import dataclass

import numpy as np

from vidpipe.reuse.footage import Floats, FrameBox


@dataclass(frozen=True)
class FrameMap:
    """From shares of one frame's width and height to shares of the other's.

    `x_b = x_scale * x_a + x_shift`, and likewise for y; a negative `x_scale` mirrors.
    """

    x_scale: float
    x_shift: float
    y_scale: float
    y_shift: float

    @property
    def is_mirrored(self) -> bool:
        """Whether left and right are exchanged."""
        return self.x_scale < 0

    @property
    def inverse(self) -> "FrameMap":
        """The map from the second frame to the first."""
        return FrameMap(
            1 / self.x_scale,
            -self.x_shift / self.x_scale,
            1 / self.y_scale,
            -self.y_shift / self.y_scale,
        )

    def box(self, box: FrameBox) -> FrameBox:
        """Where a box of the first frame lies in the second."""
        xs = sorted(self.x_scale * x + self.x_shift for x in (box[0], box[2]))
        ys = sorted(self.y_scale * y + self.y_shift for y in (box[1], box[3]))
        return xs[0], ys[0], xs[1], ys[1]

    def moved(self, within: FrameBox, change: Floats) -> "FrameMap":
        """The map after a small change, told in shares of a box of the second frame.

        Args:
            within: the box.
            change: logarithm of the growth in x and y, shift in x and y.
        """
        grow_x, grow_y = np.exp(change[0]), np.exp(change[1])
        centre_x, centre_y = (within[0] + within[2]) / 2, (within[1] + within[3]) / 2
        return FrameMap(
            self.x_scale * grow_x,
            (self.x_shift - centre_x) * grow_x + centre_x + change[2] * (within[2] - within[0]),
            self.y_scale * grow_y,
            (self.y_shift - centre_y) * grow_y + centre_y + change[3] * (within[3] - within[1]),
        )


def map_of_boxes(a_box: FrameBox, b_box: FrameBox, *, is_mirrored: bool) -> FrameMap:
    """The map that lays a box of the first frame on a box of the second."""
    x_scale = (b_box[2] - b_box[0]) / (a_box[2] - a_box[0])
    y_scale = (b_box[3] - b_box[1]) / (a_box[3] - a_box[1])
    y_shift = b_box[1] - y_scale * a_box[1]
    if is_mirrored:
        return FrameMap(-x_scale, b_box[2] + x_scale * a_box[0], y_scale, y_shift)
    return FrameMap(x_scale, b_box[0] - x_scale * a_box[0], y_scale, y_shift)


def common_box(a_box: FrameBox, b_box: FrameBox, to_b: FrameMap) -> FrameBox | None:
    """The part of a box of the first frame that a box of the second shows, too; None if nothing."""
    back = to_b.inverse.box(b_box)
    left, top = max(a_box[0], back[0]), max(a_box[1], back[1])
    right, bottom = min(a_box[2], back[2]), min(a_box[3], back[3])
    return (left, top, right, bottom) if right > left and bottom > top else None


def area(box: FrameBox) -> float:
    """Share of the frame."""
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])
