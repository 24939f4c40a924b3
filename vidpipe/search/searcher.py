"""Searches of an index: the vectors of questions, which PostgreSQL ranks.

Belongs here: one connection, the loaded model, calls of the SQL search functions.
Does not: ranking (sql/functions), choosing the search that a question needs (answers.py).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import psycopg
from pgvector import HalfVector
from psycopg.rows import dict_row

from vidpipe.errors import UnknownName, VidpipeError
from vidpipe.search.corpus_sample import CorpusSample, deviations_above
from vidpipe.search.index_model import model_of_index, settings_of_index
from vidpipe.search.index_vectors import frame_vectors
from vidpipe.search.question import Filters, Question, checked_k
from vidpipe.search.term_algebra import (
    DEFAULT_METHOD,
    FUSED_PLACES,
    Method,
    Term,
    Vector,
    combine,
    contributions,
    gap_corrected,
    rank_fusion,
    unit,
)
from vidpipe.search.typical_text import typical_text
from vidpipe.search.word_places import with_places
from vidpipe.settings import Settings
from vidpipe.stores.database import connect
from vidpipe.stores.model_registry import RegisteredModel, find_model

if TYPE_CHECKING:
    from vidpipe.models.clip import ClipPair

Found = list[dict[str, Any]]
EVERYTHING = -1.0  # as the least score: no cosine is below


class Searcher:
    """Searches one index, one question after another; models are loaded when first needed."""

    def __init__(
        self, settings: Settings, connection: psycopg.Connection, model: RegisteredModel
    ) -> None:
        self._settings, self.connection, self.model = settings, connection, model
        self._last: tuple[Question, list[Term]] | None = None

    def load(self) -> None:
        """Loads the models now, so that the first question is answered as fast as the next."""
        self._pair.load()

    def find(
        self,
        question: Question,
        *,
        filters: Filters | None = None,
        k: int,
        all_posts: bool = False,
        versions: bool = False,
        method: Method = DEFAULT_METHOD,
        min_score: float | None = None,
    ) -> Found:
        """Videos by their best frame, the nearest first.

        Args:
            question: what is searched by.
            filters: what found posts must satisfy.
            k: results at most.
            all_posts: show every post of equal bytes, not only the earliest.
            versions: look into earlier versions of videos, too.
            method: how several terms become one ranking.
            min_score: least score; None leaves out nothing. Rank fusion takes none.

        Returns:
            One dictionary per video: columns of `vidpipe.video_hit`. By rank fusion the score is
            the fused one.
        """
        shown = _Shown(filters, all_posts, versions)
        if method == "rank_fusion":
            return self._find_fused(self.terms(question), shown, checked_k(k))
        return self._near(self.vector(question, method), shown, k, min_score)

    def cutoff(self, question: Question, method: Method = DEFAULT_METHOD) -> float | None:
        """Score from which a result answers the question; None where none was calibrated."""
        if method != DEFAULT_METHOD:
            return None
        row = self.connection.execute(
            "select vidpipe.calibrated_cutoff(%s, %s, %s)",
            [HalfVector(self.vector(question)), self.model.model_id, self.kind(question)],
        ).fetchone()
        return row[0] if row else None

    def kind(self, question: Question) -> str:
        """Kind of a question; that of a saved query in it is told by its terms."""
        row = self.connection.execute(
            "select vidpipe.query_kind(terms) from vidpipe.saved_queries where name = %s",
            [question.saved],
        ).fetchone()
        return question.kind_with(row[0] if row else None)

    def saved_terms(self, name: str) -> list[tuple[str, float]]:
        """The terms of a saved query and their weights, negative where they are taken away."""
        (row,) = self._rows("select terms from vidpipe.saved_queries where name = %s", [name]) or [
            {"terms": []}
        ]
        return [
            (_named(source, str(value)), float(term.get("weight", 1)))
            for term in row["terms"]
            for source, value in term.items()
            if source != "weight"
        ]

    def saved_cutoff(self, name: str) -> float | None:
        """Score from which a result answers a saved query: its own, or the calibrated one."""
        (row,) = self._rows("select vidpipe.cutoff_of(vidpipe.saved_query(%s)) as score", [name])
        cutoff: float | None = row["score"]
        return cutoff

    def contributions(
        self, question: Question, found: Found, method: Method = DEFAULT_METHOD
    ) -> list[list[tuple[str, float]]]:
        """What each term of the question contributes to each result's cosine.

        Args:
            question: what was searched by.
            found: results of `find`.
            method: the method by which they were found; under rank fusion places count, not scores.

        Returns:
            One list per result: names of the terms and contributions, which add up to the cosine.
        """
        terms = self.weighed_terms(question, method)
        frames = frame_vectors(self.connection, [row["keyframe_sha256"] for row in found])
        return [contributions(terms, vector) for vector in frames]

    def find_by_looks_and_words(
        self,
        question: Question,
        *,
        filters: Filters | None = None,
        k: int,
        all_posts: bool = False,
        versions: bool = False,
        min_score: float | None = None,
    ) -> Found:
        """Videos by their looks and by what is said of them: columns of `vidpipe.hybrid_hit`.

        What is said are hashtags, descriptions and OCR. A video is found where the words stand, or
        where a frame has the least score; the arguments are those of `find`.

        Returns:
            One dictionary per video, with `places`: where the words stand (columns of
            `vidpipe.word_place`). If the looks show no frame, the first with the words is shown.

        Raises:
            VidpipeError: the words make no question, or too long a one.
        """
        words = " ".join(text for text, _ in question.added_words)
        given = {
            "words": words,
            "embedding": HalfVector(self.vector(question)),
            "model_id": self.model.model_id,
            "min_looks": min_score,
        }
        shown = _Shown(filters, all_posts, versions)
        found = self._call("search_hybrid", given, shown, k)
        return with_places(self.connection, found, words)

    def find_saved(
        self,
        name: str,
        *,
        filters: Filters | None = None,
        k: int,
        all_posts: bool = False,
        versions: bool = False,
        min_score: float | None = None,
    ) -> Found:
        """Videos for a saved query; no model is loaded.

        Args:
            name: name of the saved query.
            filters: what found posts must satisfy.
            k: results at most.
            all_posts: show every post of equal bytes, not only the earliest.
            versions: look into earlier versions of videos, too.
            min_score: least score; None for the query's own cut-off or the calibrated one.

        Raises:
            UnknownName: there is no such query.
            VidpipeError: its vector is still to be made, or is of another model.
        """
        given = {"query_name": name, "min_score": min_score}
        shown = _Shown(filters, all_posts, versions)
        return self._call("search_videos", given, shown, k)

    def rank_exactly(self, question: Question, *, k: int) -> list[str]:
        """Contents by this model's own vectors, active or not, the nearest first."""
        rows = self._rows(
            "select content_sha256 from vidpipe.rank_exactly(%s, %s, %s)",
            [HalfVector(self.vector(question)), self.model.model_no, checked_k(k)],
        )
        return [row["content_sha256"] for row in rows]

    def find_similar(
        self,
        video_id: str,
        *,
        filters: Filters | None = None,
        k: int,
        all_posts: bool = False,
        versions: bool = False,
    ) -> Found:
        """Videos that look like a post: columns of `vidpipe.similar_hit`; no model is loaded.

        The post is named by the id that it has, or by one that it had.

        Raises:
            UnknownName: there is no such post.
        """
        shown = _Shown(filters, all_posts, versions)
        return self._call("similar_videos", {"video_id": video_id}, shown, k)

    def vector(self, question: Question, method: Method = DEFAULT_METHOD) -> Vector:
        """The direction of a question: float32, shape (dimensions,), length 1."""
        return combine(self.weighed_terms(question, method))

    def terms(self, question: Question) -> list[Term]:
        """The vectors that a question is the sum of, with their signs and names."""
        if self._last is None or self._last[0] != question:
            embedded = question.picture or question.added_words or question.subtract
            made = terms_of(question, self._pair) if embedded else []
            self._last = question, [*self._kept(question), *made]
        return self._last[1]

    def weighed_terms(self, question: Question, method: Method = DEFAULT_METHOD) -> list[Term]:
        """The terms as a method adds them up: gap-corrected texts lack what all texts share."""
        terms = self.terms(question)
        return gap_corrected(terms, self._typical_text) if method == "gap_corrected" else terms

    def text_directions(self, texts: Sequence[str]) -> list[Vector]:
        """Unit vectors of texts as the default method sees each of them."""
        made = [
            Term(vector, name=text, modality="text")
            for text, vector in zip(texts, self._pair.texts.embed(texts), strict=True)
        ]
        return [unit(term.vector) for term in gap_corrected(made, self._typical_text)]

    def standing(self, question: Question, score: float) -> float:
        """Deviations of a score above the median of the corpus; NaN where most frames are alike."""
        return deviations_above(self.corpus_sample.frames @ self.vector(question), score)

    @cached_property
    def corpus_sample(self) -> CorpusSample:
        """Frames of the corpus as it was when they were first asked for."""
        return CorpusSample.read(self.connection)

    def _kept(self, question: Question) -> Iterator[Term]:
        if question.video is not None:
            named = f"video:{question.video}"
            yield Term(self._kept_vector(named), name=named, modality="image")
        if question.saved is not None:
            yield Term(self._kept_vector(question.saved), name=question.saved)

    def _kept_vector(self, named: str) -> Vector:
        """Vector of a saved query by its name, or of a post as video:ID."""
        statement = "select vidpipe.term_vector(%s, %s) as direction"
        (row,) = self._rows(statement, [named, self.model.model_id])
        kept: Vector = row["direction"].to_numpy()
        return kept

    def _near(
        self, vector: Vector, shown: "_Shown", k: int, min_score: float | None = None
    ) -> Found:
        given = {
            "embedding": HalfVector(vector),
            "model_id": self.model.model_id,
            "min_score": min_score,
        }
        return self._call("search_videos_by_vector", given, shown, k)

    def _find_fused(self, terms: list[Term], shown: "_Shown", k: int) -> Found:
        rows: dict[tuple[str, str], dict[str, Any]] = {}
        rankings = []
        for term in terms:
            found = self._near(combine([replace(term, weight=1)]), shown, FUSED_PLACES)
            # A video may be found by several of its versions.
            ranked = {(row["video_id"], row["content_sha256"]): row for row in found}
            rankings.append((term.weight, list(ranked)))
            rows = ranked | rows
        return [
            rows[one] | {"rank": rank, "score": score}
            for rank, (one, score) in enumerate(rank_fusion(rankings)[:k], start=1)
        ]

    @cached_property
    def _typical_text(self) -> Vector | None:
        return typical_text(self.connection, self.model)

    @cached_property
    def _pair(self) -> "ClipPair":
        from vidpipe.models.clip import ClipPair

        return ClipPair.from_settings(settings_of_index(self._settings, self.model.model_id))

    def _call(self, function: str, given: dict[str, Any], shown: "_Shown", k: int) -> Found:
        arguments = {**given, **shown.arguments(), "k": checked_k(k)}
        named = ", ".join(f"{name} => %({name})s" for name in arguments)
        return self._rows(f"select * from vidpipe.{function}({named}) order by rank", arguments)

    def _rows(self, statement: str, arguments: dict[str, Any] | list[Any]) -> Found:
        with self.connection.cursor(row_factory=dict_row) as cursor:
            try:
                return cursor.execute(statement, arguments).fetchall()
            except psycopg.errors.NoDataFound as error:
                raise UnknownName(error.diag.message_primary) from error
            except (
                psycopg.errors.ObjectNotInPrerequisiteState,
                psycopg.errors.InvalidParameterValue,
            ) as error:
                raise VidpipeError(error.diag.message_primary) from error


def _named(source: str, value: str) -> str:
    """A term of a saved query as people call it; of a picture, no more than its file's name."""
    if source == "image":
        return f"picture {value.rpartition('/')[2]}"
    return f"video:{value}" if source == "video" else value


@dataclass(frozen=True)
class _Shown:
    """What results show: posts that pass filters, each of equal bytes or the earliest, versions."""

    filters: Filters | None
    all_posts: bool
    versions: bool

    def arguments(self) -> dict[str, Any]:
        """All of it as arguments of the SQL search functions."""
        return {
            **(self.filters or Filters()).arguments(),
            "all_posts": self.all_posts,
            "include_versions": self.versions,
        }


def terms_of(question: Question, pair: "ClipPair") -> list[Term]:
    """The vectors of a question's picture and words, with their weights and names, by a pair."""
    terms = []
    if question.picture is not None:
        vector = pair.images.embed([question.picture])[0]
        terms.append(Term(vector, name="image", modality="image"))
    words = [
        *question.added_words,
        *((text, -weight) for text, weight in question.subtracted_words),
    ]
    if words:
        vectors = pair.texts.embed([text for text, _ in words])
        terms += [
            Term(vector, weight, name=text, modality="text")
            for (text, weight), vector in zip(words, vectors, strict=True)
        ]
    return terms


@contextmanager
def open_searcher(settings: Settings, model: str | None = None) -> Iterator[Searcher]:
    """A searcher of the index that settings point to.

    Args:
        settings: the settings of the installation.
        model: id or number of a registered model to rank by; None for the active one, which is
            the only one that all searches but `rank_exactly` know.

    Raises:
        VidpipeError: nothing is indexed yet.
        UnknownName: there is no such model.
    """
    with connect(settings, autocommit=True) as connection:
        active = model_of_index(connection)
        yield Searcher(settings, connection, find_model(connection, model) if model else active)
