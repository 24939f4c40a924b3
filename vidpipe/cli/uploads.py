"""`vidpipe uploads`: what lies in an uploads folder, and what would become of it.

Belongs here: showing it. Does not: finding it out (vidpipe.pipeline.upload_check).
"""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from vidpipe.cli.options import json_option
from vidpipe.cli.output import print_fitted, print_json, print_line

if TYPE_CHECKING:
    from vidpipe.pipeline.upload_check import CheckedFile, FolderCheck


@click.group()
def uploads() -> None:
    """Folders of uploads: what their files are."""


@uploads.command()
@click.argument("folder")
@json_option
def check(folder: str, as_json: bool) -> None:
    """Explain what each file of FOLDER (or bucket URL) is and what would be shown of it.

    Nothing is taken in: no database, no model and no frame is needed.
    """
    from vidpipe.pipeline.upload_check import check_folder
    from vidpipe.settings import load_settings

    found = check_folder(folder, load_settings())
    if as_json:
        print_json(asdict(found))
    else:
        _print(found)


def _print(found: "FolderCheck") -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table("file", "is", "video", "account", "posted", "metadata", box=None)
    for one in found.files:
        table.add_row(*(Text(text) for text in _cells(one)))
    print_fitted(table)
    counts = ", ".join(f"{number} {outcome}" for outcome, number in found.counts.items())
    print_line(f"\n{sum(found.counts.values())} files: {counts or 'none'}")
    for sentence in found.odd:
        print_line(f"! {sentence}")


def _cells(one: "CheckedFile") -> tuple[str, str, str, str, str, str]:
    what = one.outcome.replace("_", " ")
    if one.reason and one.outcome != "shown":
        what = f"{what}: {one.reason}"
    video = one.video_id or ""
    if one.outcome == "version":
        video = f"{video} (version {one.version})"
    post = one.post or {}
    return (
        one.path,
        what,
        video,
        str(post.get("account") or ""),
        f"{post['posted_at']:%Y-%m-%d %H:%M} ({post['posted_at_precision']})" if post else "",
        one.metadata_source or "",
    )
