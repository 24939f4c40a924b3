"""The canvas of a place together with its light: shapes as hour, weather and distance leave them.

Belongs here: how hour and weather change a colour, transparent shapes, glows, spacing things out.
Does not: choosing the light (vidpipe.demo.places.light), drawing a thing that belongs to one place
(the file of that place), shapes that know of no light (vidpipe.demo.sketch).
"""

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, cos, radians, sin
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidpipe.demo.sketch import SHIFT, Colour, Point, Sketch, mix

SNOW: Colour = (240, 244, 250)
LAMPLIGHT: Colour = (255, 214, 130)
NIGHT_SKY: Colour = (10, 14, 34)
# The share of the haze in the colour of things at the horizon, and of those close by.
HAZE_FAR_OFF = {"clear": 0.2, "rain": 0.4, "snow": 0.4, "fog": 0.95, "none": 0.0}
HAZE_NEAR = {"fog": 0.18}
TURN = np.arange(0, 2 * np.pi, np.pi / 12)
RAMP = np.linspace(-1, 1, 33)
HALO = (np.clip(1 - RAMP[:, None] ** 2 - RAMP[None] ** 2, 0, 1) ** 2)[..., None]
LOZENGE = np.array(((-1, 0), (0, -1), (1, 0), (0, 1)))
UNIT_CIRCLE = np.stack([np.cos(TURN), np.sin(TURN)], axis=1)


def steps(first: float, end: float, step: float) -> list[float]:
    """Makes evenly spaced numbers, `end` left out."""
    return [first + step * index for index in range(max(0, ceil((end - first) / step)))]


def directions(*angles_deg: float) -> list[Point]:
    """Makes unit vectors, clockwise from the right."""
    return [(cos(radians(angle)), sin(radians(angle))) for angle in angles_deg]


@dataclass(frozen=True)
class View:
    """A canvas together with the light that falls on what is drawn there.

    Distances (`far`) run from 0, close by, to 1, at the horizon. Colours are given as by bright
    daylight, and `poly`, `box`, `oval`, `line` and `cap` draw what the light leaves of them; the
    other methods take a colour as it is (`tone` and `shine` prepare one).

    Attributes:
        light: what daylight is multiplied by, channel by channel.
        zenith: colour of the sky above.
        haze: colour of the sky at the horizon, into which far things fade.
    """

    sketch: Sketch
    night: bool
    weather: str
    rng: np.random.Generator
    light: Colour
    zenith: Colour
    haze: Colour

    def at(self, x: float, y: float) -> "View":
        """The same view, (0, 0) moved to a place: to draw a thing around its foot."""
        sketch, (left_px, top_px) = self.sketch, self.sketch.origin_px
        origin_px = (left_px + x * sketch.scale_px, top_px + y * sketch.scale_px)
        return replace(self, sketch=Sketch(sketch.pixels, sketch.scale_px, origin_px))

    @property
    def width(self) -> float:
        """The width of the canvas in units."""
        return self.sketch.width

    @property
    def snowy(self) -> bool:
        """Whether snow lies."""
        return self.weather == "snow"

    def chance(self, share: float) -> bool:
        """Whether something happens, in that share of the pictures."""
        return bool(self.rng.random() < share)

    def between(self, low: float, high: float) -> float:
        """Draws a random number between two others."""
        return float(self.rng.uniform(low, high))

    def hue(self, saturation: float, value: float) -> Colour:
        """Draws a colour of any hue, its saturation and value (0 to 1) somewhat varied."""
        red, green, blue = colorsys.hsv_to_rgb(
            self.rng.random(),
            float(np.clip(saturation * self.between(0.6, 1.3), 0, 1)),
            float(np.clip(value * self.between(0.8, 1.2), 0, 1)),
        )
        return red * 255, green * 255, blue * 255

    def pick(self, colours: Sequence[Colour], amount: float = 20) -> Colour:
        """Picks one of several colours and varies it, far quicker than `sketch.pick`."""
        red, green, blue = colours[int(self.rng.random() * len(colours))]
        r, g, b, every = (self.rng.random(4) * (2 * amount) - amount).tolist()
        return (
            min(255.0, max(0.0, red + r + every)),
            min(255.0, max(0.0, green + g + every)),
            min(255.0, max(0.0, blue + b + every)),
        )

    def across(self, gap: float, jitter: float = 0.25) -> list[float]:
        """Draws places about `gap` apart, over the whole width and a little beyond."""
        start = -gap * self.rng.random()
        shifts = self.rng.uniform(-jitter, jitter, int(self.width / gap) + 3).tolist()
        places = (start + gap * (index + shift) for index, shift in enumerate(shifts))
        return [x for x in places if -0.8 * gap < x < self.width + 0.5 * gap]

    def cover(self, colour: Colour) -> Colour:
        """The colour of open ground, under snow if it lies."""
        return mix(colour, SNOW, 0.85) if self.snowy else colour

    def tone(self, colour: Colour, far: float = 0) -> Colour:
        """What hour and weather leave of a colour."""
        (red, green, blue), (r, g, b) = colour, self.light
        lit = (min(255.0, red * r), min(255.0, green * g), min(255.0, blue * b))
        return self.shine(lit, far)

    def shine(self, colour: Colour, far: float = 0) -> Colour:
        """What the haze leaves of a colour that gives its own light."""
        near, horizon = HAZE_NEAR.get(self.weather, 0.0), HAZE_FAR_OFF[self.weather]
        share = near + (horizon - near) * min(1.0, far) ** 0.7
        (red, green, blue), (r, g, b) = colour, self.haze
        return red + (r - red) * share, green + (g - green) * share, blue + (b - blue) * share

    def poly(self, points: Sequence[Point], colour: Colour, far: float = 0) -> None:
        """Fills a polygon."""
        self.many([points], self.tone(colour, far))

    def box(
        self, left: float, top: float, right: float, bottom: float, colour: Colour, far: float = 0
    ) -> None:
        """Fills an upright rectangle."""
        self.boxes([(left, top, right, bottom)], self.tone(colour, far))

    def oval(self, centre: Point, radii: Point, colour: Colour, far: float = 0) -> None:
        """Fills an ellipse."""
        self.disc(centre, radii, self.tone(colour, far))

    def disc(self, centre: Point, radii: Point, colour: Colour) -> None:
        """Fills an ellipse that gives its own light."""
        self.many([UNIT_CIRCLE * radii + centre], colour)

    def line(self, points: Sequence[Point], width: float, colour: Colour, far: float = 0) -> None:
        """Draws a thick polyline."""
        import cv2

        cv2.polylines(
            self.sketch.pixels, [self._fixed(points)], isClosed=False,
            color=(*self.tone(colour, far), 255.0), thickness=max(1,
            round(width * self.sketch.scale_px)), lineType=cv2.LINE_AA, shift=SHIFT
        )  # fmt: skip

    def fade(self, top: float, bottom: float, upper: Colour, lower: Colour) -> None:
        """Fills the whole width between two heights, from one colour to another."""
        height_px, scale_px = self.sketch.pixels.shape[0], self.sketch.scale_px
        first, last = round(top * scale_px), min(height_px, round(bottom * scale_px))
        if last <= first:
            return
        share = np.linspace(0, 1, last - first)[:, None]
        rows = (1 - share) * (*upper, 255) + share * (*lower, 255)
        pixels = np.rint(np.clip(rows, 0, 255)).astype(np.uint8).view(np.uint32)
        self.sketch.pixels.view(np.uint32)[first:last] = pixels[:, None]

    def cap(self, points: Sequence[Point], width: float, far: float = 0) -> None:
        """Draws snow along an upper edge, if it lies."""
        if self.snowy:
            self.line(points, width, SNOW, far)

    def many(self, polygons: Sequence[Any], colour: Colour) -> None:
        """Fills polygons that do not overlap, all in one go, which is far quicker."""
        import cv2

        fixed = [self._fixed(points) for points in polygons]
        cv2.fillPoly(self.sketch.pixels, fixed, (*colour, 255.0), lineType=cv2.LINE_AA, shift=SHIFT)

    def boxes(self, corners: Sequence[tuple[float, float, float, float]], colour: Colour) -> None:
        """Fills rectangles (left, top, right, bottom) that do not overlap, all in one go."""
        self.many([((a, b), (c, b), (c, d), (a, d)) for a, b, c, d in corners], colour)

    def veil(self, points: Sequence[Point], colour: Colour, opacity: float) -> None:
        """Lays a transparent polygon over what is drawn."""
        import cv2

        scale_px, (height_px, width_px) = self.sketch.scale_px, self.sketch.pixels.shape[:2]
        placed = np.rint(np.asarray(points) * scale_px).astype(np.int32)
        left, top = np.clip(placed.min(axis=0), 0, (width_px, height_px))
        right, bottom = np.clip(placed.max(axis=0) + 1, 0, (width_px, height_px))
        if right <= left or bottom <= top:
            return
        part = self.sketch.pixels[top:bottom, left:right]
        covered = part.copy()
        cv2.fillPoly(covered, [placed - (left, top)], (*colour, 255.0), lineType=cv2.LINE_AA)
        part[:] = cv2.addWeighted(part, 1 - opacity, covered, opacity, 0)

    def glow(self, centre: Point, radius: float, colour: Colour, strength: float) -> None:
        """Adds light that fades with the distance from its source."""
        import cv2

        scale_px, (height_px, width_px) = self.sketch.scale_px, self.sketch.pixels.shape[:2]
        side_px = max(2, round(2 * radius * scale_px))
        (x_px, y_px), half_px = self.sketch.origin_px, side_px / 2
        x = round(centre[0] * scale_px + x_px - half_px)
        y = round(centre[1] * scale_px + y_px - half_px)
        left, right = max(0, x), min(width_px, x + side_px)
        top, bottom = max(0, y), min(height_px, y + side_px)
        if right <= left or bottom <= top:
            return
        small = (HALO * (np.array((*colour, 0)) * strength)).astype(np.uint8)
        light = cv2.resize(small, (side_px, side_px), interpolation=cv2.INTER_LINEAR)
        part = self.sketch.pixels[top:bottom, left:right]
        part[:] = cv2.add(part, light[top - y : bottom - y, left - x : right - x])

    def specks(
        self,
        left: float,
        top: float,
        right: float,
        bottom: float,
        number: int,
        size: float,
        colour: Colour,
    ) -> None:
        """Scatters lozenges: stars, pebbles, tufts."""
        import cv2

        places = self.rng.uniform((left, top), (right, bottom), (number, 1, 2))
        sizes = size * self.rng.uniform(0.5, 1.2, (number, 1, 1))
        scale = self.sketch.scale_px * (1 << SHIFT)
        fixed = ((places + sizes * LOZENGE) * scale).astype(np.int32)
        cv2.fillPoly(
            self.sketch.pixels, list(fixed), (*colour, 255.0), lineType=cv2.LINE_AA, shift=SHIFT
        )

    def moon(self, centre: Point, radius: float, sky: Colour) -> None:
        """Draws a full moon, or a sickle cut out of it by a disc of the sky's colour."""
        self.disc(centre, (radius, radius), (244, 240, 214))
        if self.chance(0.6):
            shift = radius * self.between(0.4, 0.8)
            self.disc(
                (centre[0] + shift, centre[1] - shift / 3), (radius * 0.92, radius * 0.92), sky
            )

    def mirror(self) -> None:
        """Swaps left and right."""
        import cv2

        self.sketch.pixels[:] = cv2.flip(self.sketch.pixels, 1)

    def _fixed(self, points: Any) -> NDArray[np.int32]:
        scale, (x_px, y_px) = self.sketch.scale_px * (1 << SHIFT), self.sketch.origin_px
        origin = (x_px * (1 << SHIFT), y_px * (1 << SHIFT))
        return (np.asarray(points) * scale + origin).astype(np.int32)
