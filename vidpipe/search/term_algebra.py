"""The algebra of terms: adding and subtracting what texts, images, videos and saved queries mean.

Belongs here: arithmetic on embedding vectors and on rankings.
Does not: making vectors from texts or images (vidpipe.models), reading what all texts of an index
share (typical_text.py), finding neighbours (PostgreSQL, asked by searcher.py).

A term is the embedding of a text, an image, a video or a saved query; a positive weight adds its
meaning, a negative one takes it away. Every term is brought to unit length first: otherwise a term
whose model happens to give long vectors would outweigh the others. Three methods make one ranking
of several terms:

    sum            normalise(Σ wᵢ · unit(termᵢ)), and one search
    gap_corrected  the same, after half of what all texts have in common was taken from each text:
                   CLIP's images and texts lie in cones apart (Liang et al., "Mind the gap", NeurIPS
                   2022), and frames that lie towards the texts' cone, such as those with captions,
                   would come first for any text
    rank_fusion    one search a term; a content's score is Σ wᵢ / (60 + its place), negative for
                   terms taken away (Cormack, Clarke and Buettcher, SIGIR 2009)
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vidpipe.errors import VidpipeError

Vector = NDArray[np.float32]
Key = TypeVar("Key", str, tuple[str, str])  # what a ranking names

Method = Literal["sum", "gap_corrected", "rank_fusion"]
METHODS: tuple[Method, ...] = get_args(Method)
DEFAULT_METHOD: Method = "gap_corrected"
# A sum shorter than this share of its weights is rounding noise of float32 terms, not a direction.
CANCELLED_SHARE = 1e-5
GAP_SHARE = 0.5  # of the typical text; all of it takes meaning away, too
SMOOTHING = 60
FUSED_PLACES = 500  # places of each term's ranking that count


class QueryError(VidpipeError, ValueError):
    """A query has no direction: no terms, a zero vector, terms that cancel out or do not fit."""


@dataclass(frozen=True)
class Term:
    """One part of a query.

    Attributes:
        vector: real numbers, shape (dimensions,), of any length but zero.
        weight: finite and not zero; positive adds, negative subtracts.
        name: what error messages call it, such as the text it came from.
        modality: "image" or "text": which model made it; empty if that does not matter.
    """

    vector: ArrayLike
    weight: float = 1.0
    name: str = ""
    modality: str = ""


def unit(vector: ArrayLike, *, name: str = "") -> Vector:
    """A vector scaled to length 1.

    Args:
        vector: real numbers, shape (dimensions,).
        name: what error messages call it.

    Returns:
        float32, shape (dimensions,), Euclidean length 1.

    Raises:
        QueryError: not one-dimensional, empty, not all finite numbers, or all zero.
    """
    return _unit(vector, name).astype(np.float32)


def combine(terms: Sequence[Term]) -> Vector:
    """The direction of a query: `normalise(Σ wᵢ · unit(termᵢ))`.

    Args:
        terms: at least one, all of the same dimension; their order does not matter.

    Returns:
        float32, shape (dimensions,), Euclidean length 1.

    Raises:
        QueryError: there are no terms, one is unusable, their dimensions differ, a weight is zero
            or not finite, or the terms cancel each other out. The message names the term.
    """
    if not terms:
        raise QueryError("the query is empty: give at least one text, image, video or saved query")
    names = [term.name or f"term {number}" for number, term in enumerate(terms, start=1)]
    units = [_unit(term.vector, name) for term, name in zip(terms, names, strict=True)]
    for direction, name in zip(units, names, strict=True):
        if direction.size != units[0].size:
            raise QueryError(
                f"{names[0]} has {units[0].size} dimensions and {name} has {direction.size}: "
                "all terms must come from one model"
            )
    weights = np.array([_weight(term, name) for term, name in zip(terms, names, strict=True)])
    # Only ratios count: without this, huge weights would overflow and tiny ones vanish.
    weights /= np.abs(weights).max()
    total = weights @ np.stack(units)
    if np.linalg.norm(total) <= CANCELLED_SHARE * np.abs(weights).sum():
        raise QueryError(
            f"{', '.join(names)} cancel each other out: nothing is left to search for; "
            "change a weight or leave a term out"
        )
    return _unit(total, "the query").astype(np.float32)


def gap_corrected(terms: Sequence[Term], typical_text: Vector | None) -> list[Term]:
    """The terms, the texts among them without what they share with all texts.

    Args:
        terms: those with `modality` "text" are changed.
        typical_text: mean vector of many texts, shape (dimensions,); None changes nothing.
    """
    if typical_text is None:
        return list(terms)
    shared = GAP_SHARE * typical_text
    return [
        replace(term, vector=unit(term.vector, name=term.name) - shared)
        if term.modality == "text"
        else term
        for term in terms
    ]


def rank_fusion(rankings: Sequence[tuple[float, Sequence[Key]]]) -> list[tuple[Key, float]]:
    """One ranking of several.

    Args:
        rankings: weight and what was found, the best first; a negative weight counts against.

    Returns:
        What any ranking of a positive weight names, with its score, the best first.
    """
    scores: dict[Key, float] = defaultdict(float)
    for weight, ranked in rankings:
        for place, found in enumerate(ranked, start=1):
            scores[found] += weight / (SMOOTHING + place)
    wanted = {found for weight, ranked in rankings if weight > 0 for found in ranked}
    return sorted(((found, scores[found]) for found in wanted), key=lambda one: (-one[1], one[0]))


def contributions(terms: Sequence[Term], frame: Vector) -> list[tuple[str, float]]:
    """How much each term adds to a frame's score under `sum`: they add up to the cosine.

    Args:
        terms: the terms of the question.
        frame: unit vector, shape (dimensions,).
    """
    parts = [term.weight * unit(term.vector, name=term.name) for term in terms]
    length = float(np.linalg.norm(np.sum(parts, axis=0)))
    return [
        (term.name, float(part @ frame) / length) for term, part in zip(terms, parts, strict=True)
    ]


def _weight(term: Term, name: str) -> float:
    if not np.isfinite(term.weight) or term.weight == 0:
        raise QueryError(
            f"the weight of {name} is {term.weight}: "
            "give a positive number to add it, a negative one to subtract it"
        )
    return float(term.weight)


def _unit(vector: ArrayLike, name: str) -> NDArray[np.float64]:
    """`unit` in double precision, so that sums are rounded once, at the end."""
    name = name or "the vector"
    try:
        values = np.asarray(vector, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise QueryError(f"{name} is not a vector of numbers") from error
    if values.ndim != 1 or values.size == 0:
        raise QueryError(f"{name} has shape {values.shape}: it must be one row of numbers")
    if not np.isfinite(values).all():
        raise QueryError(f"{name} has entries that are not finite numbers")
    largest = np.abs(values).max()
    if largest == 0:
        raise QueryError(f"{name} is a zero vector and has no direction")
    # Squares of very large or very small entries would overflow or vanish. Dividing by a power of
    # two is exact, and unlike 1 / largest it is finite for every number.
    scaled = np.ldexp(values, -np.frexp(largest)[1])
    direction: NDArray[np.float64] = scaled / np.linalg.norm(scaled)
    return direction
