"""Footage for tests of the editor: textures that drift, so that no two moments look alike.

Belongs here: writing it. Does not: editing it.
"""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from vidpipe.reuse.editing.encoding import write_pictures
from vidpipe.reuse.editing.playback import Picture

SIZE = (320, 180)
FPS = 12.0


def write_footage(
    path: Path, seed: int, seconds: float = 6.3, size: tuple[int, int] = SIZE
) -> Path:
    """A video whose texture drifts and in which a bright square wanders."""
    timed = _timed(seed, seconds, size)
    write_pictures(path, timed, size, fps=FPS, crf=16)
    return path


def _timed(seed: int, seconds: float, size: tuple[int, int]) -> Iterator[tuple[float, Picture]]:
    width, height = size
    rng = np.random.default_rng(seed)
    count = round(seconds * FPS)
    coarse = rng.integers(20, 200, (height // 20 + 2, (width + 2 * count) // 20 + 2, 3))
    texture = cv2.resize(
        coarse.astype(np.uint8), (width + 2 * count, height), interpolation=cv2.INTER_CUBIC
    )
    for number in range(count):
        picture = texture[:, 2 * number : 2 * number + width].copy()
        left, top = (number * 3) % (width - 40), (number * 2) % (height - 40)
        picture[top : top + 40, left : left + 40] = (250, 250, 250)
        yield number / FPS, np.asarray(picture, np.uint8)
