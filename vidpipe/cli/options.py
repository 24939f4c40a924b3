"""Options that several commands share, and how they reach the processes that vidpipe starts.

Belongs here: each shared option, stated once. Does not: options of one command (its group's file).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

DATE = click.DateTime(formats=["%Y-%m-%d"])


def uploads_option(command: Command) -> Command:
    """`--uploads`; the command takes it `with_environment`."""
    return click.option(
        "--uploads", metavar="URL", help="Folder or s3:// URL of uploads [VIDPIPE_UPLOADS_URL]."
    )(command)


def demo_models_option(command: Command) -> Command:
    """`--demo-models`; the command takes it `with_environment`."""
    return click.option(
        "--demo-models",
        is_flag=True,
        help="Use the small CLIP pair that comes with vidpipe: no download, but it understands the "
        "demo world and nothing else.",
    )(command)


def json_option(command: Command) -> Command:
    """`--json`, given to the command as `as_json`."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Print one JSON document on stdout."
    )(command)


def yes_option(command: Command) -> Command:
    """`--yes`: goes on without asking."""
    return click.option("--yes", is_flag=True, help="Do not ask.")(command)


def with_environment(command: Callable[..., Any]) -> Callable[..., Any]:
    """Carries `--uploads` and `--demo-models` into the environment, where processes share them."""

    @wraps(command)
    def wrapped(
        *args: Any, uploads: str | None = None, demo_models: bool = False, **kwargs: Any
    ) -> Any:
        from vidpipe.cli.environment import prepare_environment

        prepare_environment(uploads=uploads, demo_models=demo_models)
        return command(*args, **kwargs)

    return wrapped
