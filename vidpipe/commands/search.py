"""`vidpipe search`: videos by picture, by text, or by both, with words added and taken away.

Belongs here: making the query's vector and showing what PostgreSQL ranked.
Does not: ranking (the SQL function `vidpipe.search_videos_by_vector`).
"""

import json
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pgvector import HalfVector
from psycopg.rows import dict_row
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from vidpipe.demo.pair import demo_pair
from vidpipe.errors import DecodeError, SettingsError, UnknownName, VidpipeError
from vidpipe.models.clip_weights import model_identity
from vidpipe.search.query import Term, combine
from vidpipe.settings import Settings, load_settings
from vidpipe.stores.active_model import active_model
from vidpipe.stores.database import connect, has_schema

LARGEST_K = 10_000


@dataclass(frozen=True)
class Filters:
    """What a found video must satisfy; times are UTC."""

    account: str | None = None
    posted_from: datetime | None = None
    posted_to: datetime | None = None


@dataclass(frozen=True)
class Question:
    """What is searched by: the sum of its parts, each of the same length.

    Attributes:
        text: words, or None.
        picture: bytes of a JPEG, PNG or WebP, or None.
        add: more words, each a part of its own.
        subtract: words whose vectors are taken away.
    """

    text: str | None = None
    picture: bytes | None = None
    add: tuple[str, ...] = ()
    subtract: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuses a question that names nothing to find.

        Raises:
            SettingsError: there is neither a text nor a picture nor words to add.
        """
        if self.picture is None and not any(text.strip() for text in (self.text or "", *self.add)):
            raise SettingsError("give a TEXT, --image FILE, --add WORDS or several to search by")


def search(
    *,
    text: str | None,
    image: Path | None,
    add: tuple[str, ...],
    subtract: tuple[str, ...],
    filters: Filters,
    k: int,
    as_json: bool,
) -> None:
    """Prints the videos nearest to a text, a picture, or a sum of several.

    Raises:
        SettingsError: there is nothing to search by, or k is out of range.
        UnknownName: the picture does not exist.
        DecodeError: the picture is none.
        ModelUnavailable: the model of the index cannot be found.
    """
    question = Question(text, _read(image) if image else None, add, subtract)
    if not 1 <= k <= LARGEST_K:
        raise SettingsError(f"-k {k}: give a number from 1 to {LARGEST_K}")
    try:
        results = find(load_settings(), question, filters=filters, k=k)
    except DecodeError as error:
        raise DecodeError(f"{image} is no picture to search by: {error}") from error
    if as_json:
        json.dump(results, sys.stdout, indent=2, default=str)
        sys.stdout.write("\n")
    else:
        show(results)


def find(
    settings: Settings, question: Question, *, filters: Filters | None = None, k: int
) -> list[dict[str, Any]]:
    """Videos by their best frame, the nearest first.

    Args:
        question: what is searched by.
        filters: what videos must satisfy.
        k: results at most.

    Returns:
        One dictionary per video, with score (cosine), best frame and its time.
    """
    filters = filters or Filters()
    with connect(settings, autocommit=True) as connection:
        active = active_model(connection) if has_schema(connection) else None
        if active is None:
            raise VidpipeError("nothing is indexed yet: vidpipe run --uploads FOLDER comes first")
        settings = _settings_of_index(settings, active.model_id)
        vector = _query_vector(settings, question)
        until = filters.posted_to + timedelta(days=1) if filters.posted_to else None
        with connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(
                "select * from vidpipe.search_videos_by_vector(%(vector)s, %(model)s, k => %(k)s,"
                " account => %(account)s, posted_from => %(posted_from)s,"
                " posted_until => %(posted_until)s)",
                {
                    "vector": HalfVector(vector),
                    "model": active.model_id,
                    "k": k,
                    "account": filters.account,
                    "posted_from": filters.posted_from,
                    "posted_until": until,
                },
            ).fetchall()


def _settings_of_index(settings: Settings, model_id: str) -> Settings:
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


def _query_vector(settings: Settings, question: Question) -> Any:
    from vidpipe.models.clip import ClipPair

    pair = ClipPair.from_settings(settings)
    terms = []
    if question.picture is not None:
        terms.append(Term(pair.images.embed([question.picture])[0], name="image"))
    added = [text for text in (question.text, *question.add) if text and text.strip()]
    words = [*((text, 1.0) for text in added), *((text, -1.0) for text in question.subtract)]
    if words:
        vectors = pair.texts.embed([text for text, _ in words])
        terms += [
            Term(vector, weight, name=text)
            for (text, weight), vector in zip(words, vectors, strict=True)
        ]
    return combine(terms)


def _read(image: Path) -> bytes:
    try:
        return image.read_bytes()
    except OSError as error:
        raise UnknownName(f"{image} cannot be read: {error.strerror}") from error


def show(results: list[dict[str, Any]], *, right: frozenset[str] = frozenset()) -> None:
    """Prints found videos as a table, the nearest first; those known to be right are marked."""
    console = Console()
    if not results:
        console.print("nothing found")
        return
    ids = Column("video", overflow="fold", min_width=20)
    table = Table("score", ids, "account", "posted", "at", "description", box=None)
    for row in results:
        table.add_row(
            f"{row['score']:.3f}",
            Text(row["video_id"] + (" ✓" if row["video_id"] in right else "")),
            Text(row["account"] or ""),
            f"{row['posted_at']:%Y-%m-%d}" if row["posted_at"] else "",
            f"{row['timestamp_s']:.1f} s",
            Text((row["description"] or "")[:60]),
        )
    console.print(table)
