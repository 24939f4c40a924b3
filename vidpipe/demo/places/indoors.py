"""Backdrops under a roof.

Belongs here: walls, floors, windows, and the furniture that tells one room from another.
Does not: places under the open sky (outdoors); what is the same in both (parts).

Day and night differ in the windows and in the light: bright everywhere, or dim with pools of light
below the lamps. Colours vary more within a room than between rooms, so that a room is known by its
furniture; only the office's armchair is always green.
"""

from collections.abc import Callable, Sequence

import numpy as np

from vidpipe.demo.places.parts import LAMPLIGHT, NIGHT_SKY, View, steps
from vidpipe.demo.sketch import BLACK, PAINTS, STEEL, WHITE, Colour, Point, Sketch, mix, shade

Draw = Callable[[Sketch, str, str, np.random.Generator], None]
# Draws a piece of furniture into the stretch of a wall between two places along it.
Piece = Callable[[View, float, float], None]

DAY_SKIES: tuple[Colour, ...] = (
    (150, 200, 250), (190, 225, 250), (225, 238, 250), (250, 225, 180), (180, 235, 240),
)  # fmt: skip
WOODS: tuple[Colour, ...] = (
    (150, 105, 65), (190, 150, 100), (95, 65, 45), (215, 205, 190), (120, 115, 110), (165, 90, 60),
)  # fmt: skip
GREENS: tuple[Colour, ...] = ((30, 140, 60), (60, 165, 70), (25, 110, 70), (100, 170, 50))
CARDBOARD: tuple[Colour, ...] = ((190, 145, 95), (170, 125, 80), (210, 170, 120), (150, 115, 85))
BESIDE = 0.36  # from the middle of the picture, where the subject leaves furniture in sight


def _office(view: View) -> None:
    floor = view.between(0.6, 0.68)
    _room(view, floor, view.hue(0.35, 0.85))
    _along(view, [(0.34, _bookshelf), (0.3, _window), (0.24, _pictures)])
    _planks(view, floor)
    for index, x in enumerate(_beside(view, 0.46)):
        base = view.between(0.86, 0.93)
        if index % 2 == 0 or view.chance(0.35):
            _armchair(view, x, base)
        else:
            _desk(view, x, base)
    _lamps(view, 0.11)


def _bookshelf(view: View, left: float, right: float) -> None:
    top, bottom, wood = view.between(0.08, 0.16), 0.72, view.pick(WOODS)
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
        view.box(x0, top, x1, top + height, view.pick((*WOODS, (210, 170, 70), BLACK)))
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
    wood = view.pick(WOODS)
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


def _stage(view: View) -> None:
    floor, middle = view.between(0.66, 0.74), view.width / 2
    _room(view, floor, view.hue(0.4, 0.6 if view.night else 0.8))
    edge = min(0.36, middle - 0.08)
    reach = steps(0.95, view.width + 0.5, 0.95)
    middles = [middle, *(middle + side * step for step in reach for side in (-1, 1))]
    for x in middles:
        half = view.between(0.19, 0.22)
        for side in (-1, 1):
            left = x + side * (edge - 0.07)
            _pane(view, left - 0.065, 0.14, left + 0.065, floor - 0.08)
        _flag(view, x - half, view.between(0.14, 0.18), x + half, view.between(0.56, 0.63))
    _planks(view, floor)
    curtain = view.hue(0.8, 0.6)
    for x in middles:
        for side in (-1, 1):
            near, far = x + side * edge, x + side * (0.95 - edge)
            _curtain(view, min(near, far), max(near, far), floor + 0.07, curtain)
    for x in steps(-0.04, view.width + 0.1, 0.16):
        view.oval((x, 0.03), (0.1, 0.09), shade(curtain, view.between(0.75, 1.1)))
    view.box(0, 0, view.width, 0.035, shade(curtain, 0.7))
    for x in _beside(view, 0.5):
        _loudspeaker(view, x + 0.02, floor + 0.17)
    _spotlights(view, floor)


def _flag(view: View, left: float, top: float, right: float, bottom: float) -> None:
    """Hangs from a bar, in two or three stripes that lie or stand."""
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


def _kitchen(view: View) -> None:
    floor = view.between(0.82, 0.88)
    wall, doors = view.hue(0.4, 0.85), view.hue(0.45, 0.75)
    _room(view, floor, wall)
    _grid(view, 0.2, floor, view.between(0.055, 0.075), view.tone(shade(wall, 0.8)))
    _tiled_floor(view, floor)
    view.box(0, 0.62, view.width, floor, doors)
    fronts = view.across(0.14, 0)
    view.boxes([(x, 0.66, x + 0.007, floor) for x in fronts], view.tone(shade(doors, 0.6)))
    view.boxes([(x + 0.045, 0.69, x + 0.1, 0.703) for x in fronts], view.tone(STEEL))
    view.box(0, 0.6, view.width, 0.635, view.pick((*WOODS, (90, 90, 95), (235, 235, 230))))

    def cupboards(view: View, left: float, right: float) -> None:
        _cupboards(view, left, right, doors)
        _pans(view, left, right)

    _along(
        view, [(0.3, _stove), (0.25, _window), (0.27, cupboards), (0.3, _stove), (0.25, _window),
        (0.24, _fridge)]
    )  # fmt: skip
    _lamps(view, 0.1)


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


def _hospital(view: View) -> None:
    floor, wall = view.between(0.56, 0.63), view.hue(0.22, 0.9)
    _room(view, floor, wall)
    view.box(0, floor - 0.17, view.width, floor, shade(wall, 0.8))
    _tiled_floor(view, floor)
    _along(view, [(0.28, _cross_sign), (0.3, _window), (0.26, _monitor)])
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
    for x in _beside(view, 0.4):
        _bed(view, x, floor - 0.02, blanket)
        _drip(view, x + 0.15 * (1 if x < view.width / 2 else -1), floor + 0.2)
    _lamps(view, 0.02)


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
    """Seen from its foot; its head stands against the wall."""
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


def _warehouse(view: View) -> None:
    floor = view.between(0.7, 0.78)
    wall = view.hue(0.3, 0.7)
    _room(view, floor, wall)
    for x in view.across(0.3, 0.0):
        _pane(view, x + 0.02, 0.13, x + 0.27, 0.26)
    paint = view.pick(
        ((235, 120, 30), (40, 90, 190), (200, 45, 40), (60, 140, 80), (120, 125, 130))
    )

    def rack(view: View, left: float, right: float) -> None:
        _rack(view, left, right, floor + 0.03, paint)

    def door(view: View, left: float, right: float) -> None:
        _roller_door(view, left, right, floor)

    _along(view, [(0.34, rack), (0.3, door), (0.34, rack)])
    _girders(view)
    for x in _beside(view, 0.44):
        _pallet(view, x, view.between(0.88, 0.95))
    _lamps(view, 0.2)


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
    wood = view.pick(WOODS[:4])
    view.boxes([(-0.14, -0.045, 0.14, -0.028), (-0.14, -0.012, 0.14, 0)], view.tone(wood))
    view.boxes([(d, -0.03, d + 0.04, 0) for d in (-0.14, -0.02, 0.1)], view.tone(shade(wood, 0.6)))
    for row in range(int(view.rng.integers(1, 4))):
        bottom = -0.045 - row * 0.1
        for left in (-0.13, 0.003):
            _carton(view, left, bottom - 0.096, left + 0.126, bottom)


def _classroom(view: View) -> None:
    floor = view.between(0.58, 0.64)
    _room(view, floor, view.hue(0.35, 0.88))
    _planks(view, floor)
    _along(view, [(0.5, _board), (0.24, _map_and_clock), (0.26, _window)])
    wood = view.pick(WOODS)
    for base, size, gap in (
        (floor + 0.1, 0.55, 0.2),
        (floor + 0.21, 0.8, 0.28),
        (floor + 0.37, 1.15, 0.4),
    ):
        for x in steps(view.width / 2 % gap - gap / 2, view.width + gap / 2, gap):
            _school_desk(view, x, base, 0.16 * size, wood)
    _lamps(view, 0.03)


def _board(view: View, left: float, right: float) -> None:
    slate = view.pick(((30, 80, 60), (38, 40, 44), (40, 100, 65), (28, 60, 55)), 8)
    top, bottom = view.between(0.1, 0.15), view.between(0.44, 0.5)
    left, right = left + 0.02, right - 0.02
    view.box(left, top, right, bottom, view.pick(WOODS))
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


def _room(view: View, floor: float, wall: Colour) -> None:
    """Back wall, skirting board and floor."""
    view.fade(0, floor, view.tone(shade(wall, view.between(0.85, 1))), view.tone(wall))
    ground = view.pick((*WOODS, (150, 150, 150), (90, 110, 120), (180, 170, 150)), 25)
    view.fade(floor, 1.01, view.tone(shade(ground, 0.85)), view.tone(ground))
    view.box(0, floor - 0.022, view.width, floor, shade(wall, 0.6))
    if view.chance(0.3):
        view.sketch.grain(floor, 1, 0.03, 6, view.rng)


def _planks(view: View, floor: float) -> None:
    """Seams that run away from the viewer."""
    focus, pitch = view.width / 2, 0.17 * (1 + view.width / 3)
    view.many(
        [
            ((focus + s * 0.6, floor), (focus + s * 1.4, 1.0), (focus + s * 1.4 + 0.008, 1.0))
            for s in steps(-9 * pitch, 9.5 * pitch, pitch)
        ],
        view.tone((70, 60, 55)),
    )


def _tiled_floor(view: View, floor: float) -> None:
    _planks(view, floor)
    rows = [floor + (1 - floor) * share for share in (0.12, 0.32, 0.6)]
    view.boxes([(0, y, view.width, y + 0.006) for y in rows], view.tone((70, 60, 55)))


def _grid(view: View, top: float, bottom: float, size: float, colour: Colour) -> None:
    view.boxes([(0, y, view.width, y + 0.005) for y in steps(top, bottom, size)], colour)
    view.boxes([(x, top, x + 0.005, bottom) for x in steps(0, view.width, size)], colour)


def _along(view: View, pieces: Sequence[tuple[float, Piece]]) -> None:
    """Furniture along the wall, over and over, starting anywhere: (width, drawing)."""
    period = sum(width for width, _ in pieces)
    left = -period * view.rng.random()
    while left < view.width:
        for width, piece in pieces:
            if left + width > 0:
                piece(view, left, left + width)
            left += width


def _beside(view: View, gap: float) -> list[float]:
    """Places at both sides of the subject, and further out where the picture is wide."""
    middle = view.width / 2
    first = min(BESIDE + view.between(-0.03, 0.03), middle - 0.08)
    steps = [first + gap * index for index in range(int(view.width / 2 / gap) + 1)]
    return [middle + side * step for step in steps for side in (-1, 1)]


def _window(view: View, left: float, right: float) -> None:
    """A window with its frame and, in some pictures, curtains."""
    left, right, top, bottom = (
        left + 0.025, right - 0.025, view.between(0.1, 0.16), view.between(0.46, 0.52)
    )  # fmt: skip
    _pane(view, left, top, right, bottom)
    view.box(left - 0.02, bottom, right + 0.02, bottom + 0.022, (225, 222, 215))
    if view.chance(0.5):
        cloth = view.hue(0.6, 0.8)
        for x in (left - 0.02, right - 0.03):
            view.box(x, top - 0.03, x + 0.05, bottom + 0.02, cloth)
            view.box(x + 0.02, top - 0.03, x + 0.03, bottom + 0.02, shade(cloth, 0.75))
        view.box(left - 0.03, top - 0.04, right + 0.03, top - 0.022, (110, 85, 60))


def _pane(view: View, left: float, top: float, right: float, bottom: float) -> None:
    """Glass and mullions: daylight with a cloud, or the night sky with stars and moon."""
    frame = view.pick((WHITE, *WOODS))
    view.box(left - 0.016, top - 0.016, right + 0.016, bottom + 0.016, frame)
    width, height = right - left, bottom - top
    if view.night:
        sky = view.pick((NIGHT_SKY,), 8)
        view.boxes([(left, top, right, bottom)], sky)
        view.specks(left, top, right, bottom, 12, 0.006, (240, 240, 225))
        radius = min(0.036, width * 0.2, height * 0.3)
        view.moon(
            (left + width * view.between(0.3, 0.6), top + height * view.between(0.3, 0.5)),
            radius,
            sky,
        )
    else:
        sky = view.pick(DAY_SKIES, 12)
        view.boxes([(left, top, right, bottom)], sky)
        cloud = (left + width * 0.5, top + height * view.between(0.3, 0.6))
        view.disc(cloud, (width * 0.35, min(0.04, height * 0.2)), (255, 255, 255))
    middle, thick = (left + right) / 2, min(0.012, width * 0.1)
    view.box(middle - thick / 2, top, middle + thick / 2, bottom, frame)
    view.box(left, top + height * 0.45, right, top + height * 0.45 + thick, frame)


def _lamps(view: View, y: float) -> None:
    """Lamps hanging from the ceiling, and at night the pools of their light."""
    paint = view.pick((*PAINTS, STEEL))
    for x in view.across(0.45, 0.15):
        view.line([(x, 0), (x, y)], 0.007, BLACK)
        shape: list[Point] = [
            (x - 0.02, y),
            (x + 0.02, y),
            (x + 0.075, y + 0.055),
            (x - 0.075, y + 0.055),
        ]
        view.poly(shape, paint)
        bulb = LAMPLIGHT if view.night else view.tone((235, 235, 225))
        view.disc((x, y + 0.057), (0.05, 0.016), bulb)
        if view.night:
            view.glow((x, y + 0.16), 0.3, LAMPLIGHT, 0.28)


def _place(draw: Callable[[View], None]) -> Draw:
    def backdrop(sketch: Sketch, time: str, weather: str, rng: np.random.Generator) -> None:
        night = time == "night"
        level = rng.uniform(0.34, 0.58) if night else rng.uniform(0.88, 1.1)
        warmth = (1.1, 0.95, 0.78) if night else (1.0, 1.0, 1.0)
        red, green, blue = (float(level * share) for share in warmth)
        view = View(sketch, night, weather, rng, (red, green, blue), WHITE, WHITE)
        draw(view)
        if view.chance(0.5):
            view.mirror()

    return backdrop


INDOOR_PLACES: dict[str, Draw] = {
    "office": _place(_office),
    "stage": _place(_stage),
    "kitchen": _place(_kitchen),
    "hospital": _place(_hospital),
    "warehouse": _place(_warehouse),
    "classroom": _place(_classroom),
}
