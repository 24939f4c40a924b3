"""Adding and subtracting words: three ways to turn the terms of a question into a ranking.

Belongs here: the ways, as arithmetic. Does not: making terms or asking PostgreSQL (searcher.py).

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
from dataclasses import replace
from typing import Literal, get_args

import numpy as np

from vidpipe.search.algebra import Term, Vector, unit

Method = Literal["sum", "gap_corrected", "rank_fusion"]
METHODS: tuple[Method, ...] = get_args(Method)
DEFAULT_METHOD: Method = "gap_corrected"
GAP_SHARE = 0.5  # of the typical text; all of it takes meaning away, too
SMOOTHING = 60
FUSED_PLACES = 500  # places of each term's ranking that count


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


def rank_fusion(rankings: Sequence[tuple[float, Sequence[str]]]) -> list[tuple[str, float]]:
    """One ranking of several.

    Args:
        rankings: weight and what was found, the best first; a negative weight counts against.

    Returns:
        What any ranking of a positive weight names, with its score, the best first.
    """
    scores: dict[str, float] = defaultdict(float)
    for weight, ranked in rankings:
        for place, found in enumerate(ranked, start=1):
            scores[found] += weight / (SMOOTHING + place)
    wanted = {found for weight, ranked in rankings if weight > 0 for found in ranked}
    return sorted(((found, scores[found]) for found in wanted), key=lambda one: (-one[1], one[0]))


def contributions(terms: Sequence[Term], frame: Vector) -> list[tuple[str, float]]:
    """How much each term adds to a frame's score under `sum`: they add up to the cosine.

    Args:
        terms: of the question.
        frame: unit vector, shape (dimensions,).
    """
    parts = [term.weight * unit(term.vector, name=term.name) for term in terms]
    length = float(np.linalg.norm(np.sum(parts, axis=0)))
    return [
        (term.name, float(part @ frame) / length) for term, part in zip(terms, parts, strict=True)
    ]
