"""The query algebra: weighted terms become one unit vector, `normalise(Σ wᵢ · unit(termᵢ))`.

Belongs here: arithmetic on embedding vectors.
Does not: making vectors from texts or images (vidpipe.models), finding neighbours (PostgreSQL).

A term is the embedding of a text, an image, a video or a saved query; a positive weight adds its
meaning, a negative one takes it away. Every term is brought to unit length first: otherwise a term
whose model happens to give long vectors would outweigh the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vidpipe.errors import VidpipeError

Vector = NDArray[np.float32]

# A sum shorter than this share of its weights is rounding noise of float32 terms, not a direction.
CANCELLED_SHARE = 1e-5


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
