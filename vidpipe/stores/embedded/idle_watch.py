"""Stopping an embedded server that nobody has used for hours.

Belongs here: the small process that looks for clients, and when it ends.
Does not: starting it (vidpipe.stores.embedded.watching), stopping the server
(vidpipe.stores.embedded.server).

The process is nobody's child and has a session of its own, so it survives whatever started it. A
lock on a file says that it lives: whoever starts or joins a server without it starts another. It
ends with its server. It is a client itself when it looks, and counts neither itself nor
`postgres`, the database that it looks from; sessions that came and went between two looks are
counted by PostgreSQL.
"""

import os
import sys
import time
from functools import partial
from pathlib import Path

import psycopg

from vidpipe.errors import DatabaseError
from vidpipe.stores.embedded.account import give_to_owner_of_home
from vidpipe.stores.embedded.file_locks import flock_within, is_held, open_lock
from vidpipe.stores.embedded.paths import ServerPaths
from vidpipe.stores.embedded.server import EmbeddedServer, running, stop_unless

LOOK_EVERY_S = 60.0
SERVER_LOOKED_AT_EVERY_S = 1.0
LOOKED_FROM = "postgres"

CLIENTS = """
select
    (select count(*) from pg_stat_activity
     where backend_type = 'client backend' and pid <> pg_backend_pid()),
    (select sum(sessions)::bigint from pg_stat_database where datname <> current_database())
"""


def watch(paths: ServerPaths, idle_hours: float) -> None:
    """Stops the server after hours without a client; ends with the server."""
    lock = open_lock(paths.watch_lock)
    try:
        give_to_owner_of_home(paths, paths.watch_lock)
        if flock_within(lock, 0):
            _watch(paths, idle_hours * 3600)
    finally:
        os.close(lock)


def _watch(paths: ServerPaths, idle_s: float) -> None:
    used_at, sessions, looked_at = time.monotonic(), -1, 0.0
    look_every_s = min(LOOK_EVERY_S, idle_s / 4)
    while is_held(paths.server_lock):
        time.sleep(min(SERVER_LOOKED_AT_EVERY_S, look_every_s))
        if time.monotonic() - looked_at < look_every_s:
            continue
        looked_at = time.monotonic()
        server = _running(paths)
        if server is None:  # it starts, recovers or ends
            used_at = looked_at
            continue
        connected, seen = _clients(server)
        if connected or seen != sessions:
            used_at, sessions = looked_at, seen
        elif looked_at - used_at >= idle_s:
            # Looked at again under the lock: whoever starts the server meanwhile waits for it.
            stop_unless(paths.home, partial(_is_used, server, sessions))


def _running(paths: ServerPaths) -> EmbeddedServer | None:
    try:
        return running(paths.home)
    except DatabaseError:
        return None


def _is_used(server: EmbeddedServer, sessions: int) -> bool:
    return _clients(server) != (0, sessions)


def _clients(server: EmbeddedServer) -> tuple[int, int]:
    """Clients that are connected, and sessions that there ever were; (1, -1) where unknown."""
    try:
        with psycopg.connect(server.url(LOOKED_FROM), connect_timeout=10) as connection:
            row = connection.execute(CLIENTS).fetchone()
    except psycopg.Error:
        return 1, -1
    return (row[0], row[1] or 0) if row is not None else (1, -1)


if __name__ == "__main__":
    watch(ServerPaths.of(Path(sys.argv[1])), float(sys.argv[2]))
