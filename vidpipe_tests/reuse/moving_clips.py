"""Short videos in which much moves, so that copies of them can be told: made in milliseconds.

Belongs here: drawing them. Does not: editing them (vidpipe.reuse.editing).
"""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from vidpipe_tests.clips import Picture, write_clip

FPS = 12


def moving_clip(path: Path, seed: int, *, seconds: float = 6.0) -> Path:
    """Discs that wander over a soft background that drifts; another seed is other footage."""
    return write_clip(path, moving_pictures(seed, round(seconds * FPS)), fps=FPS)


def moving_pictures(seed: int, count: int, size: tuple[int, int] = (240, 136)) -> Iterator[Picture]:
    """The pictures of such a clip of `count` frames."""
    rng = np.random.default_rng(seed)
    width, height = size
    coarse = rng.integers(0, 256, (8, 24, 3)).astype(np.uint8)
    scene = cv2.resize(coarse, (3 * width, height), interpolation=cv2.INTER_CUBIC)
    places, speeds = rng.uniform(0.1, 0.9, (7, 2)), rng.normal(0, 0.01, (7, 2))
    colours = rng.integers(0, 256, (7, 3)).tolist()
    radii = rng.integers(9, 26, 7).tolist()
    for number in range(count):
        speeds += rng.normal(0, 0.003, speeds.shape)
        places += speeds
        speeds[(places < 0) | (places > 1)] *= -0.7
        places = np.clip(places, 0, 1)
        left = round(0.4 * width * number / count)
        picture = scene[:, left : left + width].copy()
        for place, colour, radius in zip(places, colours, radii, strict=True):
            centre = round(place[0] * width), round(place[1] * height)
            cv2.circle(picture, centre, radius, colour, -1)
        yield np.asarray(picture, np.uint8)
