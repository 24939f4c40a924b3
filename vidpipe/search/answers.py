"""From a question to its answer: which results count, and why each of them was found.

Belongs here: the search that a question needs, whether its results are an answer, reasons.
Does not: making vectors and asking PostgreSQL (searcher.py), weighing what speaks for an answer
(certainty.py), the wording of reasons (reasons.py), showing an answer (vidpipe.cli.search).
"""

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from vidpipe.errors import SettingsError
from vidpipe.search import reasons
from vidpipe.search.certainty import Judge, kept_judge
from vidpipe.search.known_names import check_filters
from vidpipe.search.measures import LOOKED_AT, measures
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
        cutoff: score from which a result is shown; or what was calibrated decides, or nothing.
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
        if isinstance(self.cutoff, float) and not self.is_by_cosine:
            raise SettingsError(
                "--cutoff is a cosine similarity: leave it out with --method rank_fusion and a "
                "--video alone"
            )

    @property
    def is_by_cosine(self) -> bool:
        """Whether scores of looks are cosines, which a cut-off can be compared with."""
        return not (self.method == "rank_fusion" or self.question.is_one_post)


@dataclass(frozen=True)
class Answer:
    """What was found, and whether it answers the question.

    Attributes:
        results: the best first, each with its `reason`, `certain` and `confidence`.
        cutoff: score from which results count; None if all do.
        nearest: score of the best result below the cut-off that was given, when none reaches it.
        certain: whether the results answer the question; if not, they are the nearest there are.
            None where nothing tells.
        confidence: probability that they do, were questions with and without an answer equally
            many; None where the cut-off alone tells, or nothing.
        least_confidence: the confidence from which results are certain.
        is_uncalibrated: nothing tells because nothing was calibrated for this kind of question.
    """

    results: Found
    cutoff: float | None = None
    nearest: float | None = None
    certain: bool | None = None
    confidence: float | None = None
    least_confidence: float | None = None
    is_uncalibrated: bool = False


def answer(searcher: Searcher, search: Search) -> Answer:
    """What a search finds, why, and whether it is an answer.

    Raises:
        UnknownName: there is no such post, saved query, account or platform.
        DecodeError: the picture is none.
        ModelUnavailable: the model of the index cannot be found.
    """
    check_filters(searcher.connection, search.filters)
    if search.use_words:
        answered = _by_looks_and_words(searcher, search)
    else:
        found = _explained(searcher, search)
        if search.cutoff == "none" or not search.is_by_cosine:
            answered = Answer(found)
        elif search.cutoff == "calibrated":
            answered = _judged(searcher, search, found)
        else:
            answered = _limited(found, search.cutoff)
    told = {"certain": answered.certain, "confidence": answered.confidence}
    return replace(answered, results=[row | told for row in answered.results])


def _by_looks_and_words(searcher: Searcher, search: Search) -> Answer:
    """What holds the words or looks so that it reaches the cut-off."""
    least = search.cutoff if isinstance(search.cutoff, float) else None
    if search.cutoff == "calibrated":
        least = _cutoff(searcher, search)
    question, shared = search.question, _shared(search)
    found = searcher.find_by_looks_and_words(question, k=search.k, min_score=least, **shared)
    if not found and least is not None:
        below = searcher.find(question, k=1, **shared)
        return Answer([], least, nearest=below[0]["score"] if below else None)
    return Answer([row | {"reason": reasons.by_looks_and_words(row)} for row in found], least)


def _limited(found: Found, cutoff: float) -> Answer:
    """The results that reach a given score."""
    reaching = [row for row in found if row["score"] >= cutoff]
    if reaching or not found:
        return Answer(reaching, cutoff, certain=True if reaching else None)
    return Answer([], cutoff, nearest=found[0]["score"])


def _judged(searcher: Searcher, search: Search, found: Found) -> Answer:
    """The results that answer a question, or else the nearest ones, by what was calibrated."""
    judge = _judge(searcher, search)
    if judge is not None and found:
        return _weighed(searcher, search, found, judge)
    cutoff = _cutoff(searcher, search)
    if cutoff is None or not found:
        return Answer(found, cutoff, is_uncalibrated=cutoff is None)
    reaching = [row for row in found if row["score"] >= cutoff]
    return Answer(reaching or found, cutoff, certain=bool(reaching))


def _weighed(searcher: Searcher, search: Search, found: Found, judge: Judge) -> Answer:
    """The results of a list that is certain by several measures, or else the nearest ones."""
    confidence = judge.confidence(_measured(searcher, search, found))
    certain = confidence >= judge.threshold
    shown = found
    if certain:  # the first result is what was judged
        rest = [row for row in found[1:] if _counts(searcher, search, row, judge)]
        shown = [found[0], *rest]
    return Answer(shown, None, None, certain, confidence, judge.threshold)


def _counts(searcher: Searcher, search: Search, row: dict[str, Any], judge: Judge) -> bool:
    """Whether a result of a certain list stands far enough above the corpus."""
    return not searcher.standing(search.question, row["score"]) < judge.deviations


def _judge(searcher: Searcher, search: Search) -> Judge | None:
    """What judges lists of such a question; None where its cut-off alone tells.

    The vector of a saved query says nothing of the words that it was made of.
    """
    if search.question.saved is not None or search.method not in (None, DEFAULT_METHOD):
        return None
    return kept_judge(searcher, search.question.kind)


def _measured(searcher: Searcher, search: Search, found: Found) -> dict[str, float]:
    """The measures of a list: of one that is as long as those that were calibrated with."""
    if search.k < LOOKED_AT or search.all_posts:
        shared = _shared(search) | {"all_posts": False}
        found = searcher.find(search.question, k=max(search.k, LOOKED_AT), **shared)
    return measures(searcher, search.question, found)


def _explained(searcher: Searcher, search: Search) -> Found:
    """Everything that a search by looks finds, with its reasons."""
    question, shared = search.question, _shared(search)
    if question.is_one_post:
        found = searcher.find_similar(str(question.video), k=search.k, **shared)
        return [row | {"reason": reasons.by_example(row)} for row in found]
    if question.is_one_saved_query:
        name = str(question.saved)
        found = searcher.find_saved(name, k=search.k, min_score=EVERYTHING, **shared)
        terms = searcher.saved_terms(name)
        return [row | {"reason": reasons.by_saved_query(row, name, terms)} for row in found]
    method = search.method or DEFAULT_METHOD
    found = searcher.find(question, k=search.k, method=method, **shared)
    shares = searcher.contributions(question, found, method)
    return [
        row | {"reason": reasons.by_terms(row, share)}
        for row, share in zip(found, shares, strict=True)
    ]


def _shared(search: Search) -> dict[str, Any]:
    """Arguments that every kind of search takes."""
    return {
        "filters": search.filters,
        "all_posts": search.all_posts,
        "versions": search.versions,
    }


def _cutoff(searcher: Searcher, search: Search) -> float | None:
    """The calibrated score from which results count; None where none was measured."""
    if search.question.is_one_saved_query:
        return searcher.saved_cutoff(str(search.question.saved))
    return searcher.cutoff(search.question, search.method or DEFAULT_METHOD)
