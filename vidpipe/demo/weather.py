"""What lies between the camera and the scene: darkness, fog, rain, snow.

Belongs here: toning by time and weather, falling drops and flakes.
Does not: skies and grounds (vidpipe.demo.places), the camera itself (vidpipe.demo.lens).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vidpipe.demo.compositions import Composition
from vidpipe.demo.sketch import Picture, Sketch

FALL_PERIOD_S = {"rain": 0.7, "snow": 6.0}  # until a drop has crossed the picture


@dataclass(frozen=True)
class Air:
    """Light on the subject, a veil before it, and what falls.

    Attributes:
        light: factor of each colour of the subject; nights are dark and blue out of doors, warm
            indoors.
        veil: colour of the fog.
        veil_share: how much of the subject the fog hides.
        falling: uint8 RGBA (opacity multiplied in) of the frame's size, or None.
        period_s: time in which `falling` moves by its own height.
    """

    light: NDArray[np.float32]
    veil: NDArray[np.float32]
    veil_share: float
    falling: Picture | None
    period_s: float


def draw_air(composition: Composition, size: tuple[int, int], rng: np.random.Generator) -> Air:
    """Draws the air of one shot; `size` is (width_px, height_px) of the frame."""
    is_night = composition.time == "night"
    brightness = rng.uniform(0.55, 0.85) if is_night else rng.uniform(0.85, 1.08)
    tint = np.ones(3)
    if is_night:
        warmth = rng.uniform(0.0, 0.18)
        tint += warmth * (np.array([1, 0, -1]) if composition.is_indoors else np.array([-1, 0, 1]))
    grey = rng.uniform(60, 110) if is_night else rng.uniform(185, 225)
    veil = grey + rng.uniform(-10, 10, 3)
    is_fog = composition.weather == "fog"
    falling = None
    if composition.weather in FALL_PERIOD_S:
        falling = _falling(composition.weather, size, rng)
    return Air(
        light=(tint * brightness).astype(np.float32),
        veil=veil.astype(np.float32),
        veil_share=float(rng.uniform(0.25, 0.45)) if is_fog else 0.0,
        falling=falling,
        period_s=FALL_PERIOD_S.get(composition.weather, 1.0),
    )


def _falling(weather: str, size: tuple[int, int], rng: np.random.Generator) -> Picture:
    """Draws drops or flakes all over a frame; those cut by its lower edge go on at its upper."""
    width, height = size
    unit = min(size)
    sketch = Sketch.blank(width, height, unit, (0, 0))
    right, bottom = sketch.width, sketch.height
    count = int((110 if weather == "rain" else 120) * right * bottom * rng.uniform(0.7, 1.3))
    slant = rng.uniform(-0.35, 0.35)
    tone = rng.uniform(185, 235) if weather == "rain" else rng.uniform(225, 255)
    for x, y, depth in rng.random((count, 3)) * (right, bottom, 1):
        if weather == "rain":
            length, width_units = 0.05 + 0.08 * depth, 0.004 + 0.006 * depth
            for lift in (0.0, bottom):
                ends = [(x, y - lift), (x + slant * length, y + length - lift)]
                sketch.line(ends, width_units, (tone, tone, tone + 8))
        else:
            radius = 0.006 + 0.014 * depth
            for lift in (0.0, bottom):
                sketch.circle((x, y - lift), radius, (tone, tone, tone))
    # Drops are see-through, flakes nearly opaque.
    opacity = rng.uniform(0.45, 0.7) if weather == "rain" else rng.uniform(0.8, 1.0)
    return (sketch.pixels * opacity).astype(np.uint8)
