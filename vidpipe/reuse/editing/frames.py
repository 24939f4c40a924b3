"""What is put around a picture: bars, pads, panels, other moving pictures, a recorded screen.

Belongs here: canvases that are larger than the picture, and windows in other footage.
Does not: what is laid over it (vidpipe.reuse.editing.overlays).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from vidpipe.reuse.editing.overlays import Colour, text_panel
from vidpipe.reuse.editing.placement import Placement, even
from vidpipe.reuse.editing.playback import Picture, Playback, fitted
from vidpipe.reuse.editing.steps import Brush, PictureStep

BLUR_LONG_SIDE_PX = 60
"""A blurred background is made of a picture this small: the same look, a tenth of the cost."""


@dataclass(frozen=True)
class Barred(PictureStep):
    """One colour around the picture: letterbox, pillarbox, pads, bars of memes.

    Attributes:
        left, top, right, bottom: width of each bar as a share of the picture's width or height.
        colour: of the bars.
        above, below: black or white text on the upper and the lower bar; empty for none.
    """

    left: float = 0.0
    top: float = 0.0
    right: float = 0.0
    bottom: float = 0.0
    colour: Colour = (0, 0, 0)
    above: str = ""
    below: str = ""
    order: ClassVar[int] = 4

    def planned(self, placement: Placement, others: Sequence[Playback]) -> tuple[Placement, Brush]:
        """See `PictureStep.planned`."""
        del others
        width, height = placement.size
        left, right = round(width * self.left), round(width * self.right)
        top, bottom = round(height * self.top), round(height * self.bottom)
        canvas_size = _no_smaller(width + left + right), _no_smaller(height + top + bottom)
        canvas = np.full((canvas_size[1], canvas_size[0], 3), self.colour, np.uint8)
        ink = (10, 10, 10) if sum(self.colour) > 380 else (245, 245, 245)
        if self.above and top:
            canvas[:top] = text_panel(
                self.above, (canvas_size[0], top), colour=self.colour, ink=ink
            )
        if self.below and bottom:
            canvas[-bottom:] = text_panel(
                self.below, (canvas_size[0], bottom), colour=self.colour, ink=ink
            )
        return _on_canvas(placement, canvas, left, top)


def _no_smaller(side_px: int) -> int:
    """The side, or one more where it is odd."""
    return side_px + side_px % 2


def _on_canvas(
    placement: Placement, canvas: Picture, left: int, top: int
) -> tuple[Placement, Brush]:
    height, width = placement.height_px, placement.width_px

    def brush(picture: Picture, _: float) -> Picture:
        whole = canvas.copy()
        whole[top : top + height, left : left + width] = picture
        return whole

    return placement.on_canvas(canvas.shape[1], canvas.shape[0], left, top), brush


@dataclass(frozen=True)
class InWindow(PictureStep):
    """The picture stands small over other footage that moves.

    Attributes:
        share: of the frame's width (and height) that the picture takes.
        left, top: where it stands, 0 to 1 of the room there is.
    """

    share: float
    left: float
    top: float
    order: ClassVar[int] = 5

    @property
    def other_footage(self) -> int:
        """One file."""
        return 1

    def planned(self, placement: Placement, others: Sequence[Playback]) -> tuple[Placement, Brush]:
        """See `PictureStep.planned`."""
        size = even(placement.width_px), even(placement.height_px)
        inner = round(size[0] * self.share), round(size[1] * self.share)
        left = round((size[0] - inner[0]) * self.left)
        top = round((size[1] - inner[1]) * self.top)
        around = others[0]

        def brush(picture: Picture, time_s: float) -> Picture:
            whole = around.covering(time_s, size).copy()
            whole[top : top + inner[1], left : left + inner[0]] = fitted(picture, inner)
            return whole

        return placement.scaled(*inner).on_canvas(*size, left, top), brush


@dataclass(frozen=True)
class UprightCanvas(PictureStep):
    """The picture stands across a 9:16 canvas, over its own blurred self or over other footage.

    Attributes:
        top: where it stands, 0 to 1 of the room above and below.
        is_over_itself: whether the background is the picture itself, blurred and darkened.
    """

    top: float
    is_over_itself: bool
    order: ClassVar[int] = 5

    @property
    def other_footage(self) -> int:
        """One unless the picture stands over itself."""
        return 0 if self.is_over_itself else 1

    def planned(self, placement: Placement, others: Sequence[Playback]) -> tuple[Placement, Brush]:
        """See `PictureStep.planned`."""
        width, height = placement.size
        size = even(width), max(even(width * 16 / 9), even(height))
        top = round((size[1] - height) * self.top)

        def brush(picture: Picture, time_s: float) -> Picture:
            if self.is_over_itself:
                whole = blurred_cover(picture, size)
            else:
                whole = others[0].covering(time_s, size).copy()
            whole[top : top + height, :width] = picture
            return whole

        return placement.on_canvas(*size, 0, top), brush


def blurred_cover(picture: Picture, size: tuple[int, int]) -> Picture:
    """The picture, cut to fill a size (px), out of focus and darker."""
    height, width = picture.shape[:2]
    kept = (
        min(width, max(1, round(height * size[0] / size[1]))),
        min(height, max(1, round(width * size[1] / size[0]))),
    )
    left, top = (width - kept[0]) // 2, (height - kept[1]) // 2
    part = picture[top : top + kept[1], left : left + kept[0]]
    scale = BLUR_LONG_SIDE_PX / max(size)
    small_size = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    small = cv2.GaussianBlur(cv2.resize(part, small_size, interpolation=cv2.INTER_AREA), (0, 0), 2)
    return cast(Picture, cv2.convertScaleAbs(cv2.resize(small, size), alpha=0.6))


@dataclass(frozen=True)
class WithPerson(PictureStep):
    """Other footage that moves covers a part of the picture: somebody who watches it.

    Attributes:
        share: of the frame's width (and height) that the window takes.
        right, bottom: 0 or 1, in which corner.
    """

    share: float
    right: int
    bottom: int
    order: ClassVar[int] = 5

    @property
    def other_footage(self) -> int:
        """One file."""
        return 1

    def planned(self, placement: Placement, others: Sequence[Playback]) -> tuple[Placement, Brush]:
        """See `PictureStep.planned`."""
        width, height = placement.size
        size = round(width * self.share), round(height * self.share)
        left, top = (width - size[0]) * self.right, (height - size[1]) * self.bottom

        def brush(picture: Picture, time_s: float) -> Picture:
            picture[top : top + size[1], left : left + size[0]] = others[0].covering(time_s, size)
            return picture

        return placement, brush


@dataclass(frozen=True)
class BesidePerson(PictureStep):
    """The picture takes a part of the frame, and other footage that moves takes the rest.

    Attributes:
        share: of the frame that the picture takes.
        is_second: whether the picture is below (or right of) the other footage.
    """

    share: float
    is_second: bool
    order: ClassVar[int] = 5

    @property
    def other_footage(self) -> int:
        """One file."""
        return 1

    def planned(self, placement: Placement, others: Sequence[Playback]) -> tuple[Placement, Brush]:
        """See `PictureStep.planned`."""
        width, height = placement.size
        if width >= height:
            size = even(width), even(height / self.share)
            other = size[0], size[1] - height
        else:
            size = even(width / self.share), even(height)
            other = size[0] - width, size[1]
        is_below = width >= height
        left = other[0] if self.is_second and not is_below else 0
        top = other[1] if self.is_second and is_below else 0
        beside = (0, 0) if self.is_second else ((0, height) if is_below else (width, 0))

        def brush(picture: Picture, time_s: float) -> Picture:
            whole = np.zeros((size[1], size[0], 3), np.uint8)
            whole[top : top + height, left : left + width] = picture
            shown = others[0].covering(time_s, other)
            whole[beside[1] : beside[1] + other[1], beside[0] : beside[0] + other[0]] = shown
            return whole

        return placement.on_canvas(*size, left, top), brush


@dataclass(frozen=True)
class ScreenRecorded(PictureStep):
    """A player on a screen, filmed: smaller, slightly askew, soft, with bars of the interface.

    Attributes:
        share: of the screen's width (and height) that the picture takes.
        corners: how far each corner is off, (x, y) as shares of the frame; clockwise from the
            left upper one.
        blur_px: sigma at 480 px.
        gamma: of the filmed screen.
        title: on the upper bar.
    """

    share: float
    corners: tuple[tuple[float, float], ...]
    blur_px: float
    gamma: float
    title: str
    order: ClassVar[int] = 6

    def planned(self, placement: Placement, others: Sequence[Playback]) -> tuple[Placement, Brush]:
        """See `PictureStep.planned`."""
        del others
        size = even(placement.width_px), even(placement.height_px)
        inner = round(size[0] * self.share), round(size[1] * self.share)
        left = (size[0] - inner[0]) // 2
        top = round((size[1] - inner[1]) * 0.6)
        screen = np.full((size[1], size[0], 3), (34, 30, 28), np.uint8)
        screen[:top] = text_panel(
            self.title, (size[0], top), colour=(70, 62, 58), ink=(235, 235, 235)
        )
        screen[top + inner[1] + 2 :, : round(size[0] * 0.4)] = (60, 60, 210)
        matrix = self._matrix(size)
        table = (((np.arange(256) / 255) ** self.gamma) * 255).round().astype(np.uint8)
        sigma = self.blur_px * max(size) / 480

        def brush(picture: Picture, _: float) -> Picture:
            whole = screen.copy()
            whole[top : top + inner[1], left : left + inner[0]] = fitted(picture, inner)
            filmed = cv2.GaussianBlur(cv2.warpPerspective(whole, matrix, size), (5, 5), sigma)
            return cast(Picture, cv2.LUT(filmed, table))

        placed = placement.scaled(*inner).on_canvas(*size, left, top)
        return placed.warped(matrix), brush

    def _matrix(self, size: tuple[int, int]) -> NDArray[np.float64]:
        width, height = size
        corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        moved = corners + np.array(self.corners, np.float32) * np.array(size, np.float32)
        matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
        return np.asarray(matrix, np.float64)
