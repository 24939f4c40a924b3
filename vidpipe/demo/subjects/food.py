"""Dishes on a small table: a pizza, a burger, noodles, a cake and a fruit basket.

Belongs here: each dish whole and half eaten, and the table under it.
Does not: people who eat (people), places (vidpipe.demo.places).
"""

from collections.abc import Callable, Iterable
from functools import partial
from math import cos, pi, sin

import numpy as np

from vidpipe.demo.sketch import (
    BLACK,
    PAINTS,
    STEEL,
    WHITE,
    Colour,
    Point,
    Sketch,
    pick,
    shade,
    varied,
)

Draw = Callable[[Sketch, str, np.random.Generator, float], None]
Dish = Callable[[Sketch, bool, np.random.Generator, float], None]

CRUSTS: tuple[Colour, ...] = ((214, 160, 88), (190, 130, 66), (232, 184, 116))
TABLES: tuple[Colour, ...] = ((150, 105, 62), (100, 70, 46), (225, 225, 220), (70, 74, 82))
TABLE_TOP = 0.45


def _serve(dish: Dish, sketch: Sketch, state: str, rng: np.random.Generator, phase: float) -> None:
    _table(sketch, rng)
    eaten = state == "half_eaten"
    if eaten:
        _napkin_and_fork(sketch, pick((WHITE, *PAINTS[:4]), rng))
    dish(sketch, eaten, rng, phase)


def _table(sketch: Sketch, rng: np.random.Generator) -> None:
    top, cloth = pick(TABLES, rng), pick(PAINTS, rng)
    for x in (-0.85, 0.85):
        sketch.rectangle(x - 0.06, TABLE_TOP, x + 0.06, 1.0, shade(top, 0.6))
    sketch.rectangle(-1.12, TABLE_TOP, 1.12, TABLE_TOP + 0.13, top)
    if rng.random() < 0.5:
        folds = [(x, TABLE_TOP + (0.3 if index % 2 else 0.42))
                 for index, x in enumerate(np.linspace(1.0, -1.0, 9).tolist())]  # fmt: skip
        sketch.polygon([(-1.0, TABLE_TOP - 0.02), (1.0, TABLE_TOP - 0.02), *folds], cloth)


def _napkin_and_fork(sketch: Sketch, cloth: Colour) -> None:
    crumpled = [(-1.15, 0.45), (-1.1, 0.2), (-0.98, 0.3), (-0.9, 0.16), (-0.76, 0.28), (-0.7, 0.45)]
    sketch.polygon(crumpled, shade(cloth, 0.92))
    sketch.line([(-1.0, 0.42), (-0.92, 0.22)], 0.03, shade(cloth, 0.7))
    sketch.line([(0.82, 0.42), (1.1, -0.25)], 0.05, STEEL)
    for x in (-0.07, 0.0, 0.07):
        sketch.line([(1.08 + x, -0.22), (1.14 + x, -0.45)], 0.03, STEEL)


def _plate(sketch: Sketch, y: float, reach: float, rng: np.random.Generator) -> None:
    china = pick((WHITE, (190, 210, 225), (235, 220, 190), (60, 80, 110)), rng, 12)
    sketch.ellipse((0, y), (reach, 0.16), shade(china, 0.75))
    sketch.ellipse((0, y - 0.03), (reach * 0.97, 0.14), china)


def _crumbs(sketch: Sketch, colour: Colour, spots: Iterable[Point]) -> None:
    for x, y in spots:
        sketch.circle((float(x), float(y)), 0.035, colour)


def _pizza(sketch: Sketch, eaten: bool, rng: np.random.Generator, phase: float) -> None:
    """Draws a pizza that stands nearly upright, as if photographed from above."""
    crust, cheese = pick(CRUSTS, rng), varied((246, 208, 96), rng, 18)
    sauce, board = varied((196, 60, 34), rng), pick(TABLES, rng)
    green, meat = (
        pick(((60, 130, 60), (40, 40, 44), (240, 240, 230)), rng),
        varied((170, 40, 44), rng),
    )
    centre, start = (0.0, -0.25), float(rng.uniform(0, 360))
    end = start + (float(rng.uniform(150, 210)) if eaten else 360.0)
    steam = 0.02 * sin(2 * pi * phase)
    sketch.ellipse((0, centre[1] + 0.03), (0.92, 0.8), shade(board, 0.7))
    sketch.ellipse(centre, (0.9, 0.78), board)
    for reach, colour in ((0.8, crust), (0.7, sauce), (0.66, cheese)):
        radii = (reach, reach * 0.86)
        sketch.ellipse(centre, radii, colour, start_deg=start, end_deg=end)
    for angle, reach, kind in rng.random((16, 3)):
        turn = np.radians(start + 12 + float(angle) * (end - start - 24))
        away = 0.18 + 0.4 * float(reach)
        spot = (
            centre[0] + away * float(np.cos(turn)),
            centre[1] + away * 0.86 * float(np.sin(turn)),
        )
        sketch.circle(spot, 0.1 if kind < 0.6 else 0.06, meat if kind < 0.6 else green)
    for angle in np.arange(start, end, 60):
        turn = np.radians(angle)
        rim = (centre[0] + 0.78 * float(np.cos(turn)), centre[1] + 0.67 * float(np.sin(turn)))
        sketch.line([centre, rim], 0.025, shade(cheese, 0.6))
    if eaten:
        middle = np.radians(end + (360 - end + start) / 2)
        for away in (0.25, 0.4, 0.55):
            spot = (away * float(np.cos(middle + steam)), centre[1] + away * float(np.sin(middle)))
            sketch.circle(spot, 0.04, crust)


def _burger(sketch: Sketch, eaten: bool, rng: np.random.Generator, phase: float) -> None:
    bun, meat = pick(CRUSTS, rng), varied((98, 56, 36), rng, 15)
    salad, cheese, red = varied((90, 170, 60), rng), varied((246, 190, 50), rng), (206, 50, 40)
    wide = float(rng.uniform(0.78, 0.92))
    nod = 0.015 * sin(2 * pi * phase)
    _plate(sketch, 0.42, 1.0, rng)
    seeds = rng.uniform((-0.5, 0.2), (0.5, 0.9), (9, 2))
    sketch.ellipse((0, 0.2), (wide, 0.2), shade(bun, 0.9), start_deg=0, end_deg=180)
    sketch.rectangle(-wide, 0.06, wide, 0.21, shade(bun, 0.9))
    sketch.line([(-wide + 0.05, -0.02), (wide - 0.05, -0.02)], 0.22, meat)
    sketch.polygon([(-wide, -0.14), (wide, -0.14), (0.4, 0.1), (0.1, -0.1), (-0.35, 0.12)], cheese)
    sketch.line([(-wide + 0.1, -0.19), (wide - 0.1, -0.19)], 0.12, red)
    across = np.linspace(-wide - 0.06, wide + 0.06, 11).tolist()
    frill = [(x, -0.3 + (0.06 if index % 2 else -0.02)) for index, x in enumerate(across)]
    sketch.line(frill, 0.1, salad)
    sketch.ellipse((0, -0.34 + nod), (wide, 0.6), bun, start_deg=180, end_deg=360)
    for x, y in seeds:
        sketch.ellipse(
            (float(x) * wide, -0.34 - 0.5 * float(y) + nod), (0.045, 0.03), (250, 236, 200)
        )
    if eaten:
        _bite(sketch, [(0.95, -0.75), (0.55, -0.6), (0.28, -0.25), (0.3, 0.1), (0.6, 0.1)])
        _crumbs(sketch, bun, ((0.5, 0.36), (0.68, 0.4), (0.8, 0.34), (0.36, 0.42)))


def _bite(sketch: Sketch, scallops: list[Point]) -> None:
    """Takes away everything to the right of a row of tooth marks."""
    for x, y in scallops:
        _erase(sketch, (x, y), 0.3)
        _erase(sketch, (x + 0.4, y), 0.42)
    sketch.ellipse((0.5, 0.42), (0.5, 0.1), (225, 225, 220), start_deg=0, end_deg=180)


def _erase(sketch: Sketch, centre: Point, radius: float) -> None:
    """Makes a hole in the drawing."""
    import cv2

    x, y = (
        round(value * sketch.scale_px + origin)
        for value, origin in zip(centre, sketch.origin_px, strict=True)
    )
    cv2.circle(sketch.pixels, (x, y), round(radius * sketch.scale_px), (0, 0, 0, 0), -1)


def _noodles(sketch: Sketch, eaten: bool, rng: np.random.Generator, phase: float) -> None:
    bowl, noodle = pick(PAINTS, rng), varied((240, 206, 120), rng, 18)
    broth, herb = varied((176, 110, 50), rng), varied((70, 150, 70), rng)
    rim, wood = -0.2, varied((140, 80, 50), rng)
    sketch.ellipse((0, rim), (0.86, 0.24), shade(bowl, 0.7))
    sketch.ellipse((0, rim), (0.78, 0.19), shade(bowl, 0.45) if eaten else broth)
    waves = rng.uniform(-0.05, 0.05, (12, 2))
    if eaten:
        sketch.ellipse((0, rim + 0.08), (0.5, 0.08), broth)
        for x, _ in waves[:3]:
            start = float(x) * 6
            sketch.line([(start - 0.2, rim + 0.06), (start, rim + 0.02), (start + 0.2, rim + 0.09)],
                        0.05, noodle)  # fmt: skip
        sketch.line([(0.66, 0.4), (1.0, 0.28)], 0.06, noodle)
    else:
        for index, (x, y) in enumerate(waves):
            left = -0.6 + index * 0.1
            top = rim - 0.32 + abs(index - 5.5) * 0.045 + float(y)
            arch = [(left - 0.08, rim + 0.06), (left, top), (left + 0.14 + float(x), top + 0.05),
                    (left + 0.2, rim + 0.06)]  # fmt: skip
            sketch.line(arch, 0.07, shade(noodle, 0.82 + 0.03 * (index % 7)))
        sketch.ellipse((-0.3, rim - 0.2), (0.2, 0.15), WHITE)
        sketch.circle((-0.3, rim - 0.2), 0.09, (250, 180, 40))
        for x in (0.1, 0.28, 0.42):
            sketch.circle((x, rim - 0.25), 0.06, herb)
    foot = [(0.62, 0.32), (0.36, 0.46), (-0.36, 0.46), (-0.62, 0.32)]
    sketch.polygon([(-0.86, rim), (0.86, rim), *foot], bowl)
    sketch.ellipse((0, rim), (0.86, 0.24), bowl, start_deg=0, end_deg=180)
    sketch.ellipse((0, rim - 0.03), (0.8, 0.2), shade(bowl, 0.45) if eaten else noodle, start_deg=0,
                   end_deg=180)  # fmt: skip
    sketch.line([(-0.6, 0.1), (0.6, 0.1)], 0.06, shade(bowl, 1.4))
    held = (-0.9, -0.3) if eaten else (0.55, -0.2)
    for tip in ((1.0, -0.32), (1.02, -0.22)) if eaten else ((1.25, -0.95), (1.1, -1.02)):
        sketch.line([held, tip], 0.05, wood)
    if not eaten:
        for x in (-0.4, 0.0, 0.36):
            sway = 0.08 * sin(2 * pi * (phase + x))
            steam = [(x, -0.7), (x + sway + 0.07, -0.9), (x - sway, -1.1), (x + sway, -1.3)]
            sketch.line(steam, 0.045, (226, 228, 230))


def _cake(sketch: Sketch, eaten: bool, rng: np.random.Generator, phase: float) -> None:
    icing, sponge = (
        pick((*PAINTS, (245, 190, 205), (250, 240, 225), (90, 54, 36)), rng),
        pick(CRUSTS, rng),
    )
    cream, drip = varied((250, 240, 225), rng, 8), pick((WHITE, *PAINTS), rng)
    candles = int(rng.integers(3, 6))
    left, right, top, low = -0.8, 0.8, -0.45, 0.38
    _plate(sketch, 0.42, 1.02, rng)
    sketch.rectangle(left, top, right, low, icing)
    sketch.ellipse((0, low), (0.8, 0.1), icing, start_deg=0, end_deg=180)
    sketch.line([(left, 0.0), (right, 0.0)], 0.07, shade(icing, 0.75))
    sketch.ellipse((0, top), (0.8, 0.17), shade(icing, 1.2))
    for index, x in enumerate(np.linspace(left + 0.06, right - 0.06, 9).tolist()):
        sketch.line([(x, top + 0.1), (x, top + 0.24 + 0.1 * (index % 2))], 0.12, drip)
    if eaten:
        cut = [(-0.08, top - 0.02), (0.84, top - 0.12), (0.84, low + 0.06), (-0.08, low + 0.1)]
        _erase_polygon(sketch, cut)
        face = [(-0.08, top), (0.3, top - 0.1), (0.3, low - 0.12), (-0.08, low + 0.08)]
        sketch.polygon(face, sponge)
        for share in (0.3, 0.62):
            ends = [(-0.08, top + share * 0.8), (0.3, top - 0.1 + share * 0.82)]
            sketch.line(ends, 0.09, cream)
        _crumbs(sketch, sponge, ((0.45, 0.4), (0.6, 0.36), (0.72, 0.42), (0.55, 0.44)))
    for index in range(candles):
        x = -0.55 + 1.1 * index / (candles - 1)
        if eaten and x > -0.1:
            continue
        sketch.line([(x, top), (x, top - 0.32)], 0.07, pick(PAINTS, rng))
        flame = top - 0.45 + 0.02 * sin(2 * pi * (phase + index / 3))
        if not eaten:
            sketch.ellipse((x, flame), (0.055, 0.11), (255, 190, 40))


def _erase_polygon(sketch: Sketch, points: list[Point]) -> None:
    import cv2

    placed = np.array(points) * sketch.scale_px + np.array(sketch.origin_px)
    cv2.fillPoly(sketch.pixels, [np.rint(placed).astype(np.int32)], (0, 0, 0, 0))


def _fruit(sketch: Sketch, eaten: bool, rng: np.random.Generator, phase: float) -> None:
    straw = pick((*TABLES[:2], (200, 160, 90)), rng)
    apple = pick(((200, 40, 40), (120, 180, 60), (230, 200, 60)), rng)
    grape = pick(((110, 50, 120), (140, 180, 70), (60, 30, 70)), rng)
    orange, banana = varied((245, 150, 40), rng), varied((250, 214, 60), rng)
    sway = 0.01 * sin(2 * pi * phase)
    if eaten:
        sketch.circle((0.2, -0.08), 0.27, orange)
        _core(sketch, (-0.3, -0.02), apple)
        _peel(sketch, banana)
    else:
        for turn in range(3):
            angle = 0.5 + 0.35 * turn
            bend = [(-0.75 + 0.1 * turn, -0.1), (-0.7 + 0.1 * turn, -0.6 - 0.08 * turn),
                    (-0.2 + 0.1 * turn, -0.95 + angle * 0.12)]  # fmt: skip
            sketch.line(bend, 0.19, shade(banana, 0.86 + 0.07 * turn))
        round_ones = {
            (0.0, -0.32): apple,
            (0.5, -0.25): orange,
            (0.26, -0.66): apple,
            (-0.36, -0.2): orange,
        }
        for centre, colour in round_ones.items():
            sketch.circle(centre, 0.3, shade(colour, 0.75))
            sketch.circle((centre[0] - 0.02, centre[1] - 0.02), 0.27, colour)
            sketch.circle((centre[0] - 0.1, centre[1] - 0.1), 0.07, shade(colour, 1.35))
        for index in range(9):
            spot = (
                0.62 + 0.12 * (index % 3) - 0.03 * (index // 3),
                -0.4 + 0.16 * (index // 3) + sway,
            )
            sketch.circle(spot, 0.1, shade(grape, 0.85 + 0.1 * (index % 3)))
    sketch.polygon([(-0.95, -0.02), (0.95, -0.02), (0.68, 0.45), (-0.68, 0.45)], straw)
    for y in (0.1, 0.22, 0.34):
        sketch.line([(-0.88 + y * 0.5, y), (0.88 - y * 0.5, y)], 0.03, shade(straw, 0.6))
    for x in np.linspace(-0.75, 0.75, 8).tolist():
        sketch.line([(x, 0.0), (x * 0.8, 0.44)], 0.03, shade(straw, 0.7))
    sketch.line([(-0.98, -0.02), (0.98, -0.02)], 0.1, shade(straw, 1.2))


def _core(sketch: Sketch, at: Point, skin: Colour) -> None:
    x, y = at
    core = [(-0.2, -0.42), (0.2, -0.42), (0.07, -0.2), (0.2, 0.05), (-0.2, 0.05), (-0.07, -0.2)]
    sketch.polygon([(x + dx, y + dy) for dx, dy in core], (250, 240, 205))
    for dy in (-0.42, 0.03):
        sketch.line([(x - 0.18, y + dy), (x + 0.18, y + dy)], 0.08, skin)
    sketch.line([(x, y - 0.42), (x + 0.06, y - 0.58)], 0.04, BLACK)


def _peel(sketch: Sketch, banana: Colour) -> None:
    for x, y in ((0.5, -0.28), (0.98, -0.3), (1.1, 0.02)):
        sketch.line([(0.75, -0.5), ((0.75 + x) / 2 + 0.06, -0.42), (x, y)], 0.13, banana)
    sketch.line([(0.75, -0.52), (0.75, -0.64)], 0.07, (110, 84, 40))
    for angle in (0.3, 1.1):
        sketch.line([(0.75, -0.5), (0.75 + 0.2 * cos(angle), -0.4 + 0.1 * sin(angle))], 0.05, WHITE)


_DISHES: dict[str, Dish] = {
    "pizza": _pizza,
    "burger": _burger,
    "noodles": _noodles,
    "cake": _cake,
    "fruit": _fruit,
}
FOOD: dict[str, Draw] = {name: partial(_serve, dish) for name, dish in _DISHES.items()}
