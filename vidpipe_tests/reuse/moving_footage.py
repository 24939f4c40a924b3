"""Small footage that moves, no two seeds alike, and its footage prints.

Belongs here: writing it, printing files, and making prints up. Does not: editing it
(vidpipe.reuse.editing), comparing it.
"""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from vidpipe.media.limits import Limits
from vidpipe.media.summarise import SummaryOptions, summarise
from vidpipe.reuse.footage import Footage, footage_of_print
from vidpipe_tests.clips import Picture, write_clip

SIZE = (240, 136)
FPS = 8


def moving_pictures(
    seed: int, seconds: float, size: tuple[int, int] = SIZE, fps: int = FPS
) -> Iterator[Picture]:
    """A textured ground across which the camera wanders, and three textures that cross it."""
    rng = np.random.default_rng(seed)
    width, height = size
    ground = _texture(rng, 2 * width, 2 * height, 18)
    sprites = [_texture(rng, width // 4, height // 3, 5) for _ in range(3)]
    paces = rng.uniform(0.3, 1.1, (4, 2))
    phases = rng.uniform(0, 2 * np.pi, (4, 2))
    for number in range(round(seconds * fps)):
        places = (1 + np.sin(paces * number / fps + phases)) / 2
        left, top = (places[0] * (width, height)).astype(int)
        picture = ground[top : top + height, left : left + width].copy()
        for sprite, place in zip(sprites, places[1:], strict=True):
            x, y = (place * (width - width // 4, height - height // 3)).astype(int)
            picture[y : y + sprite.shape[0], x : x + sprite.shape[1]] = sprite
        yield picture


def moving_clip(
    path: Path, seed: int, seconds: float = 8.0, size: tuple[int, int] = SIZE, fps: int = FPS
) -> Path:
    """The same as a file; sides are even."""
    return write_clip(path, moving_pictures(seed, seconds, size, fps), fps=fps)


def print_value(path: Path) -> dict[str, Any]:
    """The print of a file, as the lake takes it."""
    return asdict(summarise(path, Limits(), SummaryOptions()).footage_print)


def footage_of_clip(path: Path, content: str | None = None) -> Footage:
    """The print of a file as arrays."""
    return footage_of_print(content or path.stem, print_value(path))


def _texture(rng: np.random.Generator, width: int, height: int, grain_px: int) -> Picture:
    shape = (height // grain_px + 2, width // grain_px + 2, 3)
    coarse = rng.integers(0, 256, shape, dtype=np.uint8)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)
