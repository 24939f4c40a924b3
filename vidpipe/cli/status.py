"""`vidpipe status`: what is waiting, running, failed and indexed.

Belongs here: showing it. Does not: reading it (vidpipe.automation.work_status).
"""

from dataclasses import asdict

import click

from vidpipe.cli.options import json_option, with_environment
from vidpipe.cli.output import print_json, print_line

SHOWN = 20
LISTED = (
    "waiting",
    "held",
    "not_shown",
    "pending_dates",
    "cancelled",
    "running",
    "failed_runs",
    "failures",
)


@click.command()
@json_option
@with_environment
def status(as_json: bool) -> None:
    """Show what is waiting, running, failed and indexed."""
    from dagster import DagsterInstance

    from vidpipe.automation.work_status import read_status
    from vidpipe.cli.environment import upgraded_settings
    from vidpipe.resources import Stores

    settings = upgraded_settings()
    with DagsterInstance.get() as instance:
        found = asdict(read_status(instance, Stores(settings)))
    if as_json:
        print_json(found)
        return
    for heading in LISTED:
        lines = found[heading]
        print_line(f"{heading.replace('_', ' '):<14} {len(lines)}")
        for line in lines[:SHOWN]:
            print_line(f"    {line}")
        if len(lines) > SHOWN:
            print_line(f"    … and {len(lines) - SHOWN} more")
    if found["outdated"]:
        print_line(found["outdated"])
    for problem in found["problems"]:
        print_line(f"! {problem}")
    for heading in ("uploads", "indexed"):
        numbers = ", ".join(f"{count} {name}" for name, count in found[heading].items())
        print_line(f"{heading:<14} {numbers}")
