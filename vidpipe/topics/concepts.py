"""What is seen in a topic that no words name: the nearest concepts of a list, by the CLIP pair.

Belongs here: reading the list, finding the pair that made the vectors, the nearest concepts.
Does not: words (naming.py), loading models (vidpipe.models.clip).

Zero-shot classification (Radford et al., "Learning transferable visual models from natural language
supervision", ICML 2021). Images and texts lie apart in CLIP's space, so each is taken less what it
has in common with others of its kind.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

import numpy as np

from vidpipe.errors import SettingsError, VidpipeError
from vidpipe.models.bundled_pair import demo_pair
from vidpipe.settings import Settings
from vidpipe.topics.corpus import Corpus
from vidpipe.topics.fit import Found
from vidpipe.topics.space import FEW_VIDEOS, Vectors, unit_rows

NAMED = 2  # concepts at most
AS_NEAR = 0.9  # of the nearest concept's cosine, from which another one is named, too
LEAST = 0.1  # cosine below which nothing on the list is seen
LONGEST = 80  # characters of a concept
MOST_CONCEPTS = 5_000


@dataclass(frozen=True)
class Concepts:
    """Names of concepts and their unit vectors by the text model, shape (concepts, dimensions)."""

    names: tuple[str, ...]
    vectors: Vectors


def name_by_looks(
    corpus: Corpus, found: Found, settings: Settings, model_id: str
) -> tuple[Found, tuple[str, ...]]:
    """Names topics without words after what they show; the text model is loaded only for that.

    Args:
        corpus: what was clustered.
        found: its topics.
        settings: of the installation, with the list of concepts and the CLIP pair.
        model_id: the pair that made the vectors.

    Returns:
        The topics, and notes; a missing model or list leaves topics without names and is noted.
    """
    nameless = [row for row, topic in enumerate(found.topics) if not topic.words]
    if not nameless:
        return found, ()
    try:
        concepts = load_concepts(settings, model_id)
    except (VidpipeError, OSError) as error:
        return found, (f"{len(nameless)} topics without words have no name: {error}",)
    topics = list(found.topics)
    typical = corpus.means.mean(axis=0) * len(corpus.means) / (len(corpus.means) + FEW_VIDEOS)
    for row in nameless:
        seen = nearest_concepts(concepts, topics[row].embedding - typical)
        if seen:
            topics[row] = replace(topics[row], seen=seen)
    return replace(found, topics=tuple(topics)), ()


def nearest_concepts(concepts: Concepts, looks: Vectors) -> tuple[str, ...]:
    """The names of the nearest concepts, the nearest first; none where nothing is near.

    Args:
        concepts: the list.
        looks: a vector of images less what all have in common, shape (dimensions,).
    """
    if len(concepts.names) < 2:
        return concepts.names
    apart = unit_rows(concepts.vectors - concepts.vectors.mean(axis=0))
    nearness = apart @ unit_rows(looks[None])[0]
    order = np.argsort(-nearness, kind="stable")[:NAMED]
    least = max(LEAST, AS_NEAR * float(nearness[order[0]]))
    return tuple(concepts.names[place] for place in order if nearness[place] >= least)


def load_concepts(settings: Settings, model_id: str) -> Concepts:
    """The concepts of the setting's list, placed by the pair that made the vectors.

    Raises:
        SettingsError: the list is empty or no text, or the pair is not at hand.
        ModelUnavailable: the pair is neither here nor within reach.
    """
    from vidpipe.models.clip import ClipPair

    names = read_concepts(settings.topic_concepts)
    image, text = (str(folder) for folder in demo_pair())
    with_demo = settings.model_copy(update={"clip_image_model": image, "clip_text_model": text})
    for candidate in (with_demo, settings):
        pair = ClipPair.from_settings(candidate)
        if pair.identity.model_id == model_id:
            return Concepts(names, unit_rows(pair.texts.embed(names)))
    raise SettingsError(
        f"the vectors were made by {model_id}, and VIDPIPE_CLIP_IMAGE_MODEL and"
        f" VIDPIPE_CLIP_TEXT_MODEL name {pair.identity.model_id}"
    )


def read_concepts(path: Path | None) -> tuple[str, ...]:
    """The lines of a list, without empty ones and comments (#); of the bundled one for None.

    Raises:
        SettingsError: it cannot be read, is no UTF-8 text, or is empty.
    """
    try:
        text = (path or files("vidpipe.topics") / "concepts.txt").read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"VIDPIPE_TOPIC_CONCEPTS: {path} cannot be read as UTF-8 text ({error}); it is a file"
            " with a concept on each line"
        ) from error
    return _concepts(text.splitlines(), path)


def _concepts(lines: Sequence[str], path: Path | None) -> tuple[str, ...]:
    named = (" ".join(line.split()) for line in lines)
    names = [name[:LONGEST] for name in named if name and not name.startswith("#")]
    if not names:
        raise SettingsError(f"VIDPIPE_TOPIC_CONCEPTS: {path} names no concept")
    return tuple(dict.fromkeys(names))[:MOST_CONCEPTS]
