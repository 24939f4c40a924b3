"""The `vidpipe` command: options and help.

Belongs here: what can be said on the command line. Imports of anything heavy stay inside the
functions, so that `vidpipe --help` answers at once.
Does not: what the commands do (vidpipe.commands).
"""

import shlex
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vidpipe.errors import SettingsError, VidpipeError

if TYPE_CHECKING:
    from vidpipe.cli.search import Search

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
DATE = click.DateTime(formats=["%Y-%m-%d"])


class _Cutoff(click.ParamType[Any]):
    """A score, or a word that says which."""

    name = "score"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value in ("calibrated", "none"):
            return value
        try:
            score = float(value)
        except ValueError:
            self.fail(f"{value!r} is neither a number from -1 to 1 nor the word none", param, ctx)
        if not -1 <= score <= 1:
            self.fail(f"{value} is not from -1 to 1", param, ctx)
        return score


class _Commands(click.Group):
    """Ends with one line instead of a traceback when vidpipe knows what went wrong."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except VidpipeError as error:
            raise click.ClickException(str(error)) from error
        except KeyboardInterrupt:
            click.echo("\nstopped; what was finished is kept, the same command goes on", err=True)
            sys.exit(130)


def uploads_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--uploads", metavar="URL", help="Folder or s3:// URL of uploads [VIDPIPE_UPLOADS_URL]."
    )(command)


def demo_models_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--demo-models",
        is_flag=True,
        help="Use the small CLIP pair that comes with vidpipe: no download, but it understands the "
        "demo world and nothing else.",
    )(command)


def with_environment(command: Callable[..., Any]) -> Callable[..., Any]:
    """Carries `--uploads` and `--demo-models` into the environment, where processes share them."""

    @wraps(command)
    def wrapped(
        *args: Any, uploads: str | None = None, demo_models: bool = False, **kwargs: Any
    ) -> Any:
        from vidpipe.cli.environment import prepare_environment

        prepare_environment(uploads=uploads, demo_models=demo_models)
        return command(*args, **kwargs)

    return wrapped


@click.group(cls=_Commands, context_settings=CONTEXT)
@click.version_option(package_name="vidpipe")
def main() -> None:
    """Uploaded social-media videos as searchable, clustered, investigable tables.

    Settings are VIDPIPE_* environment variables; README lists them all.
    """


@main.command()
@uploads_option
@demo_models_option
@click.option("--port", default=3000, show_default=True, help="Port of the Dagster UI.")
@with_environment
def up(port: int) -> None:
    """Start the database and the Dagster UI and daemon on this machine."""
    from vidpipe.cli.services import up as start

    start(port)


@main.command()
@with_environment
def down() -> None:
    """Stop what `up` and other commands left running for this VIDPIPE_HOME."""
    from vidpipe.cli.services import down as stop

    for line in stop():
        click.echo(line)


@main.command()
@uploads_option
@demo_models_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
@with_environment
def run(as_json: bool) -> None:
    """Register uploads and take every pending ingest date to PostgreSQL, without a UI.

    The run goes through Dagster and can be looked at in the UI later.
    """
    from vidpipe.cli.run import run as run_pending

    sys.exit(run_pending(as_json=as_json))


@main.command()
@click.option(
    "--videos", type=int, help="Videos to render [as many as take a few minutes on this machine]."
)
@click.option("--port", default=3000, show_default=True, help="Port named in the closing words.")
def demo(videos: int | None, port: int) -> None:
    """Render a small demo world, take it through the whole pipeline, search and cluster it."""
    from vidpipe.cli.demo import demo as show

    sys.exit(show(videos, port))


@main.command("demo-world")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="New or empty folder.")
@click.option("--seed", default=0, show_default=True, help="Another seed, other videos.")
@click.option("--videos", default=150, show_default=True, help="Uploads to render.")
@click.option("--weeks", default=10, show_default=True, help="Length of the story.")
@click.option("--workers", type=int, help="Processes that draw [one for each CPU].")
def demo_world(out: Path, seed: int, videos: int, weeks: int, workers: int | None) -> None:
    """Render a world of accounts and videos: an uploads folder and what is true of it.

    The same seed and numbers give the same bytes on one machine.
    """
    from vidpipe.cli.demo_world import demo_world as render

    render(out, seed=seed, videos=videos, weeks=weeks, workers=workers)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
@with_environment
def status(as_json: bool) -> None:
    """Show what is waiting, running, failed and indexed."""
    from vidpipe.cli.status import status as show

    show(as_json=as_json)


@main.command()
@click.argument("text", nargs=-1)
@click.option("--image", type=click.Path(path_type=Path), help="Picture to search by.")
@click.option("--video", metavar="VIDEO", help="Posts that look like this one (platform:id).")
@click.option("--saved", metavar="NAME", help="A saved query.")
@click.option("--add", multiple=True, metavar="WORDS", help="Words to add; may be repeated.")
@click.option(
    "--subtract", multiple=True, metavar="WORDS", help="Words to take away; may be repeated."
)
@click.option(
    "--words",
    "use_words",
    is_flag=True,
    help="Find the words in texts and OCR, too.",
)
@click.option("--platform", help="Only posts on this platform.")
@click.option("--account", help="Only posts of this account.")
@click.option("--hashtag", help="Only posts with this hashtag.")
@click.option("--from", "posted_from", type=DATE, help="Only posts from this day on (UTC).")
@click.option("--to", "posted_to", type=DATE, help="Only posts up to and with this day (UTC).")
@click.option("--ingested-from", type=DATE, help="Only posts ingested from this day on.")
@click.option("--ingested-to", type=DATE, help="Only posts ingested up to and with this day.")
@click.option(
    "--method",
    type=click.Choice(["sum", "gap_corrected", "rank_fusion"]),
    help="How terms become one ranking [gap_corrected]; README compares them.",
)
@click.option(
    "--cutoff",
    type=_Cutoff(),
    default="calibrated",
    show_default=True,
    metavar="SCORE|none",
    help="Score from which a result is shown; evaluate --calibrate measures it.",
)
@click.option("--explain", is_flag=True, help="Show why each result was found: frame and terms.")
@click.option("--all-posts", is_flag=True, help="Show every post of the same bytes.")
@click.option("-k", default=10, show_default=True, help="Results at most.")
@click.option(
    "--sheet", type=click.Path(path_type=Path), help="Write the found frames here (JPEG)."
)
@click.option("--interactive", is_flag=True, help="Answer one line after another.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
@demo_models_option
@with_environment
def search(interactive: bool, **parts: Any) -> None:
    """Find videos by a picture, by a text, or by both together; or by an example.

    Words can be added to a picture, a post or a saved query and taken away from it, and may end in
    their weight:

        vidpipe search --image speaker.jpg --add "military uniform" --subtract "suit*0.5"

    With --interactive the models stay loaded, and each line is a search with the same options.
    """
    from vidpipe.cli.search import Search, converse
    from vidpipe.cli.search import search as find

    asked = _search_of(parts)
    if not interactive:
        find(asked)
    elif asked == Search():
        converse(_search_of_line)
    else:
        raise SettingsError("--interactive stands alone: each line takes the other options")


def _search_of(parts: dict[str, Any]) -> "Search":
    """What the options of `vidpipe search` ask."""
    from vidpipe.cli.search import Search
    from vidpipe.search.question import Filters

    parts = {**parts, "text": " ".join(parts["text"]) or None}
    days = ("posted_from", "posted_to", "ingested_from", "ingested_to")
    spans = {name: day.date() if (day := parts.pop(name)) else None for name in days}
    others = {name: parts.pop(name) for name in ("platform", "account", "hashtag")}
    return Search(**parts, filters=Filters(**others, **spans))


def _search_of_line(line: str) -> "Search | None":
    """What one line of `vidpipe search --interactive` asks; None if it is empty."""
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise click.UsageError(f"{error}: quote words as in a shell") from error
    if not words:
        return None
    try:
        parts = search.make_context("search", words).params
    except click.exceptions.Exit:  # --help
        return None
    if parts.pop("interactive") or parts.pop("demo_models"):
        raise click.UsageError("--interactive and --demo-models are said once, at the start")
    return _search_of(parts)


@main.command()
@click.argument("queries", type=click.Path(path_type=Path), required=False)
@click.option("--judged", is_flag=True, help="Ask the saved queries that people judged.")
@click.option(
    "--calibrate",
    "calibrates",
    is_flag=True,
    help="Also set the cut-offs of searches: the scores that keep 95 % of the first right answers.",
)
@click.option(
    "--model",
    metavar="MODEL",
    help="Ask this registered model by looks alone, active or not: to compare models.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
@demo_models_option
@with_environment
def evaluate(
    queries: Path | None, judged: bool, calibrates: bool, model: str | None, as_json: bool
) -> None:
    """Ask labelled QUERIES (YAML) and measure how well they are answered.

    README says what the file holds; `vidpipe demo-world` writes one.
    """
    from vidpipe.cli.evaluate import evaluate as measure
    from vidpipe.cli.evaluate import evaluate_judged

    if (queries is None) != judged or (judged and (calibrates or model)):
        raise SettingsError("give a file of QUERIES, or --judged alone")
    if calibrates and model:
        raise SettingsError("--calibrate is about the active model: leave --model out")
    if queries is None:
        evaluate_judged(as_json=as_json)
    else:
        measure(queries, model=model, calibrates=calibrates, as_json=as_json)


@main.command()
@click.argument("name", metavar="QUERY")
@click.option("-k", default=20, show_default=True, help="Results to look at.")
@with_environment
def judge(name: str, k: int) -> None:
    """Say which results of a saved QUERY are right, looking at their keyframes."""
    from vidpipe.cli.judge import judge as ask

    choice = click.Choice(["y", "n", "s", "q"])
    count = ask(name, k=k, ask=lambda question: click.prompt(question, type=choice))
    click.echo(f"{count} judged. vidpipe evaluate --judged measures")


@main.command()
@click.argument("name", metavar="VIDEO|ACCOUNT")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_environment
def forget(name: str, yes: bool) -> None:
    """Erase a video (platform:id) or all videos of an account, for good."""
    from vidpipe.erasure import forget as erase

    erase(name, confirm=None if yes else click.confirm)


@main.command()
@click.argument("names", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
def bench(names: tuple[str, ...], as_json: bool) -> None:
    """Measure speed as ratios against a bound or a peer (all, or the named benchmarks)."""
    from vidpipe.cli.bench import bench as measure

    measure(names, as_json=as_json)


@main.group(cls=_Commands)
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
def query_save(text: str | None, add: tuple[str, ...], **options: Any) -> None:
    """Save a query of TEXT, words, posts and pictures, and make its vector."""
    from vidpipe.cli.query import save

    save(add=(text, *add) if text else add, **options)


@query.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
@with_environment
def query_list(as_json: bool) -> None:
    """Show all saved queries and whether they can be searched."""
    from vidpipe.cli.query import list_queries

    list_queries(as_json=as_json)


@query.command("embed")
@demo_models_option
@with_environment
def query_embed() -> None:
    """Make the vectors of saved queries that wait for one (the sensor of `up` does, too)."""
    from vidpipe.cli.query import embed

    embed()


@query.command("remove")
@click.argument("name")
@with_environment
def query_remove(name: str) -> None:
    """Delete a saved query."""
    from vidpipe.cli.query import remove

    remove(name)


@main.group(cls=_Commands)
def topics() -> None:
    """What videos are about: found every week, kept from week to week."""


@topics.command("run")
@click.option("--week", type=DATE, help="Any day of the week [the current one].")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
@with_environment
def topics_run(week: Any, as_json: bool) -> None:
    """Find the topics of everything ingested before the end of a week, and write a report."""
    from vidpipe.cli.topics import make

    sys.exit(make(week and week.date(), as_json=as_json))


@topics.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
@with_environment
def topics_list(as_json: bool) -> None:
    """Show all topic runs, and which one the views show."""
    from vidpipe.cli.topics import list_runs

    list_runs(as_json=as_json)


@topics.command("promote")
@click.argument("run_no", type=int, metavar="RUN")
@with_environment
def topics_promote(run_no: int) -> None:
    """Let the views show RUN, a newer or an older one."""
    from vidpipe.cli.topics import promote

    promote(run_no)


@main.group(cls=_Commands)
def model() -> None:
    """Models whose vectors are kept: one is searched, others can be filled beside it."""


@model.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
@with_environment
def model_list(as_json: bool) -> None:
    """Show all registered models, what they cover and how well they answered."""
    from vidpipe.cli.model import list_models

    list_models(as_json=as_json)


@model.command("activate")
@click.argument("name", metavar="MODEL")
@click.option("--incomplete", is_flag=True, help="Even if it covers less than 99 % of the videos.")
@with_environment
def model_activate(name: str, incomplete: bool) -> None:
    """Let all searches use MODEL (its id or number), at once."""
    from vidpipe.cli.model import activate

    activate(name, incomplete=incomplete)


@model.command("drop")
@click.argument("name", metavar="MODEL")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_environment
def model_drop(name: str, yes: bool) -> None:
    """Forget MODEL (its id or number) and its vectors in PostgreSQL; the lake keeps them."""
    from vidpipe.cli.model import drop

    drop(name, confirm=None if yes else click.confirm)


@main.group(cls=_Commands)
def db() -> None:
    """The database: upgrade, address, rebuild, backup, logins."""


@db.command("upgrade")
@with_environment
def db_upgrade() -> None:
    """Bring the schema up to date; safe to repeat and on a live database."""
    from vidpipe.cli import db as database

    database.upgrade()


@db.command("status")
@with_environment
def db_status() -> None:
    """Show the server, the schema and what each table holds."""
    from vidpipe.cli import db as database

    database.status()


@db.command("url")
@click.option(
    "--role",
    type=click.Choice(["owner", "reader"]),
    default="owner",
    show_default=True,
    help="Whose login: the owner's, or one that may only read.",
)
@with_environment
def db_url(role: str) -> None:
    """Print a libpq URL, starting the embedded server where that is used."""
    from vidpipe.cli import db as database

    database.url(role)


@db.command("rebuild")
@demo_models_option
@with_environment
def db_rebuild() -> None:
    """Fill the tables again from the lake; no video is decoded, no model called."""
    from vidpipe.cli import db as database

    database.rebuild()


@db.command("backup")
@click.argument("path", type=click.Path(path_type=Path))
@with_environment
def db_backup(path: Path) -> None:
    """Save the tables that cannot be rebuilt from the lake."""
    from vidpipe.cli import db as database

    database.backup(path)


@db.command("restore")
@click.argument("path", type=click.Path(path_type=Path))
@with_environment
def db_restore(path: Path) -> None:
    """Put back what `backup` saved."""
    from vidpipe.cli import db as database

    database.restore(path)


@db.command("grant-reader")
@click.argument("name")
@with_environment
def db_grant_reader(name: str) -> None:
    """Create or equip a login that may read the schema `vidpipe`; prints its URL."""
    from vidpipe.cli import db as database

    database.grant(name, "reader")


@db.command("grant-analyst")
@click.argument("name")
@with_environment
def db_grant_analyst(name: str) -> None:
    """Create or equip a login that may also save queries; prints its URL."""
    from vidpipe.cli import db as database

    database.grant(name, "analyst")
