"""Found videos at a terminal: their table, why each was found, and a sheet of their frames.

Belongs here: how an answer looks. Does not: finding it (vidpipe.search.answers).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.table import Column, Table
from rich.text import Text

from vidpipe.cli.output import print_fitted, print_line
from vidpipe.errors import StoreError
from vidpipe.search.reasons import of_place

if TYPE_CHECKING:
    from vidpipe.search.answers import Answer
    from vidpipe.search.searcher import Found
    from vidpipe.settings import Settings


PLACES_SHOWN = 5  # of one result: a caption stands in every frame


def print_answer(answered: "Answer", *, explain: bool = False) -> None:
    """Prints found videos, or how near the nearest one is."""
    if answered.results:
        print_found(answered.results, explain=explain)
    elif answered.nearest is not None:
        click.echo(
            f"nothing found: the nearest picture has a score of {answered.nearest:.3f}, below the "
            f"cut-off of {answered.cutoff:.3f}; --cutoff none shows it"
        )
    else:
        click.echo("nothing found")


def print_found(
    results: "Found", *, explain: bool = False, right: frozenset[str] = frozenset()
) -> None:
    """Prints found videos as a table, the nearest first; those known to be right are marked."""
    ids = Column("video", overflow="fold", min_width=20)
    others = [Column(name, no_wrap=True) for name in ("account", "posted", "posts", "at")]
    said = Column("description", no_wrap=True, overflow="ellipsis", ratio=1)
    table = Table(Column("score", no_wrap=True), ids, *others, said, box=None, expand=True)
    for row in results:
        time_s = row["timestamp_s"]
        table.add_row(
            f"{row['score']:.3f}",
            Text(_named(row) + (" ✓" if row["video_id"] in right else "")),
            Text(row["account"] or ""),
            f"{row['posted_at']:%Y-%m-%d}" if row["posted_at"] else "",
            str(row["posts"]),
            f"{time_s:.1f} s" if time_s is not None else ", ".join(row["matched_in"]),
            Text((row["description"] or "")[:60]),
        )
    print_fitted(table)
    if explain:
        print_line("")
        for row in results:
            print_line(f"{row['rank']}. {row['reason']}")
            for place in row.get("places", [])[:PLACES_SHOWN]:
                print_line(f"   {of_place(place)}")


def write_sheet(settings: "Settings", path: Path, results: "Found") -> None:
    """Writes one picture of the best frames.

    Raises:
        StoreError: a frame cannot be read, or the file cannot be written.
    """
    from vidpipe.media.contact_sheet import contact_sheet
    from vidpipe.stores.media_store import MediaStore

    media = MediaStore(settings.media)
    frames = [
        (media.get(row["image_uri"]), f"{row['rank']}. {row['score']:.3f} {_named(row)}")
        for row in results
        if row["image_uri"] is not None
    ]
    try:
        if frames:
            path.write_bytes(contact_sheet(frames))
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}") from error


def _named(row: dict[str, Any]) -> str:
    """The id of a found video, and which earlier version of it was found, if one was."""
    version: int | None = row["version"]
    video_id: str = row["video_id"]
    return video_id if version is None else f"{video_id}, version {version}"
