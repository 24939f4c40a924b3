"""The processes of an embedded server that runs, starts, recovers or was killed.

Belongs here: whether it lives, whether it is ready, waiting for it, ending what a kill left.
Does not: launching one (vidpipe.stores.embedded.launch).
"""

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from vidpipe.errors import DatabaseError
from vidpipe.stores.embedded import server_log
from vidpipe.stores.embedded.cluster import HOST, USER
from vidpipe.stores.embedded.failures import OWN_SERVER_HINT
from vidpipe.stores.embedded.file_locks import POLL_S, is_held, is_released_within
from vidpipe.stores.embedded.paths import HAS_PROC, ServerPaths

PING_TIMEOUT_S = 5
RECOVERY_TIMEOUT_S = 900.0
ORPHAN_PATIENCE_S = 5.0


@dataclass(frozen=True)
class PidFile:
    """What PostgreSQL's `postmaster.pid` says of the running server."""

    pid: int
    port: int | None
    is_ready: bool

    @classmethod
    def read(cls, data: Path) -> "PidFile | None":
        """The pid file of a data directory; None while it is absent or being written."""
        try:
            lines = (data / "postmaster.pid").read_text().splitlines()
            return cls(
                pid=abs(int(lines[0])),
                port=int(lines[3]) if len(lines) > 3 else None,
                is_ready=len(lines) > 7 and lines[7].strip() == "ready",
            )
        except (FileNotFoundError, ValueError, IndexError):
            return None


def ready_port(paths: ServerPaths) -> int | None:
    """The port of the running server when it accepts connections now, else None."""
    if not is_held(paths.server_lock):
        return None
    pid_file = PidFile.read(paths.data)
    if pid_file is None or pid_file.port is None or not pid_file.is_ready:
        return None
    if not works_in(pid_file.pid, paths.data) or not _accepts_connections(pid_file.port):
        return None
    return pid_file.port


def _accepts_connections(port: int) -> bool:
    """Whether PostgreSQL lets clients log in now; it refuses them while it starts or recovers.

    Raises:
        DatabaseError: this environment keeps PostgreSQL's client library from asking.
    """
    from psycopg.conninfo import make_conninfo
    from psycopg.pq import PGconn, Ping

    conninfo = make_conninfo(
        host=HOST,
        hostaddr=HOST,
        port=port,
        user=USER,
        dbname="postgres",
        sslmode="disable",
        gssencmode="disable",
        require_auth="none",  # a password of the environment is never tried
        connect_timeout=PING_TIMEOUT_S,
    )
    answer = PGconn.ping(conninfo.encode())
    if answer == Ping.NO_ATTEMPT:
        raise DatabaseError(
            "PostgreSQL's client library cannot work with the PG... variables of this environment "
            "(PGSERVICE, for instance); unset them and try again"
        )
    return answer == Ping.OK


def postmaster_pid(paths: ServerPaths) -> int | None:
    """The pid of the live server of this data directory."""
    pid_file = PidFile.read(paths.data)
    if pid_file is not None and works_in(pid_file.pid, paths.data):
        return pid_file.pid
    return None


def works_in(pid: int, data: Path) -> bool:
    """Whether the process lives and its working directory is this very folder.

    A number in a pid file alone may belong to another process after a reboot, or to the server of
    the home that this one was copied from.
    """
    try:
        if HAS_PROC:
            return Path(f"/proc/{pid}/cwd").samefile(data)
        import psutil  # type: ignore[import-untyped,unused-ignore]

        with contextlib.suppress(psutil.Error):
            return Path(psutil.Process(pid).cwd()).samefile(data)
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        pass  # gone, a zombie, or a process of somebody else
    return False


def wait_until_ready(paths: ServerPaths, log_start: int) -> int:
    """Waits while the server starts or recovers from a crash; returns its port."""
    deadline = time.monotonic() + RECOVERY_TIMEOUT_S
    while True:
        port = ready_port(paths)
        if port is not None:
            return port
        if not is_held(paths.server_lock):
            raise DatabaseError(
                f"the PostgreSQL server under {paths.root} did not start. Correct what its log "
                f"says, {OWN_SERVER_HINT}" + server_log.tail(paths.log, log_start)
            )
        if time.monotonic() > deadline:
            raise DatabaseError(
                f"the PostgreSQL server under {paths.root} is still not ready after "
                f"{RECOVERY_TIMEOUT_S:.0f} s; it may be recovering: wait and try again"
                + server_log.tail(paths.log, log_start)
            )
        time.sleep(POLL_S)


def end_orphans(paths: ServerPaths) -> None:
    """Ends what is left of a server whose main process was killed.

    A busy backend outlives a killed main process until its statement ends, and a new server must
    not touch the files before that.
    """
    if not is_held(paths.server_lock) or postmaster_pid(paths) is not None:
        return
    for sent in (signal.SIGQUIT, signal.SIGKILL):
        # A server that was launched a moment ago has written no pid file yet: it is not an orphan.
        deadline = time.monotonic() + ORPHAN_PATIENCE_S
        while time.monotonic() < deadline:
            if not is_held(paths.server_lock) or postmaster_pid(paths) is not None:
                return
            time.sleep(POLL_S)
        for pid in _processes_working_in(paths.data):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, sent)
    if not is_released_within(paths.server_lock, ORPHAN_PATIENCE_S):
        raise DatabaseError(
            f"{paths.server_lock} is held by a process that cannot be seen from here (another "
            "container, another machine?): stop vidpipe there, or choose another VIDPIPE_HOME"
        )


def _processes_working_in(data: Path) -> list[int]:
    import psutil  # type: ignore[import-untyped,unused-ignore]

    return [
        process.pid
        for process in psutil.process_iter(["name"])
        if process.info["name"] == "postgres" and works_in(process.pid, data)
    ]
