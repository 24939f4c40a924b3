"""The camera of a shot: where the subject stands before it, and how it pans and zooms.

Belongs here: choosing a camera.
Does not: drawing what it shows (vidpipe.demo.scene), how it renders light (vidpipe.demo.lens).
"""

from dataclasses import dataclass

import numpy as np

PAN = 0.05  # how far the view's middle may leave the canvas's, in shorter sides


@dataclass(frozen=True)
class Camera:
    """Where the subject is and how the camera moves, as shares of the frame's shorter side.

    Attributes:
        subject_x: the subject's middle, from the frame's middle, at the shot's start and end.
        stand_y: the line that it stands on, below the frame's middle.
        subject_scale: half its width.
        pan: the view's middle from the canvas's, (x, y), at start and end.
        zoom: at start and end, at least 1.
        is_mirrored: whether the subject faces left.
    """

    subject_x: tuple[float, float]
    stand_y: float
    subject_scale: float
    pan: tuple[tuple[float, float], tuple[float, float]]
    zoom: tuple[float, float]
    is_mirrored: bool


def draw_camera(rng: np.random.Generator) -> Camera:
    """A camera at random."""
    start_x, end_x = rng.uniform(-0.07, 0.07, 2)
    offsets = rng.uniform(-PAN, PAN, (2, 2))
    zooms = 1 + rng.uniform(0, 0.15, 2)
    return Camera(
        subject_x=(float(start_x), float(end_x)),
        stand_y=float(rng.uniform(0.34, 0.46)),
        subject_scale=float(rng.uniform(0.35, 0.43)),
        pan=(
            (float(offsets[0, 0]), float(offsets[0, 1])),
            (float(offsets[1, 0]), float(offsets[1, 1])),
        ),
        zoom=(float(zooms[0]), float(zooms[1])),
        is_mirrored=bool(rng.random() < 0.5),
    )
