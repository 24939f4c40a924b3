"""Locks on files (`flock`): who may start or stop the embedded server, and whether it lives.

Belongs here: taking, trying and waiting for these locks. They end with the processes that hold
them, so no crash leaves one behind.
Does not: locks inside a database (vidpipe.stores.locks).
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from vidpipe.errors import DatabaseError
from vidpipe.stores.embedded import server_log
from vidpipe.stores.embedded.account import give_to_owner_of_home
from vidpipe.stores.embedded.paths import ServerPaths

LOCK_TIMEOUT_S = 900.0  # another process may be initialising or waiting out a recovery
POLL_S = 0.02


@contextlib.contextmanager
def start_lock(paths: ServerPaths) -> Iterator[int]:
    """Holds the start lock of this home; yields its descriptor.

    `initdb` inherits it, so that an initdb whose vidpipe was killed is waited for, not disturbed.
    """
    descriptor = open_lock(paths.start_lock)
    try:
        give_to_owner_of_home(paths, paths.start_lock)
        if not flock_within(descriptor, LOCK_TIMEOUT_S):
            raise DatabaseError(
                f"another process has been starting or stopping the PostgreSQL server under "
                f"{paths.root} for {LOCK_TIMEOUT_S:.0f} s; end it and try again"
                + server_log.tail(paths.log)
            )
        try:
            yield descriptor
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)  # also for copies that a forked child may hold
    finally:
        os.close(descriptor)


def open_lock(path: Path) -> int:
    """A descriptor of a lock's file, which is made when it is missing."""
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def flock_within(descriptor: int, timeout_s: float) -> bool:
    """Takes the lock exclusively; False when others held it for all of the time."""
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_S)


def is_held(path: Path) -> bool:
    """Whether some process (the server, its backends) holds the lock exclusively."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)


def is_released_within(path: Path, timeout_s: float) -> bool:
    """Waits until nobody holds the lock exclusively; False when the time was not enough."""
    deadline = time.monotonic() + timeout_s
    while is_held(path):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True
