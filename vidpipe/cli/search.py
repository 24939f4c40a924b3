"""`vidpipe search`: videos by picture, text, example or saved query, words added and taken away.

Belongs here: what is asked at a terminal, once or line by line. Does not: answering
(vidpipe.search.answers), showing what was found (found_videos.py).
"""

import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vidpipe.cli.options import DATE, demo_models_option, json_option, with_environment
from vidpipe.cli.output import print_json
from vidpipe.errors import SettingsError, VidpipeError

if TYPE_CHECKING:
    from vidpipe.search.answers import Search
    from vidpipe.search.searcher import Searcher
    from vidpipe.settings import Settings


# Lines of an interactive search that search nothing.
ENDING = ("quit", "exit", "q")
ASKING = ("help", "?")


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


@click.command()
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
    help='Find the words in texts and OCR, too: "in this order", this or that, -without, begin*.',
)
@click.option("--platform", help="Only posts on this platform.")
@click.option("--account", help="Only posts of this account: its id, a handle or a name.")
@click.option("--hashtag", help="Only posts with this hashtag.")
@click.option("--from", "posted_from", type=DATE, help="Only posts from this day on (UTC).")
@click.option("--to", "posted_to", type=DATE, help="Only posts up to and with this day (UTC).")
@click.option("--ingested-from", type=DATE, help="Only posts ingested from this day on.")
@click.option("--ingested-to", type=DATE, help="Only posts ingested up to and with this day.")
@click.option(
    "--method",
    type=click.Choice(["sum", "gap_corrected", "rank_fusion"]),
    help="How terms become one ranking [gap_corrected]; docs/searching.md compares them.",
)
@click.option(
    "--cutoff",
    type=_Cutoff(),
    default="calibrated",
    show_default=True,
    metavar="SCORE|none",
    help="Score from which a picture makes a result; else as evaluate --calibrate learnt it.",
)
@click.option("--explain", is_flag=True, help="Show why each result was found: frame and terms.")
@click.option("--all-posts", is_flag=True, help="Show every post of the same bytes.")
@click.option("--versions", is_flag=True, help="Look into earlier versions of videos, too.")
@click.option("-k", default=10, show_default=True, help="Results at most.")
@click.option(
    "--sheet", type=click.Path(path_type=Path), help="Write the found frames here (JPEG)."
)
@click.option(
    "--interactive", is_flag=True, help="Answer one line after another; takes no other option."
)
@json_option
@demo_models_option
@with_environment
def search(interactive: bool, **parts: Any) -> None:
    """Find videos by a picture, by a text, or by both together; or by an example.

    Words can be added to a picture, a post or a saved query and taken away from it, and may end in
    their weight:

        vidpipe search --image speaker.jpg --add "military uniform" --subtract "suit*0.5"

    Once vidpipe evaluate --calibrate has learnt what answers look like, results that are none are
    shown as "nothing certain; nearest:" (--json: certain and confidence).

    With --words, a video is found where its hashtags, description or pictures hold all words of
    the text, in any script, or where it looks so: "road closed" in quotation marks must stand in
    this order, `or` between two words asks for either, -word leaves out, and word* is a beginning.
    Other accents, inflected forms and what OCR glued or misread are found, below exact matches:

        vidpipe search 'évacuation or "road closed" -drill' --words --explain

    With --interactive, which stands alone, the models stay loaded and each line is a search: words
    and any option above but --interactive and --demo-models. A line with help shows them, and one
    with quit or exit ends it.
    """
    from vidpipe.search.searcher import open_searcher
    from vidpipe.settings import load_settings

    if interactive and parts != _parts_of([]):
        raise SettingsError("--interactive stands alone: each line takes the other options")
    # What is wrong with the search is told before the database is started.
    request = None if interactive else _request_of(parts)
    settings = load_settings()
    with open_searcher(settings) as searcher:
        if request is None:
            _converse(settings, searcher)
        else:
            _answer(settings, searcher, request)


@dataclass(frozen=True)
class _Request:
    """A search, and how its answer is shown.

    Attributes:
        search: what is asked.
        explain: show why each result was found.
        sheet: a JPEG of the frames that were found is written here.
        as_json: print one JSON document.
    """

    search: "Search"
    explain: bool
    sheet: Path | None
    as_json: bool


def _request_of(parts: dict[str, Any]) -> _Request:
    """What the options of `vidpipe search` ask.

    Raises:
        SettingsError: there is nothing to search by, or parts that cannot be asked together.
        UnknownName: the picture cannot be read.
        DecodeError: it is no picture.
    """
    from vidpipe.search.answers import Search
    from vidpipe.search.question import Filters, Question, read_picture

    image = parts["image"]
    days = ("posted_from", "posted_to", "ingested_from", "ingested_to")
    spans = {name: day.date() if (day := parts[name]) else None for name in days}
    search = Search(
        Question(
            " ".join(parts["text"]) or None,
            read_picture(image) if image else None,
            **{name: parts[name] for name in ("add", "subtract", "video", "saved")},
        ),
        Filters(**{name: parts[name] for name in ("platform", "account", "hashtag")}, **spans),
        **{name: parts[name] for name in ("k", "use_words", "method", "cutoff")},
        **{name: parts[name] for name in ("all_posts", "versions")},
    )
    return _Request(search, parts["explain"], parts["sheet"], parts["as_json"])


def _parts_of(words: list[str]) -> dict[str, Any]:
    """The options of one search as they stand in a line.

    Raises:
        UsageError: they are none, or are said once, at the start.
        Exit: help was asked for, and printed.
    """
    parts = search.make_context("search", words).params
    if parts.pop("interactive") or parts.pop("demo_models"):
        raise click.UsageError("--interactive and --demo-models are said once, at the start")
    return parts


def _converse(settings: "Settings", searcher: "Searcher") -> None:
    """Answers one line after another with loaded models, until there is none.

    Raises:
        ModelUnavailable: the model of the index cannot be found.
    """
    searcher.load()
    for line in _lines():
        if is_ending(line):
            return
        try:
            if words := ["--help"] if line.strip().lower() in ASKING else _words(line):
                _answer(settings, searcher, _request_of(_parts_of(words)))
        except click.exceptions.Exit:  # --help
            continue
        except (VidpipeError, click.ClickException) as error:
            said = error.format_message() if isinstance(error, click.ClickException) else error
            click.echo(f"Error: {said}", err=True)


def is_ending(line: str) -> bool:
    """Whether a line ends an interactive search; `--add quit` looks for the word."""
    return line.strip().lower() in ENDING


def _words(line: str) -> list[str]:
    """A line as a shell would split it."""
    try:
        return shlex.split(line)
    except ValueError as error:
        raise click.UsageError(f"{error}: quote words as in a shell") from error


def _lines() -> Iterator[str]:
    """Lines from a terminal, with editing and history, or from a pipe."""
    if not sys.stdin.isatty():
        yield from sys.stdin
        return
    import readline  # noqa: F401 - gives input() editing and history

    click.echo("one search a line, with options as vidpipe search takes them; help, quit")
    while True:
        try:
            yield input("search> ")
        except EOFError:
            return


def _answer(settings: "Settings", searcher: "Searcher", request: _Request) -> None:
    """Answers a search, prints what was found, and writes the sheet that is asked for.

    Raises:
        UnknownName: the post or the saved query does not exist.
        ModelUnavailable: the model of the index cannot be found.
        StoreError: the sheet cannot be written, or a frame of it cannot be read.
    """
    from vidpipe.cli.found_videos import print_answer, write_sheet
    from vidpipe.search.answers import answer

    answered = answer(searcher, request.search)
    if request.sheet is not None and answered.results:
        write_sheet(settings, request.sheet, answered.results)
    if request.as_json:
        print_json(answered.results)
    else:
        print_answer(answered, explain=request.explain)
