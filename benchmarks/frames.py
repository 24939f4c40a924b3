"""Frames with known captions, for the OCR and image embedding benchmarks.

Belongs here: backgrounds (frames of the shared clips where they are, else synthetic scenes) with
text burnt in as social-media editors do: outlined, plain, yellow, boxed; several sizes.
Does not: measuring.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

SHARED_VIDEOS = Path(__file__).parents[2] / "shared" / "videos"
STYLES = ("outline", "plain", "yellow", "box")
BACKGROUND_FRAME = 40
# They carry text of their own, which would count as captions that nobody wrote down.
WITH_OWN_TEXT = ("rocket", "smpte", "bars")
WORDS = (  # noqa: SIM905  (words read better as a text)
    "BREAKING NEWS market falls SHARE THIS army tanks street watch until the end truth about "
    "vaccine LIVE police report 2024 follow me part one of three election fraud claim secret video "
    "leaked school closed today stop war now help us 14 dead after storm"
).split()

Pixels = np.ndarray[Any, np.dtype[np.uint8]]


@dataclass(frozen=True)
class CaptionedFrame:
    """A JPEG, the captions burnt into it, and how: frame size, letter height, style."""

    jpeg: bytes
    captions: tuple[str, ...]
    size: tuple[int, int]
    height_px: int
    style: str


def captioned_frames(
    sizes: Iterable[tuple[int, int]],
    *,
    heights_px: Sequence[int] = (14, 20, 32, 56),
    captions: int = 2,
    seed: int = 0,
) -> list[CaptionedFrame]:
    """One frame per size, letter height and style, each with up to `captions` captions."""
    rng = np.random.default_rng(seed)
    scenes = backgrounds()
    frames: list[CaptionedFrame] = []
    for size in sizes:
        for height_px in heights_px:
            for style in STYLES:
                scene = scenes[len(frames) % len(scenes)]
                frames.append(_frame(scene, size, height_px, style, captions, rng))
    return frames


@cache
def backgrounds() -> list[Pixels]:
    """RGB scenes without text: a frame of each shared clip, or synthetic ones."""
    found = []
    paths = SHARED_VIDEOS.glob("2026-11-0[2-5]/*/*")
    for path in sorted(path for path in paths if path.suffix in (".mp4", ".m4v", ".webm", ".avi")):
        if not any(name in path.stem for name in WITH_OWN_TEXT):
            found += _frame_of(path)
    return found or [_synthetic_scene(seed) for seed in range(8)]


def _frame_of(path: Path) -> list[Pixels]:
    import av

    with av.open(str(path)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number == BACKGROUND_FRAME:
                return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)]
    return []


def _synthetic_scene(seed: int) -> Pixels:
    """Colour noise with the power spectrum of natural images (1/f)."""
    rng = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(720)[:, None], np.fft.rfftfreq(1280)[None])
    frequency[0, 0] = 1
    noise = np.fft.rfft2(rng.standard_normal((3, 720, 1280))) / frequency
    planes = np.fft.irfft2(noise, (720, 1280))
    planes = planes / planes.std(axis=(1, 2), keepdims=True) * 45 + 110
    pixels: Pixels = np.clip(planes, 0, 255).astype(np.uint8).transpose(1, 2, 0)
    return pixels


def _frame(
    scene: Pixels,
    size: tuple[int, int],
    height_px: int,
    style: str,
    captions: int,
    rng: np.random.Generator,
) -> CaptionedFrame:
    width, height = size
    image = Image.fromarray(scene).resize(size, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=height_px * 1.35)
    row_px = height_px * 2.2
    rows = rng.permutation(max(1, int(height * 0.9 / row_px)))[:captions]
    texts = []
    for row in rows:
        words = list(rng.choice(WORDS, size=rng.integers(2, 5)))
        while len(words) > 1 and draw.textlength(" ".join(words), font=font) > width * 0.95:
            words.pop()
        text = " ".join(words)
        text_width = int(draw.textlength(text, font=font))
        x = int(rng.integers(5, max(6, width - text_width - 5)))
        y = int(height * 0.05 + row * row_px)
        if style == "box":
            draw.rectangle((x - 4, y - 2, x + text_width + 4, y + height_px * 1.6), (20, 20, 60))
        outline = max(1, height_px // 12) if style == "outline" else 0
        colour = (255, 230, 0) if style == "yellow" else "white"
        draw.text((x, y), text, colour, font, stroke_width=outline, stroke_fill="black")
        texts.append(text)
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=88)
    return CaptionedFrame(encoded.getvalue(), tuple(texts), size, height_px, style)
