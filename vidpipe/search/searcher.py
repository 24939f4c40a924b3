"""Answers questions from an index: makes their vectors and lets PostgreSQL rank.

Belongs here: one connection, the model that made the index, calls of the SQL search functions.
Does not: ranking (sql/functions), showing results (vidpipe.commands.search).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import psycopg
from pgvector import HalfVector
from psycopg.rows import dict_row

from vidpipe.demo.pair import demo_pair
from vidpipe.errors import SettingsError, UnknownName, VidpipeError
from vidpipe.models.clip_weights import model_identity
from vidpipe.search.navigation import (
    DEFAULT_METHOD,
    FUSED_PLACES,
    Method,
    contributions,
    gap_corrected,
    rank_fusion,
)
from vidpipe.search.query import Term, Vector, combine
from vidpipe.search.question import Filters, Question, checked_k
from vidpipe.settings import Settings
from vidpipe.stores.active_model import RegisteredModel, active_model
from vidpipe.stores.database import connect, has_schema

if TYPE_CHECKING:
    from vidpipe.models.clip import ClipPair

Found = list[dict[str, Any]]


class Searcher:
    """Searches one index, one question after another; models are loaded when first needed."""

    def __init__(
        self, settings: Settings, connection: psycopg.Connection, model: RegisteredModel
    ) -> None:
        self._settings, self.connection, self.model = settings, connection, model

    def find(
        self,
        question: Question,
        *,
        filters: Filters | None = None,
        k: int,
        all_posts: bool = False,
        method: Method = DEFAULT_METHOD,
    ) -> Found:
        """Videos by their best frame, the nearest first.

        Args:
            question: what is searched by.
            filters: what found posts must satisfy.
            k: results at most.
            all_posts: show every post of equal bytes, not only the earliest.
            method: how several terms become one ranking.

        Returns:
            One dictionary per video: columns of `vidpipe.video_hit`. By rank fusion the score is
            the fused one.
        """
        if method == "rank_fusion":
            return self._find_fused(self.terms(question), filters, checked_k(k), all_posts)
        return self._near(self.vector(question, method), filters, k, all_posts)

    def explain(self, question: Question, found: Found) -> None:
        """Adds to each result what each term of the question contributes to its cosine.

        Args:
            question: what was searched by.
            found: results of `find`; each gets `terms`, a list of names and contributions.
        """
        terms = self.terms(question)
        frames: dict[str, Any] = dict(
            self.connection.execute(
                "select keyframe_sha256, embedding from vidpipe.frame_embeddings"
                " where keyframe_sha256 = any(%s)",
                [[row["keyframe_sha256"] for row in found]],
            ).fetchall()
        )
        for row in found:
            frame = frames[row["keyframe_sha256"]].to_numpy().astype("float32")
            row["terms"] = [
                {"term": name, "contribution": round(share, 4)}
                for name, share in contributions(terms, frame)
            ]

    def find_by_looks_and_words(
        self,
        question: Question,
        *,
        filters: Filters | None = None,
        k: int,
        all_posts: bool = False,
    ) -> Found:
        """The same, fused with what hashtags, descriptions and OCR say: `vidpipe.hybrid_hit`."""
        given = {
            "words": " ".join(filter(None, (question.text, *question.add))),
            "embedding": HalfVector(self.vector(question)),
            "model_id": self.model.model_id,
        }
        return self._call("search_hybrid", given, filters, k, all_posts)

    def find_saved(
        self,
        name: str,
        *,
        filters: Filters | None = None,
        k: int,
        all_posts: bool = False,
        min_score: float | None = None,
    ) -> Found:
        """Videos for a saved query; no model is loaded.

        Args:
            name: of the query.
            filters: what found posts must satisfy.
            k: results at most.
            all_posts: show every post of equal bytes, not only the earliest.
            min_score: least score; None for the query's own cut-off.

        Raises:
            UnknownName: there is no such query.
            VidpipeError: its vector is still to be made, or is of another model.
        """
        given = {"query_name": name, "min_score": min_score}
        return self._call("search_videos", given, filters, k, all_posts)

    def find_similar(
        self, video_id: str, *, filters: Filters | None = None, k: int, all_posts: bool = False
    ) -> Found:
        """Videos that look like a post: columns of `vidpipe.similar_hit`; no model is loaded.

        Raises:
            UnknownName: there is no such post.
        """
        return self._call("similar_videos", {"video_id": video_id}, filters, k, all_posts)

    def vector(self, question: Question, method: Method = DEFAULT_METHOD) -> Vector:
        """The direction of a question: float32, shape (dimensions,), length 1."""
        terms = self.terms(question)
        return combine(gap_corrected(terms, self._means) if method == "gap_corrected" else terms)

    def terms(self, question: Question) -> list[Term]:
        """The vectors that a question is the sum of, with their signs and names."""
        return terms_of(question, self._pair)

    def _near(self, vector: Vector, filters: Filters | None, k: int, all_posts: bool) -> Found:
        given = {"embedding": HalfVector(vector), "model_id": self.model.model_id}
        return self._call("search_videos_by_vector", given, filters, k, all_posts)

    def _find_fused(
        self, terms: list[Term], filters: Filters | None, k: int, all_posts: bool
    ) -> Found:
        rows: dict[str, dict[str, Any]] = {}
        rankings = []
        for term in terms:
            found = self._near(combine([replace(term, weight=1)]), filters, FUSED_PLACES, all_posts)
            rankings.append((term.weight, [row["video_id"] for row in found]))
            rows = {row["video_id"]: row for row in found} | rows
        return [
            rows[video] | {"rank": rank, "score": score}
            for rank, (video, score) in enumerate(rank_fusion(rankings)[:k], start=1)
        ]

    @cached_property
    def _means(self) -> dict[str, Vector]:
        """Mean vector of the index's frames and of its texts, by modality."""
        rows = self.connection.execute(
            "select 'image', avg(embedding) from vidpipe.frame_embeddings"
            " union all select 'text', avg(embedding) from vidpipe.text_embeddings"
        ).fetchall()
        return {kind: mean.to_numpy().astype("float32") for kind, mean in rows if mean is not None}

    @cached_property
    def _pair(self) -> "ClipPair":
        from vidpipe.models.clip import ClipPair

        return ClipPair.from_settings(settings_of_index(self._settings, self.model.model_id))

    def _call(
        self,
        function: str,
        given: dict[str, Any],
        filters: Filters | None,
        k: int,
        all_posts: bool,
    ) -> Found:
        arguments = {
            **given,
            **(filters or Filters()).arguments(),
            "k": checked_k(k),
            "all_posts": all_posts,
        }
        named = ", ".join(f"{name} => %({name})s" for name in arguments)
        statement = f"select * from vidpipe.{function}({named}) order by rank"
        with self.connection.cursor(row_factory=dict_row) as cursor:
            try:
                return cursor.execute(statement, arguments).fetchall()
            except psycopg.errors.NoDataFound as error:
                raise UnknownName(error.diag.message_primary) from error
            except psycopg.errors.ObjectNotInPrerequisiteState as error:
                raise VidpipeError(error.diag.message_primary) from error


def terms_of(question: Question, pair: "ClipPair") -> list[Term]:
    """The vectors that a question is the sum of, with their signs and names, by a pair."""
    terms = []
    if question.picture is not None:
        vector = pair.images.embed([question.picture])[0]
        terms.append(Term(vector, name="image", modality="image"))
    added = [text for text in (question.text, *question.add) if text and text.strip()]
    words = [*((text, 1.0) for text in added), *((text, -1.0) for text in question.subtract)]
    if words:
        vectors = pair.texts.embed([text for text, _ in words])
        terms += [
            Term(vector, weight, name=text, modality="text")
            for (text, weight), vector in zip(words, vectors, strict=True)
        ]
    return terms


@contextmanager
def open_searcher(settings: Settings) -> Iterator[Searcher]:
    """A searcher of the index that settings point to.

    Raises:
        VidpipeError: nothing is indexed yet.
    """
    with connect(settings, autocommit=True) as connection:
        yield Searcher(settings, connection, model_of_index(connection))


def model_of_index(connection: psycopg.Connection) -> RegisteredModel:
    """The model that made the index.

    Raises:
        VidpipeError: nothing is indexed yet.
    """
    active = active_model(connection) if has_schema(connection) else None
    if active is None:
        raise VidpipeError("nothing is indexed yet: vidpipe run --uploads FOLDER comes first")
    return active


def settings_of_index(settings: Settings, model_id: str) -> Settings:
    """Settings with the pair that made the index: the configured one, or the demo pair.

    Raises:
        SettingsError: the index was made by another model; the message names both.
    """
    image, text = (str(folder) for folder in demo_pair())
    with_demo = settings.model_copy(update={"clip_image_model": image, "clip_text_model": text})
    if model_identity(with_demo).model_id == model_id:
        return with_demo
    configured = model_identity(settings).model_id
    if configured != model_id:
        raise SettingsError(
            f"the index was made by {model_id}, but VIDPIPE_CLIP_IMAGE_MODEL and "
            f"VIDPIPE_CLIP_TEXT_MODEL name {configured}; set them to the index's models"
        )
    return settings
