"""Launching the embedded server on a free port.

Belongs here: the port, the detached process, and trying again when the port was taken meanwhile.
Does not: preparing the cluster (vidpipe.stores.embedded.cluster), nor the server once it runs
(vidpipe.stores.embedded.process).

The server lives in a session of its own, so it survives whatever happens to the process that
started it. Its data directory is given to it as its working directory (`/proc/self/cwd`): that
works where the path to the home is longer than PostgreSQL allows, or closed to the unprivileged
account that the server must run as when vidpipe runs as root.
"""

import os
import random
import socket
from pathlib import Path

from vidpipe.errors import DatabaseError
from vidpipe.stores.embedded import server_log
from vidpipe.stores.embedded.account import Account, give_to_owner_of_home, run_as
from vidpipe.stores.embedded.cluster import HOST, write_config, write_private
from vidpipe.stores.embedded.file_locks import flock_within, open_lock
from vidpipe.stores.embedded.paths import ServerPaths, as_the_server_sees
from vidpipe.stores.embedded.process import (
    ORPHAN_PATIENCE_S,
    PidFile,
    wait_until_ready,
    works_in,
)

PORT_RANGE = (20_000, 32_000)  # below the usual ephemeral ports: no client sits there
PORT_TRIES = 5


def launch(paths: ServerPaths, binaries: Path, account: Account) -> int:
    """Starts the server of a sound cluster and waits until it is ready; returns its port."""
    write_config(paths.data, account)
    _forget_foreign_pid(paths)
    server_log.bound(paths.log)
    port = _recorded_port(paths)
    for attempt in range(1, PORT_TRIES + 1):
        if port is None or not _port_is_free(port):
            port = _free_port()
        log_start = server_log.size_bytes(paths.log)
        _spawn(paths, binaries, account, port)
        try:
            port = wait_until_ready(paths, log_start)
        except DatabaseError:
            if attempt < PORT_TRIES and "Address already in use" in server_log.text_since(
                paths.log, log_start
            ):
                port = None
                continue
            raise
        write_private(paths, paths.port, str(port))
        return port
    raise AssertionError("unreachable: the last attempt returns or raises")


def _spawn(paths: ServerPaths, binaries: Path, account: Account, port: int) -> None:
    """Starts the server detached; it keeps the inherited server lock while any part of it lives.

    `pg_ctl` puts it into a session of its own and leaves it to init, so that no process of vidpipe
    has it as a child (a killed child would linger as a zombie that looks alive).
    """
    lock = open_lock(paths.server_lock)
    try:
        give_to_owner_of_home(paths, paths.server_lock)
        if not flock_within(lock, ORPHAN_PATIENCE_S):
            raise DatabaseError(f"{paths.server_lock} is held by another process; try again")
        with paths.log.open("ab") as log:
            give_to_owner_of_home(paths, paths.log)
            paths.log.chmod(0o600)
            finished = run_as(
                [
                    *(str(binaries / "pg_ctl"), "start", "--no-wait", "--silent"),
                    *("-D", as_the_server_sees(paths.data), "-o", f"-p {port}"),
                ],
                account,
                cwd=paths.data,
                keep=(lock,),
                output=log,
            )
    finally:
        os.close(lock)
    if finished.returncode != 0:
        raise DatabaseError(
            f"the PostgreSQL server under {paths.root} did not start (exit {finished.returncode})"
            + server_log.tail(paths.log)
        )


def _forget_foreign_pid(paths: ServerPaths) -> None:
    """Removes a pid file whose process lives but is not the server of this data directory.

    PostgreSQL itself only looks whether the number is alive, and would refuse to start after a
    reboot or in a copied home. A pid file of a dead process stays: PostgreSQL needs it to clean up.
    """
    pid_file = PidFile.read(paths.data)
    if pid_file is not None and not works_in(pid_file.pid, paths.data):
        try:
            os.kill(pid_file.pid, 0)
        except ProcessLookupError:
            return
        except PermissionError:
            pass
        (paths.data / "postmaster.pid").unlink(missing_ok=True)


def _recorded_port(paths: ServerPaths) -> int | None:
    try:
        return int(paths.port.read_text())
    except (FileNotFoundError, ValueError):
        return None


def _port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def _free_port() -> int:
    for _ in range(100):
        port = random.randint(*PORT_RANGE)
        if _port_is_free(port):
            return port
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
        assert isinstance(port, int)
        return port
