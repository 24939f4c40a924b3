"""A backdrop: mountains.

Belongs here: their peaks, firs and rocks.
Does not: the sky (vidpipe.demo.places.sky), ground and water (vidpipe.demo.places.ground).
"""

from vidpipe.demo.places.ground import draw_ground, draw_texture
from vidpipe.demo.places.materials import LEAVES, STONE
from vidpipe.demo.places.view import SNOW, View
from vidpipe.demo.sketch import Colour, mix, shade


def draw(view: View, horizon: float) -> None:
    """Draws the mountains in two ranges, one behind the other."""
    rock, meadow = view.pick(STONE, 30), view.pick((*LEAVES, *STONE))
    for gap, height, base, far in ((0.42, 0.46, horizon, 0.75), (0.36, 0.28, horizon + 0.06, 0.45)):
        tint = view.pick((mix(rock, view.zenith, far * 0.4),), 15)
        for x in view.across(gap, 0.2):
            _peak(view, x, base, height * view.between(0.75, 1.1), tint, far)
    draw_ground(view, horizon + 0.05, meadow)
    draw_texture(view, horizon + 0.05, meadow)
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
