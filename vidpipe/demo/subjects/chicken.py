"""A chicken, standing, running and sleeping.

Belongs here: its body, feathers, comb and beak.
Does not: what it shares with other animals (vidpipe.demo.subjects.animal_shapes).
"""

import numpy as np

from vidpipe.demo.sketch import Colour, Point, Sketch, pick, shade, varied
from vidpipe.demo.subjects.animal_shapes import (
    COATS,
    beside,
    dot,
    draw_dust,
    draw_eye,
    draw_snore,
    tube,
    zoomed,
)

COMB: Colour = (214, 34, 34)
BEAK: Colour = (240, 170, 40)


def draw_chicken(sketch: Sketch, state: str, rng: np.random.Generator, phase: float) -> None:
    """Draws the chicken in one of the states of all animals."""
    swing = float(np.sin(2 * np.pi * phase))
    coat, tail_colour = pick(COATS, rng, 14), pick(COATS, rng, 14)
    size, neck, crest, feathers = (
        rng.uniform(0.9, 1.1),
        *rng.uniform(0.87, 1.15, 2),
        rng.integers(4, 7),
    )
    spots = rng.uniform(-0.6, 0.6, (9 * int(rng.random() < 0.45), 2))
    leg_colour = varied(BEAK, rng, 25)
    body, head = (-0.08, 0.12), (0.42, -0.55 * neck + 0.02 * swing)
    if state == "running":
        draw_dust(sketch, rng, phase)
        body, head = (-0.08, 0.05 + 0.04 * swing), (0.72, -0.28 * neck - 0.04 * swing)
    elif state == "sleeping":
        body, head = (-0.1, 0.5), (0.62, 0.6)
    for fan in np.linspace(-1, 1, feathers):
        angle = np.radians((-140 if state == "standing" else -172) + 32 * fan + 4 * swing)
        root = beside(body, (-0.42, -0.1))
        tip = beside(root, (float(np.cos(angle)), float(np.sin(angle))), 0.72)
        tube(sketch, [root, tip], (0.12, 0.2), shade(tail_colour, 0.75 + 0.2 * fan))
    if state != "sleeping":
        _chicken_legs(sketch, state, body, swing, leg_colour)
    radii = (0.62 * size, 0.52 * size)
    sketch.ellipse(body, radii, coat, turn_deg=-14 if state != "sleeping" else 0)
    tube(sketch, [beside(body, (0.3, -0.1)), head], (0.62, 0.34), coat)
    for x, y in spots:
        dot(sketch, beside(body, (x * 0.75, y * 0.55)), 0.07, tail_colour)
    lift = (0.22 + 0.22 * swing) if state == "running" else 0
    wing = [beside(body, (0.15, -0.02)), beside(body, (-0.35, 0.12 - 2 * lift))]
    tube(sketch, wing, (0.4, 0.2), shade(coat, 0.72))
    _chicken_head(zoomed(sketch, head, 0.24), coat, state, crest)
    if state == "sleeping":
        draw_snore(sketch, (0.3, 0.05), phase)


def _chicken_legs(sketch: Sketch, state: str, body: Point, swing: float, colour: Colour) -> None:
    for side in (-1, 1):
        top = beside(body, (side * 0.14 + 0.02, 0.42))
        foot = (top[0] + 0.04, 0.96)
        if state == "running":
            foot = (top[0] + side * (0.42 + 0.08 * swing), 0.9 - 0.06 * side * swing)
        sketch.line([top, foot], 0.08, colour)
        sketch.line([beside(foot, (-0.14, 0.02)), foot, beside(foot, (0.2, 0.02))], 0.07, colour)


def _chicken_head(sketch: Sketch, coat: Colour, state: str, crest: float) -> None:
    for x, y in ((-0.55, -0.85), (0.0, -1.1), (0.55, -0.9)):
        dot(sketch, (x, y), 0.45 * crest, COMB)
    sketch.ellipse((0.6, 0.95), (0.28, 0.5), COMB)
    sketch.circle((0, 0), 1, coat)
    sketch.polygon([(0.7, -0.4), (1.9, 0.15), (0.7, 0.5)], BEAK)
    draw_eye(sketch, (0.35, -0.2), 0.2, state)
