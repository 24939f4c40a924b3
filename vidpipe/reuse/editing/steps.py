"""What a step of an edit is, and the simple ones: shape, tone, quality.

Belongs here: the contract of picture steps; mirroring, cropping, colours.
Does not: what is laid over (vidpipe.reuse.editing.overlays) or around a picture
(vidpipe.reuse.editing.frames).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, cast

import cv2
import numpy as np

from vidpipe.reuse.editing.placement import Placement, even
from vidpipe.reuse.editing.playback import Picture, Playback

Brush = Callable[[Picture, float], Picture]
"""Edits a picture shown at a time of the copy (s); it may draw on the picture it is given."""


class PictureStep(ABC):
    """One thing that is done to every picture.

    Attributes:
        order: steps of lower order come first, whatever order they are named in.
        is_for_all: whether other footage before and after the source gets it, too.
    """

    order: ClassVar[int]
    is_for_all: ClassVar[bool] = True

    @property
    def other_footage(self) -> int:
        """How many moving pictures of other footage it shows beside the source."""
        return 0

    @abstractmethod
    def planned(self, placement: Placement, others: Sequence[Playback]) -> tuple[Placement, Brush]:
        """What the step makes of a frame: the frame afterwards, and who edits its pictures.

        Args:
            placement: the frame before.
            others: at least `other_footage` files to show beside the source.
        """


@dataclass(frozen=True)
class Mirrored(PictureStep):
    """Left and right are exchanged."""

    order: ClassVar[int] = 0
    is_for_all: ClassVar[bool] = False

    def planned(self, placement: Placement, others: Sequence[Playback]) -> tuple[Placement, Brush]:
        """See `PictureStep.planned`."""
        del others
        return placement.mirrored(), lambda picture, _: cast(Picture, cv2.flip(picture, 1))


@dataclass(frozen=True)
class Cropped(PictureStep):
    """A part of the frame is kept.

    Attributes:
        across, down: shares of width and height that are kept.
        left, top: where the part lies: 0 at the left or top edge, 1 at the other, .5 in the middle.
    """

    across: float
    down: float
    left: float = 0.5
    top: float = 0.5
    order: ClassVar[int] = 1
    is_for_all: ClassVar[bool] = False

    def planned(self, placement: Placement, others: Sequence[Playback]) -> tuple[Placement, Brush]:
        """See `PictureStep.planned`."""
        del others
        width, height = (
            even(placement.width_px * self.across),
            even(placement.height_px * self.down),
        )
        return _crop(placement, width, height, self.left, self.top)


@dataclass(frozen=True)
class Reshaped(PictureStep):
    """The largest part of the frame with a shape is kept.

    Attributes:
        aspect: width over height of what is kept.
        place: where it lies along the side that is cut, 0 to 1.
    """

    aspect: float
    place: float
    order: ClassVar[int] = 1
    is_for_all: ClassVar[bool] = False

    def planned(self, placement: Placement, others: Sequence[Playback]) -> tuple[Placement, Brush]:
        """See `PictureStep.planned`."""
        del others
        width, height = placement.size
        kept_width = even(min(width, height * self.aspect))
        kept_height = even(min(height, width / self.aspect))
        return _crop(placement, kept_width, kept_height, self.place, self.place)


def _crop(
    placement: Placement, width: int, height: int, left_share: float, top_share: float
) -> tuple[Placement, Brush]:
    width, height = min(width, placement.width_px), min(height, placement.height_px)
    left = round((placement.width_px - width) * left_share)
    top = round((placement.height_px - height) * top_share)
    return (
        placement.cropped(left, top, width, height),
        lambda picture, _: np.ascontiguousarray(picture[top : top + height, left : left + width]),
    )


@dataclass(frozen=True)
class Toned(PictureStep):
    """Other light: `gain * value + lift` after `gamma`, in shares of the full range."""

    gain: float = 1.0
    lift: float = 0.0
    gamma: float = 1.0
    order: ClassVar[int] = 2

    def planned(self, placement: Placement, others: Sequence[Playback]) -> tuple[Placement, Brush]:
        """See `PictureStep.planned`."""
        del others
        values = self.gain * (np.arange(256) / 255) ** self.gamma + self.lift
        table = (np.clip(values, 0, 1) * 255).round().astype(np.uint8)
        return placement, lambda picture, _: cast(Picture, cv2.LUT(picture, table))


@dataclass(frozen=True)
class Greyed(PictureStep):
    """No colours."""

    order: ClassVar[int] = 2

    def planned(self, placement: Placement, others: Sequence[Playback]) -> tuple[Placement, Brush]:
        """See `PictureStep.planned`."""
        del others
        return placement, lambda picture, _: cast(
            Picture,
            cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR),
        )
