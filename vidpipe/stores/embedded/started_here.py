"""Saying that the embedded server goes on running, by the process that started it.

Belongs here: remembering that, and the line at the end of the process.
Does not: starting or stopping the server (vidpipe.stores.embedded.server).

Commands of Dagster start the server, too, so this cannot be left to `vidpipe`.
"""

import atexit
import sys

from vidpipe.stores.embedded.file_locks import is_held
from vidpipe.stores.embedded.paths import ServerPaths

_idle_hours: dict[ServerPaths, float] = {}


def remember(paths: ServerPaths, idle_hours: float) -> None:
    """Lets this process say at its end that the server goes on, if it does then.

    Args:
        paths: the server that this process has started.
        idle_hours: after so many hours without a client it stops by itself; 0 means never.
    """
    if not _idle_hours:
        atexit.register(_say)
    _idle_hours[paths] = idle_hours


def forget(paths: ServerPaths) -> None:
    """Says nothing of a server that this process has stopped."""
    _idle_hours.pop(paths, None)


def _say() -> None:
    for paths, hours in _idle_hours.items():
        if is_held(paths.server_lock):
            until = f"it stops by itself after {hours:g} h without a client, and " if hours else ""
            print(
                f"the PostgreSQL server under {paths.root} goes on running for other commands;"
                f" {until}VIDPIPE_HOME={paths.home} vidpipe down stops it now",
                file=sys.stderr,
            )
