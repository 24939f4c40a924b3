"""A backdrop: a ward of a hospital.

Belongs here: its beds, drips, monitors and signs.
Does not: walls, floors, windows and lamps (vidpipe.demo.places.room).
"""

from vidpipe.demo.places.room import (
    along_wall,
    beside_subject,
    draw_lamps,
    draw_room,
    draw_tiled_floor,
    draw_window,
)
from vidpipe.demo.places.view import View, steps
from vidpipe.demo.sketch import STEEL, WHITE, Colour, shade


def draw(view: View) -> None:
    """Draws the ward."""
    floor, wall = view.between(0.56, 0.63), view.hue(0.22, 0.9)
    draw_room(view, floor, wall)
    view.box(0, floor - 0.17, view.width, floor, shade(wall, 0.8))
    draw_tiled_floor(view, floor)
    along_wall(view, [(0.28, _cross_sign), (0.3, draw_window), (0.26, _monitor)])
    view.line([(0, 0.05), (view.width, 0.05)], 0.016, STEEL)
    cloth = view.hue(0.35, 0.85)
    for x in view.across(0.62, 0.1):
        width = view.between(0.08, 0.13)
        view.box(x, 0.055, x + width, floor + 0.02, cloth)
        view.boxes(
            [(x + d, 0.055, x + d + 0.012, floor + 0.02) for d in steps(0.01, width, 0.032)],
            view.tone(shade(cloth, 0.75)),
        )
    blanket = view.hue(0.5, 0.8)
    for x in beside_subject(view, 0.4):
        _bed(view, x, floor - 0.02, blanket)
        _drip(view, x + 0.15 * (1 if x < view.width / 2 else -1), floor + 0.2)
    draw_lamps(view, 0.02)


def _cross_sign(view: View, left: float, right: float) -> None:
    x, y, size = (left + right) / 2, view.between(0.2, 0.26), view.between(0.085, 0.11)
    red = view.pick(((215, 30, 35),), 15)
    view.box(x - size, y - size, x + size, y + size, WHITE)
    view.box(x - size * 0.26, y - size * 0.78, x + size * 0.26, y + size * 0.78, red)
    view.box(x - size * 0.78, y - size * 0.26, x + size * 0.78, y + size * 0.26, red)


def _monitor(view: View, left: float, right: float) -> None:
    top, left, right = view.between(0.14, 0.22), left + 0.02, right - 0.02
    view.box((left + right) / 2 - 0.01, top + 0.15, (left + right) / 2 + 0.01, 0.5, STEEL)
    view.box(
        left, top, right, top + 0.19, view.pick(((200, 205, 208), (70, 75, 80), (225, 220, 205)))
    )
    view.sketch.rectangle(left + 0.015, top + 0.015, right - 0.015, top + 0.155, (8, 22, 20))
    beat = [
        (0, 0.1), (0.25, 0.1), (0.32, 0.03), (0.4, 0.135), (0.48, 0.08), (0.7, 0.1), (0.77, 0.04),
        (0.85, 0.1), (1, 0.1)
    ]  # fmt: skip
    trace = [(left + 0.02 + (right - left - 0.04) * x, top + 0.005 + y) for x, y in beat]
    view.sketch.line(trace, 0.009, (70, 255, 110))


def _bed(view: View, x: float, top: float, blanket: Colour) -> None:
    """Draws a bed, seen from its foot; its head stands against the wall."""
    bottom, metal = top + 0.27, (165, 170, 178)
    view.line(
        [(x - 0.1, top + 0.08), (x - 0.1, top - 0.1), (x + 0.1, top - 0.1), (x + 0.1, top + 0.08)],
        0.016,
        metal,
    )
    view.boxes(
        [(x + d, top - 0.1, x + d + 0.008, top + 0.05) for d in (-0.05, 0, 0.05)], view.tone(metal)
    )
    view.boxes(
        [(x + d, bottom, x + d + 0.018, bottom + 0.1) for d in (-0.14, 0.122)],
        view.tone(shade(metal, 0.8)),
    )
    sheet = view.pick(((244, 246, 248),), 4)
    view.poly([(x - 0.105, top), (x + 0.105, top), (x + 0.145, bottom), (x - 0.145, bottom)], sheet)
    view.oval((x, top + 0.02), (0.085, 0.042), shade(sheet, 0.9))
    view.oval((x, top + 0.01), (0.08, 0.036), WHITE)
    view.poly(
        [(x - 0.122, top + 0.11), (x + 0.122, top + 0.11), (x + 0.145, bottom - 0.04),
        (x - 0.145, bottom - 0.04)], blanket
    )  # fmt: skip
    view.box(x - 0.145, bottom - 0.04, x + 0.145, bottom + 0.035, shade(sheet, 0.85))
    view.line(
        [(x - 0.145, bottom + 0.06), (x - 0.145, bottom - 0.06), (x + 0.145, bottom - 0.06),
        (x + 0.145, bottom + 0.06)], 0.014, metal
    )  # fmt: skip


def _drip(view: View, x: float, base: float) -> None:
    view.line([(x, base), (x, 0.2)], 0.013, (150, 155, 162))
    view.line([(x - 0.05, 0.2), (x + 0.05, 0.2)], 0.012, (150, 155, 162))
    view.line(
        [(x - 0.05, base + 0.02), (x, base - 0.01), (x + 0.05, base + 0.02)], 0.014, (150, 155, 162)
    )
    fluid = view.pick(((225, 240, 245), (240, 225, 150), (190, 60, 60)))
    view.box(x + 0.018, 0.215, x + 0.078, 0.33, fluid)
    view.oval((x + 0.048, 0.33), (0.03, 0.02), shade(fluid, 0.85))
    view.line([(x + 0.048, 0.34), (x + 0.05, 0.5), (x + 0.02, 0.58)], 0.006, (230, 230, 230))
