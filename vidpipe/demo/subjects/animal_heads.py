"""The heads of the four-legged animals, each on a canvas of its own.

Belongs here: ears, muzzles, horns and trunks, and the look of one individual.
Does not: bodies and poses (vidpipe.demo.subjects.animals).

The unit of the canvas is the radius of the skull.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vidpipe.demo.sketch import BLACK, WHITE, Colour, Point, Sketch, mix, shade
from vidpipe.demo.subjects.animal_shapes import PINK, dot, draw_eye, tube

IVORY: Colour = (240, 232, 205)
HORN: Colour = (225, 205, 160)


@dataclass(frozen=True)
class Look:
    """One individual: its colours, and spots as rows of (along, across, radius) on its body."""

    coat: Colour
    marking: Colour
    iris: Colour
    spots: NDArray[np.float64]
    pale_face: bool


def draw_dog_head(sketch: Sketch, look: Look, state: str, swing: float) -> None:
    """Draws a dog's head with a hanging ear."""
    sketch.ellipse((0, 0), (1, 0.92), look.coat)
    snout = mix(look.coat, WHITE, 0.65) if look.pale_face else shade(look.coat, 0.85)
    if state != "sleeping":
        sketch.ellipse((1.0, 0.85 + 0.08 * swing), (0.22, 0.45), (225, 90, 100))
    sketch.ellipse((0.95, 0.32), (0.85, 0.45), snout)
    sketch.line([(0.6, 0.6), (1.5, 0.5)], 0.1, BLACK)
    dot(sketch, (1.62, 0.1), 0.26, BLACK)
    flap = -0.7 if state == "running" else 0.0
    sketch.ellipse(
        (-0.5 + flap * 0.5, 0.35 + flap * 0.6), (0.45, 1.05), shade(look.marking, 0.85),
        turn_deg=12 - flap * 65 + 6 * swing,
    )  # fmt: skip
    draw_eye(sketch, (0.4, -0.25), 0.17, state)


def draw_cat_head(sketch: Sketch, look: Look, state: str, swing: float) -> None:
    """Draws a cat's head with pointed ears and whiskers."""
    for side in (-1, 1):
        sketch.polygon([(side * 0.98, -0.1), (side * 0.85, -1.55), (side * 0.08, -0.8)], look.coat)
        sketch.polygon([(side * 0.8, -0.5), (side * 0.77, -1.2), (side * 0.35, -0.8)], PINK)
    sketch.ellipse((0, 0), (1.08, 0.95), look.coat)
    muzzle = WHITE if look.pale_face else mix(look.coat, WHITE, 0.5)
    sketch.ellipse((0, 0.45), (0.55, 0.38), muzzle)
    sketch.polygon([(-0.18, 0.18), (0.18, 0.18), (0, 0.4)], (215, 100, 110))
    sketch.line([(-0.25, 0.6), (0, 0.45), (0.25, 0.6)], 0.06, BLACK)
    whisker = WHITE if sum(look.coat) < 450 else (70, 70, 70)
    for side in (-1, 1):
        draw_eye(sketch, (side * 0.45, -0.12), 0.2, state, look.iris)
        for rise in (-0.2, 0.15):
            tip = (side * 1.75, 0.4 + rise * 1.6 + 0.05 * swing)
            sketch.line([(side * 0.5, 0.45 + rise * 0.5), tip], 0.06, whisker)


def draw_horse_head(sketch: Sketch, look: Look, state: str, swing: float) -> None:
    """Draws a horse's head with its long muzzle."""
    del swing
    drop = 0.75 if state == "sleeping" else 1.25
    for x in (-0.35, 0.25):
        sketch.polygon([(x - 0.25, -0.5), (x, -1.6), (x + 0.3, -0.5)], shade(look.coat, 0.85))
    tube(sketch, [(0, -0.1), (1.5, drop)], (1.5, 1.1, 0.85), look.coat)
    tube(sketch, [(1.35, drop - 0.1), (1.55, drop)], (0.75, 0.8), shade(look.coat, 0.7))
    if look.pale_face:
        sketch.line([(0.65, -0.2), (1.6, drop - 0.4)], 0.22, WHITE)
    sketch.line([(-0.1, -0.9), (0.45, -0.35)], 0.4, look.marking)
    dot(sketch, (1.75, drop - 0.1), 0.1, BLACK)
    draw_eye(sketch, (0.35, 0.05), 0.18, state)


def draw_cow_head(sketch: Sketch, look: Look, state: str, swing: float) -> None:
    """Draws a cow's head with horns and a pink muzzle."""
    for side in (-1, 1):
        path = [(side * 0.4, -0.6), (side * 1.1, -0.8), (side * 0.85, -1.7)]
        tube(sketch, path, (0.4, 0.12), HORN)
        ear = (side * 1.1, -0.25 + 0.06 * swing)
        sketch.ellipse(ear, (0.5, 0.25), shade(look.coat, 0.75), turn_deg=side * 15)
    tube(sketch, [(0, -0.15), (0.2, 0.7)], (1.65, 1.2), look.coat)
    if look.pale_face:
        tube(sketch, [(0.05, -0.6), (0.2, 0.5)], (0.5, 0.35), WHITE)
    sketch.ellipse((0.25, 0.85), (0.85, 0.52), PINK)
    for x in (-0.1, 0.6):
        dot(sketch, (x, 0.75), 0.12, BLACK)
    for x in (-0.42, 0.55):
        draw_eye(sketch, (x, -0.1), 0.15, state)


def draw_elephant_head(sketch: Sketch, look: Look, state: str, swing: float) -> None:
    """Draws an elephant's head with trunk, tusk and ear."""
    trunk: list[Point] = [(0.5, 0.2), (1.15, 0.6), (1.0, 2.2), (1.25 + 0.3 * swing, 2.6)]
    if state == "running":
        trunk = [(0.5, 0.2), (1.3, 0.9), (1.5, -0.2), (1.25, -1.5 + 0.15 * swing)]
    elif state == "sleeping":
        trunk = [(0.5, 0.2), (1.1, 0.8), (1.2, 0.8), (1.5, 0.72)]
    tube(sketch, trunk, (0.95, 0.55, 0.32), shade(look.coat, 0.93))
    sketch.circle((0, -0.05), 1, look.coat)
    tube(sketch, [(0.55, 0.55), (0.9, 1.15), (1.55, 0.75)], (0.28, 0.1), IVORY)
    flap = 0.12 * swing if state != "sleeping" else 0
    sketch.ellipse((-0.62, 0), (0.85 + flap, 1.25), shade(look.coat, 0.68), turn_deg=-10)
    inside = mix(look.coat, PINK, 0.4 if look.pale_face else 0.15)
    sketch.ellipse((-0.62, 0.03), (0.66 + flap, 1.0), inside, turn_deg=-10)
    draw_eye(sketch, (0.5, -0.25), 0.13, state)
