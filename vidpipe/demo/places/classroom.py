"""A backdrop: a classroom.

Belongs here: its board, map, clock and rows of desks.
Does not: walls, floors, windows and lamps (vidpipe.demo.places.room).
"""

from vidpipe.demo.places.room import (
    FURNITURE_WOODS,
    along_wall,
    draw_lamps,
    draw_planks,
    draw_room,
    draw_window,
)
from vidpipe.demo.places.view import View, steps
from vidpipe.demo.sketch import BLACK, WHITE, Colour, mix, shade


def draw(view: View) -> None:
    """Draws the classroom, seen from its last row."""
    floor = view.between(0.58, 0.64)
    draw_room(view, floor, view.hue(0.35, 0.88))
    draw_planks(view, floor)
    along_wall(view, [(0.5, _board), (0.24, _map_and_clock), (0.26, draw_window)])
    wood = view.pick(FURNITURE_WOODS)
    for base, size, gap in (
        (floor + 0.1, 0.55, 0.2),
        (floor + 0.21, 0.8, 0.28),
        (floor + 0.37, 1.15, 0.4),
    ):
        for x in steps(view.width / 2 % gap - gap / 2, view.width + gap / 2, gap):
            _school_desk(view, x, base, 0.16 * size, wood)
    draw_lamps(view, 0.03)


def _board(view: View, left: float, right: float) -> None:
    slate = view.pick(((30, 80, 60), (38, 40, 44), (40, 100, 65), (28, 60, 55)), 8)
    top, bottom = view.between(0.1, 0.15), view.between(0.44, 0.5)
    left, right = left + 0.02, right - 0.02
    view.box(left, top, right, bottom, view.pick(FURNITURE_WOODS))
    view.box(left + 0.016, top + 0.016, right - 0.016, bottom - 0.016, slate)
    chalk = mix(slate, WHITE, 0.85)
    for y in steps(top + 0.06, bottom - 0.04, view.between(0.055, 0.075)):
        end = view.between(left + 0.25, right - 0.04)
        scribble = [(x, y + view.between(-0.017, 0.017)) for x in steps(left + 0.05, end, 0.016)]
        view.line(scribble, 0.007, chalk)
    if view.chance(0.6):
        x, y = right - 0.1, view.between(top + 0.12, bottom - 0.1)
        view.line(
            [(x - 0.05, y + 0.05), (x, y - 0.06), (x + 0.05, y + 0.05), (x - 0.05, y + 0.05)],
            0.008,
            chalk,
        )
    view.box(left, bottom, right, bottom + 0.018, shade(slate, 0.6))


def _map_and_clock(view: View, left: float, right: float) -> None:
    x, left, right = (left + right) / 2, left + 0.015, right - 0.015
    view.oval((x, 0.09), (0.064, 0.064), BLACK)
    view.oval((x, 0.09), (0.052, 0.052), WHITE)
    view.line([(x, 0.052), (x, 0.09), (x + 0.03, 0.09 + view.between(-0.03, 0.03))], 0.009, BLACK)
    view.box(
        left, 0.19, right, 0.44, view.pick(((120, 180, 220), (160, 205, 215), (230, 220, 190)))
    )
    view.boxes(
        [(left - 0.01, y, right + 0.01, y + 0.015) for y in (0.18, 0.435)], view.tone((90, 65, 45))
    )
    for _ in range(5):
        centre = (view.between(left + 0.04, right - 0.04), view.between(0.235, 0.39))
        view.oval(
            centre, (view.between(0.02, 0.04), view.between(0.018, 0.035)), view.hue(0.65, 0.75)
        )


def _school_desk(view: View, x: float, base: float, size: float, wood: Colour) -> None:
    view = view.at(x, base)
    steel = view.tone((85, 88, 95))
    view.boxes(
        [(size * d, -size * 0.55, size * (d + 0.07), size * 0.1) for d in (-0.45, 0.38)], steel
    )
    view.poly(
        [(-size * 0.42, -size * 0.8), (size * 0.42, -size * 0.8), (size * 0.52, -size * 0.52),
        (-size * 0.52, -size * 0.52)], shade(wood, 1.1)
    )  # fmt: skip
    view.box(-size * 0.52, -size * 0.52, size * 0.52, -size * 0.42, shade(wood, 0.6))
    view.box(-size * 0.26, -size * 0.36, size * 0.26, -size * 0.02, shade(wood, 0.85))
    view.box(-size * 0.18, -size * 0.72, size * 0.05, -size * 0.6, WHITE)
