"""`vidpipe db check`: what your PostgreSQL server lacks, with the SQL for an administrator.

Belongs here: what is said at the terminal.
Does not: what is needed, nor looking for it (vidpipe.stores.requirements).
"""

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from vidpipe.cli.options import json_option
from vidpipe.cli.output import print_json, print_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vidpipe.stores.requirements.shortcoming import Shortcoming


@click.command("check")
@json_option
def check(as_json: bool) -> None:
    """List all that your PostgreSQL server lacks, with the SQL that mends it.

    It asks the server in VIDPIPE_DATABASE_URL and changes nothing. The exit code is 1 when vidpipe
    cannot work there; what is only recommended does not count.
    """
    from vidpipe.settings import load_settings
    from vidpipe.stores.database import database_url, shown
    from vidpipe.stores.database_check import shortcomings

    settings = load_settings()
    server = shown(database_url(settings)) if settings.database_url else None
    found = shortcomings(settings)
    blocked = any(one.blocks for one in found)
    if as_json:
        print_json({"server": server, "ok": not blocked, "missing": [asdict(one) for one in found]})
    elif server is None:
        print_line(
            "VIDPIPE_DATABASE_URL is not set: vidpipe uses a PostgreSQL of its own, which has"
            " all that it needs"
        )
    else:
        _print(server, found)
    sys.exit(1 if blocked else 0)


def _print(server: str, found: "Sequence[Shortcoming]") -> None:
    for one in found:
        print_line(f"{'missing' if one.blocks else 'better'}: {one.what}")
        if one.statements:
            print_line(f"    in database {one.database}:")
        for statement in one.statements:
            print_line(f"    {statement}" if statement.startswith("\\") else f"    {statement};")
    if not any(one.blocks for one in found):
        print_line(f"{server} has all that vidpipe needs: vidpipe db upgrade makes the schema")
