"""A backdrop: a beach at the sea.

Belongs here: its sails, palms and umbrellas.
Does not: the sky (vidpipe.demo.places.sky), ground and water (vidpipe.demo.places.ground).
"""

import numpy as np

from vidpipe.demo.places.ground import draw_ground, draw_texture, draw_waves
from vidpipe.demo.places.materials import LEAVES, SANDS, SEAS, WOOD
from vidpipe.demo.places.view import View, directions
from vidpipe.demo.sketch import PAINTS, WHITE, shade

# Where leaves point, as unit vectors: a palm's around its top, a fern's upwards.
FRONDS = directions(-170, -135, -100, -60, -20, 12, 165)


def draw(view: View, horizon: float) -> None:
    """Draws the beach, the sea behind it."""
    sand, sea = view.pick(SANDS), view.pick(SEAS, 25)
    shore = horizon + view.between(0.15, 0.24)
    view.fade(horizon, shore + 0.1, view.tone(shade(sea, 0.9), 0.9), view.tone(sea, 0.2))
    draw_waves(view, horizon + 0.02, shore)
    for x in view.across(0.38):
        _sail(view, x, horizon + view.between(0.01, 0.05), view.between(0.15, 0.22))
    draw_ground(view, shore + 0.09, sand)
    along = np.linspace(0, view.width, 30)
    y = shore + 0.04 + 0.03 * np.sin(along * view.between(5, 9) + view.between(0, 6))
    edge = list(zip(along.tolist(), y.tolist(), strict=True))
    view.poly([*edge, (view.width, shore + 0.15), (0, shore + 0.15)], view.cover(sand))
    view.line(edge, 0.03, WHITE, 0.1)
    draw_texture(view, shore + 0.1, sand)
    for index, x in enumerate(view.across(0.33, 0.2)):
        if index % 2:
            _palm(view, x, shore + view.between(0.14, 0.25), view.between(0.45, 0.6))
        else:
            _umbrella(view, x, shore + view.between(0.2, 0.3))


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
