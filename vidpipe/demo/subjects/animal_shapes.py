"""Shapes that the animals share: curved limbs, eyes, and what tells that one runs or sleeps.

Belongs here: tubes along curves, canvases within a canvas, eyes, dust, snores, coats.
Does not: which animal they make (vidpipe.demo.subjects.animals, vidpipe.demo.subjects.chicken).
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from math import comb

import numpy as np
from numpy.typing import NDArray

from vidpipe.demo.sketch import BLACK, WHITE, Colour, Point, Sketch, shade, varied

COATS: tuple[Colour, ...] = (
    (40, 38, 40), (234, 230, 222), (122, 78, 46), (140, 140, 144), (206, 124, 56), (214, 186, 140),
)  # fmt: skip
PINK: Colour = (226, 150, 150)
DUST: Colour = (205, 190, 165)
ALONG: NDArray[np.float64] = np.linspace(0, 1, 11)
END_TURN: NDArray[np.float64] = np.stack(
    [np.cos(np.linspace(0, np.pi, 7)), np.sin(np.linspace(0, np.pi, 7))], axis=1
)


def tube(
    sketch: Sketch, path: Sequence[Point], widths: Sequence[float], colour: Colour
) -> NDArray[np.float64]:
    """Fills a Bézier curve of varying width with round ends; returns points on the curve."""
    middle: NDArray[np.float64] = _bernstein(len(path)) @ np.array(path, float)
    ahead = np.empty_like(middle)
    ahead[1:-1] = middle[2:] - middle[:-2]
    ahead[0], ahead[-1] = middle[1] - middle[0], middle[-1] - middle[-2]
    ahead /= np.sqrt((ahead * ahead).sum(axis=1, keepdims=True)) + 1e-9
    aside = ahead[:, ::-1] * (-1, 1)
    half = np.interp(ALONG, np.arange(len(widths)) / (len(widths) - 1), widths)[:, None] / 2
    ending = middle[-1] + half[-1] * (END_TURN @ np.stack([aside[-1], ahead[-1]]))
    start = middle[0] - half[0] * (END_TURN @ np.stack([aside[0], ahead[0]]))
    outline = np.vstack([middle + aside * half, ending, (middle - aside * half)[::-1], start])
    sketch.polygon(outline, colour)  # type: ignore[arg-type]
    return middle


@cache
def _bernstein(points: int) -> NDArray[np.float64]:
    """How much each control point of a Bézier curve weighs, shape (samples, points)."""
    degree = points - 1
    weights = [comb(degree, k) * ALONG**k * (1 - ALONG) ** (degree - k) for k in range(points)]
    return np.array(weights, float).T


def dot(sketch: Sketch, centre: Point, radius: float, colour: Colour) -> None:
    """Draws a small circle: a line of no length costs a fraction of an ellipse."""
    sketch.line([centre, centre], radius * 2, colour)


def beside(point: Point, offset: Point, factor: float = 1.0) -> Point:
    """The point that lies an offset, times a factor, from another."""
    return point[0] + offset[0] * factor, point[1] + offset[1] * factor


def zoomed(sketch: Sketch, centre: Point, unit: float) -> Sketch:
    """The same canvas, with coordinates that start at `centre` and a unit of another size."""
    x, y = beside(sketch.origin_px, centre, sketch.scale_px)
    return replace(sketch, scale_px=sketch.scale_px * unit, origin_px=(x, y))


def draw_eye(
    sketch: Sketch, centre: Point, radius: float, state: str, iris: Colour = BLACK
) -> None:
    """Draws an open eye, or the lid of one that sleeps."""
    if state == "sleeping":
        lid = [beside(centre, (x * radius, y * radius)) for x, y in ((-1.3, 0), (0, 0.7), (1.3, 0))]
        sketch.line(lid, radius * 1.1, WHITE)
        sketch.line(lid, radius * 0.6, BLACK)
        return
    dot(sketch, centre, radius * 1.45, WHITE if iris == BLACK else iris)
    dot(sketch, centre, radius * 0.85, BLACK)


def draw_dust(sketch: Sketch, rng: np.random.Generator, phase: float) -> None:
    """Draws puffs that grow and rise as they are left behind."""
    colour = varied(DUST, rng, 25)
    for puff in range(4):
        age = (puff / 4 + phase) % 1
        radius = float(0.12 + 0.11 * np.sin(np.pi * age) * rng.uniform(0.8, 1.2))
        centre = (-0.45 - 0.65 * age, 0.86 - 0.25 * age)
        sketch.ellipse(centre, (radius * 1.25, radius), shade(colour, 0.9 + 0.15 * age))


def draw_snore(sketch: Sketch, start: Point, phase: float) -> None:
    """Draws three letters Z that rise from a sleeper."""
    for letter, size in enumerate((0.13, 0.19, 0.25)):
        drift = 0.05 * float(np.sin(2 * np.pi * (phase + letter / 3)))
        centre = beside(start, (0.05 + 0.24 * letter + drift, -0.12 - 0.48 * letter))
        stroke = [beside(centre, corner, size) for corner in ((-1, -1), (1, -1), (-1, 1), (1, 1))]
        sketch.line(stroke, size * 0.75, BLACK)
        sketch.line(stroke, size * 0.4, WHITE)
