"""A lock that tells others whether the process that took it still lives.

Belongs here: holding such a lock on a connection of its own, taking it again when that connection
was lost, and asking whether nobody holds one.
Does not: which locks there are (vidpipe.stores.locks), what follows when a holder is gone
(vidpipe.automation.dead_runs, vidpipe.dagster_instance.run_launcher).

The server frees a lock when the connection of its holder ends, wherever the holder ran: process ids
mean nothing on another host or in another container.
"""

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import Connection

from vidpipe.errors import VidpipeError
from vidpipe.settings import Settings
from vidpipe.stores.database import connect, connect_if_running
from vidpipe.stores.locks import SharedLock

# How often a holder looks whether its connection still stands.
LOOK_EVERY_S = 2.0
RELEASE_WITHIN_S = 5.0
# Without them the server would notice after two hours that the holder's host lost its power.
KEEPALIVES = {"tcp_keepalives_idle": 30, "tcp_keepalives_interval": 10, "tcp_keepalives_count": 3}


class KeptLock:
    """A lock that is held from here on, until it is released or this process ends.

    A thread looks after the connection. When the server was restarted it takes the lock again, but
    it never starts the embedded server: who ran `vidpipe down` wants it to be down.

    Raises:
        DatabaseError: the server cannot be reached or started.
    """

    def __init__(self, settings: Settings, lock: SharedLock) -> None:
        self._settings = settings
        self._lock = lock
        self._released = threading.Event()
        self._connection = _holding(connect(settings, autocommit=True), lock)
        self._thread = threading.Thread(target=self._look_after, name=lock.name, daemon=True)
        self._thread.start()

    def release(self) -> None:
        """Frees the lock, unless another process holds it, too."""
        self._released.set()
        self._thread.join(RELEASE_WITHIN_S)
        self._connection.close()

    def _look_after(self) -> None:
        while not self._released.wait(LOOK_EVERY_S):
            try:
                self._connection.execute("select 1")
            except psycopg.Error:
                self._connection.close()
                self._take_again()

    def _take_again(self) -> None:
        try:
            connection = connect_if_running(self._settings)
            if connection is not None:
                self._connection = _holding(connection, self._lock)
        except (VidpipeError, psycopg.Error, OSError):
            return  # the next look tries again


_kept: dict[SharedLock, KeptLock] = {}
_keeping = threading.Lock()


def keep(settings: Settings, lock: SharedLock) -> None:
    """Holds a lock until `release`, at most until this process ends; taken twice it is held once.

    Raises:
        DatabaseError: the server cannot be reached or started.
    """
    with _keeping:
        if lock not in _kept:
            _kept[lock] = KeptLock(settings, lock)


def release(lock: SharedLock) -> None:
    """Frees a lock that this process keeps; does nothing when it keeps none of that name."""
    with _keeping:
        ended = _kept.pop(lock, None)
    if ended is not None:
        ended.release()


@contextmanager
def kept(settings: Settings, lock: SharedLock) -> Iterator[None]:
    """Holds a lock inside the block.

    Raises:
        DatabaseError: the server cannot be reached or started.
    """
    keep(settings, lock)
    try:
        yield
    finally:
        release(lock)


def free_throughout(
    settings: Settings, locks: Iterable[SharedLock], *, seconds: float
) -> set[SharedLock]:
    """Those of the locks that nobody held at any look within some seconds.

    A holder that lives takes its lock again within LOOK_EVERY_S after a restart of the server, so
    one look would not do.

    Raises:
        DatabaseError: the server cannot be reached.
    """
    free = set(locks)
    looks = 1 + max(1, round(seconds / LOOK_EVERY_S))
    for look in range(looks):
        if not free:
            break
        if look:
            time.sleep(LOOK_EVERY_S)
        with connect(settings, autocommit=True) as connection:
            free = {lock for lock in free if lock.is_free(connection)}
    return free


def is_free(settings: Settings, lock: SharedLock) -> bool:
    """Whether nobody holds the lock at this moment.

    Raises:
        DatabaseError: the server cannot be reached.
    """
    with connect(settings, autocommit=True) as connection:
        return lock.is_free(connection)


def _holding(connection: Connection[Any], lock: SharedLock) -> Connection[Any]:
    """The connection, once it holds the lock."""
    try:
        for name, value in KEEPALIVES.items():
            connection.execute("select set_config(%s, %s, false)", [name, str(value)])
        lock.take(connection)
    except psycopg.Error:
        connection.close()
        raise
    return connection
