"""`vidpipe search`: videos by picture, text, example or saved query, words added and taken away.

Belongs here: what is asked and shown at a terminal. Does not: answering (vidpipe.search.searcher).
"""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import click
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from vidpipe.errors import DecodeError, SettingsError, StoreError, VidpipeError
from vidpipe.search import reasons
from vidpipe.search.navigation import DEFAULT_METHOD, Method
from vidpipe.search.question import Filters, Question, checked_k, read_picture
from vidpipe.search.searcher import EVERYTHING, Found, Searcher, open_searcher
from vidpipe.settings import Settings, load_settings

Cutoff = float | Literal["calibrated", "none"]


@dataclass(frozen=True)
class Search:
    """One search as the command line names it.

    Attributes:
        text: words.
        image: a picture's path.
        video: id of a post to find the like of, or to add to and take from.
        saved: name of a saved query, likewise.
        add: words to add.
        subtract: words to take away.
        use_words: look for the words in hashtags, descriptions and OCR, too.
        method: how several terms become one ranking; None for the best.
        cutoff: score from which a result is shown.
        filters: what found posts must satisfy.
        k: results at most.
        all_posts: show every post of equal bytes.
        explain: show why each result was found.
        sheet: a JPEG of the frames that were found is written here.
        as_json: print one JSON document.
    """

    text: str | None = None
    image: Path | None = None
    video: str | None = None
    saved: str | None = None
    add: tuple[str, ...] = ()
    subtract: tuple[str, ...] = ()
    use_words: bool = False
    method: Method | None = None
    cutoff: Cutoff = "calibrated"
    filters: Filters = field(default_factory=Filters)
    k: int = 10
    all_posts: bool = False
    explain: bool = False
    sheet: Path | None = None
    as_json: bool = False

    @cached_property
    def question(self) -> Question:
        """What is searched by, with the picture read.

        Raises:
            SettingsError: there is nothing to search by, or parts that cannot be asked together.
            UnknownName: the picture cannot be read.
        """
        checked_k(self.k)
        if self.use_words and not (self.text or self.add):
            raise SettingsError("--words looks for the words of TEXT and --add: give some")
        picture = read_picture(self.image) if self.image else None
        asked = Question(self.text, picture, self.add, self.subtract, self.video, self.saved)
        if self.use_words and self.method:
            raise SettingsError("--method is about looks: leave --words out")
        if isinstance(self.cutoff, float) and not self._is_by_cosine(asked):
            raise SettingsError(
                "--cutoff is a cosine similarity: leave it out with --words, --method rank_fusion "
                "and a --video alone"
            )
        return asked

    def _is_by_cosine(self, asked: Question) -> bool:
        return not (self.use_words or self.method == "rank_fusion" or asked.is_one_post)


@dataclass(frozen=True)
class Answer:
    """What was found.

    Attributes:
        results: with a `reason` each, the best first.
        cutoff: score from which results are shown; None if all are.
        nearest: score of the best that lies below, when nothing else was found.
    """

    results: Found
    cutoff: float | None = None
    nearest: float | None = None


def search(asked: Search) -> None:
    """Prints the videos that answer best.

    Raises:
        SettingsError: there is nothing to search by, or k is out of range.
        UnknownName: the picture, the post or the saved query does not exist.
        DecodeError: the picture is none.
        ModelUnavailable: the model of the index cannot be found.
        StoreError: the sheet cannot be written, or a frame of it cannot be read.
    """
    asked.question  # noqa: B018  what is wrong with it is told before the database is started
    settings = load_settings()
    with open_searcher(settings) as searcher:
        tell(settings, asked, answer(searcher, asked))


def converse(parse: Callable[[str], Search | None]) -> None:
    """Answers one line after another with loaded models, until there is none.

    Args:
        parse: makes a search of a line; None if it asks nothing.

    Raises:
        ModelUnavailable: the model of the index cannot be found.
    """
    settings = load_settings()
    with open_searcher(settings) as searcher:
        searcher.load()
        for line in _lines():
            try:
                if (asked := parse(line)) is not None:
                    tell(settings, asked, answer(searcher, asked))
            except (VidpipeError, click.ClickException) as error:
                said = error.format_message() if isinstance(error, click.ClickException) else error
                click.echo(f"Error: {said}", err=True)


def _lines() -> Iterator[str]:
    """Lines from a terminal, with editing and history, or from a pipe."""
    if not sys.stdin.isatty():
        yield from sys.stdin
        return
    import readline  # noqa: F401 - gives input() editing and history

    click.echo("one search a line, with the options of vidpipe search; Ctrl-D ends")
    while True:
        try:
            yield input("search> ")
        except EOFError:
            return


def answer(searcher: Searcher, asked: Search) -> Answer:
    """What a search finds, and why.

    Raises:
        DecodeError: the picture is none; the message names its file.
    """
    question = asked.question
    try:
        return _answer(searcher, asked, question)
    except DecodeError as error:
        raise DecodeError(f"{asked.image} is no picture to search by: {error}") from error


def _answer(searcher: Searcher, asked: Search, question: Question) -> Answer:
    shared: dict[str, Any] = {"filters": asked.filters, "all_posts": asked.all_posts}
    if asked.use_words:
        found = searcher.find_by_looks_and_words(question, k=asked.k, **shared)
        return Answer([row | {"reason": reasons.by_looks_and_words(row)} for row in found])
    if question.is_one_post:
        found = searcher.find_similar(str(question.video), k=asked.k, **shared)
        return Answer([row | {"reason": reasons.by_example(row)} for row in found])
    method = asked.method or DEFAULT_METHOD

    def find(k: int, least: float | None) -> Found:
        if question.is_one_saved_query:
            least = EVERYTHING if least is None else least
            return searcher.find_saved(str(question.saved), k=k, min_score=least, **shared)
        return searcher.find(question, k=k, method=method, min_score=least, **shared)

    cutoff: float | None
    if asked.cutoff == "none":
        cutoff = None
    elif asked.cutoff != "calibrated":
        cutoff = asked.cutoff
    elif question.is_one_saved_query:
        cutoff = searcher.saved_cutoff(str(question.saved))
    else:
        cutoff = searcher.cutoff(question, method)
    found = find(asked.k, cutoff)
    if not found and cutoff is not None:
        below = find(1, None)
        return Answer([], cutoff, below[0]["score"] if below else None)
    return Answer(_with_reasons(searcher, question, found, method), cutoff)


def _with_reasons(searcher: Searcher, question: Question, found: Found, method: Method) -> Found:
    if question.is_one_saved_query:
        name = str(question.saved)
        return [row | {"reason": reasons.by_saved_query(row, name)} for row in found]
    shares = searcher.contributions(question, found, method)
    return [
        row | {"reason": reasons.by_terms(row, share)}
        for row, share in zip(found, shares, strict=True)
    ]


def tell(settings: Settings, asked: Search, answered: Answer) -> None:
    """Prints an answer, and writes its sheet if one is asked for."""
    if asked.sheet is not None and answered.results:
        _write_sheet(settings, asked.sheet, answered.results)
    if asked.as_json:
        json.dump(answered.results, sys.stdout, indent=2, default=str)
        sys.stdout.write("\n")
        sys.stdout.flush()
    elif answered.results:
        show(answered.results, explain=asked.explain)
    elif answered.nearest is not None:
        click.echo(
            f"nothing found: the nearest has a score of {answered.nearest:.3f}, below the cut-off "
            f"of {answered.cutoff:.3f}; --cutoff none shows it"
        )
    else:
        click.echo("nothing found")


def show(results: Found, *, explain: bool = False, right: frozenset[str] = frozenset()) -> None:
    """Prints found videos as a table, the nearest first; those known to be right are marked."""
    ids = Column("video", overflow="fold", min_width=20)
    others = [Column(name, no_wrap=True) for name in ("account", "posted", "posts", "at")]
    said = Column("description", no_wrap=True, overflow="ellipsis", ratio=1)
    table = Table(Column("score", no_wrap=True), ids, *others, said, box=None, expand=True)
    for row in results:
        time_s = row["timestamp_s"]
        table.add_row(
            f"{row['score']:.3f}",
            Text(row["video_id"] + (" ✓" if row["video_id"] in right else "")),
            Text(row["account"] or ""),
            f"{row['posted_at']:%Y-%m-%d}" if row["posted_at"] else "",
            str(row["posts"]),
            f"{time_s:.1f} s" if time_s is not None else ", ".join(row["matched_in"]),
            Text((row["description"] or "")[:60]),
        )
    console = Console()
    console.print(table)
    if explain:
        console.print()
        for row in results:
            console.print(Text(f"{row['rank']}. {row['reason']}"), soft_wrap=True)


def _write_sheet(settings: Settings, path: Path, results: Found) -> None:
    """One picture of the best frames.

    Raises:
        StoreError: a frame cannot be read, or the file cannot be written.
    """
    from vidpipe.media.contact_sheet import contact_sheet
    from vidpipe.stores.media_store import MediaStore

    media = MediaStore(settings.media)
    frames = [
        (media.get(row["image_uri"]), f"{row['rank']}. {row['score']:.3f} {row['video_id']}")
        for row in results
        if row["image_uri"] is not None
    ]
    try:
        if frames:
            path.write_bytes(contact_sheet(frames))
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}") from error
