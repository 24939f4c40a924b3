"""A backdrop: a field of crops.

Belongs here: its furrows, hay bales and fence, the trees and hills behind it.
Does not: the sky (vidpipe.demo.places.sky), ground and water (vidpipe.demo.places.ground).
"""

import numpy as np

from vidpipe.demo.places.ground import draw_ground, draw_texture
from vidpipe.demo.places.materials import LEAVES, WOOD
from vidpipe.demo.places.view import SNOW, View, steps
from vidpipe.demo.sketch import Colour, mix, shade


def draw(view: View, horizon: float) -> None:
    """Draws the field with furrows that meet far away."""
    soil = view.pick(
        ((95, 140, 60), (205, 175, 80), (130, 95, 65), (70, 110, 55), (165, 150, 90)), 25
    )
    crop = mix(soil, view.pick(((60, 110, 40), (225, 190, 70), (150, 110, 160), (90, 70, 45))), 0.6)
    _hills(view, horizon, view.pick(LEAVES), 0.07, 0.9)
    for x in view.across(0.3, 0.4):
        _round_tree(view, x, horizon + 0.01, view.between(0.1, 0.17), 0.55)
    draw_ground(view, horizon, soil)
    focus = view.width * view.between(0.3, 0.7)
    gap = view.between(0.2, 0.3)
    view.many(
        [
            ((focus + r * 0.12, horizon), (focus + r * 1.6, 1.0), (focus + r * 1.6 + 0.13, 1.0))
            for r in steps(-9 * gap, 9.5 * gap, gap)
        ],
        view.tone(mix(crop, view.cover(crop), 0.5), 0.1),
    )
    draw_texture(view, horizon, soil)
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
