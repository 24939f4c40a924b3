"""People by their work: a soldier, a doctor, a cook and a worker.

Belongs here: their costumes, what they carry, and what they sit on.
Does not: the body beneath (figure), people who speak (speakers), people at sport (sport).
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from math import pi, sin

import numpy as np

from vidpipe.demo.sketch import (
    BLACK,
    PAINTS,
    RUBBER,
    STEEL,
    WHITE,
    Colour,
    Sketch,
    mix,
    pick,
    shade,
    varied,
)  # fmt: skip
from vidpipe.demo.subjects.figure import (
    Draw,
    Figure,
    Frame,
    Limb,
    Look,
    Pose,
    between,
    part_of,
    run_pose,
    shine,
)  # fmt: skip

Role = Callable[[Sketch, str, np.random.Generator, Look, Pose], None]

CAMOUFLAGES: tuple[tuple[Colour, Colour, Colour], ...] = (
    ((104, 112, 66), (58, 66, 38), (124, 92, 58)),
    ((192, 168, 120), (140, 108, 70), (112, 104, 72)),
    ((120, 126, 116), (70, 76, 70), (160, 162, 148)),
)
WOODS: tuple[Colour, ...] = ((150, 105, 62), (110, 72, 42), (186, 146, 96))
SAFETY: tuple[Colour, ...] = ((255, 120, 20), (215, 235, 40), (255, 90, 40))
HARD_HATS: tuple[Colour, ...] = ((250, 200, 30), (240, 240, 235), (235, 110, 30), (50, 110, 200))
RED: Colour = (214, 30, 36)
REFLECTIVE: Colour = (225, 230, 230)


def _person(role: Role, sketch: Sketch, state: str, rng: np.random.Generator, phase: float) -> None:
    look = Look.random(rng)
    sway = sin(2 * pi * phase)
    if state == "sitting":
        pose = Pose(
            arms=((28 + 6 * sway, 78 + 10 * sway), (34, 88)),
            legs=((80, 4), (88, -8)),
            lean=-4 + 3 * sway,
            view=float(rng.uniform(0.6, 0.95)),
            x=-0.3,
        )
        _seat(sketch, rng)
    elif state == "running":
        pose = run_pose(phase, float(rng.uniform(46, 58)))
    else:
        pose = Pose(
            arms=((-38, -112 + 10 * sway), (16, 12 + 5 * sway)),
            lean=1.5 * sway,
            view=float(rng.uniform(0.05, 0.4)),
        )
    role(sketch, state, rng, look, pose.loosened(rng))


def _seat(sketch: Sketch, rng: np.random.Generator) -> None:
    kind, paint = int(rng.integers(3)), pick((*WOODS, *PAINTS[:4]), rng)
    dark = shade(paint, 0.7)
    if kind == 0:  # a crate
        sketch.rectangle(-0.66, 0.6, 0.06, 1.0, dark)
        for top in (0.6, 0.74, 0.88):
            sketch.rectangle(-0.66, top, 0.06, top + 0.11, paint)
        sketch.line([(-0.62, 0.97), (0.02, 0.64)], 0.07, dark)
        return
    for left, right in ((-0.56, -0.6), (-0.1, -0.04)):
        sketch.line([(left, 0.66), (right, 0.97)], 0.07, dark)
    if kind == 1:  # a chair
        sketch.line([(-0.6, 0.64), (-0.68, -0.1)], 0.08, dark)
        sketch.polygon([(-0.74, -0.16), (-0.62, -0.16), (-0.56, 0.3), (-0.68, 0.3)], paint)
    else:  # a stool
        sketch.line([(-0.56, 0.84), (-0.08, 0.84)], 0.05, dark)
    sketch.line([(-0.6, 0.64), (0.0, 0.64)], 0.1, paint)


def _soldier(sketch: Sketch, state: str, rng: np.random.Generator, look: Look, pose: Pose) -> None:
    cloth, dark, light = (
        varied(colour, rng, 12) for colour in CAMOUFLAGES[rng.integers(len(CAMOUFLAGES))]
    )
    vest, pack = shade(mix(cloth, dark, 0.6), 0.85), bool(rng.random() < 0.6)
    spots = rng.uniform(-1, 1, (14, 2))
    slant = {"standing": -40, "sitting": -72, "running": -22}[state] + float(rng.uniform(-8, 8))
    look = replace(look, top=cloth, trousers=cloth, shoes=varied((46, 38, 30), rng, 10))
    figure = Figure.posed(sketch, look, pose)
    centre = figure.chest.spot(0.16 if state == "standing" else 0.42, 0.62)
    gun = Frame(sketch, centre, 0.62, slant)
    figure = figure.reaching(gun.spot(-0.22, 0.1), gun.spot(0.4, 0.04))
    if pack:
        figure.chest.box(-0.75, 0.08, 0.1, 0.85, shade(vest, 0.8))
    figure.draw_back()
    for limb, start in ((figure.legs[1], 0), (figure.legs[0], 4)):
        _blotches(sketch, limb, 0.1, (dark, light), spots[start : start + 4])
    for x, y in spots[8:]:
        figure.chest.dot(0.34 * x, 0.5 + 0.42 * y, 0.1, dark if x < 0 else light)
    figure.chest.box(-0.34, 0.2, 0.34, 0.85, vest)
    for x in (-0.3, -0.08, 0.14):
        figure.chest.box(x, 0.56, x + 0.18, 0.8, shade(vest, 1.25))
    figure.draw_head()
    _helmet(figure.head, figure.view, varied(mix(cloth, dark, 0.3), rng, 8), dark)
    _rifle(gun)
    figure.draw_front()
    _blotches(sketch, figure.arms[0], 0.07, (dark, light), spots[4:7])


def _blotches(
    sketch: Sketch, limb: Limb, width: float, colours: tuple[Colour, Colour], spots: np.ndarray
) -> None:
    for index, (x, y) in enumerate(spots):
        start = part_of(limb, 0.12 + 0.22 * index + 0.05 * y)[-1]
        end = between(start, limb[2], 0.12)
        sketch.line([(start[0] + 0.04 * x, start[1]), end], width, colours[index % 2])


def _helmet(head: Frame, view: float, colour: Colour, dark: Colour) -> None:
    head.line([(-0.82 + 0.5 * view, -0.2), (-0.3 + 0.5 * view, 0.9)], 0.12, RUBBER)
    if view < 0.6:
        head.line([(0.82, -0.2), (0.4 + 0.3 * view, 0.9)], 0.12, RUBBER)
    head.oval((0, -0.25), (1.2, 1.08), colour, 180, 360)
    head.box(-1.25, -0.42, 1.25 + 0.1 * view, -0.18, shade(colour, 0.75))
    for x, y in ((-0.55, -0.7), (0.2, -1.0), (0.6, -0.6)):
        head.dot(x, y, 0.2, dark)


def _rifle(gun: Frame) -> None:
    gun.line([(0.3, -0.05), (1.1, -0.05)], 0.07, BLACK)
    gun.polygon([(-1.0, 0.0), (-0.5, -0.1), (-0.45, 0.08), (-0.95, 0.28)], (66, 48, 34))
    gun.box(-0.5, -0.14, 0.4, 0.1, RUBBER)
    gun.box(0.1, -0.08, 0.62, 0.06, (66, 48, 34))
    gun.polygon([(0.0, 0.08), (0.16, 0.08), (0.24, 0.42), (0.08, 0.44)], BLACK)
    gun.line([(-0.2, -0.2), (0.14, -0.2)], 0.1, BLACK)


def _doctor(sketch: Sketch, state: str, rng: np.random.Generator, look: Look, pose: Pose) -> None:
    coat = varied((240, 243, 244), rng, 8)
    shirt, tube = pick(PAINTS[:8], rng), pick(((30, 40, 60), (150, 30, 40), (30, 90, 90)), rng)
    mirror, case = bool(rng.random() < 0.6), bool(rng.random() < 0.6)
    case_paint = pick(((235, 235, 230), (120, 60, 36), (40, 44, 52)), rng, 10)
    look = replace(look, top=coat, trousers=shade(look.trousers, 0.7))
    if case and state == "standing":
        pose = replace(pose, arms=((-24, -12), pose.arms[1]))
    figure = Figure.posed(sketch, look, pose)
    figure.draw_back()
    _coat(figure, coat, state)
    figure.chest.polygon([(-0.16, -0.02), (0.16, -0.02), (0.06, 0.5)], shirt)
    figure.chest.line([(0.06, 0.5), (0.04, 1.1)], 0.04, shade(coat, 0.6))
    figure.chest.box(0.14, 0.62, 0.36, 0.8, shade(coat, 0.82))
    figure.draw_head()
    hose = [(-0.24, -0.02), (-0.2, 0.3), (0.04, 0.48), (0.24, 0.28), (0.24, -0.02)]
    figure.chest.line(hose, 0.07, tube)
    figure.chest.line([(0.04, 0.48), (-0.06, 0.66)], 0.07, tube)
    figure.chest.dot(-0.06, 0.68, 0.1, shine(STEEL))
    if mirror or not case:
        x = 0.45 * figure.view
        figure.head.line([(-0.88, -0.5), (0, -0.62), (0.88, -0.5)], 0.16, tube)
        figure.head.dot(x, -0.8, 0.4, STEEL)
        figure.head.dot(x, -0.8, 0.3, (225, 238, 245))
        figure.head.dot(x, -0.8, 0.09, BLACK)
    hand = figure.hands[0]
    if case:
        at = (0.62, 0.62) if state == "sitting" else (hand[0], hand[1] + 0.06)
        _case(Frame(sketch, at, 0.24), case_paint)
    elif state != "sitting":  # a clipboard
        board = Frame(sketch, hand, 0.22, -14)
        board.box(-0.6, -1.3, 0.6, 0.3, (130, 84, 48))
        board.box(-0.5, -1.1, 0.5, 0.2, WHITE)
    figure.draw_front()


def _coat(figure: Figure, coat: Colour, state: str) -> None:
    (near_hip, near_knee, _), (far_hip, far_knee, _) = figure.legs
    width = 0.29 * figure.look.build
    far_hem, near_hem = between(far_hip, far_knee, 1.12), between(near_hip, near_knee, 1.12)
    if state == "running":  # the tails fly
        tail = (near_hip[0] - 0.55, near_hip[1] + 0.3)
        low = (near_hip[0] - 0.3, near_hip[1] + 0.5)
        figure.sketch.polygon([figure.chest.spot(-0.3, 0.5), tail, low, near_hip], shade(coat, 0.9))
    figure.sketch.line([far_hip, far_hem], width, shade(coat, 0.84))
    figure.sketch.polygon([near_hip, far_hip, far_hem, near_hem], shade(coat, 0.92))
    figure.sketch.line([near_hip, near_hem], width, coat)


def _case(case: Frame, paint: Colour) -> None:
    case.line([(-0.3, 0.3), (-0.3, 0.0), (0.3, 0.0), (0.3, 0.3)], 0.14, BLACK)
    case.box(-0.95, 0.25, 0.95, 1.55, shade(paint, 0.6))
    case.box(-0.88, 0.32, 0.88, 1.48, paint)
    case.dot(0, 0.9, 0.52, WHITE)
    case.box(-0.14, 0.48, 0.14, 1.32, RED)
    case.box(-0.42, 0.76, 0.42, 1.04, RED)


def _cook(sketch: Sketch, state: str, rng: np.random.Generator, look: Look, pose: Pose) -> None:
    jacket = pick((WHITE, WHITE, (46, 48, 54), (120, 30, 36)), rng, 10)
    apron = pick(((235, 235, 230), (50, 60, 90), (150, 40, 40), (60, 90, 70)), rng)
    scarf, iron = pick(PAINTS[:4], rng), pick((RUBBER, STEEL, (168, 88, 48)), rng, 12)
    pan, tall = bool(rng.random() < 0.6), float(rng.uniform(1.25, 1.7))
    look = replace(look, top=jacket, trousers=shade(look.trousers, 0.6), beard=look.beard)
    figure = Figure.posed(sketch, look, pose)
    figure.draw_back()
    chest = figure.chest
    (near_hip, near_knee, _), (far_hip, far_knee, _) = figure.legs
    hem = (between(far_hip, far_knee, 0.95), between(near_hip, near_knee, 0.95))
    skirt = [chest.spot(-0.36, 0.7), chest.spot(0.4, 0.7), *hem]
    sketch.polygon(skirt, apron)
    sketch.line([near_hip, hem[1]], 0.16, apron)
    chest.box(-0.26, 0.24, 0.3, 0.8, shade(apron, 1.05))
    chest.line([(-0.38, 0.7), (0.4, 0.7)], 0.08, shade(apron, 0.7))
    for y in (0.32, 0.46, 0.6):
        for x in (-0.12, 0.14):
            chest.dot(x, y, 0.04, shade(apron, 0.5))
    figure.draw_head()
    chest.polygon([(-0.26, -0.02), (0.26, -0.02), (0.1, 0.12), (0.04, 0.24), (-0.06, 0.12)], scarf)
    _toque(figure.head, figure.view, tall)
    tool = Frame(sketch, figure.hands[0], 0.3, -20 if state == "standing" else 35)
    (_pan if pan else _ladle)(tool, iron)
    figure.draw_front()


def _toque(head: Frame, view: float, tall: float) -> None:
    hat, fold = (248, 248, 246), (206, 208, 212)
    lean = -0.2 * view
    top = -0.5 - tall
    head.polygon([(-0.9, -0.5), (0.9, -0.5), (1.0 + lean, top), (-1.0 + lean, top)], hat)
    for x, radius in ((-0.72, 0.52), (0.72, 0.52), (0.0, 0.62)):
        head.dot(x + lean, top, radius, hat)
    for x in (-0.45, 0.0, 0.45):
        head.line([(x, -0.8), (x * 1.2 + lean, top + 0.1)], 0.07, fold)
    head.box(-0.95, -0.82, 0.95, -0.36, hat)
    head.line([(-0.95, -0.84), (0.95, -0.84)], 0.07, fold)


def _pan(tool: Frame, iron: Colour) -> None:
    tool.line([(0, 0.1), (0, -0.75)], 0.16, shade(iron, 0.7))
    tool.oval((0, -1.35), (0.72, 0.72), shade(iron, 0.75))
    tool.oval((0, -1.35), (0.56, 0.56), shade(iron, 1.3))
    tool.oval((0.05, -1.3), (0.34, 0.28), WHITE)
    tool.dot(0.05, -1.32, 0.14, (250, 190, 40))


def _ladle(tool: Frame, iron: Colour) -> None:
    tool.line([(0, 0.5), (0, -1.4)], 0.14, iron)
    tool.oval((0.24, -1.45), (0.46, 0.5), shade(iron, 0.8), 0, 180)
    tool.oval((0.24, -1.45), (0.46, 0.14), shine(iron))


def _worker(sketch: Sketch, state: str, rng: np.random.Generator, look: Look, pose: Pose) -> None:
    vest, hat = pick(SAFETY, rng, 12), pick(HARD_HATS, rng, 10)
    shirt, wood = pick((*PAINTS[5:7], *PAINTS[1:3], PAINTS[10]), rng), pick(WOODS, rng)
    shovel, legs = bool(rng.random() < 0.6), pick(((54, 72, 110), (70, 66, 60), (90, 84, 54)), rng)
    look = replace(look, top=shirt, trousers=legs, hands=pick(((120, 90, 50), STEEL), rng))
    if state == "standing" and shovel:
        pose = replace(pose, arms=((-30, -70 + pose.arms[0][1] * 0.1), pose.arms[1]))
    figure = Figure.posed(sketch, look, pose)
    figure.draw_back()
    chest = figure.chest
    chest.polygon(
        [(-0.46, 0.06), (-0.16, -0.02), (0.0, 0.3), (0.2, -0.02), (0.46, 0.06), (0.41, 0.98),
         (-0.41, 0.98)], vest,
    )  # fmt: skip
    for y in (0.52, 0.76):
        chest.line([(-0.36, y), (0.36, y)], 0.1, REFLECTIVE)
    for x in (-0.27, 0.29):
        chest.line([(x, 0.06), (x, 0.94)], 0.09, REFLECTIVE)
    chest.line([(0.01, 0.3), (0.01, 0.96)], 0.03, shade(vest, 0.6))
    for leg in figure.legs:
        sketch.line([part_of(leg, 0.8)[-1], part_of(leg, 0.84)[-1]], 0.17, REFLECTIVE)
    figure.draw_head()
    _hard_hat(figure.head, figure.view, hat)
    turn = {"standing": 0, "sitting": 10, "running": 62}[state]
    tool = Frame(sketch, figure.hands[0], 0.3, turn if shovel else turn * 0.7 - 12)
    (_shovel if shovel else _hammer)(tool, wood)
    figure.draw_front()


def _hard_hat(head: Frame, view: float, paint: Colour) -> None:
    head.oval((0, -0.35), (1.05, 0.95), paint, 180, 360)
    head.line([(0.1 * view, -0.4), (0.1 * view, -1.28)], 0.26, shade(paint, 1.15))
    head.line([(-1.05 + 0.1 * view, -0.38), (1.15 + 0.35 * view, -0.32)], 0.2, shade(paint, 0.8))


def _shovel(tool: Frame, wood: Colour) -> None:
    tool.line([(0, -1.5), (0, 1.5)], 0.17, wood)
    tool.line([(-0.28, -1.55), (0.28, -1.55)], 0.2, shade(wood, 0.7))
    blade = [(-0.42, 1.3), (0.42, 1.3), (0.42, 1.9), (0.0, 2.35), (-0.42, 1.9)]
    tool.polygon(blade, STEEL)
    tool.line([(0, 1.4), (0, 2.0)], 0.12, shine(STEEL))


def _hammer(tool: Frame, wood: Colour) -> None:
    tool.line([(0, 0.6), (0, -1.5)], 0.18, wood)
    tool.box(-0.68, -1.85, 0.68, -1.2, (74, 78, 84))
    tool.box(-0.68, -1.85, -0.5, -1.2, shine(STEEL))


_ROLES: dict[str, Role] = {
    "soldier": _soldier, "doctor": _doctor, "cook": _cook, "worker": _worker,
}  # fmt: skip
PEOPLE: dict[str, Draw] = {name: partial(_person, role) for name, role in _ROLES.items()}
