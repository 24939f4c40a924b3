"""Pictures that tests give to the models: captions, blank ones, scenes."""

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFont


def caption(
    text: str, *, height_px: int = 40, ink: str = "white", ground: str = "navy", width: int = 640
) -> bytes:
    """A JPEG of 360 rows with one caption."""
    image = Image.new("RGB", (width, 360), ground)
    font = ImageFont.load_default(size=height_px * 1.35)
    ImageDraw.Draw(image).text((40, 120), text, ink, font)
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=90)
    return encoded.getvalue()


def blank(level: int = 0) -> bytes:
    encoded = io.BytesIO()
    Image.new("RGB", (320, 180), (level, level, level)).save(encoded, "JPEG")
    return encoded.getvalue()


def scene(seed: int, size: tuple[int, int] = (320, 180)) -> Image.Image:
    """Noise with the power spectrum of natural images (1/f), mostly common to all colours."""
    width, height = size
    rng = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    frequency[0, 0] = np.inf
    noise = np.fft.rfft2(rng.standard_normal((3, height, width))) / frequency
    planes = np.fft.irfft2(noise, (height, width))
    planes = planes[:1] + 0.4 * planes
    planes = planes / max(planes.std(), 1e-9) * 45 + rng.uniform(60, 190, (3, 1, 1))
    return Image.fromarray(np.clip(planes, 0, 255).astype(np.uint8).transpose(1, 2, 0))


def jpeg(image: Image.Image, quality: int = 90) -> bytes:
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=quality)
    return encoded.getvalue()
