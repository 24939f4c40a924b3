"""`vidpipe calibrate`: how well copies are found among one's own videos, measured now.

Belongs here: what is printed. Does not: measuring (vidpipe.reuse.calibration).
"""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from vidpipe.cli.options import json_option, uploads_option, with_environment
from vidpipe.cli.output import print_fitted, print_json, print_line

if TYPE_CHECKING:
    from vidpipe.reuse.calibration.figures import Calibration


@click.command()
@click.option(
    "--copies",
    default=120,
    show_default=True,
    type=click.IntRange(1),
    help="Edited copies to make and look for; more take longer and tell more.",
)
@uploads_option
@json_option
@with_environment
def calibrate(copies: int, as_json: bool) -> None:
    """Edit some of your own videos, look for the copies, and set the odds of E-values.

    docs/reused-footage.md says what is measured. With 120 copies it takes a few minutes.
    """
    from vidpipe.cli.environment import upgraded_settings
    from vidpipe.cli.progress import stage_progress
    from vidpipe.pipeline.stages import Pipeline, Session
    from vidpipe.reuse.calibration.planning import Effort
    from vidpipe.reuse.calibration.run import calibrate as measure
    from vidpipe.stores.database import connect
    from vidpipe.stores.lake_backup import copy_to_lake

    settings = upgraded_settings()
    with stage_progress() as progress, connect(settings, autocommit=True) as connection:
        session = Session(connection, progress=progress)
        found = measure(Pipeline.from_settings(settings), session, Effort(copies=copies))
    copy_to_lake(settings)
    if as_json:
        print_json(asdict(found) | {"copies": found.copies, "recall": found.recall})
    else:
        print_calibration(found)


def print_calibration(found: "Calibration") -> None:
    """Prints recall by edit, what chance does, and what was left out."""
    from rich.table import Table

    table = Table("edit", "copies", "found", "proposed", "verdict right", "offset", box=None)
    for one in found.edits:
        offset = "" if one.offset_error_s is None else f"{one.offset_error_s:.2f} s"
        counts = (one.copies, one.found, one.proposed, one.verdict_right)
        table.add_row(one.edit, *(str(count) for count in counts), offset)
    print_fitted(table)
    tail, check = found.tail, found.check
    if found.recall is not None:
        print_line(
            f"{found.recall:.0%} of {found.copies} copies of {found.contents} contents found"
        )
    print_line(
        f"chance: {tail.reached} of {tail.pairs} unrelated pairs reach {tail.start_nats:g} nats; "
        f"{tail.scale_nats:.2f} nats more are e times as rare"
    )
    print_line(
        f"of the other half of the contents {check.observed} of {check.pairs} pairs do, "
        f"{check.expected:.2g} are expected"
        f"{'' if check.holds else ': too many, so both halves count'}"
    )
    print_line(
        f"a match among {found.corpus} contents needs {found.needed_nats:.1f} nats to be a copy"
    )
    for a, b in found.unknown_copies:
        print_line(f"! contents {a[:12]} and {b[:12]} are taken for copies, and were no match")
    for sentence in found.left_out:
        print_line(f"! left out: {sentence}")
