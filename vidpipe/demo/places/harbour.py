"""A backdrop: a harbour.

Belongs here: its cranes, containers, ships and bollards.
Does not: the sky (vidpipe.demo.places.sky), ground and water (vidpipe.demo.places.ground).
"""

from vidpipe.demo.places.ground import draw_ground, draw_waves
from vidpipe.demo.places.materials import SEAS, STONE
from vidpipe.demo.places.view import LAMPLIGHT, View
from vidpipe.demo.sketch import PAINTS, STEEL, WHITE, shade


def draw(view: View, horizon: float) -> None:
    """Draws the harbour, seen from the quay."""
    sea, quay = view.pick(SEAS, 25), view.between(0.76, 0.84)
    view.fade(horizon, quay, view.tone(sea, 0.8), view.tone(shade(sea, 0.8), 0.1))
    view.box(0, horizon - 0.03, view.width, horizon + 0.015, view.cover(view.pick(STONE)), 0.6)
    for x in view.across(0.5, 0.15):
        _crane(view, x, horizon, view.between(0.34, 0.44))
        _containers(view, x + 0.2, horizon - 0.01)
    draw_waves(view, horizon + 0.03, quay)
    for x in view.across(0.55, 0.15):
        _ship(view, x, view.between(horizon + 0.1, quay - 0.02), view.between(0.28, 0.36))
    draw_ground(view, quay, view.pick(STONE, 25))
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
