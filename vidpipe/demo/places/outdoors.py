"""Backdrops under the open sky.

Belongs here: sky, ground and the things that tell one outdoor place from another.
Does not: falling rain and snow, which pass before the subject too; rooms (indoors).

Colours vary more within a place than between places, so that a place is known by its shapes; those
stand on both sides or high up, again and again, since the subject hides the lower middle.
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from vidpipe.demo.places.parts import LAMPLIGHT, NIGHT_SKY, SNOW, View, directions, steps
from vidpipe.demo.sketch import (
    PAINTS,
    STEEL,
    WHITE,
    Colour,
    Point,
    Sketch,
    mix,
    pick,
    shade,
    varied,
)

Draw = Callable[[Sketch, str, str, np.random.Generator], None]

# Where leaves point, as unit vectors: a palm's around its top, a fern's upwards.
FRONDS = directions(-170, -135, -100, -60, -20, 12, 165)
LEAFLETS = directions(-160, -130, -95, -55, -22)
EYE_HEIGHT = 0.3  # of a street's camera above the road, in units at distance 1
CLEAR_SKIES: tuple[tuple[Colour, Colour], ...] = (  # above, at the horizon
    ((50, 120, 220), (185, 215, 245)), ((30, 160, 185), (195, 235, 230)),
    ((110, 110, 175), (250, 165, 90)), ((115, 95, 185), (240, 190, 220)),
    ((150, 185, 225), (242, 242, 238)), ((225, 160, 80), (250, 226, 170)),
    ((215, 120, 130), (250, 205, 180)), ((20, 80, 170), (120, 180, 225)),
)  # fmt: skip
# Grey levels above and at the horizon, by day and by night.
DULL_SKIES = {
    ("rain", False): (78, 150), ("snow", False): (172, 212), ("fog", False): (196, 214),
    ("rain", True): (20, 50), ("snow", True): (34, 74), ("fog", True): (44, 72),
}  # fmt: skip
DAYLIGHT = {"clear": (0.82, 1.1), "rain": (0.5, 0.8), "snow": (0.7, 1.0), "fog": (0.65, 0.95)}
LEAVES: tuple[Colour, ...] = (
    (50, 110, 50), (90, 130, 45), (150, 140, 50), (190, 110, 45), (165, 65, 45), (40, 100, 90),
)  # fmt: skip
WOOD: tuple[Colour, ...] = (
    (105, 75, 50),
    (140, 100, 65),
    (95, 90, 85),
    (205, 200, 190),
    (120, 65, 45),
)
STONE: tuple[Colour, ...] = ((130, 128, 125), (165, 150, 125), (110, 100, 110), (150, 110, 90))
SANDS: tuple[Colour, ...] = (
    (235, 220, 180), (245, 240, 228), (215, 165, 105), (185, 105, 70), (200, 185, 165),
    (150, 120, 95),
)  # fmt: skip
SEAS: tuple[Colour, ...] = (
    (40, 110, 170), (40, 160, 165), (80, 100, 115), (95, 125, 100), (30, 70, 120), (120, 150, 175),
)  # fmt: skip


def _street(view: View, horizon: float) -> None:
    centre = view.width / 2 + view.between(-0.08, 0.08)
    kerb = view.between(0.3, 0.42)
    facade = kerb + view.between(0.08, 0.16)

    def at(x: float, y: float, z: float) -> Point:
        return centre + x / z, horizon + y / z

    road, pavement = view.pick(STONE, 25), view.pick(STONE, 25)
    _ground(view, horizon, shade(road, 0.6))
    for side in (-1, 1):
        strip = [at(side * kerb, EYE_HEIGHT, z) for z in (0.2, 9)]
        strip += [at(side * facade * 1.05, EYE_HEIGHT, z) for z in (9, 0.2)]
        view.poly(strip, view.cover(shade(pavement, 1.25)), 0.15)
        view.line(strip[:2], 0.012, view.cover((205, 205, 200)), 0.15)
        depths = [6.5 * 0.71**step for step in range(9 if view.width > 1.2 else 7)]
        for far, near in pairwise(depths):
            _facade(view, at, side * facade, far, near)
    paint = view.tone(view.pick(((235, 235, 225), (235, 190, 60))), 0.1)
    spans = [(z, z * 1.2) for z in (0.45, 0.65, 0.95, 1.4, 2.1, 3.2)]
    view.many([_stripe(at, -0.022, 0.022, z, end) for z, end in spans], paint)
    for z in (2.6, 1.75, 1.15, 0.75):
        for side in (-1, 1):
            foot, head = at(side * kerb * 1.06, EYE_HEIGHT, z), at(side * kerb * 1.06, -0.34, z)
            _street_lamp(view, foot, head, -side * 0.11 / z, z / 5)


def _stripe(
    at: Callable[[float, float, float], Point], left: float, right: float, near: float, far: float
) -> list[Point]:
    corners = ((left, near), (right, near), (right, far), (left, far))
    return [at(x, EYE_HEIGHT, z) for x, z in corners]


def _facade(
    view: View, at: Callable[[float, float, float], Point], x: float, far: float, near: float
) -> None:
    """One house of a street: its wall runs from distance `far` to `near`."""
    haze = min(1.0, near / 4.5)
    height = -view.between(0.45, 1.1)
    wall = view.hue(0.4, 0.7)
    edge = [at(x, height, far), at(x, height, near)]
    view.poly([*edge, at(x, EYE_HEIGHT, near), at(x, EYE_HEIGHT, far)], wall, haze)
    view.line(edge, 0.035 / near, SNOW if view.snowy else shade(wall, 0.55), haze)
    # Seen edge-on, the side wall of a house that stands out above its neighbour.
    view.line([edge[1], at(x, EYE_HEIGHT, near)], 0.008 / near, shade(wall, 0.6), haze)
    depths = [
        (near + (far - near) * start, near + (far - near) * (start + 0.3)) for start in (0.12, 0.58)
    ]
    panes = [
        [at(x, y, z0), at(x, y, z1), at(x, y + 0.1, z1), at(x, y + 0.1, z0)]
        for y in steps(height + 0.08, 0.02, 0.17)
        for z0, z1 in depths
    ]
    lit = [bool(flag) for flag in view.rng.random(len(panes)) < (0.55 if view.night else 0.0)]
    dark = view.tone(view.hue(0.25, 0.3), haze)
    view.many([pane for pane, on in zip(panes, lit, strict=True) if not on], dark)
    view.many(
        [pane for pane, on in zip(panes, lit, strict=True) if on], view.shine(LAMPLIGHT, haze)
    )
    shop = [at(x, y, z) for y, z in ((0.12, near), (0.12, far), (0.2, far), (0.2, near))]
    view.poly(shop, view.hue(0.8, 0.75), haze)


def _street_lamp(view: View, foot: Point, head: Point, arm: float, far: float) -> None:
    thick = abs(arm) * 0.16
    end = (head[0] + arm, head[1] - abs(arm) * 0.2)
    view.line([foot, head, end], thick, (60, 65, 70), far)
    lamp = view.shine(LAMPLIGHT, far) if view.night else view.tone((225, 225, 215), far)
    view.disc((end[0], end[1] + thick), (abs(arm) * 0.3, abs(arm) * 0.17), lamp)
    view.cap([head, end], thick * 1.3, far)
    if view.night:
        view.glow(end, abs(arm) * 1.3, LAMPLIGHT, 0.4)


def _square(view: View, horizon: float) -> None:
    stone, paving = view.pick(STONE, 30), view.pick((*STONE, (190, 170, 150)), 25)
    centre = view.width / 2 + view.between(-0.1, 0.1)
    _ground(view, horizon, paving)
    _slabs(view, horizon, centre, view.tone(shade(view.cover(paving), 0.72)))
    for x in view.across(0.24, 0.1):
        _town_house(view, x, horizon, 0.23)
    for x in steps(centre % 1.1 - 1.1, view.width + 0.5, 1.1):
        _temple(view, x, horizon + 0.02, stone)
    first = int(view.rng.integers(2))
    for index, x in enumerate(steps(centre % 0.58 - 0.29, view.width + 0.3, 0.58)):
        monument = (_statue, _fountain)[(index + first) % 2]
        monument(view, x + view.between(-0.04, 0.04), horizon + view.between(0.16, 0.26))
    for x in view.across(0.42):
        _bench(view, x, horizon + view.between(0.1, 0.14))


def _slabs(view: View, horizon: float, centre: float, colour: Colour) -> None:
    rows = [horizon + (1 - horizon) * share for share in (0.06, 0.14, 0.25, 0.4, 0.6, 0.84)]
    view.boxes([(0, y, view.width, y + 0.003 + (y - horizon) * 0.012) for y in rows], colour)
    spokes = steps(-2.94, 3, 0.42)
    view.many(
        [
            ((centre + s * 0.25, horizon), (centre + s - 0.004, 1.0), (centre + s + 0.006, 1.0))
            for s in spokes
        ],
        colour,
    )


def _town_house(view: View, x: float, base: float, width: float) -> None:
    top = base - view.between(0.16, 0.26)
    wall = view.hue(0.4, 0.75)
    view.box(x, top, x + width, base, wall, 0.6)
    roof = [(x - 0.01, top), (x + width / 2, top - 0.07), (x + width + 0.01, top)]
    view.poly(roof, SNOW if view.snowy else shade(wall, 0.6), 0.6)
    lit = view.night and view.chance(0.8)
    pane = view.shine(LAMPLIGHT, 0.6) if lit else view.tone((60, 65, 75), 0.6)
    columns = [x + width * share for share in (0.14, 0.42, 0.7)]
    rows = steps(top + 0.03, base - 0.04, 0.07)
    view.boxes([(c, y, c + 0.04, y + 0.042) for c in columns for y in rows], pane)


def _temple(view: View, x: float, base: float, stone: Colour) -> None:
    """The town hall: columns, a gable and a dome."""
    view = view.at(x, base)
    half, top = view.between(0.3, 0.38), -view.between(0.25, 0.3)
    far = 0.4
    dome, dark = view.pick(PAINTS), shade(stone, 0.55)
    radius = half * view.between(0.42, 0.55)
    view.box(-radius, top - 0.13, radius, top, shade(stone, 0.9), far)
    view.sketch.ellipse(
        (0, top - 0.12), (radius, radius * 0.95), view.tone(view.cover(dome), far),
        start_deg=180, end_deg=360,
    )  # fmt: skip
    view.line([(0, top - 0.12 - radius), (0, top - 0.18 - radius)], 0.014, dark, far)
    view.box(-half, top, half, 0, dark, far)
    if view.night:
        view.sketch.rectangle(-half, top + 0.08, half, 0, view.shine((190, 140, 70), far))
    light, pitch = view.tone(shade(stone, 1.25), far), 2 * half / 7
    columns = [-half + pitch * (index + 0.2) for index in range(7)]
    view.boxes([(c, top, c + pitch * 0.5, 0) for c in columns], light)
    gable = [(-half - 0.03, top + 0.015), (0, top - 0.12), (half + 0.03, top + 0.015)]
    view.poly(gable, shade(stone, 1.1), far)
    view.poly([(-half + 0.06, top), (0, top - 0.09), (half - 0.06, top)], dark, far)
    view.cap(gable, 0.022, far)
    view.box(-half - 0.04, -0.02, half + 0.04, 0.02, view.cover(stone), far)


def _statue(view: View, x: float, base: float) -> None:
    view = view.at(x, base)
    plinth, bronze = view.pick(STONE), view.pick(((70, 110, 95), (90, 75, 55), (190, 190, 185)))
    top = -0.2
    view.box(-0.07, top, 0.07, 0, plinth, 0.1)
    view.box(-0.09, -0.04, 0.09, 0, shade(plinth, 0.8), 0.1)
    view.poly([(-0.045, top), (-0.035, top - 0.17), (0.035, top - 0.17), (0.045, top)], bronze)
    view.oval((0, top - 0.2), (0.026, 0.032), bronze)
    view.line([(0.03, top - 0.15), (0.09, top - 0.25)], 0.022, bronze)
    view.line([(-0.03, top - 0.15), (-0.06, top - 0.06)], 0.022, bronze)
    view.cap([(-0.07, top), (0.07, top)], 0.02)


def _fountain(view: View, x: float, base: float) -> None:
    view = view.at(x, base)
    stone = view.pick(STONE)
    water = mix(view.tone((190, 220, 240)), (190, 215, 235), 0.3)
    view.oval((0, 0), (0.19, 0.06), shade(stone, 0.75), 0.1)
    view.oval((0, -0.025), (0.19, 0.055), view.cover(shade(stone, 1.15)), 0.1)
    view.disc((0, -0.025), (0.165, 0.042), shade(water, 0.85))
    view.box(-0.022, -0.2, 0.022, -0.02, stone, 0.1)
    view.oval((0, -0.19), (0.09, 0.025), shade(stone, 1.1), 0.1)
    for side in (-1, 1):
        arc = [(0, -0.3), (side * 0.05, -0.32), (side * 0.1, -0.24)]
        view.sketch.line([*arc, (side * 0.125, -0.05)], 0.014, water)


def _bench(view: View, x: float, base: float) -> None:
    view = view.at(x, base)
    wood = view.pick(WOOD)
    view.box(0, -0.045, 0.15, -0.03, view.cover(wood))
    view.box(0, -0.085, 0.15, -0.058, wood)
    view.boxes([(d, -0.04, d + 0.012, 0) for d in (0.015, 0.12)], view.tone((50, 50, 55)))


def _field(view: View, horizon: float) -> None:
    soil = view.pick(
        ((95, 140, 60), (205, 175, 80), (130, 95, 65), (70, 110, 55), (165, 150, 90)), 25
    )
    crop = mix(soil, view.pick(((60, 110, 40), (225, 190, 70), (150, 110, 160), (90, 70, 45))), 0.6)
    _hills(view, horizon, view.pick(LEAVES), 0.07, 0.9)
    for x in view.across(0.3, 0.4):
        _round_tree(view, x, horizon + 0.01, view.between(0.1, 0.17), 0.55)
    _ground(view, horizon, soil)
    focus = view.width * view.between(0.3, 0.7)
    gap = view.between(0.2, 0.3)
    view.many(
        [
            ((focus + r * 0.12, horizon), (focus + r * 1.6, 1.0), (focus + r * 1.6 + 0.13, 1.0))
            for r in steps(-9 * gap, 9.5 * gap, gap)
        ],
        view.tone(mix(crop, view.cover(crop), 0.5), 0.1),
    )
    _texture(view, horizon, soil)
    for x in view.across(0.34):
        _hay_bale(view, x, horizon + view.between(0.08, 0.2), view.between(0.065, 0.09))
    _fence(view, horizon + view.between(0.2, 0.3))


def _hills(view: View, base: float, colour: Colour, height: float, far: float) -> None:
    x = np.linspace(-0.05, view.width + 0.05, 24)
    phases = view.rng.uniform(0, 6.3, 2)
    waves = np.sin(x * 5 + phases[0]) * 0.5 + np.sin(x * 11 + phases[1]) * 0.25
    y = base - height * (0.8 + waves)
    line = list(zip(x.tolist(), y.tolist(), strict=True))
    view.poly(
        [(-0.05, base + 0.02), *line, (view.width + 0.05, base + 0.02)], view.cover(colour), far
    )


def _round_tree(view: View, x: float, base: float, size: float, far: float) -> None:
    view = view.at(x, base)
    leaf = view.pick(LEAVES)
    view.box(-size * 0.07, -size * 0.5, size * 0.07, 0, view.pick(WOOD), far)
    view.oval((0, -size * 0.75), (size * 0.42, size * 0.4), leaf, far)
    top = SNOW if view.snowy else shade(leaf, 1.2)
    view.oval((-size * 0.08, -size * 0.92), (size * 0.28, size * 0.2), top, far)


def _hay_bale(view: View, x: float, base: float, radius: float) -> None:
    view = view.at(x, base)
    straw = view.pick(((205, 170, 85),), 25)
    view.box(0, -2 * radius, radius * 1.1, 0, shade(straw, 0.75), 0.2)
    view.oval((radius * 1.1, -radius), (radius * 0.5, radius), shade(straw, 0.75), 0.2)
    for share, dark in ((1.0, 1.05), (0.7, 0.75), (0.55, 1.05), (0.25, 0.7)):
        view.oval((0, -radius), (radius * share * 0.8, radius * share), shade(straw, dark), 0.2)
    view.cap([(-radius * 0.4, -2 * radius), (radius * 1.3, -2 * radius)], 0.025, 0.2)


def _fence(view: View, base: float) -> None:
    wood, height = view.pick(WOOD), view.between(0.15, 0.2)
    rails = [base - height * share for share in (0.82, 0.42)]
    for y in rails:
        view.box(0, y, view.width, y + 0.024, shade(wood, 1.1))
    posts = view.across(view.between(0.14, 0.2), 0.08)
    view.boxes(
        [(x, base - height, x + 0.032, base + 0.01) for x in posts], view.tone(shade(wood, 0.8))
    )
    if view.snowy:
        tops = [(x - 0.004, base - height - 0.015, x + 0.036, base - height) for x in posts]
        view.boxes([*tops, *((0, y - 0.01, view.width, y) for y in rails)], view.tone(SNOW))


def _beach(view: View, horizon: float) -> None:
    sand, sea = view.pick(SANDS), view.pick(SEAS, 25)
    shore = horizon + view.between(0.15, 0.24)
    view.fade(horizon, shore + 0.1, view.tone(shade(sea, 0.9), 0.9), view.tone(sea, 0.2))
    _waves(view, horizon + 0.02, shore)
    for x in view.across(0.38):
        _sail(view, x, horizon + view.between(0.01, 0.05), view.between(0.15, 0.22))
    _ground(view, shore + 0.09, sand)
    along = np.linspace(0, view.width, 30)
    y = shore + 0.04 + 0.03 * np.sin(along * view.between(5, 9) + view.between(0, 6))
    edge = list(zip(along.tolist(), y.tolist(), strict=True))
    view.poly([*edge, (view.width, shore + 0.15), (0, shore + 0.15)], view.cover(sand))
    view.line(edge, 0.03, WHITE, 0.1)
    _texture(view, shore + 0.1, sand)
    for index, x in enumerate(view.across(0.33, 0.2)):
        if index % 2:
            _palm(view, x, shore + view.between(0.14, 0.25), view.between(0.45, 0.6))
        else:
            _umbrella(view, x, shore + view.between(0.2, 0.3))


def _waves(view: View, top: float, bottom: float) -> None:
    number = int(14 * view.width) + 6
    places = view.rng.uniform((-0.1, 0), (view.width, 1), (number, 2))
    crests = [
        ((x, y), (x + s * 0.5, y - s * 0.1), (x + s, y), (x + s * 0.5, y + s * 0.05))
        for x, y, s in ((x, top + (bottom - top) * d, 0.05 + 0.1 * d) for x, d in places)
    ]
    view.many(crests, view.tone((225, 235, 240), 0.35))


def _sail(view: View, x: float, base: float, size: float) -> None:
    view = view.at(x, base)
    sail = view.pick((WHITE, *PAINTS))
    view.poly([(0, -size), (size * 0.45, -size * 0.2), (0, -size * 0.2)], sail, 0.45)
    view.poly([(-0.01, -size * 0.9), (-0.01, -size * 0.2), (-size * 0.3, -size * 0.2)], WHITE, 0.45)
    hull = [(-size * 0.4, -size * 0.14), (size * 0.5, -size * 0.14), (size * 0.3, 0)]
    view.poly([*hull, (-size * 0.25, 0)], view.pick(PAINTS), 0.45)


def _palm(view: View, x: float, base: float, height: float) -> None:
    view = view.at(x, base)
    lean, leaf = view.between(-0.12, 0.12), shade(view.pick(LEAVES[:3]), 0.9)
    top = (lean, -height)
    view.line([(0, 0), (lean * 0.3, -height * 0.5), top], 0.036, view.pick(WOOD))
    for across, rise in FRONDS:
        tip = (top[0] + 0.2 * across, top[1] + 0.14 * rise + 0.07)
        ridge = (top[0] + 0.12 * across, top[1] + 0.15 * rise - 0.035)
        under = (top[0] + 0.1 * across, top[1] + 0.11 * rise + 0.02)
        view.poly([top, ridge, tip, under], shade(leaf, view.between(0.8, 1.2)))
        view.cap([top, ridge], 0.016)


def _umbrella(view: View, x: float, base: float) -> None:
    view = view.at(x, base)
    first, second = view.pick(PAINTS), view.pick((WHITE, (240, 220, 90), (220, 80, 60)))
    top, half = -0.3, view.between(0.13, 0.17)
    view.box(-0.007, top, 0.007, 0, (200, 190, 175))
    for start, end, colour in (
        (180, 225, first),
        (225, 270, second),
        (270, 315, first),
        (315, 360, second),
    ):
        view.sketch.ellipse(
            (0, top + 0.1), (half, 0.11), view.tone(colour), start_deg=start, end_deg=end
        )
    view.cap([(-half * 0.5, top + 0.005), (0, top - 0.01), (half * 0.5, top + 0.005)], 0.02)
    towel = [(0.03, 0), (0.18, 0), (0.22, 0.035), (0.05, 0.035)]
    view.poly(towel, view.hue(0.7, 0.8))


def _forest(view: View, horizon: float) -> None:
    leaf, bark = view.pick(LEAVES), view.pick(WOOD)
    floor = horizon + 0.1
    for x in view.across(0.09, 0.4):
        view.oval(
            (x, floor - 0.03), (0.08, view.between(0.08, 0.2)),
            shade(leaf, view.between(0.5, 0.8)), 0.85
        )  # fmt: skip
    _ground(view, floor, mix(leaf, view.pick(WOOD), view.between(0.2, 0.9)))
    for gap, thick, far in ((0.085, 0.022, 0.75), (0.15, 0.04, 0.4), (0.3, 0.085, 0.0)):
        for x in view.across(gap, 0.3):
            _trunk(
                view, x, floor + 0.02 + 0.22 * (1 - far) ** 2, thick * view.between(0.8, 1.3),
                bark, far
            )  # fmt: skip
        _canopy(view, 0.06 + 0.1 * far, shade(leaf, 1.0 - 0.3 * far), far)
    if view.weather == "clear" and not view.night:
        for x in view.across(0.55):  # shafts of sunlight
            shaft = [(x, 0.1), (x + 0.06, 0.1), (x + 0.3, floor + 0.1), (x + 0.16, floor + 0.1)]
            view.veil(shaft, (255, 246, 200), 0.3)
    _texture(view, floor, leaf)
    for x in view.across(0.2, 0.3):
        _fern(view, x, floor + view.between(0.12, 0.32), view.between(0.12, 0.17), leaf)


def _trunk(view: View, x: float, base: float, thick: float, bark: Colour, far: float) -> None:
    lean = view.between(-0.03, 0.03)
    colour = view.pick((bark,), 12)
    left, right = x - thick / 2, x + thick / 2
    foot = [(left - thick * 0.35, base), (right + thick * 0.35, base), (right, base - thick * 0.8)]
    view.poly(
        [*foot, (right + lean, -0.02), (left + lean, -0.02), (left, base - thick * 0.8)],
        colour,
        far,
    )
    if far > 0.5:
        return
    side = [
        (x + thick * 0.15, base), (right, base), (right + lean, 0), (x + thick * 0.15 + lean, 0)
    ]  # fmt: skip
    view.poly(side, shade(colour, 0.72), far)
    marks = view.rng.uniform(0.15, base - 0.1, 5).tolist()
    view.boxes(
        [(left + thick * 0.1, y, left + thick * 0.5, y + thick * 0.14) for y in sorted(marks)],
        view.tone(shade(colour, 0.55), far),
    )
    if view.snowy:
        view.line([(left, base - 0.05), (left + lean * 0.5, base * 0.5)], thick * 0.3, SNOW, far)


def _canopy(view: View, depth: float, leaf: Colour, far: float) -> None:
    for x in view.across(0.13, 0.4):
        radii = (view.between(0.09, 0.13), view.between(0.05, 0.09))
        y = depth * view.between(0.4, 1.2)
        view.oval((x, y), radii, shade(leaf, view.between(0.75, 1.25)), far)
        if view.snowy:
            view.oval((x, y - radii[1] * 0.4), (radii[0] * 0.75, radii[1] * 0.5), SNOW, far)


def _fern(view: View, x: float, base: float, size: float, leaf: Colour) -> None:
    view = view.at(x, base)
    colour = shade(leaf, view.between(0.8, 1.4))
    tips = [(size * across, size * rise) for across, rise in LEAFLETS]
    middles = [(a / 2, b / 2 - size * 0.1) for a, b in tips]
    bends = [(size * 0.12 * rise, -size * 0.12 * across) for across, rise in LEAFLETS]
    view.many(
        [
            ((0, 0), (a + da, b + db), tip, (a - da, b - db))
            for tip, (a, b), (da, db) in zip(tips, middles, bends, strict=True)
        ],
        view.tone(colour),
    )
    for middle, tip in zip(middles, tips, strict=True):
        view.cap([middle, tip], 0.012)


def _desert(view: View, horizon: float) -> None:
    sand, rock = (
        view.pick(SANDS, 25),
        view.pick(((175, 90, 60), (140, 110, 95), (190, 140, 90), (120, 70, 75)), 25),
    )
    for x in view.across(0.42, 0.2):
        _mesa(view, x, horizon + 0.01, view.between(0.13, 0.27), rock)
    _ground(view, horizon, sand)
    for share, far in ((0.1, 0.6), (0.32, 0.35), (0.62, 0.1)):
        _dunes(view, horizon + (1 - horizon) * share, view.pick((sand,), 8), far)
    _texture(view, horizon, sand)
    for index, x in enumerate(view.across(0.29, 0.2)):
        _cactus(
            view, x, horizon + view.between(0.12, 0.3),
            (0.42, 0.27)[index % 2] * view.between(0.9, 1.15)
        )  # fmt: skip


def _mesa(view: View, x: float, base: float, height: float, rock: Colour) -> None:
    view = view.at(x, base)
    half = view.between(0.1, 0.18)
    top = -height
    outline = [
        (-half * 1.4, 0), (-half, top + height * 0.4), (-half * 0.9, top), (half * 0.8, top + 0.01)
    ]  # fmt: skip
    view.poly([*outline, (half, top + height * 0.4), (half * 1.5, 0)], rock, 0.6)
    shadow = [(half * 0.3, top + 0.005), (half * 0.8, top + 0.01), (half, top + height * 0.4)]
    view.poly([*shadow, (half * 1.5, 0), (half * 0.4, 0)], shade(rock, 0.7), 0.6)
    bands = [
        (-half * 0.9, top + height * s, half * 0.85, top + height * (s + 0.09))
        for s in (0.12, 0.32)
    ]
    view.boxes(bands, view.tone(shade(rock, 1.25), 0.6))
    view.cap(outline[2:4], 0.03, 0.6)


def _dunes(view: View, base: float, sand: Colour, far: float) -> None:
    for x in view.across(0.65, 0.25):
        height, half = view.between(0.06, 0.11), view.between(0.35, 0.5)
        crest = (x + half * 0.25, base - height)
        light = [
            (x - half, base), (x - half * 0.5, base - height * 0.3),
            (x - half * 0.1, base - height * 0.8), crest
        ]  # fmt: skip
        view.poly([*light, (x + half, base)], view.cover(shade(sand, 1.08)), far)
        lee = [
            crest, (x + half * 0.1, base - height * 0.5), (x + half * 0.3, base), (x + half, base)
        ]  # fmt: skip
        view.poly(lee, shade(view.cover(sand), 0.74), far)


def _cactus(view: View, x: float, base: float, height: float) -> None:
    view = view.at(x, base)
    green, thick = (
        view.pick(((70, 120, 65), (95, 130, 85), (60, 100, 85), (130, 135, 75))),
        height * 0.17,
    )
    top, arm = -height, height * 0.32
    view.line([(0, 0), (0, top)], thick, green)
    for side, y in (
        (-1, -height * view.between(0.35, 0.5)),
        (1, -height * view.between(0.45, 0.6)),
    ):
        elbow = side * arm * 0.75
        view.line([(0, y), (elbow, y), (elbow, y - arm)], thick * 0.7, green)
        view.line([(elbow, y), (elbow, y - arm)], 0.008, shade(green, 0.65))
        view.cap(
            [(elbow - thick * 0.2, y - arm - thick * 0.3),
            (elbow + thick * 0.2, y - arm - thick * 0.3)], thick * 0.3
        )  # fmt: skip
    view.many(
        [((d, 0), (d + 0.007, 0), (d + 0.007, top), (d, top)) for d in (-thick / 4, thick / 5)],
        view.tone(shade(green, 0.65)),
    )
    view.cap([(-thick * 0.25, top - thick * 0.4), (thick * 0.25, top - thick * 0.4)], thick * 0.4)


def _harbour(view: View, horizon: float) -> None:
    sea, quay = view.pick(SEAS, 25), view.between(0.76, 0.84)
    view.fade(horizon, quay, view.tone(sea, 0.8), view.tone(shade(sea, 0.8), 0.1))
    view.box(0, horizon - 0.03, view.width, horizon + 0.015, view.cover(view.pick(STONE)), 0.6)
    for x in view.across(0.5, 0.15):
        _crane(view, x, horizon, view.between(0.34, 0.44))
        _containers(view, x + 0.2, horizon - 0.01)
    _waves(view, horizon + 0.03, quay)
    for x in view.across(0.55, 0.15):
        _ship(view, x, view.between(horizon + 0.1, quay - 0.02), view.between(0.28, 0.36))
    _ground(view, quay, view.pick(STONE, 25))
    view.box(0, quay, view.width, quay + 0.03, shade(view.cover((120, 118, 112)), 0.7))
    for x in view.across(0.3, 0.15):
        _bollard(view, x, quay + view.between(0.04, 0.07))


def _crane(view: View, x: float, base: float, height: float) -> None:
    view = view.at(x, base)
    paint, top = view.pick(PAINTS), -height
    far = 0.45
    for foot, head in ((-0.06, -0.045), (0.06, 0.045)):
        view.line([(foot, 0), (head, top)], 0.02, paint, far)
    view.line([(-0.055, -height * 0.35), (0.05, -height * 0.7)], 0.01, paint, far)
    view.line([(-0.16, top + 0.06), (0.27, top + 0.06)], 0.028, paint, far)
    view.line(
        [(-0.16, top + 0.06), (0, top - 0.04), (0.27, top + 0.06)], 0.009, shade(paint, 0.8), far
    )
    view.box(0.02, top + 0.07, 0.07, top + 0.12, shade(paint, 0.6), far)
    view.line([(0.2, top + 0.06), (0.2, -height * 0.45)], 0.006, STEEL, far)
    view.box(0.165, -height * 0.45, 0.235, -height * 0.36, view.pick(PAINTS), far)
    view.cap([(-0.16, top + 0.045), (0.27, top + 0.045)], 0.015, far)
    if view.night:
        for lamp in (-0.14, 0, 0.25):
            view.disc((lamp, top + 0.07), (0.012, 0.012), view.shine(LAMPLIGHT, far))
        view.glow((0, top + 0.07), 0.16, LAMPLIGHT, 0.5)


def _containers(view: View, x: float, base: float) -> None:
    view = view.at(x, base)
    for column in range(3):
        for row in range(int(view.rng.integers(1, 4))):
            left, bottom = column * 0.1, -row * 0.045
            view.box(left, bottom - 0.042, left + 0.095, bottom, view.pick(PAINTS), 0.45)


def _ship(view: View, x: float, base: float, length: float) -> None:
    view = view.at(x, base)
    hull, half = view.pick(PAINTS), length / 2
    far = 0.2
    deck = -length * 0.22
    view.poly(
        [(-half, deck), (half * 1.1, deck - 0.02), (half * 0.8, 0), (-half * 0.85, 0)], hull, far
    )
    view.poly(
        [(-half * 0.93, -0.02), (half * 0.86, -0.02), (half * 0.8, 0), (-half * 0.85, 0)],
        shade(hull, 0.55),
        far,
    )
    view.box(-half * 0.8, deck - length * 0.26, -half * 0.25, deck, WHITE, far)
    view.box(-half * 0.6, deck - length * 0.42, -half * 0.42, deck - length * 0.26, hull, far)
    pane = view.shine(LAMPLIGHT, far) if view.night else view.tone((50, 70, 90), far)
    view.boxes(
        [
            (-half * s, deck - length * 0.2, -half * s + 0.022, deck - length * 0.12)
            for s in (0.74, 0.58, 0.42)
        ],
        pane,
    )
    for share in (0.1, 0.6):
        mast = half * share
        view.line([(mast, deck), (mast, deck - length * 0.8)], 0.011, (90, 75, 60), far)
        view.line(
            [(mast - 0.05, deck - length * 0.6), (mast + 0.05, deck - length * 0.6)], 0.008,
            (90, 75, 60), far
        )  # fmt: skip
    view.line(
        [(-half * 0.25, deck), (half * 0.1, deck - length * 0.8), (half * 1.05, deck)], 0.004,
        (70, 70, 70), far
    )  # fmt: skip
    view.cap(
        [(-half * 0.82, deck - length * 0.27), (-half * 0.23, deck - length * 0.27)], 0.015, far
    )


def _bollard(view: View, x: float, base: float) -> None:
    view = view.at(x, base)
    iron = view.pick(((45, 48, 52), (150, 45, 40), (190, 150, 50)))
    view.box(-0.03, -0.08, 0.03, 0.03, iron)
    view.oval((0, -0.085), (0.048, 0.024), view.cover(shade(iron, 1.3)))
    view.line([(0, -0.03), (0.12, 0.01), (0.3, -0.02)], 0.01, (190, 170, 130))


def _mountains(view: View, horizon: float) -> None:
    rock, meadow = view.pick(STONE, 30), view.pick((*LEAVES, *STONE))
    for gap, height, base, far in ((0.42, 0.46, horizon, 0.75), (0.36, 0.28, horizon + 0.06, 0.45)):
        tint = view.pick((mix(rock, view.zenith, far * 0.4),), 15)
        for x in view.across(gap, 0.2):
            _peak(view, x, base, height * view.between(0.75, 1.1), tint, far)
    _ground(view, horizon + 0.05, meadow)
    _texture(view, horizon + 0.05, meadow)
    for x in view.across(0.13, 0.4):
        _fir(view, x, horizon + view.between(0.07, 0.13), view.between(0.13, 0.19), 0.3)
    for x in view.across(0.32, 0.2):
        _fir(view, x, horizon + view.between(0.2, 0.3), view.between(0.28, 0.38), 0.0)
    for x in view.across(0.27, 0.3):
        _rock(view, x, horizon + view.between(0.22, 0.36), rock)


def _peak(view: View, x: float, base: float, height: float, rock: Colour, far: float) -> None:
    view = view.at(x, base)
    half, top = height * view.between(0.6, 0.8), -height
    jag = view.rng.uniform(-0.08, 0.08, 4).tolist()
    left = [
        (-half, 0.02),
        (-half * (0.62 + jag[0]), -height * 0.35),
        (-half * (0.3 + jag[1]), -height * 0.62),
    ]
    right = [
        (half * (0.28 + jag[2]), -height * 0.66),
        (half * (0.6 + jag[3]), -height * 0.4),
        (half, 0.02),
    ]
    view.poly([*left, (0, top), *right], rock, far)
    spine = [(0, top), (half * 0.1, -height * 0.6), (-half * 0.05, -height * 0.3)]
    view.poly([*spine, (half * 0.15, 0.02), *right[::-1]], shade(rock, 0.68), far)
    low = height * (0.55 if view.snowy else 0.4)
    zigzag = [
        (half * 0.17, top + low * 0.6), (half * 0.06, top + low), (-half * 0.1, top + low * 0.65),
        (-half * 0.22, top + low)
    ]  # fmt: skip
    view.poly([left[2], (0, top), right[0], *zigzag], SNOW, far * 0.8)
    view.poly([(0, top), right[0], zigzag[0], spine[1]], shade(SNOW, 0.8), far * 0.8)


def _fir(view: View, x: float, base: float, height: float, far: float) -> None:
    view = view.at(x, base)
    green = view.pick(((35, 80, 55), (50, 95, 50), (40, 75, 85), (95, 100, 45), (75, 65, 45)))
    view.box(-height * 0.04, -height * 0.2, height * 0.04, 0, (85, 62, 45), far)
    for share, half in ((0.15, 0.27), (0.4, 0.21), (0.65, 0.14)):
        y, tip = -height * share, (0, -height * min(1.0, share + 0.42))
        view.poly(
            [(-height * half, y), tip, (height * half, y)], shade(green, 0.8 + share * 0.5), far
        )
        if view.snowy:
            view.poly(
                [(-height * half * 0.6, y - height * 0.13), tip,
                (height * half * 0.4, y - height * 0.17), (0, y - height * 0.1)], SNOW, far
            )  # fmt: skip


def _rock(view: View, x: float, base: float, rock: Colour) -> None:
    view = view.at(x, base)
    size = view.between(0.06, 0.11)
    top = [(-size * 0.6, -size * 0.7), (size * 0.1, -size), (size * 0.7, -size * 0.6)]
    view.poly([(-size, 0), *top, (size, 0)], rock)
    view.poly([(size * 0.1, -size), top[2], (size, 0), (size * 0.2, 0)], shade(rock, 0.65))
    view.cap(top, 0.025)


def _ground(view: View, top: float, colour: Colour) -> None:
    """The ground down to the lower edge: covered by snow, or wet with puddles."""
    ground = view.cover(colour)
    wet = 0.7 if view.weather == "rain" else 1.0
    view.fade(top, 1.01, view.tone(shade(ground, wet), 0.85), view.tone(shade(ground, wet * 0.92)))
    if view.weather != "rain":
        return
    for x in view.across(0.13, 0.4):
        y = view.between(min(top + 0.05, 0.9), 0.97)
        size = view.between(0.07, 0.13) * (0.5 + 0.8 * (y - top) / (1 - top))
        pale = mix(
            shade(view.haze, 1.25), LAMPLIGHT, 0.25 if view.night and view.chance(0.5) else 0
        )
        view.disc((x, y), (size, size * 0.22), shade(pale, 0.75))
        view.disc((x + size * 0.1, y + size * 0.04), (size * 0.8, size * 0.14), pale)


def _texture(view: View, top: float, ground: Colour) -> None:
    """Pebbles or tufts, and in some pictures mottled ground."""
    colour = view.tone(shade(view.cover(ground), view.between(0.7, 1.15)))
    view.specks(
        0, top + 0.02, view.width, 1, int(40 * view.width), view.between(0.006, 0.014), colour
    )
    if view.chance(0.3):
        view.sketch.grain(top, 1, 0.02, 8, view.rng)


def _sky(view: View, horizon: float) -> None:
    view.fade(0, horizon, view.zenith, view.haze)
    view.fade(horizon, 1.01, view.haze, view.haze)
    if view.weather == "clear":
        _stars_and_moon(view, horizon) if view.night else _sun_and_clouds(view)
    elif view.weather == "rain":
        _rain_clouds(view)
    elif view.weather == "snow":
        for x in view.across(0.35):
            _cloud(view, x, view.between(0.02, 0.2), 0.12, mix(view.zenith, view.haze, 0.5))


def _stars_and_moon(view: View, horizon: float) -> None:
    view.specks(0, 0, view.width, horizon, int(45 * view.width), 0.006, (235, 235, 220))
    centre = (view.width / 2 + view.between(-0.35, 0.35), view.between(0.09, 0.22))
    view.glow(centre, 0.22, (150, 160, 190), 0.4)
    view.moon(centre, view.between(0.045, 0.075), view.zenith)


def _sun_and_clouds(view: View) -> None:
    has_clouds = view.chance(0.75)
    if not has_clouds or view.chance(0.7):
        centre = (view.width / 2 + view.between(-0.35, 0.35), view.between(0.08, 0.22))
        view.glow(centre, 0.3, (255, 240, 190), 0.5)
        view.sketch.circle(centre, view.between(0.045, 0.08), (255, 246, view.between(150, 225)))
    if has_clouds:
        for x in view.across(0.4):
            _cloud(view, x, view.between(0.06, 0.28), view.between(0.06, 0.1), (250, 250, 250))


def _cloud(view: View, x: float, y: float, size: float, colour: Colour) -> None:
    view.disc((x, y), (size * 1.6, size * 0.4), shade(colour, 0.93))
    view.disc((x - size * 0.5, y - size * 0.25), (size * 0.7, size * 0.45), colour)
    view.disc((x + size * 0.4, y - size * 0.4), (size * 0.75, size * 0.6), colour)


def _rain_clouds(view: View) -> None:
    for row, share in ((0.2, 0.35), (0.1, 0.15), (0.01, -0.1)):
        for x in view.across(0.24, 0.35):
            colour = shade(mix(view.zenith, view.haze, max(0.0, share)), view.between(0.82, 1.08))
            radii = (view.between(0.15, 0.22), view.between(0.05, 0.085))
            view.disc((x, row + view.between(-0.02, 0.02)), radii, colour)


def _look_out(sketch: Sketch, time: str, weather: str, rng: np.random.Generator) -> View:
    """The light and the sky's colours at this hour in this weather."""
    night = time == "night"
    if night:
        level = float(rng.uniform(0.24, 0.46))
        light = (level * 0.85, level * 0.92, level * 1.12)
    else:
        level = float(rng.uniform(*DAYLIGHT[weather]))
        light = (level, level, level)
    if weather != "clear":
        above, below = (grey * float(rng.uniform(0.8, 1.15)) for grey in DULL_SKIES[weather, night])
        red, green, blue = (float(share) for share in rng.uniform(0.9, 1.1, 3))
        zenith, haze = ((grey * red, grey * green, grey * blue) for grey in (above, below))
    elif night:
        zenith = pick((NIGHT_SKY, (18, 12, 34), (6, 18, 26), (8, 8, 12)), rng, 4)
        haze = mix(
            zenith, pick(((40, 55, 95), (70, 50, 60), (30, 60, 70)), rng), rng.uniform(0.3, 0.8)
        )
    else:
        above_colour, below_colour = CLEAR_SKIES[int(rng.integers(len(CLEAR_SKIES)))]
        zenith, haze = varied(above_colour, rng), varied(below_colour, rng, 10)
    return View(sketch, night, weather, rng, light, zenith, haze)


def _place(draw: Callable[[View, float], None]) -> Draw:
    def backdrop(sketch: Sketch, time: str, weather: str, rng: np.random.Generator) -> None:
        view = _look_out(sketch, time, weather, rng)
        horizon = view.between(0.45, 0.62)
        _sky(view, horizon)
        draw(view, horizon)
        if view.chance(0.5):
            view.mirror()

    return backdrop


OUTDOOR_PLACES: dict[str, Draw] = {
    "street": _place(_street),
    "square": _place(_square),
    "field": _place(_field),
    "beach": _place(_beach),
    "forest": _place(_forest),
    "desert": _place(_desert),
    "harbour": _place(_harbour),
    "mountains": _place(_mountains),
}
