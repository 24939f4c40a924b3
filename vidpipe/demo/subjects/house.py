"""A house, intact, burning and destroyed.

Belongs here: its shape, and how that varies.
Does not: fire, smoke, charring and breaking (vidpipe.demo.subjects.damage).
"""

from typing import TYPE_CHECKING

import numpy as np

from vidpipe.demo.sketch import BLACK, GLASS, PAINTS, WHITE, Colour, mix, pick, shade
from vidpipe.demo.subjects.damage import Body, Hearth, damageable

if TYPE_CHECKING:
    from vidpipe.demo.subjects import Draw

ROOFS: tuple[Colour, ...] = (
    (166, 72, 50), (110, 60, 48), (74, 80, 92), (120, 96, 70), (60, 96, 84), (176, 150, 92),
)  # fmt: skip


def _house(body: Body, paint: Colour, _phase: float) -> None:
    wall = mix(paint, WHITE, body.between(0, 0.6))
    eaves, ridge, side = body.between(-0.25, 0), body.between(0.05, 0.6), body.between(0.78, 0.9)
    roof, trim = pick(ROOFS, body.rng), WHITE if body.chance(0.6) else shade(wall, 0.55)
    body.box(-side, eaves - 0.05, side, 1, wall)
    if body.chance(0.4):
        for y in np.linspace(eaves + 0.15, 0.92, 5):
            body.stroke([(-side, y), (side, y)], 0.015, shade(wall, 0.8))
    body.box(-side, 0.9, side, 1, shade(wall, 0.6))
    _roof(body, eaves, ridge, side + 0.13, roof)
    door = float(body.rng.choice((-0.52, 0, 0.5)))
    body.box(door - 0.16, 0.38, door + 0.16, 1, trim)
    body.box(
        door - 0.12, 0.43, door + 0.12, 1, pick(PAINTS, body.rng) if not body.is_wreck else BLACK
    )
    tint = mix(GLASS, BLACK, body.between(0, 0.5))
    storeys = ((eaves + 0.16, 0.3), (0.46, 0.76)) if eaves < -0.12 else ((0.32, 0.66),)
    for top, bottom in storeys:
        for x in (-0.52, 0, 0.5):
            if abs(x - door) > 0.3 or bottom < 0.38:
                low = min(bottom, top + 0.32)
                body.box(x - 0.17, top - 0.04, x + 0.17, low + 0.04, trim)
                body.panes(x - 0.13, top, x + 0.15, low, 2, tint)


def _roof(body: Body, eaves: float, ridge: float, side: float, colour: Colour) -> None:
    peak, smoke_x = body.between(-1, -0.85), float(body.rng.choice((-0.5, 0.45)))
    if not body.is_wreck:
        body.box(smoke_x - 0.1, peak - 0.05, smoke_x + 0.1, eaves - 0.1, pick(ROOFS, body.rng))
        body.part([(-side, eaves), (-ridge, peak), (ridge, peak), (side, eaves)], colour)
        for share in (0.3, 0.6):
            y, x = eaves + (peak - eaves) * share, side + (ridge - side) * share
            body.stroke([(-x, y), (x, y)], 0.02, shade(colour, 0.75))
        return
    # Bare rafters, and a slope of tiles that has slid down on one side.
    for share in np.linspace(-1, 1, 7):
        foot = (side * share, eaves)
        body.stroke([foot, (foot[0] * 0.5, peak + body.between(0.1, 0.5))], 0.05, (70, 50, 38))
    body.stroke([(-ridge, peak + 0.15), (ridge, peak + 0.2)], 0.05, (70, 50, 38))
    slid = body.loose((-side, eaves), body.between(4, 16), (0, 0.1))
    slid.part(
        [(-side, eaves + 0.04), (-side * 0.65, peak + 0.4), (-0.12, peak + 0.3), (-0.05, eaves)],
        colour,
    )


HOUSES: dict[str, "Draw"] = {
    "house": damageable(_house, Hearth(-0.65, -0.4, 0.65, 0.5)),
}
