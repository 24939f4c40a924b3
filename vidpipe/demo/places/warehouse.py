"""A backdrop: a warehouse.

Belongs here: its racks, roller doors, girders, pallets and cartons.
Does not: walls, floors, windows and lamps (vidpipe.demo.places.room).
"""

from vidpipe.demo.places.room import (
    FURNITURE_WOODS,
    along_wall,
    beside_subject,
    draw_lamps,
    draw_pane,
    draw_room,
)
from vidpipe.demo.places.view import View, steps
from vidpipe.demo.sketch import PAINTS, STEEL, Colour, shade

CARDBOARD: tuple[Colour, ...] = ((190, 145, 95), (170, 125, 80), (210, 170, 120), (150, 115, 85))


def draw(view: View) -> None:
    """Draws the warehouse under its girders."""
    floor = view.between(0.7, 0.78)
    wall = view.hue(0.3, 0.7)
    draw_room(view, floor, wall)
    for x in view.across(0.3, 0.0):
        draw_pane(view, x + 0.02, 0.13, x + 0.27, 0.26)
    paint = view.pick(
        ((235, 120, 30), (40, 90, 190), (200, 45, 40), (60, 140, 80), (120, 125, 130))
    )

    def rack(view: View, left: float, right: float) -> None:
        _rack(view, left, right, floor + 0.03, paint)

    def door(view: View, left: float, right: float) -> None:
        _roller_door(view, left, right, floor)

    along_wall(view, [(0.34, rack), (0.3, door), (0.34, rack)])
    _girders(view)
    for x in beside_subject(view, 0.44):
        _pallet(view, x, view.between(0.88, 0.95))
    draw_lamps(view, 0.2)


def _rack(view: View, left: float, right: float, bottom: float, paint: Colour) -> None:
    view.box(left, 0.29, right, bottom, shade(paint, 0.25))
    for shelf in steps(bottom - 0.02, 0.36, -0.15):
        x = left + 0.02
        while x < right - 0.07:
            width, height = view.between(0.06, 0.1), view.between(0.08, 0.12)
            _carton(view, x, shelf - height, min(x + width, right - 0.02), shelf)
            x += width + 0.008
        view.box(left, shelf, right, shelf + 0.02, paint)
    view.boxes(
        [(x, 0.27, x + 0.018, bottom + 0.02) for x in (left, right - 0.018)],
        view.tone(shade(paint, 0.8)),
    )


def _carton(view: View, left: float, top: float, right: float, bottom: float) -> None:
    board = view.pick(CARDBOARD)
    view.box(left, top, right, bottom, board)
    middle = (left + right) / 2
    view.box(middle - 0.007, top, middle + 0.007, bottom, shade(board, 1.2))


def _roller_door(view: View, left: float, right: float, floor: float) -> None:
    paint = view.pick((*PAINTS, STEEL, (205, 208, 210)))
    left, right = left + 0.025, right - 0.025
    view.box(left - 0.015, 0.3, right + 0.015, floor, shade(paint, 0.5))
    view.box(left, 0.32, right, floor, paint)
    view.boxes(
        [(left, y, right, y + 0.01) for y in steps(0.35, floor, 0.036)],
        view.tone(shade(paint, 0.68)),
    )
    view.box(left - 0.02, 0.28, right + 0.02, 0.33, shade(paint, 0.8))


def _girders(view: View) -> None:
    steel = view.pick((STEEL, (150, 80, 60), (70, 90, 110), (190, 190, 185)))
    view.box(0, 0, view.width, 0.13, shade(steel, 0.45))
    joints = steps(-0.1, view.width + 0.1, 0.075)
    view.line([(x, (0.025, 0.105)[i % 2]) for i, x in enumerate(joints)], 0.011, steel)
    for y in (0.02, 0.11):
        view.box(0, y - 0.011, view.width, y + 0.011, steel)


def _pallet(view: View, x: float, base: float) -> None:
    view = view.at(x, base)
    wood = view.pick(FURNITURE_WOODS[:4])
    view.boxes([(-0.14, -0.045, 0.14, -0.028), (-0.14, -0.012, 0.14, 0)], view.tone(wood))
    view.boxes([(d, -0.03, d + 0.04, 0) for d in (-0.14, -0.02, 0.1)], view.tone(shade(wood, 0.6)))
    for row in range(int(view.rng.integers(1, 4))):
        bottom = -0.045 - row * 0.1
        for left in (-0.13, 0.003):
            _carton(view, left, bottom - 0.096, left + 0.126, bottom)
