"""A backdrop: a desert.

Belongs here: its mesas, dunes and cactuses.
Does not: the sky (vidpipe.demo.places.sky), ground and water (vidpipe.demo.places.ground).
"""

from vidpipe.demo.places.ground import draw_ground, draw_texture
from vidpipe.demo.places.materials import SANDS
from vidpipe.demo.places.view import View
from vidpipe.demo.sketch import Colour, shade


def draw(view: View, horizon: float) -> None:
    """Draws the desert, mesas at the horizon."""
    sand, rock = (
        view.pick(SANDS, 25),
        view.pick(((175, 90, 60), (140, 110, 95), (190, 140, 90), (120, 70, 75)), 25),
    )
    for x in view.across(0.42, 0.2):
        _mesa(view, x, horizon + 0.01, view.between(0.13, 0.27), rock)
    draw_ground(view, horizon, sand)
    for share, far in ((0.1, 0.6), (0.32, 0.35), (0.62, 0.1)):
        _dunes(view, horizon + (1 - horizon) * share, view.pick((sand,), 8), far)
    draw_texture(view, horizon, sand)
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
