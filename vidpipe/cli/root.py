"""The `vidpipe` command: the group of all commands.

Belongs here: assembling it, and how errors and Ctrl-C end a command.
Does not: any command (the file of its group).
"""

import sys
from typing import Any

import click

from vidpipe.cli.bench import bench
from vidpipe.cli.calibrate import calibrate
from vidpipe.cli.copies import copies
from vidpipe.cli.db import db
from vidpipe.cli.demo import demo
from vidpipe.cli.demo_world import demo_world
from vidpipe.cli.doctor import doctor
from vidpipe.cli.evaluate import evaluate
from vidpipe.cli.forget import forget
from vidpipe.cli.judge import judge
from vidpipe.cli.model import model
from vidpipe.cli.query import query
from vidpipe.cli.refresh import refresh
from vidpipe.cli.run import run
from vidpipe.cli.search import search
from vidpipe.cli.services import down, up
from vidpipe.cli.status import status
from vidpipe.cli.topics import topics
from vidpipe.cli.uploads import uploads
from vidpipe.cli.watch import watch
from vidpipe.cli.why import why
from vidpipe.errors import VidpipeError

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class _Commands(click.Group):
    """Ends with one line instead of a traceback when vidpipe knows what went wrong."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except VidpipeError as error:
            raise click.ClickException(str(error)) from error
        except KeyboardInterrupt:
            click.echo("\nstopped; what was finished is kept, the same command goes on", err=True)
            sys.exit(130)


@click.group(cls=_Commands, context_settings=CONTEXT)
@click.version_option(package_name="vidpipe")
def main() -> None:
    """Uploaded social-media videos as searchable, clustered, investigable tables.

    Settings are VIDPIPE_* environment variables; docs/settings.md lists them all.
    """


for command in (
    bench,
    calibrate,
    copies,
    db,
    demo,
    demo_world,
    doctor,
    down,
    evaluate,
    forget,
    judge,
    model,
    query,
    refresh,
    run,
    search,
    status,
    topics,
    up,
    uploads,
    watch,
    why,
):
    main.add_command(command)
