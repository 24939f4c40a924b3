"""`vidpipe judge`: which results of a saved query are right, by looking at them.

Belongs here: showing results and asking. Does not: which are to be judged, and keeping the grades
(vidpipe.search.judgements); measuring by them (`vidpipe evaluate --judged`).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vidpipe.cli.options import with_environment

if TYPE_CHECKING:
    from vidpipe.search.searcher import Searcher
    from vidpipe.stores.media_store import MediaStore

SHEET = "judge.jpg"
CHOICE = click.Choice(["y", "n", "s", "q"])  # right, wrong, skip, enough


@click.command()
@click.argument("name", metavar="QUERY")
@click.option("-k", default=20, show_default=True, help="Results to look at.")
@with_environment
def judge(name: str, k: int) -> None:
    """Say which results of a saved QUERY are right, looking at their keyframes."""
    from vidpipe.search.judgements import RIGHT, WRONG, keep_judgement, results_to_judge
    from vidpipe.search.searcher import open_searcher
    from vidpipe.settings import load_settings
    from vidpipe.stores.media_store import MediaStore

    settings = load_settings()
    sheet = settings.home.absolute() / SHEET
    sheet.parent.mkdir(parents=True, exist_ok=True)
    media = MediaStore(settings.media)
    grades = {"y": RIGHT, "n": WRONG}
    judged = 0
    with open_searcher(settings) as searcher:
        for row in results_to_judge(searcher, name, k=k):
            _show(searcher, media, row, sheet)
            answer = click.prompt(f"does it answer {name!r}?", type=CHOICE)
            if answer == "q":
                break
            if answer in grades:
                keep_judgement(searcher.connection, name, row["video_id"], grades[answer])
                judged += 1
    sheet.unlink(missing_ok=True)
    click.echo(f"{judged} judged. vidpipe evaluate --judged measures")


def _show(searcher: "Searcher", media: "MediaStore", row: dict[str, Any], sheet: Path) -> None:
    """Prints a result and writes its keyframes into the sheet."""
    from vidpipe.media.contact_sheet import contact_sheet

    frames = searcher.connection.execute(
        "select image_uri, timestamp_s from vidpipe.keyframes where content_sha256 = %s"
        " order by segment",
        [row["content_sha256"]],
    ).fetchall()
    sheet.write_bytes(
        contact_sheet([(media.get(uri), f"{time_s:.1f} s") for uri, time_s in frames])
    )
    click.echo(f"\n{row['rank']}. {row['video_id']} by {row['account']}, score {row['score']:.3f}")
    click.echo(f"   {(row['description'] or '')[:200]!r}")
    click.echo(f"   its keyframes: {sheet}")
