"""A canvas to draw on in units of its own: filled shapes with smooth edges, and their colours.

Belongs here: polygons, ellipses, thick lines, mottling, and varying a colour.
Does not: knowing what is drawn (vidpipe.demo.subjects, vidpipe.demo.places).

Colours are RGB, 0 to 255. A canvas has four planes: red, green and blue, multiplied by the fourth,
the opacity; so an empty canvas is transparent black, and smooth edges composite without fringes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Point = tuple[float, float]
Colour = tuple[float, float, float]

SHIFT = 4  # binary digits after the point of a coordinate: slow motion must not jump by pixels
CURVE_STEP_DEG = 10

BLACK: Colour = (18, 18, 20)
WHITE: Colour = (242, 242, 238)
STEEL: Colour = (120, 125, 130)
RUBBER: Colour = (34, 34, 38)
GLASS: Colour = (165, 200, 220)
SKIN_TONES: tuple[Colour, ...] = (
    (244, 208, 177), (224, 172, 125), (189, 132, 87), (141, 92, 60), (94, 62, 44),
)  # fmt: skip
PAINTS: tuple[Colour, ...] = (
    (200, 40, 40), (40, 90, 190), (30, 130, 70), (235, 190, 40), (235, 235, 230),
    (40, 44, 52), (150, 155, 165), (230, 120, 40), (120, 60, 140), (70, 160, 180), (170, 110, 70),
)  # fmt: skip


@dataclass(frozen=True)
class Sketch:
    """A canvas whose unit coordinates are mapped to pixels.

    Attributes:
        pixels: uint8 RGBA with opacity multiplied in, shape (height_px, width_px, 4).
        scale_px: pixels a unit.
        origin_px: where (0, 0) lies on the canvas; x grows to the right, y downwards.
    """

    pixels: Picture
    scale_px: float
    origin_px: Point = (0.0, 0.0)

    @classmethod
    def blank(cls, width_px: int, height_px: int, scale_px: float, origin_px: Point) -> "Sketch":
        """A transparent canvas."""
        return cls(np.zeros((height_px, width_px, 4), np.uint8), scale_px, origin_px)

    @property
    def width(self) -> float:
        """The width of the canvas in units."""
        return float(self.pixels.shape[1] / self.scale_px)

    @property
    def height(self) -> float:
        """The height of the canvas in units."""
        return float(self.pixels.shape[0] / self.scale_px)

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        """Fills a closed polygon."""
        import cv2

        cv2.fillPoly(
            self.pixels, [self._fixed(points)], _opaque(colour), lineType=cv2.LINE_AA, shift=SHIFT
        )

    def rectangle(
        self, left: float, top: float, right: float, bottom: float, colour: Colour
    ) -> None:
        """Fills an upright rectangle."""
        self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], colour)

    def ellipse(
        self,
        centre: Point,
        radii: Point,
        colour: Colour,
        *,
        turn_deg: float = 0,
        start_deg: float = 0,
        end_deg: float = 360,
    ) -> None:
        """Fills an ellipse, or the sector of it between two angles (clockwise from the right)."""
        steps = max(6, int(abs(end_deg - start_deg) / CURVE_STEP_DEG))
        angles = np.radians(np.linspace(start_deg, end_deg, steps + 1))
        x, y = radii[0] * np.cos(angles), radii[1] * np.sin(angles)
        cos, sin = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
        points = np.stack([centre[0] + x * cos - y * sin, centre[1] + x * sin + y * cos], axis=1)
        if abs(end_deg - start_deg) < 360:
            points = np.vstack([points, np.array(centre)[None]])
        self.polygon(points, colour)  # type: ignore[arg-type]

    def circle(self, centre: Point, radius: float, colour: Colour) -> None:
        """Fills a circle."""
        self.ellipse(centre, (radius, radius), colour)

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """Draws a polyline of a width in units, with round ends and joints."""
        import cv2

        thickness_px = max(1, round(width * self.scale_px))
        cv2.polylines(
            self.pixels,
            [self._fixed(points)],
            isClosed=False,
            color=_opaque(colour),
            thickness=thickness_px,
            lineType=cv2.LINE_AA,
            shift=SHIFT,
        )

    def grain(
        self, top: float, bottom: float, size: float, strength: float, rng: np.random.Generator
    ) -> None:
        """Mottles what is drawn between two heights: blotches of `size` units, ± `strength`."""
        import cv2

        first, last = (round(y * self.scale_px + self.origin_px[1]) for y in (top, bottom))
        first, last = max(0, first), min(self.pixels.shape[0], last)
        if last <= first:
            return
        width_px, height_px = self.pixels.shape[1], last - first
        cell_px = max(1.0, size * self.scale_px)
        shape = (int(height_px / cell_px) + 2, int(width_px / cell_px) + 2)
        coarse = rng.normal(0, strength, shape).astype(np.float32)
        blotches = cv2.resize(coarse, (width_px, height_px), interpolation=cv2.INTER_LINEAR)
        part = self.pixels[first:last]
        mottled = part[..., :3] + blotches[..., None]
        part[..., :3] = np.minimum(np.clip(mottled, 0, 255), part[..., 3:]).astype(np.uint8)

    def _fixed(self, points: Any) -> NDArray[np.int32]:
        placed = np.asarray(points, float) * self.scale_px + np.array(self.origin_px)
        fixed: NDArray[np.int32] = np.rint(placed * (1 << SHIFT)).astype(np.int32)
        return fixed


def shade(colour: Colour, factor: float) -> Colour:
    """Makes a colour darker (factor < 1) or lighter (> 1)."""
    red, green, blue = (float(min(255.0, channel * factor)) for channel in colour)
    return red, green, blue


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Mixes two colours, from the first (share 0) to the second (share 1)."""
    red, green, blue = (float(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def varied(colour: Colour, rng: np.random.Generator, amount: float = 20) -> Colour:
    """Shifts each channel of a colour by up to `amount`, and all of them together by as much."""
    shifts = rng.uniform(-amount, amount, 3) + rng.uniform(-amount, amount)
    red, green, blue = (
        float(np.clip(channel + shift, 0, 255))
        for channel, shift in zip(colour, shifts, strict=True)
    )
    return red, green, blue


def pick(colours: Sequence[Colour], rng: np.random.Generator, amount: float = 20) -> Colour:
    """Picks one of several colours and varies it."""
    return varied(colours[int(rng.integers(len(colours)))], rng, amount)


def _opaque(colour: Colour) -> tuple[float, float, float, float]:
    return (*colour, 255.0)
