"""Animals: dog, cat, horse, cow, elephant and chicken; standing, running, sleeping.

Belongs here: the build, coat and pose of the four-legged ones, and which drawing is whose.
Does not: heads (vidpipe.demo.subjects.animal_heads), the chicken (vidpipe.demo.subjects.chicken),
what is common to all subjects (the box they fill: vidpipe.demo.subjects).

Coats come from one palette for all of them: ears, muzzles, tails and legs must tell an animal, not
its colour.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from vidpipe.demo.sketch import BLACK, Colour, Point, Sketch, mix, pick, shade, varied
from vidpipe.demo.subjects.animal_heads import (
    Look,
    draw_cat_head,
    draw_cow_head,
    draw_dog_head,
    draw_elephant_head,
    draw_horse_head,
)
from vidpipe.demo.subjects.animal_shapes import (
    COATS,
    PINK,
    beside,
    dot,
    draw_dust,
    draw_snore,
    tube,
    zoomed,
)
from vidpipe.demo.subjects.chicken import draw_chicken

Draw = Callable[[Sketch, str, np.random.Generator, float], None]
HIDE: Colour = (132, 128, 130)
EYES: tuple[Colour, ...] = ((120, 190, 80), (225, 190, 60), (90, 160, 210))
RUNNING_TAIL: tuple[Point, ...] = ((-0.25, -0.2), (-0.5, -0.1))
SLEEPING_TAIL: tuple[Point, ...] = ((-0.3, -0.05), (-0.35, 0.5))
GAIT_DEG = 14


@dataclass(frozen=True)
class Build:
    """The proportions of a four-legged animal that stands.

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
    """Changes each proportion by up to 15 %; lying animals grow, to fill the box as others do."""
    body, leg, neck, head, tail = rng.uniform(0.87, 1.15, 5) * (1.15 if state == "sleeping" else 1)
    top = float(rng.uniform(-0.05, 0.07))
    return replace(
        build,
        hip=(build.hip[0], build.hip[1] + top),
        shoulder=(build.shoulder[0], build.shoulder[1] + top),
        depth=(build.depth[0] * body, build.depth[1] * body, build.depth[2] * body),
        leg_width=build.leg_width * leg,
        neck=beside((0, 0), build.neck, 0.5 + neck / 2),
        head=build.head * (0.4 + 0.6 * head),
        tail=tuple(beside((0, 0), one, 0.4 + 0.6 * tail) for one in build.tail),
    )


def _posed(build: Build, state: str, swing: float) -> tuple[Point, Point, Point]:
    """Where hip, shoulder and head are."""
    if state == "running":
        hip = beside(build.hip, (-0.02, 0.1 + 0.03 * swing))
        shoulder = beside(build.shoulder, (0.12, -0.04 - 0.04 * swing))
        return hip, shoulder, beside(shoulder, (build.neck[0] + 0.03, build.neck[1] * 0.72))
    if state == "sleeping":
        hip = (build.hip[0] - 0.1, 1 - build.depth[0] * 0.45)
        shoulder = (build.shoulder[0], 1 - build.depth[2] * 0.43)
        return hip, shoulder, (build.shoulder[0] + build.neck[0], 1 - build.chin * build.head)
    return (
        build.hip,
        build.shoulder,
        beside(build.shoulder, (build.neck[0], build.neck[1] + 0.015 * swing)),
    )


def _four_legged(build: Build, draw_head: Head) -> Draw:
    def draw(sketch: Sketch, state: str, rng: np.random.Generator, phase: float) -> None:
        swing = float(np.sin(2 * np.pi * phase))
        look, own = _look(build, rng), _individual(build, state, rng)
        hip, shoulder, head = _posed(own, state, swing)
        if state == "running":
            draw_dust(sketch, rng, phase)
        tail = _tail(own, state, swing)
        tail_colour = look.marking if own.mane else look.coat
        rump = beside(hip, (-own.depth[0] * 0.4, -own.depth[0] * 0.15))
        drawn = tube(
            sketch, [rump, *(beside(rump, one) for one in tail)], own.tail_width, tail_colour
        )
        if own.tail_width[0] < 0.08:  # a thin tail ends in a tuft
            dot(sketch, (float(drawn[-1, 0]), float(drawn[-1, 1])), 0.08, shade(look.marking, 0.8))
        if state != "sleeping":
            _legs(sketch, own, state, swing, look, (hip, shoulder))
        _body(sketch, own, look, state, (hip, shoulder))
        if own.udder and state != "sleeping":
            _udder(zoomed(sketch, hip, own.depth[1]))
        if state == "sleeping":
            _folded_legs(sketch, own, look, hip, shoulder)
        neck = beside(shoulder, (0.02, -own.depth[2] * 0.12))
        tube(sketch, [neck, head], own.neck_width, look.coat)
        if own.mane:
            _mane(sketch, look, neck, head)
        draw_head(zoomed(sketch, head, own.head), look, state, swing)
        if state == "sleeping":
            draw_snore(sketch, (head[0] - 0.2, min(head[1] - own.head * 1.7, 0.3)), phase)

    return draw


def _tail(build: Build, state: str, swing: float) -> list[Point]:
    if state == "running":
        return [beside((0, 0.06 * swing), one, build.running_tail) for one in RUNNING_TAIL]
    if state == "sleeping":
        return [beside((0, 0), one, build.depth[0]) for one in SLEEPING_TAIL]
    *rest, tip = build.tail
    return [*rest, beside(tip, (0.16 * swing, 0.03 * swing))]


def _body(sketch: Sketch, build: Build, look: Look, state: str, spine: tuple[Point, Point]) -> None:
    hip, shoulder = spine
    depth = np.array(build.depth) * (0.88 if state == "running" else 1)
    middle = ((hip[0] + shoulder[0]) / 2, (hip[1] + shoulder[1]) / 2 + 0.03)
    tube(sketch, [hip, middle, shoulder], tuple(depth), look.coat)
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
    """Draws the legs, the far ones first; a running animal's reach wide to the front and back."""
    width, hoof = build.leg_width, mix(shade(look.coat, 0.5), BLACK, 0.4)
    for is_near in (False, True):
        colour = shade(look.coat, 1.0 if is_near else 0.7)
        for joint, side in zip(spine, (-1, 1), strict=True):
            top = beside(joint, (side * (0.03 if is_near else -0.17), 0.08))
            length = 1 - width / 2 - top[1]
            if state == "running":
                step = swing if is_near else -swing
                angle = np.radians(side * (58 if is_near else 36) + GAIT_DEG * step)
                length *= 1.12
                foot = beside(top, (float(np.sin(angle)), float(np.cos(angle))), length)
                knee = beside(top, (foot[0] - top[0], foot[1] - top[1]), 0.5)
                knee = beside(knee, (0.06, -0.05 * side))
            else:
                foot = beside(top, (0, length))
                knee = beside(top, (-0.04 if side < 0 else 0.02, length * 0.55))
            sketch.line([top, knee], width * 1.35, colour)
            sketch.line([knee, foot], width, colour)
            sketch.line([foot, beside(foot, (width * 0.3, 0))], width * 0.95, hoof)


def _folded_legs(sketch: Sketch, build: Build, look: Look, hip: Point, shoulder: Point) -> None:
    width, thigh = build.leg_width * 1.05, build.depth[0] * 0.36
    colour, ground = shade(look.coat, 0.78), 1 - width / 2
    sketch.ellipse((hip[0] + 0.05, 1 - thigh), (thigh * 1.15, thigh), colour)
    sketch.line([(hip[0], ground), (hip[0] + 0.42, ground)], width, colour)
    sketch.line([(shoulder[0] - 0.05, ground - 0.12), (shoulder[0] + 0.1, ground)], width, colour)
    sketch.line([(shoulder[0] + 0.1, ground), (shoulder[0] + 0.62, ground)], width, colour)


def _mane(sketch: Sketch, look: Look, neck: Point, head: Point) -> None:
    back = beside(neck, (-0.16, -0.06)), beside(head, (-0.15, -0.12))
    tube(sketch, [back[0], back[1]], (0.14, 0.2), look.marking)


def _udder(sketch: Sketch) -> None:
    sketch.ellipse((0.3, 0.52), (0.24, 0.17), PINK)
    for x in (0.2, 0.4):
        sketch.line([(x, 0.6), (x, 0.74)], 0.08, PINK)


ANIMALS: dict[str, Draw] = {
    "dog": _four_legged(DOG, draw_dog_head),
    "cat": _four_legged(CAT, draw_cat_head),
    "horse": _four_legged(HORSE, draw_horse_head),
    "cow": _four_legged(COW, draw_cow_head),
    "elephant": _four_legged(ELEPHANT, draw_elephant_head),
    "chicken": draw_chicken,
}
