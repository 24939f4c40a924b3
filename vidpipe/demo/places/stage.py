"""A backdrop: a stage for speeches.

Belongs here: its flags, curtains, loudspeakers and spotlights.
Does not: walls, floors, windows and lamps (vidpipe.demo.places.room).
"""

from vidpipe.demo.places.room import beside_subject, draw_pane, draw_planks, draw_room
from vidpipe.demo.places.view import LAMPLIGHT, View, steps
from vidpipe.demo.sketch import PAINTS, Colour, shade


def draw(view: View) -> None:
    """Draws the stage with a flag behind the subject."""
    floor, middle = view.between(0.66, 0.74), view.width / 2
    draw_room(view, floor, view.hue(0.4, 0.6 if view.night else 0.8))
    edge = min(0.36, middle - 0.08)
    reach = steps(0.95, view.width + 0.5, 0.95)
    middles = [middle, *(middle + side * step for step in reach for side in (-1, 1))]
    for x in middles:
        half = view.between(0.19, 0.22)
        for side in (-1, 1):
            left = x + side * (edge - 0.07)
            draw_pane(view, left - 0.065, 0.14, left + 0.065, floor - 0.08)
        _flag(view, x - half, view.between(0.14, 0.18), x + half, view.between(0.56, 0.63))
    draw_planks(view, floor)
    curtain = view.hue(0.8, 0.6)
    for x in middles:
        for side in (-1, 1):
            near, far = x + side * edge, x + side * (0.95 - edge)
            _curtain(view, min(near, far), max(near, far), floor + 0.07, curtain)
    for x in steps(-0.04, view.width + 0.1, 0.16):
        view.oval((x, 0.03), (0.1, 0.09), shade(curtain, view.between(0.75, 1.1)))
    view.box(0, 0, view.width, 0.035, shade(curtain, 0.7))
    for x in beside_subject(view, 0.5):
        _loudspeaker(view, x + 0.02, floor + 0.17)
    _spotlights(view, floor)


def _flag(view: View, left: float, top: float, right: float, bottom: float) -> None:
    """Draws a flag that hangs from a bar, in two or three stripes that lie or stand."""
    stripes = int(view.rng.integers(2, 4))
    paints = [
        view.pick((PAINTS[int(i)],), 12) for i in view.rng.choice(len(PAINTS), 3, replace=False)
    ]
    view.line([(left - 0.03, top), (right + 0.03, top)], 0.02, (200, 170, 90))
    lying = view.chance(0.6)
    for index in range(stripes):
        start, end = index / stripes, (index + 1) / stripes
        if lying:
            view.box(
                left, top + (bottom - top) * start, right, top + (bottom - top) * end, paints[index]
            )
        else:
            view.box(
                left + (right - left) * start, top, left + (right - left) * end, bottom,
                paints[index]
            )  # fmt: skip
    for share in (0.2, 0.55, 0.85):
        x = left + (right - left) * share
        view.veil(
            [(x, top), (x + 0.02, top), (x + 0.03, bottom), (x + 0.005, bottom)], (0, 0, 0), 0.14
        )


def _curtain(view: View, left: float, right: float, bottom: float, colour: Colour) -> None:
    view.box(left, 0, right, bottom, colour)
    folds = steps(left, right - 0.02, 0.05)
    view.many(
        [((x, 0), (x + 0.02, 0), (x + 0.026, bottom), (x + 0.004, bottom)) for x in folds],
        view.tone(shade(colour, 0.62)),
    )
    view.boxes([(left, bottom - 0.03, right, bottom - 0.012)], view.tone((215, 180, 80)))


def _loudspeaker(view: View, x: float, base: float) -> None:
    view = view.at(x, base)
    view.box(-0.06, -0.24, 0.06, 0, (40, 40, 44))
    for y, radius in ((-0.075, 0.048), (-0.18, 0.03)):
        view.oval((0, y), (radius, radius), (120, 120, 124))
        view.oval((0, y), (radius * 0.6, radius * 0.6), (60, 60, 64))


def _spotlights(view: View, floor: float) -> None:
    view.line([(0, 0.09), (view.width, 0.09)], 0.012, (70, 70, 75))
    for x in view.across(0.24, 0.15):
        foot = x + view.between(-0.12, 0.12)
        view.poly(
            [(x - 0.03, 0.09), (x + 0.03, 0.09), (x + 0.042, 0.155), (x - 0.042, 0.155)],
            (45, 45, 50),
        )
        if view.night:
            beam = view.pick((LAMPLIGHT, (255, 250, 225), (255, 170, 190), (170, 200, 255)))
            view.veil(
                [(x - 0.025, 0.155), (x + 0.025, 0.155), (foot + 0.14, floor + 0.2),
                (foot - 0.14, floor + 0.2)], beam, 0.24
            )  # fmt: skip
            view.disc((x, 0.155), (0.036, 0.014), beam)
