"""`vidpipe query`: saved queries at the command line.

Belongs here: what is said at the terminal. Does not: terms and vectors
(vidpipe.search.saved_queries).
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vidpipe.cli.options import demo_models_option, json_option, with_environment
from vidpipe.cli.output import print_fitted, print_json
from vidpipe.errors import SettingsError, VidpipeError

if TYPE_CHECKING:
    from vidpipe.search.searcher import Searcher
    from vidpipe.settings import Settings


@click.group()
def query() -> None:
    """Saved queries: searched by name, in SQL, too."""


@query.command("save")
@click.argument("name")
@click.argument("text", required=False)
@click.option("--add", multiple=True, metavar="WORDS", help="More words; may be repeated.")
@click.option("--subtract", multiple=True, metavar="WORDS", help="Words to take away.")
@click.option("--video", "videos", multiple=True, help="A post to search by (platform:id).")
@click.option(
    "--image", "images", multiple=True, type=click.Path(path_type=Path), help="A picture."
)
@click.option("--cutoff", type=float, help="Score from which a video is a hit, -1 to 1.")
@click.option("--watch", "watch_threshold", type=float, help="Tell new posts from this score on.")
@click.option("--note", help="Why it is saved.")
@click.option("--replace", is_flag=True, help="Overwrite the query of that name.")
@demo_models_option
@with_environment
def save(
    name: str,
    text: str | None,
    add: tuple[str, ...],
    subtract: tuple[str, ...],
    videos: tuple[str, ...],
    images: tuple[Path, ...],
    cutoff: float | None,
    watch_threshold: float | None,
    note: str | None,
    replace: bool,
) -> None:
    """Save a query of TEXT, words, posts and pictures, and make its vector."""
    from vidpipe.search.question import weighted
    from vidpipe.search.saved_queries import SavedTerm, keep_picture, save_query
    from vidpipe.search.searcher import open_searcher
    from vidpipe.settings import load_settings
    from vidpipe.stores.media_store import MediaStore

    settings = load_settings()
    words = (text, *add) if text else add
    terms = [
        *(SavedTerm("image", keep_picture(MediaStore(settings.media), path)) for path in images),
        *(SavedTerm("video", video) for video in videos),
        *(SavedTerm("text", *weighted(one)) for one in words),
    ]
    if not terms:
        raise SettingsError("give a TEXT, --image or --video to search by")
    taken = (weighted(one) for one in subtract)
    terms += [SavedTerm("text", one, -weight) for one, weight in taken]
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


@query.command("list")
@json_option
@with_environment
def list_queries(as_json: bool) -> None:
    """Show all saved queries and whether they can be searched."""
    from psycopg.rows import dict_row
    from rich.table import Table
    from rich.text import Text

    from vidpipe.search.searcher import open_searcher
    from vidpipe.settings import load_settings

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
        print_json(rows)
        return
    table = Table("name", "terms", "cut-off", "vector", "by", box=None)
    for row in rows:
        vector = row["embedding_error"] or ("ready" if row["embedded_at"] else "waiting")
        cutoff = "" if row["cutoff"] is None else f"{row['cutoff']:.3f}"
        terms = json.dumps(row["terms"], ensure_ascii=False)
        table.add_row(Text(row["name"]), Text(terms), cutoff, Text(vector), Text(row["created_by"]))
    print_fitted(table if rows else "no query is saved yet: vidpipe query save NAME TEXT")


@query.command("embed")
@demo_models_option
@with_environment
def embed() -> None:
    """Make the vectors of saved queries that wait for one (the sensor of `up` does, too)."""
    from vidpipe.search.searcher import open_searcher
    from vidpipe.settings import load_settings

    settings = load_settings()
    with open_searcher(settings) as searcher:
        told = _embed(searcher, settings)
    for name, reason in told.items():
        click.echo(f"{name}: {reason or 'embedded'}")
    if not told:
        click.echo("no saved query waits for its vector")


@query.command("remove")
@click.argument("name")
@click.option(
    "--although-used", is_flag=True, help="Delete what others made of it, too: judgements, hits."
)
@with_environment
def remove(name: str, although_used: bool) -> None:
    """Delete a saved query that nobody else uses."""
    from vidpipe.search.saved_queries import remove_query, remove_used_query
    from vidpipe.search.searcher import open_searcher
    from vidpipe.settings import load_settings

    with open_searcher(load_settings()) as searcher:
        (remove_used_query if although_used else remove_query)(searcher.connection, name)


def _embed(searcher: "Searcher", settings: "Settings") -> dict[str, str | None]:
    """Embeds what waits, with the model of the index; by name, None or why there is no vector."""
    from vidpipe.pipeline.engine import LocalEngine
    from vidpipe.search.index_model import settings_of_index
    from vidpipe.search.saved_queries import embed_waiting

    of_index = settings_of_index(settings, searcher.model.model_id)
    engine = LocalEngine(settings.worker_memory_bytes)
    return embed_waiting(searcher.connection, of_index, engine, searcher.model.model_id)


def _sql_text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
