"""People who speak or shout: one man at a lectern, always the same, and crowds.

Belongs here: the speaker's face and dress, rows of heads, what crowds hold up.
Does not: whole figures (figure, people, sport).
"""

from collections.abc import Callable
from math import pi, sin

import numpy as np

from vidpipe.demo.sketch import (
    BLACK,
    PAINTS,
    SKIN_TONES,
    WHITE,
    Colour,
    Sketch,
    pick,
    shade,
    varied,
)  # fmt: skip
from vidpipe.demo.subjects.figure import HAIRS, MOUTH, Draw, Frame

SPEAKER_SKIN: Colour = (222, 172, 138)
SPEAKER_HAIR: Colour = (44, 34, 30)
SUITS: tuple[Colour, ...] = ((38, 42, 54), (70, 74, 82), (34, 52, 96), (92, 78, 66))
TIES: tuple[Colour, ...] = ((180, 30, 40), (30, 60, 140), (120, 40, 120), (20, 110, 80))
OLIVES: tuple[Colour, ...] = ((98, 106, 62), (128, 116, 78), (84, 92, 80))
WOODS: tuple[Colour, ...] = ((134, 88, 50), (98, 62, 38), (176, 130, 84))


def _speaker(sketch: Sketch, state: str, rng: np.random.Generator, phase: float) -> None:
    skin, hair = varied(SPEAKER_SKIN, rng, 5), varied(SPEAKER_HAIR, rng, 5)
    sway, tilt = 0.025 * sin(2 * pi * phase), float(rng.uniform(-4, 4))
    body = Frame(sketch, (sway, 0.0), 1.0, tilt, float(rng.uniform(0.95, 1.08)))
    head = Frame(sketch, (sway * 1.5 + tilt / 100, -0.45), 0.4, tilt + 60 * sway)
    wood = pick(WOODS, rng, 12)
    microphones, cloth = 1 + int(rng.random() < 0.5), pick(SUITS, rng, 12)
    if state == "uniform":
        _draw_uniform(body, pick(OLIVES, rng, 12), rng)
    else:
        _draw_suit(body, cloth, pick(TIES, rng))
    _draw_head(head, skin, hair, smiles=state == "smiling_suit")
    if state == "uniform":
        _draw_helmet(head, pick(OLIVES, rng, 12))
    if state == "smiling_suit":
        wave = 0.12 * sin(2 * pi * phase)
        body.line([(0.6, 0.45), (0.86, 0.2), (0.82 + wave, -0.25)], 0.2, cloth)
        _draw_hand(Frame(sketch, body.spot(0.82 + wave, -0.42), 0.2, 30 * wave), skin)
    _draw_lectern(sketch, wood, microphones)


def _draw_suit(body: Frame, cloth: Colour, tie: Colour) -> None:
    shoulders = [(-0.78, 1.0), (-0.72, 0.28), (-0.3, 0.0), (0.3, 0.0), (0.72, 0.28), (0.78, 1.0)]
    body.polygon(shoulders, cloth)
    body.polygon([(-0.2, -0.04), (0.2, -0.04), (0.0, 0.62)], WHITE)
    body.polygon([(-0.07, 0.08), (0.07, 0.08), (0.1, 0.55), (0.0, 0.68), (-0.1, 0.55)], tie)
    for side in (-1, 1):
        lapel = [(side * 0.2, -0.04), (side * 0.36, 0.02), (side * 0.3, 0.3), (0.0, 0.7)]
        body.polygon(lapel, shade(cloth, 0.72))


def _draw_uniform(body: Frame, cloth: Colour, rng: np.random.Generator) -> None:
    shoulders = [(-0.84, 1.0), (-0.8, 0.26), (-0.34, 0.0), (0.34, 0.0), (0.8, 0.26), (0.84, 1.0)]
    body.polygon(shoulders, cloth)
    for x, y in rng.uniform((-0.78, 0.2), (0.78, 1.0), (16, 2)):
        body.oval((float(x), float(y)), (0.11, 0.06), shade(cloth, 0.62 if x * y > 0.1 else 1.3))
    vest = shade(cloth, 0.5)
    body.polygon([(-0.5, 0.02), (0.5, 0.02), (0.54, 1.0), (-0.54, 1.0)], vest)
    body.polygon([(-0.2, 0.02), (0.2, 0.02), (0.12, 0.2), (-0.12, 0.2)], shade(cloth, 0.8))
    for x in (-0.44, -0.12, 0.2):
        body.box(x, 0.42, x + 0.26, 0.62, shade(vest, 1.5))
        body.box(x, 0.42, x + 0.26, 0.47, shade(vest, 0.7))
    for x in (-0.46, 0.34):
        body.box(x, -0.02, x + 0.12, 0.3, shade(vest, 1.35))


def _draw_head(head: Frame, skin: Colour, hair: Colour, *, smiles: bool) -> None:
    head.box(-0.34, 0.5, 0.34, 1.3, shade(skin, 0.82))
    for side in (-1, 1):
        head.oval((side * 0.88, 0.05), (0.16, 0.26), shade(skin, 0.88))
    head.oval((0, 0), (0.86, 1.02), skin)
    head.oval((0, 0.12), (0.86, 0.92), hair, 12, 168)  # the beard, then the face in it
    head.oval((0, 0.05), (0.66, 0.62), skin)
    head.oval((0, -0.15), (0.9, 0.95), hair, 180, 360)
    head.oval((0, -0.12), (0.74, 0.48), skin)
    for side in (-1, 1):
        head.dot(side * 0.33, -0.06, 0.15, WHITE)
        head.dot(side * 0.33, -0.05, 0.09, BLACK)
        head.line([(side * 0.16, -0.3), (side * 0.5, -0.34)], 0.11, hair)
    head.line([(0.0, -0.02), (0.08, 0.26), (-0.06, 0.28)], 0.1, shade(skin, 0.75))
    if smiles:
        head.oval((0, 0.36), (0.5, 0.46), MOUTH, 0, 180)
        head.polygon([(-0.48, 0.37), (0.48, 0.37), (0.4, 0.56), (-0.4, 0.56)], WHITE)
        for side in (-1, 1):
            head.dot(side * 0.58, 0.25, 0.14, (226, 140, 120))
    else:
        head.line([(-0.24, 0.52), (0.24, 0.52)], 0.11, MOUTH)


def _draw_helmet(head: Frame, cloth: Colour) -> None:
    for side in (-1, 1):
        head.line([(side * 0.86, -0.2), (side * 0.4, 0.94)], 0.11, BLACK)
    head.oval((0, -0.26), (1.14, 1.06), cloth, 180, 360)
    head.box(-1.22, -0.4, 1.22, -0.18, shade(cloth, 0.7))
    for x, y in ((-0.6, -0.7), (0.1, -1.0), (0.6, -0.62)):
        head.dot(x, y, 0.2, shade(cloth, 0.68))


def _draw_hand(hand: Frame, skin: Colour) -> None:
    hand.oval((0, 0.2), (0.6, 0.65), skin)
    for x in (-0.5, -0.17, 0.17, 0.5):
        hand.line([(x, 0), (x * 1.3, -0.75)], 0.26, skin)


def _draw_lectern(sketch: Sketch, wood: Colour, microphones: int) -> None:
    sketch.polygon([(-0.7, 0.72), (0.7, 0.72), (0.56, 1.0), (-0.56, 1.0)], wood)
    sketch.rectangle(-0.8, 0.62, 0.8, 0.76, shade(wood, 1.25))
    sketch.circle((0, 0.88), 0.09, shade(wood, 1.6))
    for x in (0.3, -0.34)[:microphones]:
        sketch.line([(x, 0.64), (x * 0.5, 0.3)], 0.035, BLACK)
        sketch.ellipse((x * 0.5, 0.26), (0.055, 0.08), BLACK)


def _crowd(sketch: Sketch, state: str, rng: np.random.Generator, phase: float) -> None:
    """Draws three rows, the last one first; what they hold up stands above them."""
    hold = HELD_UP[state]
    for row, (y, size) in enumerate(((0.05, 0.16), (0.34, 0.2), (0.7, 0.26))):
        step = size * float(rng.uniform(2.1, 2.5))
        for x in np.arange(-1.25 + size * rng.uniform(0, 1), 1.3, step):
            person = Frame(sketch, (float(x), y + float(rng.uniform(-0.04, 0.04))), size)
            skin, top = pick(SKIN_TONES, rng, 12), pick(PAINTS, rng)
            turn = 2 * pi * (phase + float(rng.random()))
            busy = rng.random() < (0.75 if row < 2 else 0.5)
            mood = [float(value) for value in rng.random(4)]
            cloth = [pick(PAINTS, rng) for _ in range(3)]
            if busy:
                hold(person, skin, top, sin(turn), mood, cloth)
            _draw_onlooker(person, skin, pick(HAIRS, rng, 12), top, shouts=state != "waving_flags")
    if state == "cheering":
        for x, y, hue in rng.uniform((-1.3, -1.5, 0), (1.3, 0.3, 1), (40, 3)):
            fallen = (float(y) + 1.5 + phase * 1.8) % 1.8 - 1.5
            colour = PAINTS[int(hue * len(PAINTS))]
            sketch.rectangle(float(x), fallen, float(x) + 0.06, fallen + 0.06, colour)


def _draw_onlooker(person: Frame, skin: Colour, hair: Colour, top: Colour, *, shouts: bool) -> None:
    body = [(-1.05, 3.2), (-0.95, 1.25), (-0.4, 0.85), (0.4, 0.85), (0.95, 1.25), (1.05, 3.2)]
    person.polygon(body, shade(top, 0.55))
    person.polygon([(x * 0.92, y + 0.06) for x, y in body], top)
    person.oval((0, 0), (0.78, 0.92), skin)
    person.oval((0, -0.12), (0.82, 0.9), hair, 180, 360)
    for side in (-1, 1):
        person.dot(side * 0.3, 0.05, 0.12, BLACK)
    person.oval((0, 0.48), (0.24, 0.3 if shouts else 0.1), MOUTH)


Hold = Callable[[Frame, Colour, Colour, float, list[float], list[Colour]], None]


def _raise_arms(
    person: Frame, skin: Colour, top: Colour, swing: float, mood: list[float], _: list[Colour]
) -> None:
    for side in (-1, 1):
        reach = 1.9 + 0.7 * mood[0] + 0.25 * swing
        hand = (side * (0.95 + 0.5 * mood[1]), -reach)
        person.line([(side * 0.85, 1.3), (side * 1.1, 0.0), hand], 0.42, top)
        person.line([(side * 1.08, -0.3), hand], 0.36, skin)
        for spread in (-0.35, 0.0, 0.35):
            person.line([hand, (hand[0] + spread, hand[1] - 0.5)], 0.2, skin)


def _raise_placard(
    person: Frame, skin: Colour, top: Colour, swing: float, mood: list[float], cloth: list[Colour]
) -> None:
    x, low = 0.9 + 0.12 * swing, -1.5 - 0.9 * mood[0]
    person.line([(0.85, 1.3), (1.0, 0.3), (x, -0.5)], 0.42, top)
    person.line([(x, 0.2), (x, low - 0.3)], 0.14, (120, 84, 52))
    person.dot(x, -0.5, 0.28, skin)
    board = WHITE if mood[1] < 0.6 else cloth[0]
    ink = BLACK if mood[1] < 0.6 else WHITE
    sign = Frame(person.sketch, person.spot(x, low), person.unit, 16 * (mood[2] - 0.5) + 5 * swing)
    sign.box(-1.35, -1.7, 1.35, 0.1, shade(board, 0.6))
    sign.box(-1.25, -1.6, 1.25, 0.0, board)
    for y in (-1.25, -0.8, -0.35):
        sign.line([(-1.0, y), (0.2 + 0.8 * mood[3], y)], 0.24, ink)


def _wave_flag(
    person: Frame, skin: Colour, top: Colour, swing: float, mood: list[float], cloth: list[Colour]
) -> None:
    lean = 0.4 * (mood[2] - 0.5) + 0.25 * swing
    foot, tip = (0.9, 0.2), (0.9 + 2 * lean, -3.6 - 0.8 * mood[0])
    person.line([(0.85, 1.3), (1.0, 0.4), (0.9, -0.3)], 0.42, top)
    person.line([foot, tip], 0.14, (90, 80, 70))
    person.dot(0.9, -0.3, 0.28, skin)
    stripes = cloth[: 2 + int(mood[1] < 0.5)]
    height, reach = 1.6 / len(stripes), (2.2, -2.2)[int(mood[3] < 0.5)]
    for index, colour in enumerate(stripes):
        upper, lower = index * height, (index + 1) * height
        wave = [0.25 * sin(3 * share + 3 * swing) for share in (0.0, 0.33, 0.67, 1.0)]
        edge = [(tip[0] + reach * share / 3, tip[1] + wave[share]) for share in range(4)]
        strip = [(x, y + upper) for x, y in edge] + [(x, y + lower) for x, y in reversed(edge)]
        person.polygon(strip, colour)


HELD_UP: dict[str, Hold] = {
    "cheering": _raise_arms,
    "protesting": _raise_placard,
    "waving_flags": _wave_flag,
}

SPEAKERS: dict[str, Draw] = {"speaker": _speaker, "crowd": _crowd}
