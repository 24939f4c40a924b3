"""A backdrop: the inside of a forest.

Belongs here: its trunks, crowns and ferns.
Does not: the sky (vidpipe.demo.places.sky), ground and water (vidpipe.demo.places.ground).
"""

from vidpipe.demo.places.ground import draw_ground, draw_texture
from vidpipe.demo.places.materials import LEAVES, WOOD
from vidpipe.demo.places.view import SNOW, View, directions
from vidpipe.demo.sketch import Colour, mix, shade

LEAFLETS = directions(-160, -130, -95, -55, -22)


def draw(view: View, horizon: float) -> None:
    """Draws the forest, tree behind tree."""
    leaf, bark = view.pick(LEAVES), view.pick(WOOD)
    floor = horizon + 0.1
    for x in view.across(0.09, 0.4):
        view.oval(
            (x, floor - 0.03), (0.08, view.between(0.08, 0.2)),
            shade(leaf, view.between(0.5, 0.8)), 0.85
        )  # fmt: skip
    draw_ground(view, floor, mix(leaf, view.pick(WOOD), view.between(0.2, 0.9)))
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
    draw_texture(view, floor, leaf)
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
