"""What speaks for a list of results being an answer: numbers about the first result and its list.

Belongs here: the measures, each larger where an answer is more likely. Does not: weighing them
(certainty.py), finding results (searcher.py), the sample of the corpus (corpus_sample.py).

Something always looks nearest. That it is an answer shows in several ways at once: it stands out
from the corpus and from what follows it, it shows every part of what is asked, its neighbours agree
with one another, and what people wrote says the same. No single measure tells enough.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, nan

import numpy as np
from numpy.typing import NDArray

from vidpipe.search.corpus_sample import CorpusSample, deviations_above
from vidpipe.search.index_vectors import content_frames, frame_vectors, nearest_texts, texts_of
from vidpipe.search.question import Question
from vidpipe.search.searcher import Found, Searcher
from vidpipe.search.term_algebra import Term, Vector, combine, unit
from vidpipe.search.text_parts import text_parts

LOOKED_AT = 5  # results whose agreement counts
Vectors = NDArray[np.float32]

MEASURES = {
    "score": "cosine of the question and the first result's frame",
    "distinct_score": "that cosine without what the typical frame has of it",
    "standing": "deviations of the score above the median of the corpus",
    "lead": "deviations between the first result and the fourth",
    "second_frame": "deviations of the same video's second-best frame above the median",
    "agreement": "mean cosine of each two of the first five frames, less the typical frame",
    "profile": "correlation over the corpus of the likeness to the question and to the frame",
    "parts": "deviations by which the frame falls behind the best of the corpus in a part, negated",
    "texts": "mean cosine of the question and the three nearest texts that people wrote",
    "own_texts": "best cosine of the question and a text of the first five results",
    "against_texts": "by how much the frame is nearer to the question than to the texts nearest it",
    "substance": "length of the words' vectors without what all texts share",
    "picture": "cosine of the frame and the picture that was given",
    "added": "deviations above the median of the corpus along the added words that fit least",
}


@dataclass(frozen=True)
class _List:
    """A list of results with its vectors.

    Attributes:
        direction: unit vector of the question.
        frames: unit vectors of the first results' best frames, the best first.
        scores: their cosines with the direction.
        sample: what the corpus is like.
    """

    direction: Vector
    frames: Vectors
    scores: NDArray[np.float64]
    sample: CorpusSample

    @property
    def first(self) -> Vector:
        """The frame of the first result."""
        frame: Vector = self.frames[0]
        return frame

    def standing(self, direction: Vector, frame: Vector | None = None) -> float:
        """Deviations by which a frame, the first by default, stands above the corpus."""
        shown = self.first if frame is None else frame
        return deviations_above(self.sample.frames @ direction, float(shown @ direction))


def measures(searcher: Searcher, question: Question, found: Found) -> dict[str, float]:
    """Every measure of a list of results; NaN where a question or an index does not have it.

    Args:
        searcher: the searcher that found them.
        question: what was searched by.
        found: results of `Searcher.find` by the default method, one a content, the best first; at
            least one, and `LOOKED_AT` of them where there are as many.
    """
    terms = searcher.weighed_terms(question)
    sample, first_results = searcher.corpus_sample, found[:LOOKED_AT]
    results = _List(
        combine(terms),
        frame_vectors(searcher.connection, [row["keyframe_sha256"] for row in first_results]),
        np.array([row["score"] for row in first_results]),
        sample,
    )
    return dict.fromkeys(MEASURES, nan) | {
        **_of_looks(searcher, results, first_results),
        "parts": _least_part(results, _parts(searcher, question)),
        **_of_texts(searcher, results, first_results),
        **_of_terms(results, terms),
        "substance": _substance(terms),
    }


def _of_looks(searcher: Searcher, results: _List, found: Found) -> dict[str, float]:
    sample, direction = results.sample, results.direction
    likeness = sample.frames @ direction
    _, deviation = sample.spread(likeness)
    centred = _units(results.frames - sample.typical_frame)
    pairs = np.triu_indices(len(centred), 1)
    own = np.sort(content_frames(searcher.connection, found[0]["content_sha256"]) @ direction)
    return {
        "score": float(results.scores[0]),
        "distinct_score": float(direction @ (results.first - sample.typical_frame)),
        "standing": results.standing(direction),
        "lead": (
            float(results.scores[0] - results.scores[min(3, len(results.scores) - 1)]) / deviation
            if deviation
            else nan
        ),
        "second_frame": deviations_above(likeness, float(own[-2])) if len(own) > 1 else nan,
        "agreement": float((centred @ centred.T)[pairs].mean()) if len(centred) > 1 else nan,
        "profile": _correlation(likeness, sample.frames @ results.first),
    }


def _parts(searcher: Searcher, question: Question) -> list[Vector]:
    """Directions of the parts of what is asked in words; none where words have no parts."""
    said = [text for text, _ in question.added_words]
    if len(said) == 1:
        said = text_parts(said[0])
    elif question.text is not None:
        said += text_parts(said[0])
    return searcher.text_directions(said) if said else []


def _least_part(results: _List, parts: Sequence[Vector]) -> float:
    """How far the first frame falls behind the best of the corpus in its worst part, negated.

    Of "a tank" and "in the snow" the corpus may have each, and no frame both.
    """
    worst = inf
    for part in parts:
        likeness = results.sample.frames @ part
        _, deviation = results.sample.spread(likeness)
        if deviation:
            worst = min(worst, float(results.first @ part - likeness.max()) / deviation)
    return nan if worst == inf else worst


def _of_texts(searcher: Searcher, results: _List, found: Found) -> dict[str, float]:
    near = nearest_texts(searcher.connection, results.direction, 3)
    own = texts_of(searcher.connection, [row["content_sha256"] for row in found])
    rivals = nearest_texts(searcher.connection, results.first, 4 * LOOKED_AT)
    against = np.sort(rivals @ results.first)[-LOOKED_AT:] if len(rivals) else None
    return {
        "texts": float((near @ results.direction).mean()) if len(near) else nan,
        "own_texts": float((own @ results.direction).max()) if len(own) else nan,
        "against_texts": (
            nan if against is None else float(results.scores[0]) - float(against.mean())
        ),
    }


def _of_terms(results: _List, terms: Sequence[Term]) -> dict[str, float]:
    """How the first frame answers each term: of one term alone there is nothing to tell."""
    pictures = [term for term in terms if term.modality == "image" and term.weight > 0]
    added = [term for term in terms if term.modality == "text" and term.weight > 0]
    several = len(terms) > 1
    return {
        "picture": (
            min(float(results.first @ unit(term.vector)) for term in pictures)
            if pictures and several
            else nan
        ),
        "added": (
            min(results.standing(unit(term.vector)) for term in added) if added and several else nan
        ),
    }


def _substance(terms: Sequence[Term]) -> float:
    """Words that a model does not know lie near the typical text: little of them is left."""
    lengths = [
        float(np.linalg.norm(np.asarray(term.vector)))
        for term in terms
        if term.modality == "text" and term.weight > 0
    ]
    return min(lengths) if lengths else nan


def _correlation(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    if len(a) < 3 or not a.std() or not b.std():
        return nan
    return float(np.corrcoef(a, b)[0, 1])


def _units(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Vectors = vectors / np.maximum(lengths, 1e-9)
    return scaled
