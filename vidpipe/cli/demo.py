"""`vidpipe demo`: a small demo world through the whole pipeline, then searches and topics.

Belongs here: the story that the demo tells at a terminal.
Does not: rendering, and how large a world this machine affords (vidpipe.demo), the pipeline (it is
that of `vidpipe run`).
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from vidpipe.search.labelled_queries import LabelledQuery
    from vidpipe.settings import Settings

SEED = 7
K = 3


@click.command()
@click.option(
    "--videos", type=int, help="Videos to render [as many as take a few minutes on this machine]."
)
@click.option("--port", default=3000, show_default=True, help="Port named in the closing words.")
def demo(videos: int | None, port: int) -> None:
    """Render a small demo world, take it through the whole pipeline, search and cluster it."""
    sys.exit(_show(videos, port))


def _show(videos: int | None, port: int) -> int:
    """Renders a world under VIDPIPE_HOME/demo (once), indexes and searches it; the exit code."""
    from vidpipe.cli.environment import prepare_environment
    from vidpipe.cli.run import run_pending
    from vidpipe.cli.topics import find_topics
    from vidpipe.demo.pace import affordable_videos
    from vidpipe.demo.queries import QUERIES
    from vidpipe.demo.world import UPLOADS
    from vidpipe.settings import load_settings

    home = load_settings().home.absolute() / "demo"
    world = home / "world"
    os.environ["VIDPIPE_HOME"] = str(home)
    started = time.monotonic()
    if not world.exists():
        count = videos if videos is not None else affordable_videos()
        click.echo(f"rendering a world of {count} videos into {world} …")
        # In a process of its own: the run process must not hold OpenCV and FFmpeg.
        command = ["demo-world", "--out", str(world), "--seed", str(SEED), "--videos", str(count)]
        code = subprocess.run([sys.executable, "-m", "vidpipe", *command], check=False).returncode
        if code:
            return code
    prepare_environment(uploads=str(world / UPLOADS), demo_models=True)
    os.environ["VIDPIPE_QUERY_SET"] = str(world / QUERIES)
    code = run_pending(as_json=False)
    if code == 0:
        _use_demo_pair(load_settings())
        _search(load_settings(), world)
        click.echo("\nwhat the videos are about: vidpipe topics run")
        code = find_topics(None, as_json=False)
    if code == 0:
        click.echo(f"\nthe demo took {time.monotonic() - started:.0f} s. To look around:")
        click.echo(f"  export VIDPIPE_HOME={home} VIDPIPE_QUERY_SET={world / QUERIES}")
        click.echo(f"  vidpipe up --demo-models --uploads {world / UPLOADS}")
        click.echo(f"  then open http://127.0.0.1:{port}")
        click.echo('  vidpipe search "a burning tank at night"')
        click.echo(f"  vidpipe evaluate {world / QUERIES}")
        click.echo("On your own videos (README says how to set the published models):")
        click.echo("  vidpipe run --uploads YOUR_FOLDER")
    return code


def _use_demo_pair(settings: "Settings") -> None:
    """Lets searches use the pair of this vidpipe: a world of an older one is indexed by its own."""
    from vidpipe.models.clip_weights import model_identity
    from vidpipe.stores.database import connect
    from vidpipe.stores.model_registry import activate

    with connect(settings, autocommit=True) as connection:
        activate(connection, model_identity(settings).model_id)


def _search(settings: "Settings", world: Path) -> None:
    """One search of each kind for what a keyframe shows; what is right by the truth is marked."""
    from vidpipe.cli.found_videos import print_answer, print_found
    from vidpipe.demo.queries import QUERIES
    from vidpipe.search import certainty, cutoffs
    from vidpipe.search.answers import Search, answer
    from vidpipe.search.evaluation import Corpus
    from vidpipe.search.labelled_queries import read_query_set
    from vidpipe.search.searcher import open_searcher

    queries = read_query_set(world / QUERIES)
    asked: set[str] = set()
    with open_searcher(settings) as searcher:
        corpus = Corpus.read(searcher.connection)
        for told in (cutoffs, certainty):
            told.keep(searcher, told.calibrate(searcher, corpus, queries, world), world / QUERIES)
        for query in queries:
            name = query.kind if query.kind != "text" else f"text in {query.language}"
            if name in asked or query.kind == "caption" or not corpus.shown(query):
                continue
            asked.add(name)
            click.echo(f"\n{name.replace('_', ' + ')}: {_as_command(query, world)}")
            print_found(searcher.find(query.question(world), k=K), right=query.relevant_videos)
        for query in [one for one in queries if not one.relevant and one.kind == "text"][:1]:
            click.echo(f"\nwhat no video shows: {_as_command(query, world)}")
            print_answer(answer(searcher, Search(query.question(world), k=K)))
    click.echo("✓ marks videos that are right by the world's truth")


def _as_command(query: "LabelledQuery", world: Path) -> str:
    """How to ask the same at the command line."""
    parts = [f'"{query.text}"'] if query.text else []
    parts += [f"--image {world / query.image}"] if query.image else []
    parts += [f'--add "{text}"' for text in query.add]
    parts += [f'--subtract "{text}"' for text in query.subtract]
    return f"vidpipe search {' '.join(parts)}"
