"""`vidpipe judge`: which results of a saved query are right, by looking at them.

Belongs here: asking at the terminal. Does not: searching, or scoring (vidpipe.search).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from vidpipe.media.contact_sheet import contact_sheet
from vidpipe.search.searcher import EVERYTHING, Searcher, open_searcher
from vidpipe.settings import load_settings
from vidpipe.stores.media_store import MediaStore

SHEET = "judge.jpg"
GRADES = {"y": 1, "n": 0}


def judge(name: str, *, k: int, ask: Callable[[str], str]) -> int:
    """Shows the results of a saved query that this login has not judged, one after another.

    Args:
        name: of the saved query.
        k: results to look at.
        ask: puts a question and gives the answer: y (right), n (wrong), s (skip) or q (enough).

    Returns:
        How many were judged.

    Raises:
        UnknownName: there is no such query.
    """
    settings = load_settings()
    sheet = settings.home.absolute() / SHEET
    sheet.parent.mkdir(parents=True, exist_ok=True)
    media = MediaStore(settings.media)
    judged = 0
    with open_searcher(settings) as searcher:
        for row in searcher.find_saved(name, k=k, min_score=EVERYTHING):
            if _is_judged(searcher, name, row["video_id"]):
                continue
            _show(searcher, media, row, sheet)
            answer = ask(f"does it answer {name!r}?")
            if answer == "q":
                break
            if answer in GRADES:
                searcher.connection.execute(
                    "insert into vidpipe.relevance_judgements (query_name, video_id, grade)"
                    " values (%s, %s, %s)",
                    [name, row["video_id"], GRADES[answer]],
                )
                judged += 1
    sheet.unlink(missing_ok=True)
    return judged


def _is_judged(searcher: Searcher, name: str, video_id: str) -> bool:
    return bool(
        searcher.connection.execute(
            "select from vidpipe.relevance_judgements"
            " where query_name = %s and video_id = %s and judged_by = current_user",
            [name, video_id],
        ).rowcount
    )


def _show(searcher: Searcher, media: MediaStore, row: dict[str, Any], sheet: Path) -> None:
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
