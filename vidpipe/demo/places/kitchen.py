"""A backdrop: a kitchen.

Belongs here: its cupboards, pans, stoves and fridges.
Does not: walls, floors, windows and lamps (vidpipe.demo.places.room).
"""

from vidpipe.demo.places.room import (
    FURNITURE_WOODS,
    along_wall,
    draw_lamps,
    draw_room,
    draw_tiled_floor,
    draw_window,
)
from vidpipe.demo.places.view import LAMPLIGHT, View, steps
from vidpipe.demo.sketch import BLACK, PAINTS, STEEL, WHITE, Colour, shade


def draw(view: View) -> None:
    """Draws the kitchen with its worktop along the wall."""
    floor = view.between(0.82, 0.88)
    wall, doors = view.hue(0.4, 0.85), view.hue(0.45, 0.75)
    draw_room(view, floor, wall)
    _grid(view, 0.2, floor, view.between(0.055, 0.075), view.tone(shade(wall, 0.8)))
    draw_tiled_floor(view, floor)
    view.box(0, 0.62, view.width, floor, doors)
    fronts = view.across(0.14, 0)
    view.boxes([(x, 0.66, x + 0.007, floor) for x in fronts], view.tone(shade(doors, 0.6)))
    view.boxes([(x + 0.045, 0.69, x + 0.1, 0.703) for x in fronts], view.tone(STEEL))
    view.box(
        0, 0.6, view.width, 0.635, view.pick((*FURNITURE_WOODS, (90, 90, 95), (235, 235, 230)))
    )

    def cupboards(view: View, left: float, right: float) -> None:
        _cupboards(view, left, right, doors)
        _pans(view, left, right)

    along_wall(
        view,
        [
            (0.3, _stove),
            (0.25, draw_window),
            (0.27, cupboards),
            (0.3, _stove),
            (0.25, draw_window),
            (0.24, _fridge),
        ],
    )
    draw_lamps(view, 0.1)


def _grid(view: View, top: float, bottom: float, size: float, colour: Colour) -> None:
    view.boxes([(0, y, view.width, y + 0.005) for y in steps(top, bottom, size)], colour)
    view.boxes([(x, top, x + 0.005, bottom) for x in steps(0, view.width, size)], colour)


def _cupboards(view: View, left: float, right: float, doors: Colour) -> None:
    view.box(left, 0.03, right, 0.25, shade(doors, 1.1))
    middle = (left + right) / 2
    view.boxes(
        [(left, 0.03, left + 0.006, 0.25), (middle, 0.03, middle + 0.007, 0.25),
        (left, 0.24, right, 0.25)], view.tone(shade(doors, 0.55))
    )  # fmt: skip
    view.boxes(
        [(middle + d, 0.17, middle + d + 0.012, 0.22) for d in (-0.03, 0.025)], view.tone(STEEL)
    )


def _pans(view: View, left: float, right: float) -> None:
    view.line([(left + 0.01, 0.3), (right - 0.01, 0.3)], 0.01, STEEL)
    for x in steps(left + 0.05, right - 0.03, 0.085):
        metal, radius = (
            view.pick(((60, 60, 65), (185, 110, 70), (190, 195, 200))),
            view.between(0.032, 0.042),
        )
        view.line([(x, 0.3), (x, 0.4)], 0.014, shade(metal, 0.7))
        view.oval((x, 0.43), (radius, radius), metal)
        view.oval((x, 0.43), (radius * 0.7, radius * 0.7), shade(metal, 0.75))


def _stove(view: View, left: float, right: float) -> None:
    metal = view.pick(((190, 195, 200), (80, 82, 88), (225, 225, 220), (170, 60, 50)))
    middle = (left + right) / 2
    view.box(middle - 0.05, 0, middle + 0.05, 0.17, shade(metal, 0.85))
    view.poly([(middle - 0.05, 0.16), (middle + 0.05, 0.16), (right, 0.29), (left, 0.29)], metal)
    view.box(left, 0.285, right, 0.32, shade(metal, 0.65))
    if view.night:
        view.glow((middle, 0.38), 0.24, LAMPLIGHT, 0.5)
    view.box(left + 0.01, 0.595, right - 0.01, 0.86, shade(metal, 0.9))
    view.box(left + 0.04, 0.7, right - 0.04, 0.82, (35, 35, 40))
    for dx in (-0.09, -0.03, 0.03, 0.09):
        view.oval((middle + dx, 0.655), (0.015, 0.015), BLACK)
    for x in (middle - 0.07, middle + 0.07):
        pot, height = view.pick((*PAINTS, STEEL)), view.between(0.07, 0.12)
        view.box(x - 0.055, 0.595 - height, x + 0.055, 0.595, pot)
        view.oval((x, 0.595 - height), (0.06, 0.018), shade(pot, 0.75))
        view.oval((x, 0.575 - height), (0.014, 0.012), BLACK)


def _fridge(view: View, left: float, right: float) -> None:
    paint = view.pick((WHITE, (200, 205, 210), *PAINTS))
    left, right = left + 0.01, right - 0.01
    view.box(left, 0.14, right, 0.88, paint)
    view.box(left, 0.37, right, 0.38, shade(paint, 0.5))
    view.boxes(
        [(left + 0.02, 0.25, left + 0.036, 0.35), (left + 0.02, 0.41, left + 0.036, 0.56)],
        view.tone(shade(paint, 0.4)),
    )
    view.box(left + 0.08, 0.2, left + 0.15, 0.28, view.hue(0.5, 0.9))
