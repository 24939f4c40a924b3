"""`vidpipe why`: every gate of one pair of videos, in words and in a picture.

Belongs here: what is printed and written. Does not: the explanation (vidpipe.reuse.explanation).
"""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vidpipe.cli.options import json_option, with_environment
from vidpipe.cli.output import print_json, print_line
from vidpipe.errors import StoreError

if TYPE_CHECKING:
    from vidpipe.reuse.asked import Asked
    from vidpipe.reuse.explanation import Explanation
    from vidpipe.settings import Settings


@click.command()
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.option(
    "--picture",
    type=click.Path(path_type=Path),
    help="Write aligned frames of both, side by side, here (JPEG).",
)
@json_option
@with_environment
def why(a: str, b: str, picture: Path | None, as_json: bool) -> None:
    """Say why two videos are a copy of one another, or why not.

    A and B are posts (platform:id) or files. The two are compared again, and every step tells what
    it found; what stands in the database stands below.
    """
    from vidpipe.cli.environment import upgraded_settings
    from vidpipe.pipeline.stages import Pipeline
    from vidpipe.reuse.asked import asked_for
    from vidpipe.reuse.copies import outcomes_of
    from vidpipe.reuse.corpus_odds import odds_in_force
    from vidpipe.reuse.explanation import Side, explain
    from vidpipe.reuse.run import footage_index
    from vidpipe.reuse.store import match_of
    from vidpipe.stores.database import connect

    settings = upgraded_settings()
    pipeline = Pipeline.from_settings(settings)
    with connect(settings, autocommit=True) as connection:
        index = footage_index(pipeline)
        one, two = (asked_for(pipeline, connection, index, name) for name in (a, b))
        known = outcomes_of(connection, [one.content, two.content])
        stored = match_of(connection, one.content, two.content)
        odds = odds_in_force(connection)
    explained = explain(
        Side.of(one.name, one.content, one.footage, is_file=one.path is not None),
        Side.of(two.name, two.content, two.footage, is_file=two.path is not None),
        (one.footage, two.footage),
        stored,
        are_compared={one.content, two.content} <= set(known),
        odds=odds,
    )
    if picture is not None:
        _write_picture(settings, picture, one, two, explained)
    if as_json:
        print_json(asdict(explained))
        return
    for sentence in explained.sentences():
        print_line(sentence)


def _write_picture(
    settings: "Settings", path: Path, a: "Asked", b: "Asked", explained: "Explanation"
) -> None:
    """Writes the frames of the strongest stretch; of no stretch, frames that nothing aligns.

    Raises:
        StoreError: one of the two has no print, or the file cannot be written.
    """
    from vidpipe.media.contact_sheet import contact_sheet
    from vidpipe.reuse.aligned_frames import Source, side_by_side

    if a.footage is None or b.footage is None:
        raise StoreError("there is no picture to write: one of the two has no footage print")
    tiles = side_by_side(
        settings,
        Source("A", a.footage, a.path, a.upload_id),
        Source("B", b.footage, b.path, b.upload_id),
        explained.stretches[0].stretch if explained.stretches else None,
    )
    try:
        path.write_bytes(contact_sheet(tiles, columns=4))
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}") from error
