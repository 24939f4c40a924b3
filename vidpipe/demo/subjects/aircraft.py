"""Helicopter and plane, each intact, burning and destroyed.

Belongs here: the shapes that tell them apart, and how these vary.
Does not: fire, smoke, charring and breaking (vidpipe.demo.subjects.damage), what drives on the
ground (vidpipe.demo.subjects.vehicles).

Colours never tell a subject: every one comes in every paint.
"""

from typing import TYPE_CHECKING

import numpy as np

from vidpipe.demo.sketch import BLACK, GLASS, PAINTS, STEEL, WHITE, Colour, Point, mix, pick, shade
from vidpipe.demo.subjects.damage import Body, Hearth, damageable
from vidpipe.demo.subjects.vehicles import MILITARY

if TYPE_CHECKING:
    from vidpipe.demo.subjects import Draw


def _helicopter(body: Body, paint: Colour, phase: float) -> None:
    body = body.loose((0, 0.6), body.between(-7, 7), (0, 0.24))
    paint = pick(MILITARY, body.rng) if body.chance(0.3) else paint
    tail_y, nose = body.between(-0.2, 0), body.between(0.85, 1)
    tint = mix(GLASS, BLACK, body.between(0, 0.6))
    metal, second = shade(STEEL, 0.5), pick(PAINTS, body.rng)
    tail = body.loose((-0.3, 0.2), body.between(-22, -8), (-0.03, 0.08))
    tail.part(
        [(-0.2, -0.14), (-1.16, tail_y - 0.06), (-1.16, tail_y + 0.06), (-0.2, 0.34)],
        shade(paint, 0.85),
    )
    tail.part(
        [(-1, tail_y), (-1.1, tail_y - 0.4), (-1.24, tail_y - 0.4), (-1.2, tail_y + 0.1)], second
    )
    _tail_rotor(tail, (-1.05, tail_y - 0.1), body.between(0.2, 0.28), phase)
    if body.is_wreck:
        body.wheel((0.9, 0.62), 0.12)
    elif body.chance(0.6):
        for x in (0.0, 0.45):
            body.stroke([(x, 0.5), (x - 0.06, 0.95)], 0.05, metal)
        body.stroke([(-0.42, 0.96), (0.68, 0.96), (0.8, 0.86)], 0.06, metal)
    else:
        for x in (-0.15, 0.62):
            body.stroke([(x, 0.5), (x, 0.86)], 0.07, metal)
            body.wheel((x, 0.86), 0.14)
    body.box(0.12, -0.6, 0.22, -0.2, metal)
    body.part([(-0.3, -0.14), (-0.12, -0.38), (0.4, -0.38), (0.52, -0.14)], shade(paint, 0.75))
    body.part(
        [(-0.42, 0), (-0.25, -0.2), (0.4, -0.24), (0.7, -0.1), (nose, 0.22), (nose - 0.02, 0.42),
         (0.7, 0.62), (-0.1, 0.64), (-0.36, 0.4)], paint,
    )  # fmt: skip
    if body.chance(0.6):
        body.part([(-0.38, 0.34), (nose, 0.36), (0.78, 0.52), (-0.3, 0.48)], second)
    body.pane([(0.44, -0.16), (0.66, -0.06), (nose - 0.06, 0.22), (0.46, 0.26)], tint)
    body.panes(-0.22, -0.08, 0.4, 0.18, int(body.rng.integers(2, 4)), tint)
    _main_rotor(body, (0.17, -0.62), body.between(1.1, 1.27), phase)


def _main_rotor(body: Body, hub: Point, reach: float, phase: float) -> None:
    blades, start = int(body.rng.integers(3, 6)), body.between(0, 1)
    for blade in range(blades):
        if body.is_wreck:
            # Bent, and at rest: nothing of it may follow the phase.
            across = -1.15 + 2.3 * (blade + 0.5) / blades
            tip = (across * body.between(0.8, 1.1), body.between(-0.65, 0))
            body.stroke([hub, ((hub[0] + tip[0]) / 2, hub[1] - 0.04), tip], 0.065, BLACK)
        else:
            turn = 2 * np.pi * (phase + start + blade / blades)
            x = np.clip(hub[0] * 0.4 + reach * np.cos(turn), -1.3, 1.3)
            body.stroke([hub, (x, hub[1] + 0.14 * np.sin(turn))], 0.065, (58, 60, 64))
    body.disc(hub, (0.1, 0.07), (58, 60, 64))


def _tail_rotor(body: Body, hub: Point, reach: float, phase: float) -> None:
    turns = 0 if body.is_wreck else phase
    for angle in (2 * np.pi * turns, 2 * np.pi * turns + np.pi / 2):
        tip = np.array([np.cos(angle), np.sin(angle)]) * reach
        body.stroke(np.stack([hub - tip, hub + tip]), 0.045, (58, 60, 64))


def _plane(body: Body, paint: Colour, phase: float) -> None:
    base = mix(WHITE, paint, 0.15) if body.chance(0.35) else paint
    fin = pick(PAINTS, body.rng) if body.chance(0.5) else paint
    jet, fin_top = body.chance(0.6), body.between(-0.85, -0.6)
    tail = body.loose((-0.35, 0.5), body.between(-20, -8), (-0.08, 0.02))
    nose = body.loose((0.4, 0.8), body.between(4, 12))
    far = body.loose((0.1, 0.2), body.between(-20, 20), (0.05, 0.1))
    reach = body.between(-0.65, -0.45)
    far.part([(0.36, 0.1), (-0.1, reach), (-0.34, reach), (-0.16, 0.1)], shade(base, 0.6))
    for x in (0.72, -0.12, 0.02):
        body.stroke([(x, 0.5), (x, 0.88)], 0.05, shade(STEEL, 0.7))
        body.wheel((x, 0.89), 0.11)
    tail.part([(-0.64, 0.2), (-0.92, fin_top), (-1.12, fin_top), (-0.98, 0.3)], fin)
    tail.part([(-0.3, 0), (-0.3, 0.66), (-0.8, 0.38), (-1.1, 0.18), (-1, 0.06)], base)
    nose.part(
        [(-0.36, 0), (0.62, 0), (0.84, 0.1), (1, 0.34), (0.98, 0.46), (0.84, 0.6), (0.6, 0.68),
         (-0.36, 0.66)], base,
    )  # fmt: skip
    tail.part([(-0.72, 0.26), (-1.04, 0.06), (-1.2, 0.06), (-1, 0.3)], shade(fin, 0.75))
    if body.chance(0.6):
        nose.box(-0.4, 0.42, 0.95, 0.42 + body.between(0.06, 0.16), pick(PAINTS, body.rng))
    windows = mix(GLASS, BLACK, body.between(0.3, 0.9))
    nose.panes(-0.4, 0.14, 0.58, 0.29, int(body.rng.integers(6, 10)) if jet else 4, windows)
    nose.pane([(0.66, 0.09), (0.8, 0.1), (0.92, 0.28), (0.68, 0.28)], windows)
    wing = body.loose((0.1, 0.5), body.between(4, 22), (0, 0.04))
    if jet:
        wing.box(-0.1, 0.62, 0.26, 0.82, shade(fin, 0.8))
        wing.disc((0.26, 0.72), (0.05, 0.1), BLACK)
    wing.part([(0.4, 0.44), (-0.36, 0.88), (-0.66, 0.9), (-0.2, 0.46)], shade(base, 0.76))
    if not jet:
        nose.disc((1.04, 0.4), (0.07, 0.1), shade(fin, 0.7))
        blade = 0.1 + 0.36 * abs(np.cos(2 * np.pi * phase + body.between(0, 6)))
        blade = 0.4 if body.is_wreck else blade
        nose.stroke([(1.06, 0.4 - blade), (1.06, 0.4 + blade)], 0.06, (58, 60, 64))


AIRCRAFT: dict[str, "Draw"] = {
    "helicopter": damageable(_helicopter, Hearth(-0.25, -0.15, 0.6, 0.4)),
    "plane": damageable(_plane, Hearth(-0.6, 0.15, 0.6, 0.5)),
}
