"""From a question to its answer: which results count, and why each of them was found.

Belongs here: the search that a question needs, the score from which results are shown, reasons.
Does not: making vectors and asking PostgreSQL (searcher.py), the wording of reasons (reasons.py),
showing an answer (vidpipe.cli.search).
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from vidpipe.errors import SettingsError
from vidpipe.search import reasons
from vidpipe.search.question import Filters, Question, checked_k
from vidpipe.search.searcher import EVERYTHING, Found, Searcher
from vidpipe.search.term_algebra import DEFAULT_METHOD, Method

Cutoff = float | Literal["calibrated", "none"]


@dataclass(frozen=True)
class Search:
    """A question with what its results must satisfy.

    Attributes:
        question: what is searched by.
        filters: what found posts must satisfy.
        k: results at most.
        use_words: look for the words in hashtags, descriptions and OCR, too.
        method: how several terms become one ranking; None for the best.
        cutoff: cosine similarity from which a result is shown; what holds the words is shown, too.
        all_posts: show every post of equal bytes.
        versions: look into earlier versions of videos, too.
    """

    question: Question
    filters: Filters = field(default_factory=Filters)
    k: int = 10
    use_words: bool = False
    method: Method | None = None
    cutoff: Cutoff = "calibrated"
    all_posts: bool = False
    versions: bool = False

    def __post_init__(self) -> None:
        """Refuses what cannot be asked together.

        Raises:
            SettingsError: k is out of range, there are no words to look for, or a method or a
                cut-off is given where scores are no cosines.
        """
        checked_k(self.k)
        if self.use_words and not self.question.added_words:
            raise SettingsError("--words looks for the words of TEXT and --add: give some")
        if self.use_words and self.method:
            raise SettingsError("--method is about looks: leave --words out")
        if isinstance(self.cutoff, float) and not self._is_by_cosine:
            raise SettingsError(
                "--cutoff is a cosine similarity: leave it out with --method rank_fusion and a "
                "--video alone"
            )

    @property
    def _is_by_cosine(self) -> bool:
        return not (self.method == "rank_fusion" or self.question.is_one_post)


@dataclass(frozen=True)
class Answer:
    """What was found.

    Attributes:
        results: the best first, each with its `reason`.
        cutoff: score from which results are shown; None if all are.
        nearest: score of the best result below the cut-off, when none reaches it.
    """

    results: Found
    cutoff: float | None = None
    nearest: float | None = None


def answer(searcher: Searcher, search: Search) -> Answer:
    """What a search finds, and why.

    Raises:
        UnknownName: there is no such post or saved query.
        DecodeError: the picture is none.
        ModelUnavailable: the model of the index cannot be found.
    """
    question, shared = search.question, _shared(search)
    if question.is_one_post:
        found = searcher.find_similar(str(question.video), k=search.k, **shared)
        return Answer([row | {"reason": reasons.by_example(row)} for row in found])
    cutoff = _cutoff(searcher, search)
    if search.use_words:
        found = searcher.find_by_looks_and_words(question, k=search.k, min_score=cutoff, **shared)
        found = [row | {"reason": reasons.by_looks_and_words(row)} for row in found]
    else:
        found = _find(searcher, search, k=search.k, least=cutoff)
    if not found and cutoff is not None:
        below = _find(searcher, search, k=1, least=None)
        return Answer([], cutoff, below[0]["score"] if below else None)
    if search.use_words:
        return Answer(found, cutoff)
    return Answer(_with_reasons(searcher, search, found), cutoff)


def _shared(search: Search) -> dict[str, Any]:
    """Arguments that every kind of search takes."""
    return {
        "filters": search.filters,
        "all_posts": search.all_posts,
        "versions": search.versions,
    }


def _cutoff(searcher: Searcher, search: Search) -> float | None:
    """The score from which results are shown; None where all are."""
    if search.cutoff == "none":
        return None
    if search.cutoff != "calibrated":
        return search.cutoff
    if search.question.is_one_saved_query:
        return searcher.saved_cutoff(str(search.question.saved))
    return searcher.cutoff(search.question, search.method or DEFAULT_METHOD)


def _find(searcher: Searcher, search: Search, *, k: int, least: float | None) -> Found:
    """Results of a score that is at least `least`; all results if that is None."""
    question, shared = search.question, _shared(search)
    if question.is_one_saved_query:
        least = EVERYTHING if least is None else least
        return searcher.find_saved(str(question.saved), k=k, min_score=least, **shared)
    method = search.method or DEFAULT_METHOD
    return searcher.find(question, k=k, method=method, min_score=least, **shared)


def _with_reasons(searcher: Searcher, search: Search, found: Found) -> Found:
    if search.question.is_one_saved_query:
        name = str(search.question.saved)
        return [row | {"reason": reasons.by_saved_query(row, name)} for row in found]
    shares = searcher.contributions(search.question, found, search.method or DEFAULT_METHOD)
    return [
        row | {"reason": reasons.by_terms(row, share)}
        for row, share in zip(found, shares, strict=True)
    ]
