"""What the demo CLIP pair can do: retrieval among 200 stills of the demo world.

    python -m benchmarks.demo_models [--models FOLDER] [--seeds 5] [--card]

Every figure is recall at rank 1 in a gallery of 200 distinct compositions, one rendering each, mean
over seeds that training did not use; compositions that training saw and compositions that it never
saw apart. Descriptions use only the phrasings that training never saw. Beside the pair stands what
pixels, colours and knowing the subject alone would reach: the world must not be too easy.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from vidpipe.demo.compositions import Composition, Split, difference
from vidpipe.demo.gallery import (
    coarse_pixels,
    colour_histogram,
    draw_compositions,
    draw_pairs,
    recall_at_1,
    render_stills,
    subject_oracle_recall,
)
from vidpipe.demo.language import LANGUAGES, VARIANTS, attribute_values, describe, phrasings, words
from vidpipe.demo.training.model_card import CARD_FILE, card_text
from vidpipe.models.bundled_pair import IMAGE_FOLDER, TEXT_FOLDER, TRAINING_FILE, demo_pair
from vidpipe.models.clip import ClipPair, Vectors, unit
from vidpipe.models.clip_weights import ModelFolder

GALLERY = 200
DIMENSIONS = 512
FIRST_SEED = 1000  # training uses small ones
SPLITS: tuple[Split, ...] = ("seen", "unseen")
Figures = Iterator[tuple[str, float]]


def run(folder: Path | None = None, seeds: int = 5) -> dict[str, Any]:
    """All figures, by split."""
    image, text = (folder / IMAGE_FOLDER, folder / TEXT_FOLDER) if folder else demo_pair()
    pair = ClipPair(
        ModelFolder(image, image.name, DIMENSIONS),
        ModelFolder(text, text.name, DIMENSIONS),
        threads=2,
    )
    english = _english_tower(image)
    figures: dict[str, dict[str, list[float]]] = {split: defaultdict(list) for split in SPLITS}
    for split in SPLITS:
        for seed in range(FIRST_SEED, FIRST_SEED + seeds):
            for name, value in [
                *_retrieval(pair, english, split, seed),
                *_navigation(pair, split, seed),
            ]:
                figures[split][name].append(value)
    return {
        "recall_at_1": {
            split: {name: round(mean(values), 3) for name, values in measured.items()}
            for split, measured in figures.items()
        },
        "gallery": GALLERY,
        "seeds": seeds,
        "paired_queries_a_language": GALLERY * seeds,
        "megabytes": round(_megabytes(image) + _megabytes(text), 2),
    }


def _megabytes(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def write_card(folder: Path, measured: dict[str, Any]) -> None:
    """Puts the model card into the folder of a pair."""
    made = json.loads((folder / TRAINING_FILE).read_text(encoding="utf-8"))
    (folder / CARD_FILE).write_text(card_text(made, measured), encoding="utf-8")


def _retrieval(pair: ClipPair, english: Any, split: Split, seed: int) -> Figures:
    """By text in each language, by another rendering, and by what must not suffice."""
    shown = draw_compositions(split, GALLERY, seed)
    stills, others = render_stills(shown, seed * 10), render_stills(shown, seed * 10 + 1)
    vectors = pair.images.embed(stills)
    texts = {language: list(_descriptions(shown, language, seed)) for language in LANGUAGES}
    for language in LANGUAGES:
        yield f"text_{language}", recall_at_1(pair.texts.embed(texts[language]) @ vectors.T)
    by_own_tower = unit(english.encode([{"text": text} for text in texts["en"]]))
    yield "text_en_by_the_image_model", recall_at_1(by_own_tower @ vectors.T)
    yield "image", recall_at_1(pair.images.embed(others) @ vectors.T)
    for name, simple in (("pixels_8x8", coarse_pixels), ("colours_64", colour_histogram)):
        known, asked = (np.stack([simple(one) for one in which]) for which in (stills, others))
        yield name, recall_at_1(asked @ known.T)
    yield "subject_oracle", subject_oracle_recall(shown)


def _descriptions(shown: Sequence[Composition], language: str, seed: int) -> Iterator[str]:
    """A full description of each, the same wording in every language."""
    rng = np.random.default_rng(seed)
    known = phrasings(language, held_out=True)
    for composition in shown:
        phrasing, variant = (int(rng.integers(count)) for count in (len(known), VARIANTS))
        yield describe(composition, language, known[phrasing], variant=variant)


def _navigation(pair: ClipPair, split: Split, seed: int) -> Figures:
    """Picture of A, plus the word for what A' has, minus the word for what A has, finds A'.

    Another rendering of A stands in the gallery; the nearest by picture alone would be that one.
    """
    pairs = draw_pairs(split, GALLERY // 2, seed)
    shown = [one for one, _ in pairs] + [other for _, other in pairs]
    gallery = pair.images.embed(render_stills(shown, seed * 10 + 2))
    asked = pair.images.embed(render_stills([one for one, _ in pairs], seed * 10 + 3))
    known = _word_vectors(pair)
    changes = [(difference(*both), *both) for both in pairs]
    moved = np.stack(
        [
            asked[row] + known[name, getattr(new, name)] - known[name, getattr(old, name)]
            for row, (name, old, new) in enumerate(changes)
        ]
    )
    aims = [len(pairs) + row for row in range(len(pairs))]
    scores = unit(moved) @ gallery.T
    yield "navigation", recall_at_1(scores, aims)
    for changed in sorted({name for name, *_ in changes}):
        rows = [row for row, (name, *_) in enumerate(changes) if name == changed]
        yield f"navigation_{changed}", recall_at_1(scores[rows], [aims[row] for row in rows])


def _word_vectors(pair: ClipPair) -> dict[tuple[str, str], Vectors]:
    """Vector of the usual English word of every attribute value."""
    values = [(name, value) for name, known in attribute_values().items() for value in known]
    vectors = pair.texts.embed([words(name, value)[0] for name, value in values])
    return dict(zip(values, vectors, strict=True))


def _english_tower(folder: Path) -> Any:
    """The image model with its own text tower, which vidpipe itself does not use."""
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, help="folder of another demo pair")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--card", action="store_true", help="write the model card into it")
    options = parser.parse_args()
    figures = run(options.models, options.seeds)
    if options.card:
        write_card(options.models or demo_pair()[0].parent, figures)
    print(json.dumps(figures, indent=2))
