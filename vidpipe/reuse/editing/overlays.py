"""What is laid over a picture: logos, captions, boxes, tickers.

Belongs here: drawing them once, and laying them over many pictures.
Does not: choosing texts and places (vidpipe.reuse.editing.catalogue).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from vidpipe.reuse.editing.placement import Placement
from vidpipe.reuse.editing.playback import Picture, Playback
from vidpipe.reuse.editing.steps import Brush, PictureStep

Colour = tuple[int, int, int]
"""Blue, green, red."""

MARGIN_SHARE = 0.035
"""Of the frame's shorter side, between a logo and the edges."""
SMALLEST_FONT_PX = 9
LINE = 1.25


@dataclass(frozen=True)
class Layer:
    """A transparent picture.

    Attributes:
        colours: uint8 BGR multiplied with opacity, shape (height_px, width_px, 3).
        kept: uint8, same shape: how much of what lies below stays, 255 for all of it.
    """

    colours: Picture
    kept: Picture

    @classmethod
    def of(cls, pixels: NDArray[np.uint8], opacity: float = 1.0) -> "Layer":
        """Makes a layer of uint8 BGRA whose colours are multiplied with opacity."""
        faded = (pixels * opacity).astype(np.uint8)
        kept = np.repeat(255 - faded[..., 3:], 3, axis=2)
        return cls(np.ascontiguousarray(faded[..., :3]), kept)

    def over(self, picture: Picture, left: int, top: int) -> None:
        """Lays itself over a BGR picture, in place, clipped."""
        x0, y0 = max(0, left), max(0, top)
        x1 = min(picture.shape[1], left + self.colours.shape[1])
        y1 = min(picture.shape[0], top + self.colours.shape[0])
        if x1 <= x0 or y1 <= y0:
            return
        part = np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
        below = picture[y0:y1, x0:x1]
        cv2.multiply(below, self.kept[part], dst=below, scale=1 / 255)
        cv2.add(below, self.colours[part], dst=below)


@dataclass(frozen=True)
class Logo(PictureStep):
    """A disc with two letters in a corner.

    Attributes:
        letters: what stands on it.
        right, bottom: 0 or 1, which corner.
        side: share of the frame's shorter side.
        colour: of the disc.
        opacity: 0 to 1.
    """

    letters: str
    right: int
    bottom: int
    side: float
    colour: Colour
    opacity: float
    order: ClassVar[int] = 3

    def planned(self, placement: Placement, others: Sequence[Playback]) -> tuple[Placement, Brush]:
        """See `PictureStep.planned`."""
        del others
        shorter = min(placement.size)
        side, margin = max(8, round(self.side * shorter)), round(MARGIN_SHARE * shorter)
        pixels = np.zeros((side, side, 4), np.uint8)
        middle = (side // 2, side // 2)
        cv2.circle(pixels, middle, side // 2 - 1, (*self.colour, 255), -1, cv2.LINE_AA)
        cv2.circle(pixels, middle, round(side * 0.4), (240, 240, 240, 255), 1, cv2.LINE_AA)
        letters = text_layer(self.letters, width_px=side, font_px=side * 0.42, ink=(245, 245, 245))
        disc = np.ascontiguousarray(pixels[..., :3])
        height, width = letters.colours.shape[:2]
        letters.over(disc, (side - width) // 2, (side - height) // 2)
        pixels[..., :3] = cv2.min(disc, pixels[..., 3:].repeat(3, axis=2))
        layer = Layer.of(pixels, self.opacity)
        left = (placement.width_px - side - margin) if self.right else margin
        top = (placement.height_px - side - margin) if self.bottom else margin
        return placement, _laid(layer, left, top)


@dataclass(frozen=True)
class Caption(PictureStep):
    """Outlined text without a box.

    Attributes:
        text: what it says.
        middle: the text's middle as a share of the frame's height.
        font: share of the frame's shorter side.
        ink: colour of the letters; their outline is black.
    """

    text: str
    middle: float
    font: float
    ink: Colour
    order: ClassVar[int] = 3

    def planned(self, placement: Placement, others: Sequence[Playback]) -> tuple[Placement, Brush]:
        """See `PictureStep.planned`."""
        del others
        width, height = placement.size
        layer = text_layer(
            self.text,
            width_px=round(width * 0.92),
            font_px=self.font * min(width, height),
            ink=self.ink,
            outline=(0, 0, 0),
        )
        rows, columns = layer.colours.shape[:2]
        top = min(round(self.middle * height - rows / 2), height - rows)
        return placement, _laid(layer, (width - columns) // 2, top)


@dataclass(frozen=True)
class CaptionBox(PictureStep):
    """An opaque box with text, at the top or at the bottom, for the whole length.

    Attributes:
        text: what it says.
        bottom: 0 or 1, at which edge.
        share: of the frame's height that it covers.
        across: share of the frame's width that it covers, in the middle.
        colour, ink: of box and letters.
    """

    text: str
    bottom: int
    share: float
    across: float
    colour: Colour
    ink: Colour
    order: ClassVar[int] = 3

    def planned(self, placement: Placement, others: Sequence[Playback]) -> tuple[Placement, Brush]:
        """See `PictureStep.planned`."""
        del others
        width, height = round(placement.width_px * self.across), placement.height_px
        rows = max(4, round(height * self.share))
        box = text_panel(self.text, (width, rows), colour=self.colour, ink=self.ink)
        left = (placement.width_px - width) // 2
        top = height - rows if self.bottom else 0

        def brush(picture: Picture, _: float) -> Picture:
            picture[top : top + rows, left : left + width] = box
            return picture

        return placement, brush


@dataclass(frozen=True)
class Ticker(PictureStep):
    """A strip of text that runs from right to left along the bottom.

    Attributes:
        text: what it says, again and again.
        share: of the frame's height.
        frames_a_minute: how many widths of the frame it runs in a minute.
        colour, ink: of strip and letters.
    """

    text: str
    share: float
    frames_a_minute: float
    colour: Colour
    ink: Colour
    order: ClassVar[int] = 3

    def planned(self, placement: Placement, others: Sequence[Playback]) -> tuple[Placement, Brush]:
        """See `PictureStep.planned`."""
        del others
        width, height = placement.size
        rows = max(8, round(height * self.share))
        layer = text_layer(self.text, width_px=10**6, font_px=rows * 0.6, ink=self.ink)
        strip = np.full((rows, layer.colours.shape[1] + rows * 2, 3), self.colour, np.uint8)
        layer.over(strip, rows, (rows - layer.colours.shape[0]) // 2)
        strip = np.tile(strip, (1, 1 + -(-width // strip.shape[1]), 1))
        period = strip.shape[1] - width

        def brush(picture: Picture, time_s: float) -> Picture:
            left = int(time_s * self.frames_a_minute / 60 * width) % max(1, period)
            picture[height - rows :] = strip[:, left : left + width]
            return picture

        return placement, brush


def text_layer(
    text: str,
    *,
    width_px: int,
    font_px: float,
    ink: Colour,
    outline: Colour | None = None,
) -> Layer:
    """A text, wrapped to a width, each line in the middle; smaller where a word is too long.

    Args:
        text: what to write.
        width_px: the most that a line may take.
        font_px: wanted size of the letters.
        ink, outline: colours of the letters and around them.
    """
    from PIL import Image, ImageDraw, ImageFont

    size = max(SMALLEST_FONT_PX, round(font_px))
    while True:
        font = ImageFont.load_default(size)
        lines = _wrapped(text, font.getlength, width_px)
        if size <= SMALLEST_FONT_PX or max(map(font.getlength, lines)) <= width_px:
            break
        size -= 1
    line_px = max(1, round(size * LINE))
    longest = round(max(map(font.getlength, lines)))
    width = min(width_px, longest + size)
    image = Image.new("RGBA", (width, line_px * len(lines) + line_px // 2))
    pen = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        pen.text(
            (width / 2, line_px * (number + 0.75)),
            line,
            fill=(*ink[::-1], 255),
            font=font,
            anchor="mm",
            stroke_width=max(1, round(size / 12)) if outline else 0,
            stroke_fill=(*outline[::-1], 255) if outline else None,
        )
    # Pillow mixes all four planes alike: from transparent black on, that is multiplied opacity.
    pixels = np.asarray(image)
    return Layer.of(np.ascontiguousarray(pixels[..., [2, 1, 0, 3]]))


def text_panel(text: str, size: tuple[int, int], *, colour: Colour, ink: Colour) -> Picture:
    """An opaque box of (width_px, height_px) with a text in its middle, as large as fits."""
    width, height = size
    panel = np.full((height, width, 3), colour, np.uint8)
    font_px = height * 0.5
    while True:
        layer = text_layer(text, width_px=round(width * 0.94), font_px=font_px, ink=ink)
        if layer.colours.shape[0] <= height or font_px <= SMALLEST_FONT_PX:
            break
        font_px *= 0.85
    rows, columns = layer.colours.shape[:2]
    layer.over(panel, (width - columns) // 2, (height - rows) // 2)
    return panel


def _wrapped(text: str, length: Callable[[str], float], width_px: float) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and length(longer) <= width_px:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines or [""]


def _laid(layer: Layer, left: int, top: int) -> Brush:
    def brush(picture: Picture, _: float) -> Picture:
        layer.over(picture, left, top)
        return picture

    return brush
