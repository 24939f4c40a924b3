"""A backdrop: an office.

Belongs here: its bookshelves, pictures, desks and green armchairs.
Does not: walls, floors, windows and lamps (vidpipe.demo.places.room).
"""

from vidpipe.demo.places.room import (
    FURNITURE_WOODS,
    along_wall,
    beside_subject,
    draw_lamps,
    draw_planks,
    draw_room,
    draw_window,
)
from vidpipe.demo.places.view import LAMPLIGHT, View, steps
from vidpipe.demo.sketch import BLACK, PAINTS, STEEL, Colour, shade

GREENS: tuple[Colour, ...] = ((30, 140, 60), (60, 165, 70), (25, 110, 70), (100, 170, 50))


def draw(view: View) -> None:
    """Draws the office."""
    floor = view.between(0.6, 0.68)
    draw_room(view, floor, view.hue(0.35, 0.85))
    along_wall(view, [(0.34, _bookshelf), (0.3, draw_window), (0.24, _pictures)])
    draw_planks(view, floor)
    for index, x in enumerate(beside_subject(view, 0.46)):
        base = view.between(0.86, 0.93)
        if index % 2 == 0 or view.chance(0.35):
            _armchair(view, x, base)
        else:
            _desk(view, x, base)
    draw_lamps(view, 0.11)


def _bookshelf(view: View, left: float, right: float) -> None:
    top, bottom, wood = view.between(0.08, 0.16), 0.72, view.pick(FURNITURE_WOODS)
    left, right = left + 0.015, right - 0.015
    view.box(left, top, right, bottom, wood)
    view.box(left + 0.015, top + 0.015, right - 0.015, bottom, shade(wood, 0.45))
    for shelf in steps(top + 0.13, bottom + 0.01, 0.125):
        edges = steps(left + 0.02, right - 0.04, 0.03)
        for part in range(3):
            books = [
                (x, shelf - view.between(0.065, 0.105), x + 0.026, shelf) for x in edges[part::3]
            ]
            view.boxes(books, view.tone(view.hue(0.7, 0.75)))
        view.box(left, shelf, right, shelf + 0.014, wood)


def _pictures(view: View, left: float, right: float) -> None:
    for top in (view.between(0.08, 0.14), view.between(0.34, 0.38)):
        height = view.between(0.15, 0.19)
        x0, x1 = left + 0.03, right - view.between(0.02, 0.06)
        view.box(x0, top, x1, top + height, view.pick((*FURNITURE_WOODS, (210, 170, 70), BLACK)))
        inner = (x0 + 0.016, top + 0.016, x1 - 0.016, top + height - 0.016)
        view.box(*inner, view.hue(0.35, 0.9))
        hill = [(inner[0], inner[3]), (x0 + 0.06, top + height * 0.4), (x0 + 0.1, inner[3] - 0.02)]
        view.poly([*hill, (inner[2], top + height * 0.5), (inner[2], inner[3])], view.hue(0.6, 0.6))


def _armchair(view: View, x: float, base: float) -> None:
    view = view.at(x, base)
    green = view.pick(GREENS, 12)
    dark = shade(green, 0.72)
    view.boxes([(d, -0.03, d + 0.025, 0.02) for d in (-0.15, 0.125)], view.tone((60, 42, 30)))
    view.oval((0, -0.34), (0.14, 0.085), green)
    view.box(-0.14, -0.34, 0.14, -0.1, green)
    for dx in (-0.07, 0.0, 0.07):
        view.oval((dx, -0.31), (0.009, 0.009), dark)
        view.oval((dx, -0.25), (0.009, 0.009), dark)
    view.box(-0.12, -0.19, 0.12, -0.02, dark)
    view.box(-0.115, -0.2, 0.115, -0.12, shade(green, 1.2))
    for side in (-1, 1):
        view.box(side * 0.145 - 0.035, -0.23, side * 0.145 + 0.035, -0.01, shade(green, 0.88))
        view.oval((side * 0.145, -0.23), (0.044, 0.034), shade(green, 1.1))


def _desk(view: View, x: float, base: float) -> None:
    view = view.at(x, base)
    wood = view.pick(FURNITURE_WOODS)
    view.box(-0.21, -0.25, 0.21, -0.215, shade(wood, 1.15))
    view.box(-0.19, -0.215, 0.19, -0.14, shade(wood, 0.8))
    view.boxes([(d, -0.215, d + 0.1, 0) for d in (-0.19, 0.09)], view.tone(wood))
    handles = [(d, -h, d + 0.04, -h + 0.012) for d in (-0.16, 0.12) for h in (0.16, 0.09)]
    view.boxes(handles, view.tone(STEEL))
    view.box(-0.01, -0.29, 0.02, -0.25, BLACK)
    view.box(-0.09, -0.41, 0.1, -0.28, BLACK)
    screen = view.hue(0.4, 0.75)
    view.sketch.rectangle(-0.078, -0.4, 0.088, -0.292, screen)
    lamp = [(-0.17, -0.25), (-0.19, -0.38), (-0.14, -0.42)]
    view.line(lamp, 0.012, STEEL)
    view.poly([(-0.15, -0.45), (-0.105, -0.4), (-0.15, -0.38)], view.pick(PAINTS))
    if view.night:
        view.glow((-0.12, -0.36), 0.17, LAMPLIGHT, 0.7)
