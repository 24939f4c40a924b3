"""`vidpipe search`: videos by picture, by text, or by both.

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

from vidpipe.commands.environment import demo_models_folder, use_demo_models
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


def search(
    *, text: str | None, image: Path | None, filters: Filters, k: int, as_json: bool
) -> None:
    """Prints the videos nearest to a text, a picture, or both.

    Raises:
        SettingsError: there is nothing to search by, or k is out of range.
        UnknownName: the picture does not exist.
        DecodeError: the picture is none.
        ModelUnavailable: the model of the index cannot be found.
    """
    if image is None and not (text or "").strip():
        raise SettingsError("give a TEXT, --image FILE, or both to search by")
    if not 1 <= k <= LARGEST_K:
        raise SettingsError(f"-k {k}: give a number from 1 to {LARGEST_K}")
    picture = _read(image) if image else None
    try:
        results = find(load_settings(), text=text, picture=picture, filters=filters, k=k)
    except DecodeError as error:
        raise DecodeError(f"{image} is no picture to search by: {error}") from error
    if as_json:
        json.dump(results, sys.stdout, indent=2, default=str)
        sys.stdout.write("\n")
    else:
        show(results)


def find(
    settings: Settings, *, text: str | None, picture: bytes | None, filters: Filters, k: int
) -> list[dict[str, Any]]:
    """Videos by their best frame, the nearest first.

    Args:
        text: words to search by, or None.
        picture: bytes of a JPEG, PNG or WebP to search by, or None.
        filters: what videos must satisfy.
        k: results at most.

    Returns:
        One dictionary per video, with score (cosine), best frame and its time.
    """
    with connect(settings, autocommit=True) as connection:
        active = active_model(connection) if has_schema(connection) else None
        if active is None:
            raise VidpipeError("nothing is indexed yet: vidpipe run --uploads FOLDER comes first")
        settings = _settings_of_index(settings, active.model_id)
        vector = _query_vector(settings, text, picture)
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
    demo = demo_models_folder(settings.home.absolute())
    if demo.exists():
        use_demo_models(settings.home.absolute())
        with_demo = load_settings()
        if model_identity(with_demo).model_id == model_id:
            return with_demo
    configured = model_identity(settings).model_id
    if configured != model_id:
        raise SettingsError(
            f"the index was made by {model_id}, but VIDPIPE_CLIP_IMAGE_MODEL and "
            f"VIDPIPE_CLIP_TEXT_MODEL name {configured}; set them to the index's models"
        )
    return settings


def _query_vector(settings: Settings, text: str | None, picture: bytes | None) -> Any:
    from vidpipe.models.clip import ClipPair

    pair = ClipPair.from_settings(settings)
    terms = []
    if picture is not None:
        terms.append(Term(pair.images.embed([picture])[0], name="image"))
    if text and text.strip():
        terms.append(Term(pair.texts.embed([text])[0], name="text"))
        if "stand-in" in settings.clip_text_model:
            sys.stderr.write(
                "note: the demo models have random weights; search by text means nothing\n"
            )
    return combine(terms)


def _read(image: Path) -> bytes:
    try:
        return image.read_bytes()
    except OSError as error:
        raise UnknownName(f"{image} cannot be read: {error.strerror}") from error


def show(results: list[dict[str, Any]]) -> None:
    """Prints found videos as a table, the nearest first."""
    console = Console()
    if not results:
        console.print("nothing found")
        return
    ids = Column("video", overflow="fold", min_width=20)
    table = Table("score", ids, "account", "posted", "at", "description", box=None)
    for row in results:
        table.add_row(
            f"{row['score']:.3f}",
            Text(row["video_id"]),
            Text(row["account"] or ""),
            f"{row['posted_at']:%Y-%m-%d}" if row["posted_at"] else "",
            f"{row['timestamp_s']:.1f} s",
            Text((row["description"] or "")[:60]),
        )
    console.print(table)
