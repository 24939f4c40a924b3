"""Vectors of the demo CLIP pair in numbers: many views of stills of the demo world, and queries.

Belongs here: rendering stills, cutting views out of them, embedding them, keeping the vectors.
Does not: what is measured with them (benchmarks.index_search).

Every still is seen in 25 views (cropped, mirrored, darker or brighter): as many distinct frames as
an index of some size has, as close together as the keyframes of videos and their copies are. Views
of a still follow each other. Embedding 100,000 takes many minutes, so a folder can keep them.
"""

import io
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidpipe.demo.compositions import Composition, compositions
from vidpipe.demo.gallery import FRAME_SIZES_PX, render_stills
from vidpipe.demo.language import LANGUAGES, VARIANTS, describe, phrasings
from vidpipe.demo.scene import render_still
from vidpipe.models.bundled_pair import demo_pair
from vidpipe.models.clip import ClipPair
from vidpipe.models.clip_weights import ModelFolder

VIEWS = 25  # of a still
STILLS_PER_TASK = 20
DIMENSIONS = 512
SMALLEST_CROP = 0.5  # of a still's sides
DARKEST, BRIGHTEST = 0.6, 1.4
SEED = 501  # training and the benchmarks of quality use others

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class DemoVectors:
    """Frames and queries as unit vectors (float32, one a row).

    Attributes:
        shown: composition of every still; its views are `VIEWS` rows of `frames`, in order.
        frames: rounded to half precision, as the index keeps them.
        asked: what the queries of a kind ask for, all of it shown.
        queries: by kind; "text" are descriptions in phrasings that training never saw, in all
            languages in turn, "image" other renderings.
    """

    shown: list[Composition]
    frames: Vectors
    asked: dict[str, list[Composition]]
    queries: dict[str, Vectors]


def demo_vectors(stills: int, queries: int, folder: Path | None = None) -> DemoVectors:
    """Vectors of so many stills, and so many queries of each kind; read from `folder` if there."""
    rng = np.random.default_rng(SEED)
    known = compositions()
    shown = [known[index] for index in rng.permutation(len(known))[:stills]]
    drawn = [shown[index] for index in rng.choice(stills, 2 * queries, replace=False)]
    texts, images = drawn[:queries], drawn[queries:]
    frames = _kept(folder, f"frames-{stills}x{VIEWS}", partial(_embed_views, shown))
    return DemoVectors(
        shown,
        frames.astype(np.float32),
        {"text": texts, "image": images},
        {
            "text": _kept(folder, f"texts-{queries}-of-{stills}", partial(_embed_texts, texts)),
            "image": _kept(folder, f"images-{queries}-of-{stills}", partial(_embed_images, images)),
        },
    )


def _kept(folder: Path | None, name: str, make: Any) -> NDArray[Any]:
    file = None if folder is None else folder / f"{name}.npy"
    if file is not None and file.exists():
        return np.asarray(np.load(file))
    made: NDArray[Any] = make()
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.save(file, made)
    return made


def _embed_views(shown: Sequence[Composition]) -> NDArray[np.float16]:
    starts = range(0, len(shown), STILLS_PER_TASK)
    tasks = [(start, shown[start : start + STILLS_PER_TASK]) for start in starts]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        return np.concatenate(list(pool.map(_embed_views_of, tasks)))


def _embed_views_of(task: tuple[int, Sequence[Composition]]) -> NDArray[np.float16]:
    """Runs in a process of its own; the number of the first still, and what all of them show."""
    start, shown = task
    model = _pair().images
    side_px = model.preparation.shortest_edge_px
    views: list[bytes] = []
    for number, composition in enumerate(shown, start):
        size = FRAME_SIZES_PX[number % len(FRAME_SIZES_PX)]
        still = render_still(composition, size, (SEED, number))
        views += _views(still, side_px, np.random.default_rng((SEED, number)))
    return model.embed(views).astype(np.float16)


def _views(still: NDArray[np.uint8], side_px: int, rng: np.random.Generator) -> list[bytes]:
    """Encoded squares that are cut out of a still."""
    from PIL import Image

    views = []
    height_px, width_px = still.shape[:2]
    for _ in range(VIEWS):
        crop_px = rng.uniform(SMALLEST_CROP, 1) * min(height_px, width_px)
        left = rng.uniform(0, width_px - crop_px)
        top = rng.uniform(0, height_px - crop_px)
        box = (left, top, left + crop_px, top + crop_px)
        square = Image.fromarray(still).resize((side_px, side_px), Image.Resampling.BICUBIC, box)
        pixels = np.asarray(square) * np.float32(rng.uniform(DARKEST, BRIGHTEST))
        pixels = pixels[:, ::-1] if rng.random() < 0.5 else pixels
        encoded = io.BytesIO()
        Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(encoded, "BMP")
        views.append(encoded.getvalue())
    return views


def _embed_texts(asked: Sequence[Composition]) -> Vectors:
    rng = np.random.default_rng(SEED)
    texts = []
    for number, composition in enumerate(asked):
        language = LANGUAGES[number % len(LANGUAGES)]
        phrasing = int(rng.choice(phrasings(language, held_out=True)))
        variant = int(rng.integers(VARIANTS))
        texts.append(describe(composition, language, phrasing, variant=variant))
    return _pair().texts.embed(texts)


def _embed_images(asked: Sequence[Composition]) -> Vectors:
    return _pair().images.embed(render_stills(asked, SEED + 1))


@cache
def _pair() -> ClipPair:
    image, text = demo_pair()
    return ClipPair(
        ModelFolder(image, image.name, DIMENSIONS), ModelFolder(text, text.name, DIMENSIONS)
    )
