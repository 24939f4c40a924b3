"""Burnt-in captions: a text in one of several looks, as a layer for many frames.

Belongs here: fonts, wrapping, colours and place of a caption.
Does not: what captions say (vidpipe.demo.headlines), when they are shown (vidpipe.demo.story).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from vidpipe.demo.layers import Layer
from vidpipe.demo.plan import CaptionStyle, PlannedCaption
from vidpipe.errors import SettingsError

Rgba = tuple[int, int, int, int]

TEXT_WIDTH = 0.92  # share of the frame that a text may take, at most
TEXT_HEIGHT = 0.45  # the same of its height
EDGE = 0.06  # share of the frame's height between caption and edge
LINE = 1.25  # from one line to the next, in sizes of the font
SMALLEST_PX = 12  # nobody can read smaller letters


@dataclass(frozen=True)
class Look:
    """The colours of a caption; `band` lies under the text across the frame, `outline` around."""

    ink: Rgba
    band: Rgba | None = None
    outline: Rgba | None = None
    opacity: float = 1.0


LOOKS: dict[CaptionStyle, Look] = {
    "white_on_dark": Look((255, 255, 255, 255), band=(16, 16, 20, 255)),
    "black_on_bright": Look((12, 12, 14, 255), band=(244, 214, 60, 255)),
    "white_outlined": Look((255, 255, 255, 255), outline=(0, 0, 0, 255)),
    "yellow_outlined": Look((255, 226, 40, 255), outline=(0, 0, 0, 255)),
    "faint": Look((235, 235, 235, 255), opacity=0.55),
}


@dataclass(frozen=True)
class PlacedCaption:
    """A drawn caption and where its upper left corner lies in the frame."""

    layer: Layer
    left: int
    top: int


def draw_caption(caption: PlannedCaption, size: tuple[int, int]) -> PlacedCaption:
    """Draws a caption for frames of a size, wrapped, and smaller than planned if it must be.

    Args:
        caption: what to draw.
        size: (width_px, height_px) of the frame.

    Raises:
        SettingsError: the text would have to be smaller than `SMALLEST_PX`.
    """
    from PIL import Image, ImageDraw

    width, height = size
    font, lines = _fitted(caption, size)
    line_px = round(font.size * LINE)
    look = LOOKS[caption.style]
    # Pillow mixes all four planes alike: from transparent black on, that is multiplied opacity.
    image = Image.new("RGBA", (width, line_px * len(lines) + line_px // 2), look.band or (0,) * 4)
    pen = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        pen.text(
            (width / 2, line_px * (number + 0.75)),
            line,
            fill=look.ink,
            font=font,
            anchor="mm",
            stroke_width=max(1, round(font.size / 12)) if look.outline else 0,
            stroke_fill=look.outline,
        )
    margin = int(height * EDGE)
    top = margin if caption.edge == "top" else height - margin - image.height
    pixels = (np.asarray(image) * look.opacity).astype(np.uint8)
    if look.band:
        return PlacedCaption(Layer.of(pixels), 0, top)
    left, upper, right, lower = image.getbbox() or (0, 0, width, image.height)
    return PlacedCaption(Layer.of(pixels[upper:lower, left:right]), left, top + upper)


def _fitted(caption: PlannedCaption, size: tuple[int, int]) -> tuple[Any, list[str]]:
    """The largest font, at most as planned, in which the text fits, and its lines."""
    from PIL import ImageFont

    width, height = size
    for font_px in range(round(caption.size_share * min(size)), SMALLEST_PX - 1, -1):
        font = ImageFont.load_default(font_px)
        lines = _wrapped(caption.text, font, width * TEXT_WIDTH)
        is_narrow = max(font.getlength(line) for line in lines) <= width * TEXT_WIDTH
        if is_narrow and (len(lines) + 0.5) * LINE * font_px <= height * TEXT_HEIGHT:
            return font, lines
    raise SettingsError(f"the caption {caption.text!r} does not fit {width} px: shorten it")


def _wrapped(text: str, font: Any, width_px: float) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width_px:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
