"""`vidpipe query`: saved queries at the command line.

Belongs here: what is said at the terminal. Does not: terms and vectors
(vidpipe.search.saved_queries).
"""

import hashlib
import json
import sys
from pathlib import Path

import click
from psycopg.rows import dict_row
from rich.console import Console
from rich.table import Table
from rich.text import Text

from vidpipe.errors import SettingsError, UnknownName, VidpipeError
from vidpipe.pipeline.engine import LocalEngine
from vidpipe.search.question import read_picture, weighted
from vidpipe.search.saved_queries import PICTURES, SavedTerm, embed_waiting, save_query
from vidpipe.search.searcher import Searcher, open_searcher, settings_of_index
from vidpipe.settings import Settings, load_settings
from vidpipe.stores.media_store import MediaStore


def save(
    name: str,
    *,
    add: tuple[str, ...],
    subtract: tuple[str, ...],
    videos: tuple[str, ...],
    images: tuple[Path, ...],
    cutoff: float | None,
    watch_threshold: float | None,
    note: str | None,
    replace: bool,
) -> None:
    """Saves a query and makes its vector.

    Raises:
        SettingsError: there is nothing to search by, or the name is taken.
        UnknownName: a picture cannot be read.
        VidpipeError: it cannot be embedded, and nothing was saved.
    """
    settings = load_settings()
    terms = [
        *(SavedTerm("image", _keep(settings, path)) for path in images),
        *(SavedTerm("video", video) for video in videos),
        *(SavedTerm("text", *weighted(words)) for words in add),
    ]
    if not terms:
        raise SettingsError("give a TEXT, --image or --video to search by")
    taken = (weighted(words) for words in subtract)
    terms += [SavedTerm("text", text, -weight) for text, weight in taken]
    with open_searcher(settings) as searcher, searcher.connection.transaction():
        save_query(
            searcher.connection,
            name,
            terms,
            cutoff=cutoff,
            watch_threshold=watch_threshold,
            note=note,
            replace=replace,
        )
        if reason := _embed(searcher, settings).get(name):
            raise VidpipeError(f"query {name!r} was not saved, for it cannot be embedded: {reason}")
    click.echo(f"saved. vidpipe search --saved {name!r}")
    click.echo(f"        select * from vidpipe.search_videos({_sql_text(name)}, 20);")


def embed() -> None:
    """Makes the vectors of all saved queries that wait for one, as the sensor does.

    Raises:
        VidpipeError: nothing is indexed yet, or the models cannot be loaded.
    """
    settings = load_settings()
    with open_searcher(settings) as searcher:
        told = _embed(searcher, settings)
    for name, reason in told.items():
        click.echo(f"{name}: {reason or 'embedded'}")
    if not told:
        click.echo("no saved query waits for its vector")


def list_queries(*, as_json: bool) -> None:
    """Prints all saved queries."""
    with (
        open_searcher(load_settings()) as searcher,
        searcher.connection.cursor(row_factory=dict_row) as cursor,
    ):
        rows = cursor.execute(
            "select name, terms, cutoff, watch_threshold, note, model_id, embedded_at,"
            " embedding_error, created_by"
            " from vidpipe.saved_queries order by name"
        ).fetchall()
    if as_json:
        json.dump(rows, sys.stdout, indent=2, default=str)
        sys.stdout.write("\n")
        return
    table = Table("name", "terms", "cut-off", "vector", "by", box=None)
    for row in rows:
        vector = row["embedding_error"] or ("ready" if row["embedded_at"] else "waiting")
        cutoff = "" if row["cutoff"] is None else f"{row['cutoff']:.3f}"
        terms = json.dumps(row["terms"], ensure_ascii=False)
        table.add_row(Text(row["name"]), Text(terms), cutoff, Text(vector), Text(row["created_by"]))
    Console().print(table if rows else "no query is saved yet: vidpipe query save NAME TEXT")


def remove(name: str) -> None:
    """Deletes a saved query.

    Raises:
        UnknownName: there is none of that name.
    """
    with open_searcher(load_settings()) as searcher:
        deleted = searcher.connection.execute(
            "delete from vidpipe.saved_queries where name = %s", [name]
        )
        if not deleted.rowcount:
            raise UnknownName(f"there is no saved query {name!r}; vidpipe query list shows them")


def _embed(searcher: Searcher, settings: Settings) -> dict[str, str | None]:
    of_index = settings_of_index(settings, searcher.model.model_id)
    engine = LocalEngine(settings.worker_memory_bytes)
    return embed_waiting(searcher.connection, of_index, engine, searcher.model.model_id)


def _keep(settings: Settings, path: Path) -> str:
    """Puts a picture into the media store: another model must be able to embed it, too."""
    data = read_picture(path)
    name = f"{PICTURES}/{hashlib.sha256(data).hexdigest()}{path.suffix.lower()}"
    return MediaStore(settings.media).put(name, data)


def _sql_text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
