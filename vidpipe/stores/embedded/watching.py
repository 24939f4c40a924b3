"""Starting the process that stops an unused server.

Belongs here: whether a server has one, and leaving a new one to itself.
Does not: what it does (vidpipe.stores.embedded.idle_watch).
"""

import subprocess
import sys

from vidpipe.stores.embedded.file_locks import is_held
from vidpipe.stores.embedded.paths import ServerPaths

WATCH = "vidpipe.stores.embedded.idle_watch"


def ensure_watched(paths: ServerPaths, idle_hours: float) -> None:
    """Starts the process for a running server that has none; returns at once.

    Args:
        idle_hours: hours without a client after which the server is stopped; 0 means never.
    """
    if not idle_hours or is_held(paths.watch_lock):
        return
    command = [sys.executable, "-m", WATCH, str(paths.home), str(idle_hours)]
    # The shell leaves it to init: a child of a long-lived process would linger as a zombie.
    subprocess.run(
        ["/bin/sh", "-c", '"$@" &', "sh", *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        check=False,
    )
