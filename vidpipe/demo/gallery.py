"""Galleries of stills whose truth is known, and how well something finds its way in them.

Belongs here: drawing compositions for a gallery, rendering it, recall at rank 1.
Does not: models (callers bring vectors), what the world holds (vidpipe.demo.compositions).

    shown = draw_compositions("unseen", 200, seed=7)
    stills = render_stills(shown, seed=8)           # JPEGs, one a composition
    recall_at_1(text_vectors @ image_vectors.T)     # row i belongs to column i
"""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidpipe.demo.compositions import Composition, Split, compositions, neighbours
from vidpipe.demo.scene import render_still
from vidpipe.demo.sketch import Picture
from vidpipe.errors import SettingsError

FRAME_SIZES_PX = ((640, 360), (360, 360), (360, 640))
JPEG_QUALITY = 90
COARSE_PX = 8
HISTOGRAM_LEVELS = 4  # levels of each colour, which make 64 bins

Vectors = NDArray[np.float32]


def draw_compositions(split: Split, count: int, seed: int) -> list[Composition]:
    """Draws `count` distinct compositions of a split, in random order.

    Raises:
        SettingsError: the split has fewer.
    """
    known = compositions(split)
    if not 1 <= count <= len(known):
        raise SettingsError(f"cannot draw {count} compositions: {split} has {len(known)}")
    chosen = np.random.default_rng(seed).choice(len(known), count, replace=False)
    return [known[index] for index in chosen]


def draw_pairs(split: Split, count: int, seed: int) -> list[tuple[Composition, Composition]]:
    """Draws `count` pairs of compositions that differ in one attribute, none of them in two pairs.

    Raises:
        SettingsError: the split has no such number of pairs.
    """
    rng = np.random.default_rng(seed)
    known = compositions(split)
    free = set(known)
    pairs = []
    for index in rng.permutation(len(known)):
        one = known[index]
        close = [other for other in neighbours(one) if other in free] if one in free else []
        if close:
            other = close[int(rng.integers(len(close)))]
            pairs.append((one, other))
            free -= {one, other}
        if len(pairs) == count:
            return pairs
    raise SettingsError(f"cannot draw {count} pairs of neighbours: {split} has {len(pairs)}")


def render_stills(shown: Sequence[Composition], seed: int) -> list[bytes]:
    """Renders one JPEG a composition, in the shapes that the world's videos have."""
    sizes = [FRAME_SIZES_PX[number % len(FRAME_SIZES_PX)] for number in range(len(shown))]
    return [
        encode_still(render_still(composition, size, (seed, number)))
        for number, (composition, size) in enumerate(zip(shown, sizes, strict=True))
    ]


def encode_still(picture: Picture) -> bytes:
    """Encodes a picture (uint8 RGB) as JPEG."""
    from PIL import Image

    encoded = io.BytesIO()
    Image.fromarray(picture).save(encoded, "JPEG", quality=JPEG_QUALITY)
    return encoded.getvalue()


def recall_at_1(scores: NDArray[Any], own: Sequence[int] | None = None) -> float:
    """The share of rows whose highest score is in their own column (default: of the same number).

    Args:
        scores: shape (queries, stills).
        own: column of each row's relevant still.
    """
    aims = np.arange(len(scores)) if own is None else np.asarray(own)
    return float((scores.argmax(axis=1) == aims).mean())


def coarse_pixels(still: bytes) -> Vectors:
    """A picture as 8x8 pixels, mean taken away: float32, shape (192,), unit length."""
    return _unit(_small(still, COARSE_PX).reshape(-1) / 255)


def colour_histogram(still: bytes) -> Vectors:
    """The square roots of the colours' shares in 64 bins: float32, shape (64,), unit length.

    Products of two such vectors are Bhattacharyya coefficients.
    """
    levels = (_small(still, 64).reshape(-1, 3) * HISTOGRAM_LEVELS // 256).astype(np.int64)
    bins = levels @ (HISTOGRAM_LEVELS ** np.arange(3))
    shares = np.bincount(bins, minlength=HISTOGRAM_LEVELS**3) / len(bins)
    return np.sqrt(shares).astype(np.float32)


def subject_oracle_recall(shown: Sequence[Composition]) -> float:
    """The recall at rank 1 that somebody reaches who knows subjects and guesses among stills."""
    subjects = [one.subject for one in shown]
    return len(set(subjects)) / len(subjects)


def _small(still: bytes, side_px: int) -> NDArray[np.float32]:
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(still)) as image:
        fitted = ImageOps.fit(image.convert("RGB"), (side_px, side_px), Image.Resampling.BOX)
    return np.asarray(fitted, dtype=np.float32)


def _unit(vector: NDArray[Any]) -> Vectors:
    centred = vector - vector.mean()
    scaled: Vectors = (centred / max(float(np.linalg.norm(centred)), 1e-9)).astype(np.float32)
    return scaled
