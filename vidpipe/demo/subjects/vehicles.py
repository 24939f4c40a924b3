"""Vehicles that drive on the ground, each intact, burning and destroyed.

Belongs here: the shapes that tell them apart, and how these vary.
Does not: fire, smoke, charring and breaking (vidpipe.demo.subjects.damage), what flies
(vidpipe.demo.subjects.aircraft).

Colours never tell a subject: every one comes in every paint.
"""

from typing import TYPE_CHECKING

import numpy as np

from vidpipe.demo.sketch import (
    BLACK,
    GLASS,
    PAINTS,
    RUBBER,
    STEEL,
    Colour,
    Point,
    mix,
    pick,
    shade,
    varied,
)
from vidpipe.demo.subjects.damage import CIRCLE, COATS, Body, Hearth, damageable

if TYPE_CHECKING:
    from vidpipe.demo.subjects import Draw

LAMP: Colour = (255, 240, 180)
TAIL_LAMP: Colour = (200, 30, 30)
MILITARY: tuple[Colour, ...] = (
    (88, 96, 58), (62, 82, 56), (194, 172, 124), (116, 120, 120), (226, 228, 226), (120, 100, 74),
)  # fmt: skip
LOADS: tuple[Colour, ...] = (*PAINTS, (130, 92, 56), (196, 176, 120), (96, 104, 70))


def _tank(body: Body, paint: Colour, _phase: float) -> None:
    paint = pick(MILITARY, body.rng) if body.chance(0.7) else paint
    track, wheels = mix(shade(paint, 0.35), RUBBER, 0.5), int(body.rng.integers(5, 8))
    top, back = body.between(-0.5, -0.3), body.between(-0.62, -0.42)
    front = body.between(0.25, 0.45)
    turret = body.loose((0, 0.1), body.between(-24, -10), (-0.1, 0))
    gun = turret.loose((front, -0.1), body.between(4, 20))
    lift, length = body.between(-0.16, 0.04), body.between(1.1, 1.27)
    gun.stroke([(front - 0.1, -0.12), (length, -0.12 - lift)], 0.1, shade(paint, 0.8))
    if body.chance(0.5):
        gun.stroke([(length - 0.1, -0.12 - lift), (length, -0.12 - lift)], 0.15, shade(paint, 0.6))
    turret.stroke([(back + 0.1, top + 0.1), (back, top - body.between(0.3, 0.5))], 0.025, BLACK)
    turret.part(
        [(back, 0.16), (back - 0.06, -0.12), (back + 0.14, top), (front - 0.2, top),
         (front + 0.05, -0.14), (front, 0.16)], paint,
    )  # fmt: skip
    hatch = body.between(back + 0.2, 0)
    turret.box(hatch, top - 0.1, hatch + 0.3, top + 0.02, shade(paint, 0.7))
    body.part(
        [(-1, 0.3), (-0.9, 0.12), (0.7, 0.12), (1, 0.42), (0.9, 0.62), (-0.95, 0.62)],
        shade(paint, 0.86),
    )
    if body.chance(0.55):
        _patches(turret, (back + 0.1, top + 0.12, front - 0.12, 0.08), body.rng, 3)
        _patches(body, (-0.85, 0.22, 0.7, 0.4), body.rng, 4)
    body.bare(
        [(-0.84, 0.46), (0.86, 0.46), (1.02, 0.64), (0.8, 1), (-0.74, 1), (-1.02, 0.68)], track
    )
    radius = min(0.18, 0.72 / wheels)
    for x in np.linspace(-0.72, 0.74, wheels):
        if not (body.is_wreck and body.chance(0.3)):
            body.disc((x, 0.79), (radius, radius), shade(paint, 0.9))
            body.disc((x, 0.79), (radius * 0.45, radius * 0.45), track)
    if body.chance(0.5):
        body.part([(-0.95, 0.42), (0.98, 0.42), (0.94, 0.62), (-0.95, 0.62)], shade(paint, 0.75))


def _truck(body: Body, paint: Colour, _phase: float) -> None:
    nose, cab_top, top = body.between(0, 0.22), body.between(-0.4, -0.15), body.between(-0.8, -0.5)
    wall, load = body.between(0.28, 0.4), pick(LOADS, body.rng)
    body.box(-0.98, 0.6, 0.95, 0.76, shade(STEEL, 0.45))
    cargo = body.loose((-0.9, 0.6), body.between(-9, 4))
    (_box_cargo, _canvas_cargo, _open_cargo)[int(body.rng.choice(3, p=(0.4, 0.4, 0.2)))](
        cargo, wall - 0.08, top, load
    )
    cab = body.loose((0.9, 0.75), body.between(2, 12))
    roof_end, hood = 0.94 - nose, 0.28 if nose > 0.1 else 0.2
    cab.part(
        [(wall, cab_top), (roof_end - 0.06, cab_top), (roof_end, hood), (0.98, hood + 0.06),
         (1, 0.8), (wall, 0.8)], paint,
    )  # fmt: skip
    left, right, upper, lower = wall + 0.14, roof_end - 0.1, cab_top + 0.1, hood - 0.04
    cab.pane([(left, upper), (right, upper), (right + 0.05, lower), (left, lower)])
    cab.stroke([(wall + 0.08, cab_top + 0.1), (wall + 0.08, 0.7)], 0.02, shade(paint, 0.6))
    cab.box(0.84, 0.72, 1.03, 0.84, shade(STEEL, 0.7))
    cab.disc((0.95, 0.55), (0.05, 0.06), LAMP)
    if body.chance(0.4):
        cab.stroke([(wall - 0.03, 0.5), (wall - 0.03, cab_top - 0.2)], 0.06, STEEL)
    rims, radius = shade(STEEL, body.between(0.5, 1.7)), body.between(0.2, 0.25)
    for x in (0.66, -0.32, -0.78)[: 2 if body.chance(0.25) else 3]:
        body.wheel((x if x > -0.3 else x - 0.02, 1 - radius), radius, rims)


def _box_cargo(body: Body, end: float, top: float, colour: Colour) -> None:
    body.box(-1, top, end, 0.62, colour)
    if body.chance(0.6):
        middle = (top + 0.6) / 2
        body.box(-1, middle - 0.12, end, middle + body.between(0, 0.2), pick(PAINTS, body.rng))
    for x in np.linspace(-0.96, end - 0.03, 4):
        body.stroke([(x, top + 0.03), (x, 0.58)], 0.025, shade(colour, 0.72))


def _canvas_cargo(body: Body, end: float, top: float, colour: Colour) -> None:
    body.part(
        [(-1, 0.4), (-0.98, top + 0.16), (-0.88, top), (end - 0.1, top), (end, top + 0.16),
         (end, 0.4)], colour,
    )  # fmt: skip
    for x in np.linspace(-0.82, end - 0.16, 4):
        body.stroke([(x, top + 0.03), (x - 0.03, 0.36)], 0.04, shade(colour, 0.74))
    body.box(-1, 0.34, end + 0.02, 0.62, shade(colour, 0.6))


def _open_cargo(body: Body, end: float, top: float, colour: Colour) -> None:
    heap = np.linspace(-0.92, end - 0.08, 7)
    tops = [top * 0.5 + body.between(-0.12, 0.25) for _ in heap]
    body.part(
        [(-0.95, 0.4), *zip(heap, tops, strict=True), (end - 0.04, 0.4)], pick(LOADS, body.rng)
    )
    body.box(-1, 0.18, end, 0.62, colour)
    for x in np.linspace(-0.96, end - 0.04, 5):
        body.stroke([(x, 0.14), (x, 0.6)], 0.035, shade(colour, 0.65))


def _car(body: Body, paint: Colour, _phase: float) -> None:
    top, back = body.between(-0.2, -0.06), body.between(-0.96, -0.5)
    front = body.between(0.15, 0.35)
    waist, hood, radius = 0.32, body.between(0.34, 0.44), body.between(0.2, 0.26)
    tint = varied(mix(GLASS, BLACK, body.between(0, 0.6)), body.rng, 12)
    roof = body.loose((0, waist), body.between(-8, 8))
    slant = body.between(0.12, 0.3)
    roof.part(
        [(back, waist + 0.1), (back + slant, top), (front - 0.1, top), (front + 0.36, waist + 0.1)],
        paint,
    )
    sill, middle = top + 0.09, (back + front) / 2 + 0.1
    roof.pane(
        [(back + slant + 0.03, sill), (middle - 0.04, sill), (middle - 0.04, waist),
         (back + 0.14, waist)], tint,
    )  # fmt: skip
    roof.pane(
        [(middle + 0.04, sill), (front - 0.1, sill), (front + 0.22, waist), (middle + 0.04, waist)],
        tint,
    )
    body.part(
        [(-1, 0.42), (min(back, -0.82), waist), (front + 0.3, waist), (0.92, hood),
         (1, hood + 0.16), (1, 0.84), (-0.98, 0.84)], paint,
    )  # fmt: skip
    body.box(-0.99, 0.7, 1, 0.85, shade(paint, 0.62))
    if body.chance(0.3):
        body.box(-0.98, 0.46, 0.98, 0.54, pick(PAINTS, body.rng))
    body.stroke([(middle, waist), (middle, 0.74)], 0.02, shade(paint, 0.6))
    body.stroke([(middle - 0.2, 0.42), (middle - 0.1, 0.42)], 0.03, shade(paint, 0.5))
    body.disc((0.93, hood + 0.14), (0.06, 0.06), LAMP)
    body.box(-1, 0.46, -0.92, 0.58, TAIL_LAMP)
    if body.chance(0.3):
        roof.stroke([(back + slant + 0.05, top - 0.07), (front - 0.15, top - 0.07)], 0.04, STEEL)
        height, load = body.between(0.1, 0.25), pick(LOADS, body.rng)
        roof.box(back + slant + 0.1, top - height, front - 0.25, top - 0.07, load)
    rims = shade(STEEL, body.between(0.5, 1.7))
    for x in (-0.58, 0.6):
        body.disc((x, 0.8), (radius + 0.06, radius + 0.04), shade(paint, 0.3))
        body.wheel((x, 1 - radius), radius, rims)


def _bus(body: Body, paint: Colour, _phase: float) -> None:
    double = body.chance(0.2)
    top, count = (-0.85 if double else body.between(-0.5, -0.36)), int(body.rng.integers(6, 9))
    second = pick(PAINTS, body.rng) if body.chance(0.5) else shade(paint, 0.75)
    tint = mix(GLASS, BLACK, body.between(0, 0.7))
    body.part(
        [(-1, top + 0.08), (-0.94, top), (0.9, top), (1, top + 0.14), (1.02, 0.84), (-1, 0.84)],
        paint,
    )
    body.box(-1, 0.5, 1.01, 0.5 + body.between(0.08, 0.34), second)
    body.panes(-0.94, -0.22, 0.6, 0.24, count, tint)
    if double:
        body.panes(-0.94, -0.72, 0.9, -0.36, count, tint)
        body.stroke([(-0.98, -0.29), (0.98, -0.29)], 0.04, second)
    elif body.chance(0.5):
        start = body.between(-0.7, 0)
        body.box(start, top - 0.1, start + 0.55, top + 0.01, shade(paint, 0.8))
    door = 0.63
    body.pane([(door, -0.2), (door + 0.15, -0.2), (door + 0.15, 0.74), (door, 0.74)], tint)
    body.pane([(0.83, -0.26), (0.98, -0.26), (1, 0.3), (0.83, 0.3)], tint)
    body.box(0.6, top + 0.04, 0.92, top + 0.14, (250, 180, 60) if body.chance(0.6) else BLACK)
    body.disc((0.96, 0.66), (0.045, 0.06), LAMP)
    radius, rims = body.between(0.17, 0.21), shade(STEEL, body.between(0.5, 1.7))
    for x in (-0.62, 0.46) if body.chance(0.7) else (-0.72, -0.34, 0.46):
        body.disc((x, 0.82), (radius + 0.05, radius + 0.03), shade(paint, 0.3))
        body.wheel((x, 1 - radius), radius, rims)


def _motorcycle(body: Body, paint: Colour, _phase: float) -> None:
    radius, base = body.between(0.36, 0.43), body.between(0.56, 0.62)
    hub_y, chrome, dark = 1 - radius, shade(STEEL, body.between(0.8, 1.6)), (44, 44, 48)
    rear, front = (-base, hub_y), (base + 0.02, hub_y)
    head = (body.between(0.3, 0.4), body.between(-0.3, -0.14))
    fork = body.loose(front, body.between(-20, -6), (0.04, 0.02))
    for frame, hub in ((body, rear), (fork, front)):
        _cycle_wheel(frame, hub, radius, chrome)
    body.stroke([rear, (-0.05, 0.72), (0.28, 0.1)], 0.09, dark)
    body.stroke([rear, (-0.2, 0.22), (0.3, 0.06)], 0.08, shade(paint, 0.6))
    body.disc((0.02, 0.52), (0.24, 0.22), chrome)
    body.disc((0.02, 0.52), (0.14, 0.12), dark)
    body.stroke(
        [(0.02, 0.72), (-0.3, 0.78), (-0.9, body.between(0.66, 0.76))], 0.09, shade(chrome, 1.2)
    )
    fork.stroke([front, head], 0.08, chrome)
    bar = (head[0] - body.between(0.16, 0.28), head[1] - body.between(0.12, 0.28))
    fork.stroke([head, (head[0] - 0.02, bar[1]), bar], 0.06, dark)
    fork.disc((head[0] + 0.12, head[1] + 0.12), (0.1, 0.1), LAMP)
    seat = body.between(0, 0.14)
    body.part(
        [(-0.78, seat - 0.08), (-0.2, seat + 0.06), (-0.05, 0.06), (-0.1, 0.26), (-0.66, 0.16)],
        dark,
    )
    body.part([(-0.16, 0.16), (-0.04, -0.1), (0.2, -0.14), (0.36, 0.06), (0.22, 0.24)], paint)
    body.part([(-0.86, seat - 0.02), (-0.5, 0.1), (-0.4, 0.28), (-0.72, 0.2)], paint)
    if body.chance(0.35):
        fork.part(
            [(0.22, -0.02), (head[0], head[1] - 0.16), (0.62, 0.06), (0.44, 0.5), (0.1, 0.6)], paint
        )
    if body.chance(0.3):
        body.box(-0.98, seat - 0.26, -0.62, seat + 0.06, pick(LOADS, body.rng))
    fork.stroke(CIRCLE[13:20] * (radius + 0.07) + front, 0.05, paint)


def _cycle_wheel(body: Body, hub: Point, radius: float, chrome: Colour) -> None:
    for spoke in CIRCLE[:11:3] * (radius * 0.8):
        body.stroke(np.stack([hub - spoke, hub + spoke]), 0.02, chrome)
    body.ring(hub, radius - 0.06, 0.12, RUBBER)
    body.ring(hub, radius - 0.14, 0.03, chrome)
    body.disc(hub, (0.08, 0.08), chrome)


def _tractor(body: Body, paint: Colour, _phase: float) -> None:
    big, small = body.between(0.52, 0.62), body.between(0.24, 0.31)
    rims = pick(PAINTS, body.rng) if body.chance(0.6) else paint
    top, nose = body.between(-0.9, -0.7), body.between(0.88, 1)
    cab = body.loose((-0.3, 0.2), body.between(-16, -4))
    hood = body.between(-0.12, 0.02)
    stack = body.loose((0.5, 0), body.between(10, 35))
    stack.stroke([(0.5, 0.1), (0.5, body.between(-0.7, -0.5))], 0.08, shade(STEEL, 0.5))
    body.box(-0.6, 0.35, 0.75, 0.66, shade(STEEL, 0.4))
    body.part(
        [(-0.05, hood - 0.04), (nose - 0.1, hood), (nose, hood + 0.12), (nose, 0.48),
         (-0.05, 0.52)], paint,
    )  # fmt: skip
    for y in (0.14, 0.24, 0.34):
        body.stroke([(0.42, y), (nose - 0.08, y)], 0.03, shade(paint, 0.5))
    body.disc((nose - 0.02, hood + 0.18), (0.05, 0.06), LAMP)
    if body.chance(0.75):
        cab.part(
            [(-0.7, 0.3), (-0.66, top + 0.06), (-0.04, top + 0.06), (0.06, 0.3)], shade(paint, 0.8)
        )
        cab.pane([(-0.6, 0.1), (-0.58, top + 0.15), (-0.38, top + 0.15), (-0.38, 0.1)])
        cab.pane([(-0.3, 0.2), (-0.3, top + 0.15), (-0.11, top + 0.15), (-0.05, 0.2)])
        roof = pick(COATS, body.rng) if body.chance(0.4) else paint
        cab.box(-0.78, top - 0.04, 0.06, top + 0.08, roof)
    else:
        cab.part(
            [(-0.5, 0.2), (-0.62, -0.3), (-0.52, -0.3), (-0.36, 0.06), (-0.1, 0.06), (-0.1, 0.2)],
            RUBBER,
        )
        cab.stroke([(0.06, 0.1), (-0.08, -0.2)], 0.05, STEEL)
        cab.stroke([(-0.18, -0.12), (0.0, -0.28)], 0.05, BLACK)
    body.part(CIRCLE[10:] * (big + 0.09) + (-0.45, 1 - big), shade(paint, 0.9))
    body.wheel((-0.45, 1 - big), big, rims)
    if not body.is_wreck:
        hub = np.array([-0.45, 1 - big])
        for lug in CIRCLE[::2] * big:
            body.stroke(np.stack([hub + lug * 0.78, hub + lug * 0.97]), 0.04, (70, 70, 74))
    body.wheel((0.68, 1 - small), small, rims)


def _patches(
    body: Body, within: tuple[float, float, float, float], rng: np.random.Generator, count: int
) -> None:
    """Draws camouflage."""
    left, top, right, bottom = within
    colour = pick(MILITARY, rng, 30)
    for _ in range(count):
        centre = (rng.uniform(left, right), rng.uniform(top, bottom))
        body.disc(centre, (rng.uniform(0.07, 0.15), rng.uniform(0.04, 0.09)), colour)


VEHICLES: dict[str, "Draw"] = {
    "tank": damageable(_tank, Hearth(-0.5, -0.3, 0.35, 0.3)),
    "truck": damageable(_truck, Hearth(-0.75, -0.35, 0.6, 0.4)),
    "car": damageable(_car, Hearth(-0.5, 0.0, 0.7, 0.6)),
    "bus": damageable(_bus, Hearth(-0.8, -0.3, 0.8, 0.5)),
    "motorcycle": damageable(_motorcycle, Hearth(-0.45, 0, 0.3, 0.4)),
    "tractor": damageable(_tractor, Hearth(-0.55, -0.3, 0.75, 0.3)),
}
