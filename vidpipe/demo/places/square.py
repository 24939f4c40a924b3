"""A backdrop: the square of a town.

Belongs here: its town hall, houses, monuments, benches and slabs.
Does not: the sky (vidpipe.demo.places.sky), ground and water (vidpipe.demo.places.ground).
"""

from vidpipe.demo.places.ground import draw_ground
from vidpipe.demo.places.materials import STONE, WOOD
from vidpipe.demo.places.view import LAMPLIGHT, SNOW, View, steps
from vidpipe.demo.sketch import PAINTS, Colour, mix, shade


def draw(view: View, horizon: float) -> None:
    """Draws the square with houses along its far side."""
    stone, paving = view.pick(STONE, 30), view.pick((*STONE, (190, 170, 150)), 25)
    centre = view.width / 2 + view.between(-0.1, 0.1)
    draw_ground(view, horizon, paving)
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
    """Draws the town hall: columns, a gable and a dome."""
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
