"""The camera's view of a scene: colour rendition, exposure, focus, vignette, noise.

Belongs here: what makes two photographs of one thing differ although the thing does not.
Does not: the camera's place and motion (vidpipe.demo.scene).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidpipe.demo.sketch import Picture

LUMA = np.array([0.299, 0.587, 0.114])
GREY_SHARE = 0.03  # share of shots that are black and white
DARKEST = (55.0, 85.0)  # mean grey level up to which a camera opens, if it can
LARGEST_GAIN = 2.6
NOISE_TILES = 4  # noise patterns that frames take in turn


@dataclass(frozen=True)
class Lens:
    """How a camera renders what is before it; constant over one shot.

    Attributes:
        rendition: float32, shape (3, 3): saturation, hue and white balance.
        exposure: uint8, shape (256,): gamma, contrast and brightness.
        softness_px: sigma of the blur; 0 for none.
        vignette: uint8, shape (height_px, width_px, 3), 255 where it does nothing, or None.
        noise: uint8 patterns of the frame's shape: what each adds and what it takes away.
    """

    rendition: NDArray[np.float32]
    exposure: NDArray[np.uint8]
    softness_px: float
    vignette: Picture | None
    noise: tuple[tuple[Picture, Picture], ...]

    def develop(self, picture: Picture) -> Picture:
        """Gives a thing the colours and focus of this camera; done once, not in every frame.

        Args:
            picture: uint8 RGB, or RGBA with opacity multiplied in.
        """
        import cv2

        if picture.shape[2] == 3:
            seen = cv2.LUT(cv2.transform(picture, self.rendition), self.exposure)
        else:
            opacity = np.repeat(picture[..., 3:], 3, axis=2)
            plain = cv2.divide(picture[..., :3], opacity, scale=255)
            seen = cv2.LUT(cv2.transform(plain, self.rendition), self.exposure)
            seen = np.dstack([cv2.multiply(seen, opacity, scale=1 / 255), picture[..., 3]])
        if self.softness_px > 0:
            seen = cv2.GaussianBlur(seen, (0, 0), self.softness_px)
        return np.asarray(seen, dtype=np.uint8)

    def record(self, picture: Picture, number: int) -> Picture:
        """A frame of developed things as the sensor records it; `number` is that of the frame."""
        import cv2

        seen: Any = picture
        if self.vignette is not None:
            seen = cv2.multiply(seen, self.vignette, scale=1 / 255)
        plus, minus = self.noise[number % len(self.noise)]
        return np.asarray(cv2.subtract(cv2.add(seen, plus), minus), dtype=np.uint8)


def draw_lens(
    size: tuple[int, int], rng: np.random.Generator, *, light: float, frames: int = 1
) -> Lens:
    """Draws the lens of one shot.

    Args:
        size: (width_px, height_px).
        rng: decides everything else.
        light: mean grey level before the lens; a camera opens up in the dark.
        frames: frames that will be taken; a single one needs a single noise pattern.
    """
    width, height = size
    saturation = 0.0 if rng.random() < GREY_SHARE else rng.uniform(0.75, 1.25)
    gains = rng.uniform(0.92, 1.08, 3)
    grey = np.tile(LUMA, (3, 1))
    rendition = gains[:, None] * (grey + saturation * (_hue_turn(rng.normal(0, 0.08)) - grey))
    gain = np.clip(rng.uniform(*DARKEST) / max(light, 1.0), 1.0, LARGEST_GAIN)
    level = np.clip(np.arange(256) / 255 * gain, 0, 1)
    contrast, brightness = rng.uniform(0.9, 1.15), rng.uniform(-0.04, 0.04)
    exposed = (level ** rng.uniform(0.75, 1.25) - 0.5) * contrast + 0.5 + brightness
    vignette = None
    if rng.random() < 0.4:
        y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
        kept = 1 - rng.uniform(0.1, 0.35) * (x**2 + y**2) / 2
        vignette = np.repeat((kept * 255).astype(np.uint8)[..., None], 3, axis=2)
    softness_px = float(rng.uniform(0.3, 1.0) * min(size) / 224) if rng.random() < 0.4 else 0.0
    # Cameras smooth noise over time when they film; and it is what fills a video file.
    patterns, strength = (NOISE_TILES, 0.5) if frames > 1 else (1, 1.0)
    strength *= rng.uniform(1, 5)
    noise = tuple(_split_noise(size, strength, rng) for _ in range(patterns))
    return Lens(
        rendition=rendition.astype(np.float32),
        exposure=np.clip(exposed * 255, 0, 255).astype(np.uint8),
        softness_px=softness_px,
        vignette=vignette,
        noise=noise,
    )


def _split_noise(
    size: tuple[int, int], strength: float, rng: np.random.Generator
) -> tuple[Picture, Picture]:
    noise = rng.standard_normal((size[1], size[0], 3), dtype=np.float32) * strength
    return np.maximum(noise, 0).astype(np.uint8), np.maximum(-noise, 0).astype(np.uint8)


def _hue_turn(angle_rad: float) -> NDArray[np.float64]:
    """The matrix that turns RGB about the grey axis."""
    cos, sin = np.cos(angle_rad), np.sin(angle_rad)
    third, root = (1 - cos) / 3, sin / np.sqrt(3)
    turn = np.full((3, 3), third)
    turn += np.eye(3) * cos
    turn += root * np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]])
    return turn
