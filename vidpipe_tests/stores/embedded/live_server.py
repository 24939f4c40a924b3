"""What tests see of a running embedded server, and other processes that start one."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
import pytest

from vidpipe.stores.embedded.server import EmbeddedServer

START = """
import sys
from pathlib import Path
from vidpipe.stores.embedded import server as embedded_server
print(embedded_server.start(Path(sys.argv[1])).url(), flush=True)
"""
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to give up its rights")


def postmaster_pid(home: Path) -> int:
    """Process id of the server, as PostgreSQL wrote it."""
    pid_file = home / "postgres" / "cluster" / "data" / "postmaster.pid"
    return int(pid_file.read_text().splitlines()[0])


def is_gone(pid: int) -> bool:
    """Whether the process has ended (it may wait for its parent to notice)."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def answers(server: EmbeddedServer) -> bool:
    """Whether a client can log in and calculate."""
    with psycopg.connect(server.url()) as connection:
        return connection.execute("select 1 + 1").fetchone() == (2,)


def starting_process(home: Path) -> subprocess.Popen[str]:
    """Another vidpipe process, in a process group of its own, that starts the server."""
    return subprocess.Popen(
        [sys.executable, "-c", START, str(home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_until(condition: Callable[[], object]) -> None:
    """Return when the condition holds; the test's own time limit ends a vain wait."""
    while not condition():
        time.sleep(0.005)
