"""The pictures of the demo clips: backdrops, moving subjects, a moving camera, burnt-in captions.

Belongs here: drawing one frame of one shot.
Does not: which shots a clip has, or writing video files (vidpipe.demo.clips).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidpipe.errors import SettingsError

Picture = NDArray[np.uint8]
Colour = tuple[int, int, int]

# The canvas is larger than the frame by this factor, so that the camera has room to move.
CANVAS_SCALE = 1.4
CAPTION_MIN_PX = 18

COLOURS: dict[str, Colour] = {
    "red": (214, 48, 49),
    "green": (0, 168, 95),
    "blue": (52, 101, 220),
    "yellow": (250, 204, 21),
    "purple": (142, 68, 173),
    "orange": (238, 126, 28),
    "white": (240, 240, 236),
    "pink": (242, 120, 170),
}
SUBJECTS = ("ball", "kite", "car", "boat", "star", "house")
BACKDROPS: dict[str, tuple[Colour, Colour]] = {
    "hills": ((150, 200, 240), (70, 120, 60)),
    "sea": ((30, 90, 150), (120, 200, 210)),
    "city": ((240, 190, 150), (70, 70, 90)),
    "tiles": ((230, 220, 200), (150, 90, 70)),
    "night sky": ((8, 10, 32), (60, 50, 110)),
    "desert": ((245, 215, 160), (200, 130, 70)),
    "forest": ((40, 80, 40), (120, 150, 60)),
    "stripes": ((245, 245, 245), (60, 60, 70)),
}


@dataclass(frozen=True)
class Shot:
    """One uncut stretch: a subject moving before a backdrop, seen by a moving camera.

    `blur_start_s` and `blur_end_s` bound a stretch that is out of focus (equal when there is none).
    """

    start_s: float
    end_s: float
    subject: str
    colour: str
    backdrop: str
    blur_start_s: float
    blur_end_s: float


def shot_painter(
    shot: Shot, size: tuple[int, int], rng: np.random.Generator
) -> Callable[[float], Picture]:
    """A function from presentation time (s) to the picture of one shot."""
    import cv2

    width, height = size
    canvas = draw_backdrop(
        shot.backdrop, (int(width * CANVAS_SCALE), int(height * CANVAS_SCALE)), rng
    )
    slack = np.array([canvas.shape[1] - width, canvas.shape[0] - height], dtype=float)
    camera_from, camera_to = rng.uniform(0.05, 0.95, (2, 2)) * slack
    subject_from = rng.uniform((0.1, 0.3), (0.3, 0.6))
    subject_to = rng.uniform((0.6, 0.3), (0.9, 0.6))
    radius_px = min(size) * rng.uniform(0.16, 0.24)
    spin = rng.uniform(-0.5, 0.5)
    colour = COLOURS[shot.colour]

    def paint(time_s: float) -> Picture:
        progress = (time_s - shot.start_s) / (shot.end_s - shot.start_s)
        left, top = camera_from + (camera_to - camera_from) * progress
        shift = np.array([[1, 0, -left], [0, 1, -top]])
        picture = cv2.warpAffine(canvas, shift, size, flags=cv2.INTER_LINEAR)
        x, y = subject_from + (subject_to - subject_from) * progress
        bob_px = height * 0.03 * np.sin(progress * 9)
        centre = (x * width, y * height + bob_px)
        place = _placed(centre, radius_px, spin * progress)
        _draw_subject(picture, shot.subject, colour, place)
        if shot.blur_start_s <= time_s < shot.blur_end_s:
            picture = cv2.GaussianBlur(picture, (0, 0), 6)
        return np.asarray(picture, dtype=np.uint8)

    return paint


def draw_backdrop(name: str, size: tuple[int, int], rng: np.random.Generator) -> Picture:
    """A textured background.

    Args:
        name: one of `BACKDROPS`.
        size: (width_px, height_px).
        rng: decides every detail.

    Returns:
        uint8 RGB, shape (height_px, width_px, 3).

    Raises:
        SettingsError: no backdrop has that name.
    """
    if name not in BACKDROPS:
        raise SettingsError(f"no backdrop is called {name!r}; there are {', '.join(BACKDROPS)}")
    first, second = (np.array(colour, dtype=np.float32) for colour in BACKDROPS[name])
    mix = _PATTERNS[name](size, rng)[..., None]
    texture = _noise(size, 6, rng)[..., None] * 0.5 + _noise(size, 24, rng)[..., None] * 0.5
    picture = first * (1 - mix) + second * mix + (texture - 0.5) * 50
    return np.clip(picture, 0, 255).astype(np.uint8)


def _noise(size: tuple[int, int], cell_px: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Smooth noise in [0, 1], shape (height_px, width_px), with features of `cell_px`."""
    import cv2

    width, height = size
    coarse = rng.random((height // cell_px + 2, width // cell_px + 2), dtype=np.float32)
    smooth = cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
    noise: NDArray[np.float32] = np.clip(smooth, 0, 1).astype(np.float32)
    return noise


def _grid(size: tuple[int, int]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Pixel coordinates x and y, each of shape (height_px, width_px)."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return x, y


def _hills(size: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    x, y = _grid(size)
    mix = 0.15 * y / size[1]
    for depth, level in enumerate((0.45, 0.6, 0.75)):
        phase, length = rng.uniform(0, 6), size[0] / rng.uniform(6, 14)
        ridge = size[1] * (level + 0.07 * np.sin(x / length + phase))
        mix = np.where(y > ridge, 0.5 + 0.25 * depth, mix)
    return mix.astype(np.float32)


def _sea(size: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    x, y = _grid(size)
    swell = np.sin(y / rng.uniform(7, 11) + 2 * np.sin(x / rng.uniform(50, 90)))
    return np.asarray(0.5 + 0.4 * swell * (y / size[1]), dtype=np.float32)


def _city(size: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    mix = np.full((size[1], size[0]), 0.05, np.float32)
    left = 0
    while left < size[0]:
        width, roof = int(rng.integers(40, 90)), int(size[1] * rng.uniform(0.25, 0.65))
        shade = rng.uniform(0.7, 1.0)
        tower = mix[roof:, left : left + width]
        tower[:] = shade
        y, x = np.indices(tower.shape)
        is_window = (y % 22 > 8) & (x % 18 > 9)
        tower[is_window] = 0.25
        left += width + int(rng.integers(0, 14))
    return mix


def _tiles(size: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    side = int(rng.integers(36, 64))
    shades = rng.random((size[1] // side + 1, size[0] // side + 1), dtype=np.float32)
    return np.kron(shades, np.ones((side, side), np.float32))[: size[1], : size[0]]


def _night_sky(size: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    import cv2

    mix = np.ascontiguousarray(_noise(size, 120, rng) * 0.8)
    for _ in range(150):
        centre = (int(rng.integers(0, size[0])), int(rng.integers(0, size[1])))
        cv2.circle(mix, centre, int(rng.integers(1, 4)), (3.0,), -1, cv2.LINE_AA)
    return mix


def _desert(size: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    x, y = _grid(size)
    ripples = np.sin(y / rng.uniform(16, 24) + 3 * np.sin(x / rng.uniform(120, 200)))
    is_sand = y > size[1] * rng.uniform(0.2, 0.4)
    return np.where(is_sand, 0.65 + 0.3 * ripples, 0.0).astype(np.float32)


def _forest(size: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    leaves = _noise(size, 14, rng)
    for left in range(0, size[0], 60):
        start = left + int(rng.integers(0, 40))
        leaves[:, start : start + int(rng.integers(8, 20))] -= 0.6
    return leaves


def _stripes(size: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    x, y = _grid(size)
    slope, width = rng.uniform(-1, 1), rng.uniform(24, 44)
    return (np.floor((x + slope * y) / width) % 2).astype(np.float32)


_PATTERNS: dict[str, Callable[[tuple[int, int], np.random.Generator], NDArray[np.float32]]] = {
    "hills": _hills,
    "sea": _sea,
    "city": _city,
    "tiles": _tiles,
    "night sky": _night_sky,
    "desert": _desert,
    "forest": _forest,
    "stripes": _stripes,
}

# Polygons in a unit circle, y downwards, each with the brightness of its fill (1 = the colour).
_Polygons = tuple[tuple[NDArray[np.float64], float], ...]


def _ring(
    corners: int, inner: float = 1.0, centre: tuple[float, float] = (0, 0), radius: float = 1
) -> NDArray[np.float64]:
    """A regular polygon, or a star when every other corner lies at `inner` of the radius."""
    angle = np.arange(corners) * 2 * np.pi / corners - np.pi / 2
    length = np.where(np.arange(corners) % 2, inner, 1.0) * radius
    return np.stack([np.cos(angle) * length, np.sin(angle) * length], axis=1) + centre


def _corners(*points: tuple[float, float]) -> NDArray[np.float64]:
    return np.array(points, dtype=float)


_SHAPES: dict[str, _Polygons] = {
    "ball": ((_ring(40), 1.0), (_ring(30, centre=(-0.3, -0.3), radius=0.35), 1.4)),
    "kite": (
        (_corners((0, -1), (0.7, 0), (0, 1), (-0.7, 0)), 1.0),
        (_corners((0, -1), (0.7, 0), (0, 0)), 0.6),
        (_corners((0, 1), (-0.7, 0), (0, 0)), 0.6),
    ),
    "car": (
        (
            _corners(
                (-1, 0.4),
                (-1, 0),
                (-0.5, -0.1),
                (-0.3, -0.5),
                (0.4, -0.5),
                (0.6, -0.1),
                (1, 0),
                (1, 0.4),
            ),
            1.0,
        ),
        (_corners((-0.4, -0.1), (-0.2, -0.4), (0.3, -0.4), (0.45, -0.1)), 1.6),
        (_ring(24, centre=(-0.5, 0.4), radius=0.24), 0.15),
        (_ring(24, centre=(0.5, 0.4), radius=0.24), 0.15),
    ),
    "boat": (
        (_corners((-1, 0.3), (1, 0.3), (0.6, 0.8), (-0.6, 0.8)), 0.6),
        (_corners((0, -1), (0.7, 0.2), (0, 0.2)), 1.0),
        (_corners((-0.1, -0.8), (-0.6, 0.2), (-0.1, 0.2)), 1.3),
    ),
    "star": ((_ring(10, inner=0.42), 1.0), (_ring(10, inner=0.42, radius=0.5), 1.4)),
    "house": (
        (_corners((-0.7, 0.8), (-0.7, -0.1), (0.7, -0.1), (0.7, 0.8)), 1.0),
        (_corners((-0.9, -0.1), (0, -0.9), (0.9, -0.1)), 0.5),
        (_corners((-0.15, 0.8), (-0.15, 0.3), (0.2, 0.3), (0.2, 0.8)), 0.3),
    ),
}


def _placed(
    centre: tuple[float, float], radius_px: float, turn_rad: float
) -> Callable[[NDArray[np.float64]], NDArray[np.int32]]:
    """A function that puts a unit polygon at its place in the frame, for cv2.

    Coordinates carry 4 binary digits after the point: slow motion must not jump by pixels.
    """
    cos, sin = np.cos(turn_rad), np.sin(turn_rad)
    turn = np.array([[cos, sin], [-sin, cos]])
    return lambda polygon: np.rint((polygon @ turn * radius_px + centre) * 16).astype(np.int32)


def _draw_subject(
    picture: Any,
    subject: str,
    colour: Colour,
    place: Callable[[NDArray[np.float64]], NDArray[np.int32]],
) -> None:
    """Draws a subject into an RGB picture in place."""
    import cv2

    for polygon, brightness in _SHAPES[subject]:
        fill = tuple(min(255, int(channel * brightness)) for channel in colour)
        cv2.fillPoly(picture, [place(polygon)], fill, lineType=cv2.LINE_AA, shift=4)


def caption_band(text: str, size: tuple[int, int]) -> Picture:
    """A dark band with one line of white text in Pillow's bundled font.

    Args:
        text: English; shrunk to fit.
        size: (width_px, height_px) of the video frame.

    Returns:
        uint8 RGB, shape (band height, width_px, 3).

    Raises:
        SettingsError: the text would have to be smaller than `CAPTION_MIN_PX`.
    """
    from PIL import Image, ImageDraw, ImageFont

    width, height = size
    for font_px in range(int(min(width, height) * 0.12), CAPTION_MIN_PX - 1, -1):
        font = ImageFont.load_default(font_px)
        if font.getlength(text) <= width * 0.92:
            band = Image.new("RGB", (width, int(font_px * 1.7)), (16, 16, 20))
            middle = (width / 2, band.height / 2)
            ImageDraw.Draw(band).text(middle, text, fill=(255, 255, 255), font=font, anchor="mm")
            return np.asarray(band, dtype=np.uint8)
    raise SettingsError(f"the caption {text!r} does not fit {width} px: shorten it")
