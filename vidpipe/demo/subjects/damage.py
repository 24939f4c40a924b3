"""Bodies that can be whole, on fire or wrecked: vehicles and houses.

Belongs here: what a state does to shapes and colours (charred, crumpled, cut open), and what it
adds (flames, smoke, debris), alike for every subject, so that a state looks the same on all.
Does not: the shapes of the subjects (vidpipe.demo.subjects.vehicles, aircraft and house).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from vidpipe.demo.sketch import (
    GLASS,
    PAINTS,
    RUBBER,
    SHIFT,
    STEEL,
    Colour,
    Point,
    Sketch,
    mix,
    pick,
    shade,
)

Points = NDArray[np.float64]
Warp = Callable[[Points], Points]

COATS: tuple[Colour, ...] = (*PAINTS, (88, 96, 58), (194, 172, 124), (104, 110, 112))
SOOT: Colour = (36, 32, 30)
WRECK: tuple[Colour, ...] = (
    (48, 43, 40), (66, 54, 47), (112, 70, 46), (134, 82, 52), (98, 93, 88), (82, 62, 52),
)  # fmt: skip
EMBER: tuple[Colour, ...] = ((255, 150, 40), (255, 200, 80), (60, 34, 24))
# Red to white: each layer with its share of the flame's height.
FLAME: tuple[tuple[Colour, float], ...] = (
    ((226, 66, 14), 1.0), ((255, 138, 20), 0.8), ((255, 214, 60), 0.56), ((255, 250, 214), 0.32),
)  # fmt: skip
SMOKE_TOP = -1.7
PUFFS = 8
CURVE = 12  # outlines of so many points bend without being subdivided

_TURN = np.linspace(0, 2 * np.pi, 22, endpoint=False)
CIRCLE: Points = np.stack([np.cos(_TURN), np.sin(_TURN)], axis=1)
# One unit high and two wide, from the left foot over the tip to the right one.
TONGUE: Points = np.array(
    [(-0.7, 0.12), (-1, -0.12), (-0.85, -0.35), (-0.45, -0.58), (-0.12, -0.85), (0.05, -1),
     (0.12, -0.8), (0.45, -0.5), (0.88, -0.3), (1, -0.1), (0.7, 0.12), (0, 0.18)]
)  # fmt: skip
_QUARTERS: Points = np.linspace(0, 1, 4, endpoint=False)[:, None]


@dataclass(frozen=True)
class Hearth:
    """The upper part of a body, where it burns or breaks: a rectangle well inside it."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Shape:
    """A polygon, or a line if it has a width; without a colour it cuts a hole."""

    outline: Points
    colour: Colour | None
    width: float = 0


@dataclass(frozen=True)
class Body:
    """The parts of one subject, collected in the shape that its state gives them.

    Attributes:
        state: "intact", "burning" or "destroyed".
        char: colour of its wreck.
        shapes: the parts so far, in the order of drawing. They are drawn all at once, because
            warping them one by one would take longer than filling them.
        place: moves a part that has come loose.
    """

    state: str
    rng: np.random.Generator
    char: Colour
    shapes: list[Shape] = field(default_factory=list)
    place: Warp | None = None

    @property
    def is_wreck(self) -> bool:
        """Whether it is broken."""
        return self.state == "destroyed"

    def between(self, low: float, high: float) -> float:
        """A random number."""
        return low + (high - low) * float(self.rng.random())

    def chance(self, share: float) -> bool:
        """Whether something happens, in that share of the subjects."""
        return bool(self.rng.random() < share)

    def part(self, points: Sequence[Point] | Points, colour: Colour) -> None:
        """Adds a painted polygon."""
        self.bare(points, self._aged(colour))

    def bare(self, points: Sequence[Point] | Points, colour: Colour) -> None:
        """Adds a polygon that keeps its colour in every state."""
        outline = np.asarray(points, float)
        if self.is_wreck and len(outline) < CURVE:
            outline = _finer(outline)
        self._add(outline, colour)

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """Adds a painted rectangle."""
        self.part([(left, top), (right, top), (right, bottom), (left, bottom)], colour)

    def disc(self, centre: Point, radii: Point, colour: Colour) -> None:
        """Adds a painted ellipse."""
        self.part(CIRCLE * radii + centre, colour)

    def stroke(self, points: Sequence[Point] | Points, width: float, colour: Colour) -> None:
        """Adds a bar, pole or stripe along a polyline."""
        path = np.asarray(points, float)
        if self.is_wreck and len(path) < CURVE:
            path = _finer(path)[: 4 * len(path) - 3]
        self._add(path, self._aged(colour), width)

    def ring(self, centre: Point, radius: float, width: float, colour: Colour) -> None:
        """Adds a circle that one can look through."""
        self.stroke(np.vstack([CIRCLE, CIRCLE[:1]]) * radius + centre, width, colour)

    def pane(self, points: Sequence[Point], tint: Colour = GLASS) -> None:
        """Adds a window: fire shines through it, and a wreck has lost it."""
        if self.state == "burning":
            tint = EMBER[int(self.rng.integers(len(EMBER)))]
        elif self.is_wreck:
            tint = shade(SOOT, 0.5)
        self.bare(points, tint)

    def panes(
        self, left: float, top: float, right: float, bottom: float, count: int, tint: Colour
    ) -> None:
        """Adds a row of windows."""
        step = (right - left) / count
        for start in (left + step * i for i in range(count)):
            end = start + step * 0.78
            self.pane([(start, top), (end, top), (end, bottom), (start, bottom)], tint)

    def wheel(self, centre: Point, radius: float, rim: Colour = STEEL) -> None:
        """Adds a tyred wheel; on a wreck flat, or without its tyre."""
        x, y = centre
        if not self.is_wreck:
            self.disc(centre, (radius, radius), RUBBER)
            self.disc(centre, (radius * 0.58, radius * 0.58), rim)
            self.disc(centre, (radius * 0.2, radius * 0.2), shade(rim, 0.5))
        elif self.chance(0.65):
            low = (x, y + radius * 0.22)
            self.bare(CIRCLE * (radius * 1.05, radius * 0.78) + low, shade(RUBBER, 0.7))
            self.disc(low, (radius * 0.55, radius * 0.45), STEEL)
            self.bare(CIRCLE * (radius * 0.2) + low, SOOT)
        else:
            self.bare(CIRCLE * (radius * 0.75) + centre, SOOT)
            self.disc(centre, (radius * 0.6, radius * 0.6), STEEL)

    def loose(self, pivot: Point, turn_deg: float, shift: Point = (0, 0)) -> "Body":
        """The body of parts that a wreck has torn off: turned about a point, then shifted."""
        if not self.is_wreck:
            return self
        cos, sin = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
        turn, origin = np.array([[cos, sin], [-sin, cos]]), np.array(pivot)
        offset, outer = origin + shift, self.place

        def place(points: Points) -> Points:
            moved = (points - origin) @ turn + offset
            return outer(moved) if outer else moved

        return replace(self, place=place)

    def _add(self, outline: Points, colour: Colour, width: float = 0) -> None:
        self.shapes.append(Shape(self.place(outline) if self.place else outline, colour, width))

    def _aged(self, colour: Colour) -> Colour:
        if self.state == "burning":
            return mix(colour, SOOT, self.between(0.1, 0.4))
        if self.is_wreck:
            patch = WRECK[int(self.rng.integers(len(WRECK)))] if self.chance(0.35) else self.char
            return shade(mix(colour, patch, self.between(0.76, 0.92)), self.between(0.8, 1.15))
        return colour


Build = Callable[[Body, Colour, float], None]


def damageable(
    build: Build, hearth: Hearth
) -> Callable[[Sketch, str, np.random.Generator, float], None]:
    """Makes a drawing of the states intact, burning and destroyed from a builder of the body."""

    def draw(sketch: Sketch, state: str, rng: np.random.Generator, phase: float) -> None:
        warp = _stance(state, rng)
        paint = pick(COATS, rng)
        body = Body(state, rng, pick(WRECK, rng, 10))
        if state == "burning":
            _render(sketch, _smoke(rng, hearth, phase))
            build(body, paint, phase)
            body.shapes.extend(_blots(rng, hearth, 3, SOOT))
            _render(sketch, body.shapes, warp)
            _render(sketch, _flames(rng, hearth, warp, phase))
        elif state == "destroyed":
            body.shapes.append(Shape(CIRCLE * (1.15, 0.06) + (0, 0.97), SOOT))
            build(body, paint, phase)
            body.shapes.extend(_gaps(rng, hearth))
            _render(sketch, body.shapes, warp)
            _render(sketch, [*_debris(rng, paint), _wisp(rng, hearth, warp, phase)])
        else:
            build(body, paint, phase)
            _render(sketch, body.shapes, warp)

    return draw


def _render(sketch: Sketch, shapes: Sequence[Shape], warp: Warp | None = None) -> None:
    import cv2

    points = np.concatenate([shape.outline for shape in shapes])
    placed_px = (warp(points) if warp else points) * sketch.scale_px + sketch.origin_px
    fixed = np.rint(placed_px * (1 << SHIFT)).astype(np.int32)
    start = 0
    for shape in shapes:
        outline = fixed[start : start + len(shape.outline)]
        start += len(outline)
        colour = (*shape.colour, 255.0) if shape.colour else (0, 0, 0, 0)
        if shape.width:
            thickness_px = max(1, round(shape.width * sketch.scale_px))
            cv2.polylines(sketch.pixels, [outline], False, colour, thickness_px, cv2.LINE_AA, SHIFT)
        else:
            cv2.fillPoly(sketch.pixels, [outline], colour, cv2.LINE_AA, SHIFT)


def _stance(state: str, rng: np.random.Generator) -> Warp:
    """Draws proportions and perspective; a wreck also sinks and buckles. The ground stays level."""
    width, height = rng.uniform(0.88, 1.0), rng.uniform(0.88, 1.08)
    taper, lean = rng.uniform(-0.11, 0.11), rng.uniform(-0.07, 0.07)

    def place(points: Points) -> Points:
        x = points[:, 0] * width
        up = (1 - points[:, 1]) * height * (1 + taper * x)
        return np.stack([x + lean * up, 1 - up], axis=1)

    if state != "destroyed":
        return place
    sink, sag, middle = rng.uniform(0.86, 0.96), rng.uniform(0.14, 0.3), rng.uniform(-0.5, 0.5)
    waves, starts = rng.uniform(-1, 1, (4, 2)) * [[9], [14], [24], [32]], rng.uniform(0, 6.3, 4)
    dents = rng.uniform(-1, 1, (4, 2)) * [[0.04], [0.032], [0.024], [0.018]]

    def crumple(points: Points) -> Points:
        placed = place(points)
        x, up = placed[:, 0], 1 - placed[:, 1]
        shifts = np.sin(points @ waves.T + starts) @ dents
        shifts *= np.clip(up * 2, 0, 1)[:, None]
        up = up * sink * (1 - sag * np.exp(-(((x - middle) / 0.35) ** 2)))
        return np.stack([x + shifts[:, 0], 1 - up + shifts[:, 1]], axis=1)

    return crumple


def _finer(outline: Points) -> Points:
    """Gives each edge four points, so that straight edges can buckle."""
    ends = np.concatenate([outline[1:], outline[:1]])
    return (outline[:, None] * (1 - _QUARTERS) + ends[:, None] * _QUARTERS).reshape(-1, 2)


def _jagged(rng: np.random.Generator, centres: Points, radii: Points, corners: int) -> Points:
    """Makes irregular polygons, shape (len(centres), corners, 2)."""
    angles = 2 * np.pi * (np.arange(corners) / corners + rng.random((len(centres), 1)))
    reach = radii[:, None] * rng.uniform(0.5, 1.15, (len(centres), corners))
    return np.stack([np.cos(angles) * reach, np.sin(angles) * reach], axis=2) + centres[:, None]


def _blots(rng: np.random.Generator, hearth: Hearth, count: int, colour: Colour) -> list[Shape]:
    lows, highs = (hearth.left, hearth.top), (hearth.right, hearth.bottom)
    outlines = _jagged(rng, rng.uniform(lows, highs, (count, 2)), rng.uniform(0.09, 0.17, count), 9)
    return [Shape(outline, colour) for outline in outlines]


def _gaps(rng: np.random.Generator, hearth: Hearth) -> list[Shape]:
    """Cuts holes burnt through, with rusty rims, and pieces missing from the upper edge."""
    holes = _blots(rng, hearth, 3, shade(SOOT, 0.5))
    rims = [
        Shape((h.outline - h.outline.mean(0)) * 1.3 + h.outline.mean(0), WRECK[3]) for h in holes
    ]
    centres = np.stack([rng.uniform(hearth.left, hearth.right, 2), np.full(2, hearth.top - 0.1)], 1)
    bites = _jagged(rng, centres, rng.uniform(0.12, 0.22, 2), 9)
    return [*rims, *holes, *(Shape(bite, None) for bite in bites)]


def _flames(rng: np.random.Generator, hearth: Hearth, warp: Warp, phase: float) -> list[Shape]:
    """Draws tongues out of the upper part, the tallest in the middle, layer upon layer."""
    count = int(rng.integers(6, 9))
    share = (np.arange(count) + rng.uniform(0.2, 0.8, count)) / count
    x = hearth.left + (hearth.right - hearth.left) * share
    y = hearth.top + (hearth.bottom - hearth.top) * rng.uniform(0, 0.5, count)
    feet = warp(np.stack([x, y], axis=1))[:, None]
    beat = 2 * np.pi * (phase * rng.integers(1, 3, count) + rng.random(count))
    high = rng.uniform(0.65, 0.95) * (0.55 + 0.55 * np.sin(np.pi * share))
    high = high * rng.uniform(0.7, 1.1, count) * (1 + 0.2 * np.sin(beat))
    bend = (0.12 * np.cos(beat) + rng.uniform(-0.1, 0.1))[:, None] * TONGUE[:, 1] ** 2
    wide = rng.uniform(0.13, 0.2, count)
    shapes = []
    for colour, size in FLAME:
        tongues = TONGUE * np.stack([wide * size**0.6, high * size], axis=1)[:, None] + feet
        tongues[..., 0] += bend * size**2
        shapes += [Shape(tongue, colour) for tongue in tongues]
    return shapes


def _smoke(rng: np.random.Generator, hearth: Hearth, phase: float) -> list[Shape]:
    """Draws a dark column; in one phase each puff rises to where the next was: it cycles."""
    grey, drift, start = rng.uniform(30, 75), rng.uniform(-0.45, 0.45), rng.uniform(0, 6.3)
    swing, spread = rng.uniform(0.08, 0.18), rng.uniform(0.3, 0.42)
    shapes = []
    # The youngest puffs come last: they are nearest to the fire and hide the feet of the older.
    for age in (np.arange(PUFFS)[::-1] + phase) / PUFFS:
        radius = (0.18 + (spread - 0.18) * age) * min(1, 6 * (1 - age))
        x = (hearth.left + hearth.right) / 2 + drift * age**1.5 + swing * np.sin(start + 12 * age)
        y = hearth.top + (SMOKE_TOP + 0.3 - hearth.top) * age
        for size, lift, tone in ((1.0, 0.0, grey + 25 * age), (0.7, 0.22, grey + 25 * age + 14)):
            puff = CIRCLE * (radius * size) + (x - radius * lift, y - radius * lift)
            shapes.append(Shape(puff, (tone, tone * 0.97, tone * 0.95)))
    return shapes


def _debris(rng: np.random.Generator, paint: Colour) -> list[Shape]:
    count = int(rng.integers(9, 15))
    sizes = rng.uniform(0.05, 0.15, count)
    centres = np.stack([rng.uniform(-1.15, 1.15, count), 1 - sizes * 0.6], axis=1)
    outlines = _jagged(rng, centres, sizes, 5)
    np.minimum(outlines[..., 1], 1.02, out=outlines[..., 1])
    tones, shares = rng.integers(len(WRECK), size=count), rng.uniform(0, 0.35, count)
    return [
        Shape(outline, mix(WRECK[tone], paint, share))
        for outline, tone, share in zip(outlines, tones, shares, strict=True)
    ]


def _wisp(rng: np.random.Generator, hearth: Hearth, warp: Warp, phase: float) -> Shape:
    """Draws a thin thread of pale smoke that winds upwards."""
    x, y = warp(rng.uniform((hearth.left, hearth.top), (hearth.right, hearth.bottom))[None])[0]
    up = np.linspace(0, 1, 12)
    swing = np.sin(2 * np.pi * (1.5 * up - phase) + rng.uniform(0, 6.3)) * 0.12 * up
    middle = x + rng.uniform(-0.4, 0.4) * up + swing
    height = y + (SMOKE_TOP + 0.15 - y) * up
    half = 0.015 + rng.uniform(0.03, 0.06) * np.sin(np.pi * up**0.7)
    left, right = np.stack([middle - half, height], 1), np.stack([middle + half, height], 1)
    tone = rng.uniform(145, 180)
    return Shape(np.vstack([left, right[::-1]]), (tone, tone, tone * 0.98))
