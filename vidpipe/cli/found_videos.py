"""Found videos at a terminal: their table, why each was found, and a sheet of their frames.

Belongs here: how an answer looks. Does not: finding it (vidpipe.search.answers).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.cells import cell_len
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from vidpipe.cli.output import print_fitted, print_line, terminal_width
from vidpipe.errors import StoreError
from vidpipe.search.reasons import of_place

if TYPE_CHECKING:
    from vidpipe.search.answers import Answer
    from vidpipe.search.searcher import Found
    from vidpipe.settings import Settings

LEAST_WIDTH = 110  # characters of a terminal from which a column is left for descriptions
LONGEST_SHOWN = 60
LONGEST_NAME = 20
GAP = 2  # spaces between the columns of a narrow table


PLACES_SHOWN = 5  # of one result: a caption stands in every frame


def print_answer(answered: "Answer", *, explain: bool = False) -> None:
    """Prints found videos, and whether they are an answer or only the nearest there are."""
    if answered.results:
        if answered.certain is False:
            click.echo(f"nothing certain{_doubt(answered)}; nearest:")
        print_found(answered.results, explain=explain)
    elif answered.nearest is not None:
        click.echo(
            f"nothing found: the nearest picture has a score of {answered.nearest:.3f}, below the "
            f"cut-off of {answered.cutoff:.3f}; --cutoff none shows it"
        )
    else:
        click.echo("nothing found")
    if answered.is_uncalibrated and answered.results:
        click.echo(
            "not calibrated: something is always nearest, and nothing tells whether this is an "
            "answer (vidpipe evaluate QUERIES.yaml --calibrate)",
            err=True,
        )


def _doubt(answered: "Answer") -> str:
    """Why nothing is certain: the confidence, or else the score, that is not reached."""
    if answered.confidence is not None:
        return (
            f" (confidence {answered.confidence:.2f}, from {answered.least_confidence:.2f} on it "
            "would be)"
        )
    best = answered.results[0]["score"]
    return f" (score {best:.3f}, below the cut-off of {answered.cutoff:.3f})"


def print_found(
    results: "Found", *, explain: bool = False, right: frozenset[str] = frozenset()
) -> None:
    """Prints found videos as a table, the nearest first; those known to be right are marked.

    Where a terminal is too narrow to say something in a column, descriptions have lines of their
    own.
    """
    rows = [_cells(row, is_right=row["video_id"] in right) for row in results]
    if (width := terminal_width()) < LEAST_WIDTH:
        _print_narrow(rows, width)
    else:
        ids = Column("video", overflow="fold", min_width=20)
        accounts = Column("account", no_wrap=True, overflow="ellipsis", max_width=LONGEST_NAME)
        others = [accounts, *(Column(name, no_wrap=True) for name in ("posted", "posts", "at"))]
        said = Column("description", no_wrap=True, overflow="ellipsis", ratio=1)
        table = Table(Column("score", no_wrap=True), ids, *others, said, box=None, expand=True)
        for *cells, description in rows:
            table.add_row(*map(Text, cells), Text(description[:LONGEST_SHOWN]))
        print_fitted(table)
    if explain:
        print_line("")
        for row in results:
            print_line(f"{row['rank']}. {row['reason']}")
            for place in row.get("places", [])[:PLACES_SHOWN]:
                print_line(f"   {of_place(place)}")


def _cells(row: dict[str, Any], *, is_right: bool) -> tuple[str, ...]:
    """What is shown of a result: score, video, account, day, posts, place, description."""
    time_s = row["timestamp_s"]
    return (
        f"{row['score']:.3f}",
        _named(row) + (" ✓" if is_right else ""),
        row["account"] or "",
        f"{row['posted_at']:%Y-%m-%d}" if row["posted_at"] else "",
        str(row["posts"]),
        f"{time_s:.1f} s" if time_s is not None else ", ".join(row["matched_in"]),
        " ".join((row["description"] or "").split()),
    )


def _print_narrow(rows: list[tuple[str, ...]], width: int) -> None:
    """Prints a table without descriptions, and each below its row."""
    names = ("score", "video", "account", "posted", "posts", "at")
    lines = [names, *(row[:-1] for row in rows)]
    widths = [max(cell_len(line[place]) for line in lines) for place in range(len(names))]
    video, account = names.index("video"), names.index("account")
    widths[account] = min(widths[account], max(len("account"), width // 5))
    left = width - GAP * (len(names) - 1) - sum(widths) + widths[video]
    widths[video] = max(len("video"), min(widths[video], left))
    for cells, description in zip(lines, ["", *(row[-1] for row in rows)], strict=True):
        table = Table.grid(padding=(0, GAP, 0, 0))
        for place, wide in enumerate(widths):
            if place == video:
                table.add_column(width=wide, overflow="fold")
            else:
                table.add_column(width=wide, no_wrap=True, overflow="ellipsis")
        table.add_row(*map(Text, cells))
        print_fitted(table)
        if description:
            said = Text(description, no_wrap=True, overflow="ellipsis")
            print_fitted(Padding(said, (0, 0, 0, widths[0] + GAP)))


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
