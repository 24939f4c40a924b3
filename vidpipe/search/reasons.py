"""Why a result was found, in words: which frame, and which term or place counted.

Belongs here: sentences about one result. Does not: finding (searcher.py),
choosing the sentence (answers.py).
"""

from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]


def by_terms(row: Row, contributions: Sequence[tuple[str, float]]) -> str:
    """A result of a sum: its frame, and what each term adds to the cosine, the most first."""
    ordered = sorted(contributions, key=lambda one: -abs(one[1]))
    shares = ", ".join(f"{share:+.3f} {name}" for name, share in ordered)
    return f"{_frame(row)}: {shares}"


def by_example(row: Row) -> str:
    """A post like another: the two frames that match best."""
    return f"{_frame(row)} looks like the example's at {row['own_timestamp_s']:.1f} s"


def by_saved_query(row: Row, name: str, terms: Sequence[tuple[str, float]]) -> str:
    """A result of a saved query: its frame, and the terms that the query adds up, by weight."""
    ordered = sorted(terms, key=lambda one: -abs(one[1]))
    weights = ", ".join(f"{weight:+g} {term}" for term, weight in ordered)
    return f"{_frame(row)} answers {name}: {weights}"


def by_looks_and_words(row: Row) -> str:
    """A result by looks and words: its place in either list."""
    reasons = []
    if row["looks_rank"] is not None:
        reasons.append(f"place {row['looks_rank']} by looks, {_frame(row)}")
    if row["words_rank"] is not None:
        where = ", ".join(row["matched_in"])
        reasons.append(f"place {row['words_rank']} by words, in {where}")
    return "; ".join(reasons)


def _frame(row: Row) -> str:
    return f"frame at {row['timestamp_s']:.1f} s"
