"""People at sport: a footballer, a basketball player, a cyclist, a boxer and a tennis player.

Belongs here: their dress, what they play with, and the cup that they win.
Does not: the body beneath (figure), people at work (people).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from math import cos, pi, sin

import numpy as np

from vidpipe.demo.sketch import (
    BLACK,
    PAINTS,
    RUBBER,
    STEEL,
    WHITE,
    Colour,
    Point,
    Sketch,
    pick,
    shade,
    varied,
)  # fmt: skip
from vidpipe.demo.subjects.figure import Draw, Figure, Frame, Look, Pose, shine

GOLD: Colour = (240, 190, 40)
ORANGE: Colour = (230, 120, 40)
LIME: Colour = (214, 240, 60)
WINNER = Pose(arms=((-150, -170), (150, 170)), legs=((-12, -6), (12, 6)), view=0.0)
CUP_AT: Point = (0.0, -1.1)

Scenery = Callable[[Sketch, Colour, float], None]
Equip = Callable[[Figure, Colour, float], None]


@dataclass(frozen=True)
class Sport:
    """What a player of one sport looks like, does and plays with.

    Attributes:
        pose: the pose of somebody playing.
        moved: how the pose changes with a swing from -1 to 1.
        dress: what is worn, as fields of `Look`.
        behind: what stands behind the player.
        equip: what the player has, while playing.
        beside: what lies or stands beside the winner.
    """

    pose: Pose
    moved: Callable[[Pose, float], Pose]
    dress: dict[str, float]
    behind: Scenery
    equip: Equip
    beside: Scenery


def _play(sport: Sport, sketch: Sketch, state: str, rng: np.random.Generator, phase: float) -> None:
    team, second = pick(PAINTS, rng), pick(PAINTS, rng)
    look = replace(
        Look.random(rng),
        top=team,
        trousers=second,
        socks=shade(team, 1.2),
        shoes=varied(WHITE, rng),
    )
    look = replace(look, **sport.dress)  # type: ignore[arg-type]
    swing = sin(2 * pi * phase)
    pose = sport.pose.loosened(rng, 5)
    sport.behind(sketch, second, swing)
    if state == "with_trophy":
        sport.beside(sketch, team, swing)
        lift = 0.04 * swing
        figure = Figure.posed(sketch, look, replace(WINNER.loosened(rng, 4), lift=0.0))
        figure = figure.reaching(
            (-0.24, CUP_AT[1] + 0.22 + lift), (0.24, CUP_AT[1] + 0.22 + lift), (1, -1)
        )
        figure.draw_back()
        _medal(figure)
        figure.draw_head(happy=True)
        _cup(Frame(sketch, (CUP_AT[0], CUP_AT[1] + lift), 0.34))
        figure.draw_front()
        return
    figure = Figure.posed(sketch, look, sport.moved(pose, swing))
    figure.draw_back()
    figure.draw_head()
    figure.draw_front()
    sport.equip(figure, second, swing)


def _cup(cup: Frame) -> None:
    for side in (-1, 1):
        cup.line([(side * 0.6, -1.1), (side * 1.15, -0.9), (side * 0.55, -0.2)], 0.2, GOLD)
    cup.polygon([(-0.8, -1.5), (0.8, -1.5), (0.5, -0.1), (0.14, 0.2), (-0.14, 0.2), (-0.5, -0.1)],
                GOLD)  # fmt: skip
    cup.polygon([(-0.6, -1.4), (-0.3, -1.4), (-0.2, -0.1), (-0.36, -0.15)], shine(GOLD))
    cup.oval((0, -1.5), (0.8, 0.16), shade(GOLD, 0.7))
    cup.box(-0.14, 0.1, 0.14, 0.5, shade(GOLD, 0.8))
    cup.box(-0.5, 0.45, 0.5, 0.75, shade(GOLD, 0.6))


def _medal(figure: Figure) -> None:
    figure.chest.line([(-0.2, 0.0), (0.0, 0.45), (0.2, 0.0)], 0.08, (40, 80, 190))
    figure.chest.dot(0.0, 0.5, 0.12, GOLD)


# ----------------------------------------------------------------------------------- football


def _goal(sketch: Sketch, _colour: Colour, _swing: float) -> None:
    for x in np.linspace(-1.1, 1.1, 9):
        sketch.line([(float(x), -0.7), (float(x), 0.85)], 0.018, (215, 220, 220))
    for y in np.linspace(-0.6, 0.8, 6):
        sketch.line([(-1.1, float(y)), (1.1, float(y))], 0.018, (215, 220, 220))
    sketch.line([(-1.15, 0.9), (-1.15, -0.75), (1.15, -0.75), (1.15, 0.9)], 0.09, WHITE)


def _football(ball: Frame) -> None:
    ball.oval((0, 0), (1.08, 1.08), BLACK)
    ball.oval((0, 0), (0.98, 0.98), WHITE)
    ball.dot(0, 0, 0.34, BLACK)
    for turn in range(5):
        angle = 2 * pi * turn / 5 - pi / 2
        ball.dot(0.8 * cos(angle), 0.8 * sin(angle), 0.2, BLACK)


def _kick(figure: Figure, _colour: Colour, swing: float) -> None:
    _football(Frame(figure.sketch, (0.78 + 0.12 * swing, 0.72 - 0.1 * swing), 0.22, 40 * swing))


def _football_beside(sketch: Sketch, _colour: Colour, swing: float) -> None:
    _football(Frame(sketch, (0.72, 0.78), 0.22, 5 * swing))


# --------------------------------------------------------------------------------- basketball


def _hoop(sketch: Sketch, _colour: Colour, _swing: float) -> None:
    sketch.line([(1.1, 1.0), (1.1, -1.0)], 0.1, STEEL)
    sketch.rectangle(0.5, -1.65, 1.28, -0.85, shade(STEEL, 0.5))
    sketch.rectangle(0.55, -1.6, 1.23, -0.9, WHITE)
    sketch.line([(0.72, -1.0), (0.72, -1.35), (1.06, -1.35), (1.06, -1.0)], 0.05, (220, 60, 40))
    sketch.line([(0.6, -0.86), (1.15, -0.86)], 0.08, ORANGE)
    for x in np.linspace(0.62, 1.12, 5):
        sketch.line([(float(x), -0.84), (0.87 + (float(x) - 0.87) * 0.5, -0.5)], 0.03, WHITE)


def _basketball(ball: Frame) -> None:
    ball.oval((0, 0), (1, 1), BLACK)
    ball.oval((0, 0), (0.92, 0.92), ORANGE)
    ball.line([(-0.9, 0), (0.9, 0)], 0.12, BLACK)
    ball.line([(0, -0.9), (0, 0.9)], 0.12, BLACK)
    ball.line([(-0.6, -0.65), (-0.3, 0), (-0.6, 0.65)], 0.1, BLACK)
    ball.line([(0.6, -0.65), (0.3, 0), (0.6, 0.65)], 0.1, BLACK)


def _throw(figure: Figure, _colour: Colour, swing: float) -> None:
    x, y = figure.hands[1]
    _basketball(Frame(figure.sketch, (x + 0.06, y - 0.2), 0.23, 30 * swing))


def _basketball_beside(sketch: Sketch, _colour: Colour, swing: float) -> None:
    _basketball(Frame(sketch, (-0.72, 0.77), 0.23, 5 * swing))


# ------------------------------------------------------------------------------------ cycling


def _bicycle(sketch: Sketch, frame: Colour, at: Point, swing: float) -> None:
    left, right, y, radius = at[0] - 0.58, at[0] + 0.58, at[1], 0.42
    for x in (left, right):
        angles = np.radians(np.arange(0, 361, 15))
        rim = [(x + radius * float(c), y + radius * float(s))
               for c, s in zip(np.cos(angles), np.sin(angles), strict=True)]  # fmt: skip
        sketch.line(rim, 0.07, RUBBER)
        for turn in range(4):
            angle = pi * turn / 4 + swing
            reach = (radius * cos(angle), radius * sin(angle))
            ends = [(x - reach[0], y - reach[1]), (x + reach[0], y + reach[1])]
            sketch.line(ends, 0.015, (200, 204, 208))
    crank, saddle, head = (at[0] - 0.05, y), (at[0] - 0.25, y - 0.5), (at[0] + 0.4, y - 0.55)
    sketch.line([(left, y), crank, head, saddle, crank], 0.07, frame)
    sketch.line([(left, y), saddle], 0.06, frame)
    sketch.line([(right, y), head, (head[0] - 0.02, head[1] - 0.14)], 0.07, frame)
    sketch.line([(head[0] - 0.02, head[1] - 0.14), (head[0] + 0.14, head[1] - 0.1)], 0.06, BLACK)
    sketch.line([(saddle[0] - 0.12, saddle[1] - 0.04), (saddle[0] + 0.1, saddle[1] - 0.04)], 0.08,
                BLACK)  # fmt: skip


def _bicycle_behind(sketch: Sketch, colour: Colour, swing: float) -> None:
    _bicycle(sketch, colour, (0.1, 0.57), swing)


def _wear_helmet(figure: Figure, colour: Colour, _swing: float) -> None:
    _cycle_helmet(figure.head, colour)


def _cycle_helmet(head: Frame, colour: Colour) -> None:
    head.oval((-0.1, -0.4), (1.2, 0.95), shade(colour, 0.7), 175, 365)
    for x in (-0.6, -0.1, 0.4):
        head.line([(x - 0.1, -0.55), (x + 0.2, -1.05)], 0.16, WHITE)


def _helmet_beside(sketch: Sketch, colour: Colour, _swing: float) -> None:
    _cycle_helmet(Frame(sketch, (-0.9, 0.98), 0.16), colour)


# ------------------------------------------------------------------------------------- boxing


def _ring(sketch: Sketch, colour: Colour, _swing: float) -> None:
    for x in (-1.2, 1.2):
        sketch.rectangle(x - 0.08, -0.5, x + 0.08, 1.0, shade(colour, 0.7))
    for y, rope in ((-0.3, (220, 40, 40)), (0.08, WHITE), (0.46, (40, 80, 200))):
        sketch.line([(-1.2, y), (1.2, y)], 0.075, rope)


def _gloves(figure: Figure, colour: Colour, _swing: float) -> None:
    paint = (210, 30, 36) if sum(colour) % 2 < 1 else (36, 70, 200)
    for hand in figure.hands:
        _glove(figure.sketch, hand, paint)


def _glove(sketch: Sketch, at: Point, paint: Colour) -> None:
    sketch.circle(at, 0.23, shade(paint, 0.6))
    sketch.circle(at, 0.2, paint)
    sketch.circle((at[0] - 0.06, at[1] - 0.07), 0.06, shine(paint))


def _gloves_beside(sketch: Sketch, colour: Colour, _swing: float) -> None:
    paint = (210, 30, 36) if sum(colour) % 2 < 1 else (36, 70, 200)
    for x in (0.6, 0.92):
        sketch.line([(x, 0.46), (0.76, 0.2)], 0.03, WHITE)
        _glove(sketch, (x, 0.62), paint)


# ------------------------------------------------------------------------------------- tennis


def _net(sketch: Sketch, _colour: Colour, _swing: float) -> None:
    for x in np.linspace(-1.2, 1.2, 15):
        sketch.line([(float(x), 0.42), (float(x), 0.9)], 0.02, (70, 74, 78))
    for y in (0.55, 0.7, 0.85):
        sketch.line([(-1.2, y), (1.2, y)], 0.02, (70, 74, 78))
    sketch.line([(-1.25, 0.4), (1.25, 0.4)], 0.09, WHITE)


def _racket(racket: Frame, paint: Colour) -> None:
    racket.line([(0, 0.3), (0, -0.6)], 0.2, BLACK)
    racket.oval((0, -1.35), (0.66, 0.85), paint)
    racket.oval((0, -1.35), (0.52, 0.7), (226, 230, 226))
    for x in (-0.26, 0.0, 0.26):
        racket.line([(x, -1.95), (x, -0.75)], 0.05, (120, 126, 130))
    for y in (-1.7, -1.35, -1.0):
        racket.line([(-0.5, y), (0.5, y)], 0.05, (120, 126, 130))


def _strike(figure: Figure, colour: Colour, swing: float) -> None:
    _racket(Frame(figure.sketch, figure.hands[1], 0.36, 30 + 25 * swing), colour)
    figure.sketch.circle((1.05, -0.75 + 0.2 * swing), 0.11, LIME)


def _racket_beside(sketch: Sketch, colour: Colour, _swing: float) -> None:
    _racket(Frame(sketch, (0.72, 0.72), 0.42, 12), colour)
    sketch.circle((-0.6, 0.88), 0.11, LIME)


SPORTS = {
    "footballer": Sport(
        Pose(arms=((-60, -30), (50, 80)), legs=((-35, -75), (55, 30)), lean=-8, view=0.8, x=-0.1),
        lambda pose, swing: replace(pose, legs=(pose.legs[0], (55 + 20 * swing, 30 + 20 * swing))),
        {"sleeves": 0.45, "cloth": 0.42},
        _goal,
        _kick,
        _football_beside,
    ),
    "basketballer": Sport(
        Pose(arms=((-30, 20), (140, 165)), legs=((-40, -80), (20, -10)), lean=6, view=0.6, x=-0.25,
             lift=0.12),
        lambda pose, swing: replace(pose, lift=0.12 + 0.08 * swing),
        {"sleeves": 0.0, "cloth": 0.5},
        _hoop,
        _throw,
        _basketball_beside,
    ),
    "cyclist": Sport(
        Pose(arms=((62, 40), (58, 36)), legs=((60, -20), (25, -35)), lean=52, view=0.95, x=-0.2,
             lift=0.1),
        lambda pose, swing: replace(
            pose, legs=((50 + 22 * swing, -25 + 8 * swing), (50 - 22 * swing, -25 - 8 * swing))
        ),
        {"sleeves": 0.45, "cloth": 0.45},
        _bicycle_behind,
        _wear_helmet,
        _helmet_beside,
    ),
    "boxer": Sport(
        Pose(arms=((-20, 100), (80, 95)), legs=((-20, -14), (24, 6)), lean=8, view=0.6, x=-0.15),
        lambda pose, swing: replace(pose, arms=((-20, 100 + 15 * swing), (70 + 20 * swing, 95))),
        {"sleeves": 0.0, "cloth": 0.45},
        _ring,
        _gloves,
        _gloves_beside,
    ),
    "tennis_player": Sport(
        Pose(arms=((-70, -40), (110, 140)), legs=((-30, -20), (38, 10)), lean=8, view=0.6, x=-0.2),
        lambda pose, swing: replace(
            pose, arms=(pose.arms[0], (100 + 25 * swing, 130 + 25 * swing))
        ),
        {"sleeves": 0.4, "cloth": 0.35},
        _net,
        _strike,
        _racket_beside,
    ),
}  # fmt: skip
SPORT: dict[str, Draw] = {name: partial(_play, sport) for name, sport in SPORTS.items()}
