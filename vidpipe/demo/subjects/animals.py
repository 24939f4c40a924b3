"""Animals: dog, cat, horse, cow, elephant and chicken; standing, running, sleeping.

Belongs here: the build, coat and pose of each animal.
Does not: what is common to all subjects (the box they fill: vidpipe.demo.subjects).

Coats come from one palette for all of them: ears, muzzles, tails and legs must tell an animal, not
its colour. Heads are drawn on a canvas of their own, whose unit is the radius of the skull.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import comb

import numpy as np
from numpy.typing import NDArray

from vidpipe.demo.sketch import BLACK, WHITE, Colour, Point, Sketch, mix, pick, shade, varied

Draw = Callable[[Sketch, str, np.random.Generator, float], None]

COATS: tuple[Colour, ...] = (
    (40, 38, 40), (234, 230, 222), (122, 78, 46), (140, 140, 144), (206, 124, 56), (214, 186, 140),
)  # fmt: skip
HIDE: Colour = (132, 128, 130)
PINK: Colour = (226, 150, 150)
IVORY: Colour = (240, 232, 205)
HORN: Colour = (225, 205, 160)
COMB: Colour = (214, 34, 34)
BEAK: Colour = (240, 170, 40)
DUST: Colour = (205, 190, 165)
EYES: tuple[Colour, ...] = ((120, 190, 80), (225, 190, 60), (90, 160, 210))

RUNNING_TAIL: tuple[Point, ...] = ((-0.25, -0.2), (-0.5, -0.1))
SLEEPING_TAIL: tuple[Point, ...] = ((-0.3, -0.05), (-0.35, 0.5))
GAIT_DEG = 14
ALONG: NDArray[np.float64] = np.linspace(0, 1, 11)
END_TURN: NDArray[np.float64] = np.stack(
    [np.cos(np.linspace(0, np.pi, 7)), np.sin(np.linspace(0, np.pi, 7))], axis=1
)


@dataclass(frozen=True)
class Look:
    """One individual: its colours, and spots as rows of (along, across, radius) on its body."""

    coat: Colour
    marking: Colour
    iris: Colour
    spots: NDArray[np.float64]
    pale_face: bool


@dataclass(frozen=True)
class Build:
    """Proportions of a four-legged animal that stands.

    Attributes:
        hip, shoulder: where the spine begins and ends; legs reach from there to the ground.
        depth: thickness of the body at the hip, the belly and the shoulder.
        neck: from the shoulder to the head.
        chin: how far the head reaches down, in head radii.
        tail: from the rump on.
        running_tail: how far the tail stretches behind a running animal, a share of the usual.
        spots: how many patches, and how large; few have them unless they are a mark of the animal.
    """

    hip: Point
    shoulder: Point
    depth: tuple[float, float, float]
    leg_width: float
    neck: Point
    neck_width: tuple[float, float]
    head: float
    chin: float
    tail: tuple[Point, ...]
    tail_width: tuple[float, ...]
    running_tail: float
    spots: tuple[int, float]
    always_spotted: bool = False
    mane: bool = False
    udder: bool = False
    hide: float = 0.0  # how much a coat fades to the grey of bare skin


Head = Callable[[Sketch, Look, str, float], None]

DOG = Build(
    (-0.5, 0.12), (0.2, 0.08), (0.42, 0.4, 0.54), 0.16, (0.27, -0.5), (0.4, 0.36), 0.32, 0.95,
    ((-0.3, -0.1), (-0.42, -0.75)), (0.16, 0.09), 1.0, (7, 0.11),
)  # fmt: skip
CAT = Build(
    (-0.42, 0.4), (0.22, 0.36), (0.4, 0.38, 0.36), 0.12, (0.24, -0.42), (0.3, 0.3), 0.44, 0.95,
    ((-0.75, -0.1), (-0.65, -1.35), (-0.1, -1.5), (-0.1, -0.85)), (0.14, 0.12), 1.2, (8, 0.08),
)  # fmt: skip
HORSE = Build(
    (-0.52, 0.0), (0.26, -0.02), (0.46, 0.42, 0.5), 0.12, (0.36, -0.72), (0.5, 0.26), 0.22, 1.3,
    ((-0.4, -0.05), (-0.25, 0.75)), (0.1, 0.24, 0.12), 1.3, (9, 0.1), mane=True,
)  # fmt: skip
COW = Build(
    (-0.55, 0.06), (0.3, 0.02), (0.68, 0.78, 0.68), 0.17, (0.4, -0.3), (0.5, 0.42), 0.3, 1.25,
    ((-0.45, -0.15), (-0.34, 0.6)), (0.06, 0.05), 0.9, (6, 0.24), always_spotted=True, udder=True,
)  # fmt: skip
ELEPHANT = Build(
    (-0.56, -0.05), (0.02, -0.1), (0.9, 1.04, 0.9), 0.3, (0.4, -0.15), (0.7, 0.6), 0.4, 0.95,
    ((-0.5, 0.1), (-0.46, 0.5)), (0.07, 0.05), 0.8, (0, 0.0), hide=0.55,
)  # fmt: skip


def _tube(
    sketch: Sketch, path: Sequence[Point], widths: Sequence[float], colour: Colour
) -> NDArray[np.float64]:
    """Fills a Bézier curve of varying width with round ends; returns points on the curve."""
    middle: NDArray[np.float64] = _bernstein(len(path)) @ np.array(path, float)
    ahead = np.empty_like(middle)
    ahead[1:-1] = middle[2:] - middle[:-2]
    ahead[0], ahead[-1] = middle[1] - middle[0], middle[-1] - middle[-2]
    ahead /= np.sqrt((ahead * ahead).sum(axis=1, keepdims=True)) + 1e-9
    aside = ahead[:, ::-1] * (-1, 1)
    half = np.interp(ALONG, np.arange(len(widths)) / (len(widths) - 1), widths)[:, None] / 2
    ending = middle[-1] + half[-1] * (END_TURN @ np.stack([aside[-1], ahead[-1]]))
    start = middle[0] - half[0] * (END_TURN @ np.stack([aside[0], ahead[0]]))
    outline = np.vstack([middle + aside * half, ending, (middle - aside * half)[::-1], start])
    sketch.polygon(outline, colour)  # type: ignore[arg-type]
    return middle


@cache
def _bernstein(points: int) -> NDArray[np.float64]:
    """How much each control point of a Bézier curve weighs, shape (samples, points)."""
    degree = points - 1
    weights = [comb(degree, k) * ALONG**k * (1 - ALONG) ** (degree - k) for k in range(points)]
    return np.array(weights, float).T


def _dot(sketch: Sketch, centre: Point, radius: float, colour: Colour) -> None:
    """A small circle: a line of no length costs a fraction of an ellipse."""
    sketch.line([centre, centre], radius * 2, colour)


def _beside(point: Point, offset: Point, factor: float = 1.0) -> Point:
    return point[0] + offset[0] * factor, point[1] + offset[1] * factor


def _zoomed(sketch: Sketch, centre: Point, unit: float) -> Sketch:
    """The same canvas, with coordinates that start at `centre` and a unit of another size."""
    x, y = _beside(sketch.origin_px, centre, sketch.scale_px)
    return replace(sketch, scale_px=sketch.scale_px * unit, origin_px=(x, y))


def _look(build: Build, rng: np.random.Generator) -> Look:
    first, second = rng.permutation(len(COATS))[:2]
    coat, marking = (
        mix(varied(COATS[one], rng, 14), varied(HIDE, rng), build.hide) for one in (first, second)
    )
    count, size = build.spots
    spots = np.column_stack(
        [rng.uniform(-0.15, 1.1, count), rng.uniform(-0.8, 0.8, count),
         size * rng.uniform(0.6, 1.3, count)]
    )  # fmt: skip
    spotted = rng.random() < 0.4 or build.always_spotted
    pale_face = bool(rng.random() < 0.5)
    return Look(coat, marking, pick(EYES, rng), spots[: count * spotted], pale_face)


def _individual(build: Build, state: str, rng: np.random.Generator) -> Build:
    """The build, every proportion up to 15 % off; lying animals fill the box as well as others."""
    body, leg, neck, head, tail = rng.uniform(0.87, 1.15, 5) * (1.15 if state == "sleeping" else 1)
    top = float(rng.uniform(-0.05, 0.07))
    return replace(
        build,
        hip=(build.hip[0], build.hip[1] + top),
        shoulder=(build.shoulder[0], build.shoulder[1] + top),
        depth=(build.depth[0] * body, build.depth[1] * body, build.depth[2] * body),
        leg_width=build.leg_width * leg,
        neck=_beside((0, 0), build.neck, 0.5 + neck / 2),
        head=build.head * (0.4 + 0.6 * head),
        tail=tuple(_beside((0, 0), one, 0.4 + 0.6 * tail) for one in build.tail),
    )


def _posed(build: Build, state: str, swing: float) -> tuple[Point, Point, Point]:
    """Hip, shoulder and head."""
    if state == "running":
        hip = _beside(build.hip, (-0.02, 0.1 + 0.03 * swing))
        shoulder = _beside(build.shoulder, (0.12, -0.04 - 0.04 * swing))
        return hip, shoulder, _beside(shoulder, (build.neck[0] + 0.03, build.neck[1] * 0.72))
    if state == "sleeping":
        hip = (build.hip[0] - 0.1, 1 - build.depth[0] * 0.45)
        shoulder = (build.shoulder[0], 1 - build.depth[2] * 0.43)
        return hip, shoulder, (build.shoulder[0] + build.neck[0], 1 - build.chin * build.head)
    return (
        build.hip,
        build.shoulder,
        _beside(build.shoulder, (build.neck[0], build.neck[1] + 0.015 * swing)),
    )


def _four_legged(build: Build, draw_head: Head) -> Draw:
    def draw(sketch: Sketch, state: str, rng: np.random.Generator, phase: float) -> None:
        swing = float(np.sin(2 * np.pi * phase))
        look, own = _look(build, rng), _individual(build, state, rng)
        hip, shoulder, head = _posed(own, state, swing)
        if state == "running":
            _dust(sketch, rng, phase)
        tail = _tail(own, state, swing)
        tail_colour = look.marking if own.mane else look.coat
        rump = _beside(hip, (-own.depth[0] * 0.4, -own.depth[0] * 0.15))
        drawn = _tube(
            sketch, [rump, *(_beside(rump, one) for one in tail)], own.tail_width, tail_colour
        )
        if own.tail_width[0] < 0.08:  # a thin tail ends in a tuft
            _dot(sketch, (float(drawn[-1, 0]), float(drawn[-1, 1])), 0.08, shade(look.marking, 0.8))
        if state != "sleeping":
            _legs(sketch, own, state, swing, look, (hip, shoulder))
        _body(sketch, own, look, state, (hip, shoulder))
        if own.udder and state != "sleeping":
            _udder(_zoomed(sketch, hip, own.depth[1]))
        if state == "sleeping":
            _folded_legs(sketch, own, look, hip, shoulder)
        neck = _beside(shoulder, (0.02, -own.depth[2] * 0.12))
        _tube(sketch, [neck, head], own.neck_width, look.coat)
        if own.mane:
            _mane(sketch, look, neck, head)
        draw_head(_zoomed(sketch, head, own.head), look, state, swing)
        if state == "sleeping":
            _snore(sketch, (head[0] - 0.2, min(head[1] - own.head * 1.7, 0.3)), phase)

    return draw


def _tail(build: Build, state: str, swing: float) -> list[Point]:
    if state == "running":
        return [_beside((0, 0.06 * swing), one, build.running_tail) for one in RUNNING_TAIL]
    if state == "sleeping":
        return [_beside((0, 0), one, build.depth[0]) for one in SLEEPING_TAIL]
    *rest, tip = build.tail
    return [*rest, _beside(tip, (0.16 * swing, 0.03 * swing))]


def _body(sketch: Sketch, build: Build, look: Look, state: str, spine: tuple[Point, Point]) -> None:
    hip, shoulder = spine
    depth = np.array(build.depth) * (0.88 if state == "running" else 1)
    middle = ((hip[0] + shoulder[0]) / 2, (hip[1] + shoulder[1]) / 2 + 0.03)
    _tube(sketch, [hip, middle, shoulder], tuple(depth), look.coat)
    for along, across, radius in look.spots:
        x = hip[0] + along * (shoulder[0] - hip[0])
        y = (
            hip[1]
            + along * (shoulder[1] - hip[1])
            + across * (depth[1] / 2 - radius * 0.8) * (1.3 - abs(along - 0.5))
        )
        tilt = radius * 0.4 * (along * 7 % 2 - 1)
        blot = [(x - radius * 0.3, y - tilt), (x + radius * 0.3, y + tilt)]
        sketch.line(blot, radius * 1.5, look.marking)


def _legs(
    sketch: Sketch, build: Build, state: str, swing: float, look: Look, spine: tuple[Point, Point]
) -> None:
    """Far legs first; those of a running animal reach wide to the front and to the back."""
    width, hoof = build.leg_width, mix(shade(look.coat, 0.5), BLACK, 0.4)
    for is_near in (False, True):
        colour = shade(look.coat, 1.0 if is_near else 0.7)
        for joint, side in zip(spine, (-1, 1), strict=True):
            top = _beside(joint, (side * (0.03 if is_near else -0.17), 0.08))
            length = 1 - width / 2 - top[1]
            if state == "running":
                step = swing if is_near else -swing
                angle = np.radians(side * (58 if is_near else 36) + GAIT_DEG * step)
                length *= 1.12
                foot = _beside(top, (float(np.sin(angle)), float(np.cos(angle))), length)
                knee = _beside(top, (foot[0] - top[0], foot[1] - top[1]), 0.5)
                knee = _beside(knee, (0.06, -0.05 * side))
            else:
                foot = _beside(top, (0, length))
                knee = _beside(top, (-0.04 if side < 0 else 0.02, length * 0.55))
            sketch.line([top, knee], width * 1.35, colour)
            sketch.line([knee, foot], width, colour)
            sketch.line([foot, _beside(foot, (width * 0.3, 0))], width * 0.95, hoof)


def _folded_legs(sketch: Sketch, build: Build, look: Look, hip: Point, shoulder: Point) -> None:
    width, thigh = build.leg_width * 1.05, build.depth[0] * 0.36
    colour, ground = shade(look.coat, 0.78), 1 - width / 2
    sketch.ellipse((hip[0] + 0.05, 1 - thigh), (thigh * 1.15, thigh), colour)
    sketch.line([(hip[0], ground), (hip[0] + 0.42, ground)], width, colour)
    sketch.line([(shoulder[0] - 0.05, ground - 0.12), (shoulder[0] + 0.1, ground)], width, colour)
    sketch.line([(shoulder[0] + 0.1, ground), (shoulder[0] + 0.62, ground)], width, colour)


def _mane(sketch: Sketch, look: Look, neck: Point, head: Point) -> None:
    back = _beside(neck, (-0.16, -0.06)), _beside(head, (-0.15, -0.12))
    _tube(sketch, [back[0], back[1]], (0.14, 0.2), look.marking)


def _udder(sketch: Sketch) -> None:
    sketch.ellipse((0.3, 0.52), (0.24, 0.17), PINK)
    for x in (0.2, 0.4):
        sketch.line([(x, 0.6), (x, 0.74)], 0.08, PINK)


def _eye(sketch: Sketch, centre: Point, radius: float, state: str, iris: Colour = BLACK) -> None:
    if state == "sleeping":
        lid = [
            _beside(centre, (x * radius, y * radius)) for x, y in ((-1.3, 0), (0, 0.7), (1.3, 0))
        ]
        sketch.line(lid, radius * 1.1, WHITE)
        sketch.line(lid, radius * 0.6, BLACK)
        return
    _dot(sketch, centre, radius * 1.45, WHITE if iris == BLACK else iris)
    _dot(sketch, centre, radius * 0.85, BLACK)


def _dog_head(sketch: Sketch, look: Look, state: str, swing: float) -> None:
    sketch.ellipse((0, 0), (1, 0.92), look.coat)
    snout = mix(look.coat, WHITE, 0.65) if look.pale_face else shade(look.coat, 0.85)
    if state != "sleeping":
        sketch.ellipse((1.0, 0.85 + 0.08 * swing), (0.22, 0.45), (225, 90, 100))
    sketch.ellipse((0.95, 0.32), (0.85, 0.45), snout)
    sketch.line([(0.6, 0.6), (1.5, 0.5)], 0.1, BLACK)
    _dot(sketch, (1.62, 0.1), 0.26, BLACK)
    flap = -0.7 if state == "running" else 0.0
    sketch.ellipse(
        (-0.5 + flap * 0.5, 0.35 + flap * 0.6), (0.45, 1.05), shade(look.marking, 0.85),
        turn_deg=12 - flap * 65 + 6 * swing,
    )  # fmt: skip
    _eye(sketch, (0.4, -0.25), 0.17, state)


def _cat_head(sketch: Sketch, look: Look, state: str, swing: float) -> None:
    for side in (-1, 1):
        sketch.polygon([(side * 0.98, -0.1), (side * 0.85, -1.55), (side * 0.08, -0.8)], look.coat)
        sketch.polygon([(side * 0.8, -0.5), (side * 0.77, -1.2), (side * 0.35, -0.8)], PINK)
    sketch.ellipse((0, 0), (1.08, 0.95), look.coat)
    muzzle = WHITE if look.pale_face else mix(look.coat, WHITE, 0.5)
    sketch.ellipse((0, 0.45), (0.55, 0.38), muzzle)
    sketch.polygon([(-0.18, 0.18), (0.18, 0.18), (0, 0.4)], (215, 100, 110))
    sketch.line([(-0.25, 0.6), (0, 0.45), (0.25, 0.6)], 0.06, BLACK)
    whisker = WHITE if sum(look.coat) < 450 else (70, 70, 70)
    for side in (-1, 1):
        _eye(sketch, (side * 0.45, -0.12), 0.2, state, look.iris)
        for rise in (-0.2, 0.15):
            tip = (side * 1.75, 0.4 + rise * 1.6 + 0.05 * swing)
            sketch.line([(side * 0.5, 0.45 + rise * 0.5), tip], 0.06, whisker)


def _horse_head(sketch: Sketch, look: Look, state: str, swing: float) -> None:
    del swing
    drop = 0.75 if state == "sleeping" else 1.25
    for x in (-0.35, 0.25):
        sketch.polygon([(x - 0.25, -0.5), (x, -1.6), (x + 0.3, -0.5)], shade(look.coat, 0.85))
    _tube(sketch, [(0, -0.1), (1.5, drop)], (1.5, 1.1, 0.85), look.coat)
    _tube(sketch, [(1.35, drop - 0.1), (1.55, drop)], (0.75, 0.8), shade(look.coat, 0.7))
    if look.pale_face:
        sketch.line([(0.65, -0.2), (1.6, drop - 0.4)], 0.22, WHITE)
    sketch.line([(-0.1, -0.9), (0.45, -0.35)], 0.4, look.marking)
    _dot(sketch, (1.75, drop - 0.1), 0.1, BLACK)
    _eye(sketch, (0.35, 0.05), 0.18, state)


def _cow_head(sketch: Sketch, look: Look, state: str, swing: float) -> None:
    for side in (-1, 1):
        path = [(side * 0.4, -0.6), (side * 1.1, -0.8), (side * 0.85, -1.7)]
        _tube(sketch, path, (0.4, 0.12), HORN)
        ear = (side * 1.1, -0.25 + 0.06 * swing)
        sketch.ellipse(ear, (0.5, 0.25), shade(look.coat, 0.75), turn_deg=side * 15)
    _tube(sketch, [(0, -0.15), (0.2, 0.7)], (1.65, 1.2), look.coat)
    if look.pale_face:
        _tube(sketch, [(0.05, -0.6), (0.2, 0.5)], (0.5, 0.35), WHITE)
    sketch.ellipse((0.25, 0.85), (0.85, 0.52), PINK)
    for x in (-0.1, 0.6):
        _dot(sketch, (x, 0.75), 0.12, BLACK)
    for x in (-0.42, 0.55):
        _eye(sketch, (x, -0.1), 0.15, state)


def _elephant_head(sketch: Sketch, look: Look, state: str, swing: float) -> None:
    trunk: list[Point] = [(0.5, 0.2), (1.15, 0.6), (1.0, 2.2), (1.25 + 0.3 * swing, 2.6)]
    if state == "running":
        trunk = [(0.5, 0.2), (1.3, 0.9), (1.5, -0.2), (1.25, -1.5 + 0.15 * swing)]
    elif state == "sleeping":
        trunk = [(0.5, 0.2), (1.1, 0.8), (1.2, 0.8), (1.5, 0.72)]
    _tube(sketch, trunk, (0.95, 0.55, 0.32), shade(look.coat, 0.93))
    sketch.circle((0, -0.05), 1, look.coat)
    _tube(sketch, [(0.55, 0.55), (0.9, 1.15), (1.55, 0.75)], (0.28, 0.1), IVORY)
    flap = 0.12 * swing if state != "sleeping" else 0
    sketch.ellipse((-0.62, 0), (0.85 + flap, 1.25), shade(look.coat, 0.68), turn_deg=-10)
    inside = mix(look.coat, PINK, 0.4 if look.pale_face else 0.15)
    sketch.ellipse((-0.62, 0.03), (0.66 + flap, 1.0), inside, turn_deg=-10)
    _eye(sketch, (0.5, -0.25), 0.13, state)


def _chicken(sketch: Sketch, state: str, rng: np.random.Generator, phase: float) -> None:
    swing = float(np.sin(2 * np.pi * phase))
    coat, tail_colour = pick(COATS, rng, 14), pick(COATS, rng, 14)
    size, neck, crest, feathers = (
        rng.uniform(0.9, 1.1),
        *rng.uniform(0.87, 1.15, 2),
        rng.integers(4, 7),
    )
    spots = rng.uniform(-0.6, 0.6, (9 * int(rng.random() < 0.45), 2))
    leg_colour = varied(BEAK, rng, 25)
    body, head = (-0.08, 0.12), (0.42, -0.55 * neck + 0.02 * swing)
    if state == "running":
        _dust(sketch, rng, phase)
        body, head = (-0.08, 0.05 + 0.04 * swing), (0.72, -0.28 * neck - 0.04 * swing)
    elif state == "sleeping":
        body, head = (-0.1, 0.5), (0.62, 0.6)
    for fan in np.linspace(-1, 1, feathers):
        angle = np.radians((-140 if state == "standing" else -172) + 32 * fan + 4 * swing)
        root = _beside(body, (-0.42, -0.1))
        tip = _beside(root, (float(np.cos(angle)), float(np.sin(angle))), 0.72)
        _tube(sketch, [root, tip], (0.12, 0.2), shade(tail_colour, 0.75 + 0.2 * fan))
    if state != "sleeping":
        _chicken_legs(sketch, state, body, swing, leg_colour)
    radii = (0.62 * size, 0.52 * size)
    sketch.ellipse(body, radii, coat, turn_deg=-14 if state != "sleeping" else 0)
    _tube(sketch, [_beside(body, (0.3, -0.1)), head], (0.62, 0.34), coat)
    for x, y in spots:
        _dot(sketch, _beside(body, (x * 0.75, y * 0.55)), 0.07, tail_colour)
    lift = (0.22 + 0.22 * swing) if state == "running" else 0
    wing = [_beside(body, (0.15, -0.02)), _beside(body, (-0.35, 0.12 - 2 * lift))]
    _tube(sketch, wing, (0.4, 0.2), shade(coat, 0.72))
    _chicken_head(_zoomed(sketch, head, 0.24), coat, state, crest)
    if state == "sleeping":
        _snore(sketch, (0.3, 0.05), phase)


def _chicken_legs(sketch: Sketch, state: str, body: Point, swing: float, colour: Colour) -> None:
    for side in (-1, 1):
        top = _beside(body, (side * 0.14 + 0.02, 0.42))
        foot = (top[0] + 0.04, 0.96)
        if state == "running":
            foot = (top[0] + side * (0.42 + 0.08 * swing), 0.9 - 0.06 * side * swing)
        sketch.line([top, foot], 0.08, colour)
        sketch.line([_beside(foot, (-0.14, 0.02)), foot, _beside(foot, (0.2, 0.02))], 0.07, colour)


def _chicken_head(sketch: Sketch, coat: Colour, state: str, crest: float) -> None:
    for x, y in ((-0.55, -0.85), (0.0, -1.1), (0.55, -0.9)):
        _dot(sketch, (x, y), 0.45 * crest, COMB)
    sketch.ellipse((0.6, 0.95), (0.28, 0.5), COMB)
    sketch.circle((0, 0), 1, coat)
    sketch.polygon([(0.7, -0.4), (1.9, 0.15), (0.7, 0.5)], BEAK)
    _eye(sketch, (0.35, -0.2), 0.2, state)


def _dust(sketch: Sketch, rng: np.random.Generator, phase: float) -> None:
    """Puffs that grow and rise as they are left behind."""
    colour = varied(DUST, rng, 25)
    for puff in range(4):
        age = (puff / 4 + phase) % 1
        radius = float(0.12 + 0.11 * np.sin(np.pi * age) * rng.uniform(0.8, 1.2))
        centre = (-0.45 - 0.65 * age, 0.86 - 0.25 * age)
        sketch.ellipse(centre, (radius * 1.25, radius), shade(colour, 0.9 + 0.15 * age))


def _snore(sketch: Sketch, start: Point, phase: float) -> None:
    for letter, size in enumerate((0.13, 0.19, 0.25)):
        drift = 0.05 * float(np.sin(2 * np.pi * (phase + letter / 3)))
        centre = _beside(start, (0.05 + 0.24 * letter + drift, -0.12 - 0.48 * letter))
        stroke = [_beside(centre, corner, size) for corner in ((-1, -1), (1, -1), (-1, 1), (1, 1))]
        sketch.line(stroke, size * 0.75, BLACK)
        sketch.line(stroke, size * 0.4, WHITE)


ANIMALS: dict[str, Draw] = {
    "dog": _four_legged(DOG, _dog_head),
    "cat": _four_legged(CAT, _cat_head),
    "horse": _four_legged(HORSE, _horse_head),
    "cow": _four_legged(COW, _cow_head),
    "elephant": _four_legged(ELEPHANT, _elephant_head),
    "chicken": _chicken,
}
