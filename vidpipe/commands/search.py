"""`vidpipe search`: videos by picture, text, example or saved query, words added and taken away.

Belongs here: what is asked and shown at a terminal. Does not: answering (vidpipe.search.searcher).
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from vidpipe.errors import DecodeError, SettingsError
from vidpipe.search.navigation import DEFAULT_METHOD, Method
from vidpipe.search.question import Filters, Question, checked_k, read_picture
from vidpipe.search.searcher import Found, Searcher, open_searcher
from vidpipe.settings import load_settings


@dataclass(frozen=True)
class Asked:
    """What the command line names; at most one of the last two, and then nothing else.

    Attributes:
        text: words.
        image: a picture's path.
        add: words to add.
        subtract: words to take away.
        use_words: look for the words in hashtags, descriptions and OCR, too.
        video: id of a post to find the like of.
        saved: name of a saved query.
        method: how several terms become one ranking; None for the best.
        explain: show what each term contributes.
    """

    text: str | None = None
    image: Path | None = None
    add: tuple[str, ...] = ()
    subtract: tuple[str, ...] = ()
    use_words: bool = False
    video: str | None = None
    saved: str | None = None
    method: Method | None = None
    explain: bool = False

    def __post_init__(self) -> None:
        """Refuses what cannot be asked together.

        Raises:
            SettingsError: an example or a saved query stands beside something else.
        """
        of_its_own = [one for one in (self.video, self.saved) if one is not None]
        others = (
            self.text,
            self.image,
            self.add,
            self.subtract,
            self.use_words,
            self.method,
            self.explain,
        )
        if len(of_its_own) > 1 or (of_its_own and any(others)):
            raise SettingsError("--video and --saved stand alone: leave the other parts out")
        if self.use_words and not (self.text or self.add):
            raise SettingsError("--words looks for the words of TEXT and --add: give some")
        if self.use_words and (self.method or self.explain):
            raise SettingsError("--method and --explain are about looks: leave --words out")

    def question(self) -> Question | None:
        """The sum that is searched by; None for an example or a saved query.

        Raises:
            SettingsError: there is nothing to search by.
            UnknownName: the picture cannot be read.
        """
        if self.video is not None or self.saved is not None:
            return None
        picture = read_picture(self.image) if self.image else None
        return Question(self.text, picture, self.add, self.subtract)


def search(asked: Asked, *, filters: Filters, k: int, all_posts: bool, as_json: bool) -> None:
    """Prints the videos that answer best.

    Raises:
        SettingsError: there is nothing to search by, or k is out of range.
        UnknownName: the picture, the post or the saved query does not exist.
        DecodeError: the picture is none.
        ModelUnavailable: the model of the index cannot be found.
    """
    shared: dict[str, Any] = {"filters": filters, "k": checked_k(k), "all_posts": all_posts}
    question = asked.question()
    with open_searcher(load_settings()) as searcher:
        if question is not None:
            results = _answer(searcher, asked, question, shared)
        elif asked.video is not None:
            results = searcher.find_similar(asked.video, **shared)
        else:
            results = searcher.find_saved(str(asked.saved), **shared)
    if as_json:
        json.dump(results, sys.stdout, indent=2, default=str)
        sys.stdout.write("\n")
    else:
        show(results)


def _answer(searcher: Searcher, asked: Asked, question: Question, shared: dict[str, Any]) -> Found:
    try:
        if asked.use_words:
            return searcher.find_by_looks_and_words(question, **shared)
        results = searcher.find(question, method=asked.method or DEFAULT_METHOD, **shared)
        if asked.explain:
            searcher.explain(question, results)
        return results
    except DecodeError as error:
        raise DecodeError(f"{asked.image} is no picture to search by: {error}") from error


def show(results: Found, *, right: frozenset[str] = frozenset()) -> None:
    """Prints found videos as a table, the nearest first; those known to be right are marked."""
    console = Console()
    if not results:
        console.print("nothing found")
        return
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
        for part in row.get("terms", ()):
            table.add_row("", Text(f"  {part['contribution']:+.3f}  {part['term']}"))
    console.print(table)
