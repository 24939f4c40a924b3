"""The process of the Dagster UI and daemon: started here, found again by its record, stopped.

Belongs here: `dagster dev` as a child, and the file that says which process serves a home.
Does not: what is said at the terminal (services.py), the database server's life cycle
(vidpipe.stores.embedded.server).
"""

import contextlib
import errno
import ipaddress
import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

from vidpipe.errors import VidpipeError
from vidpipe.packaged import packaged
from vidpipe.processes import is_alive, process_name
from vidpipe.settings import Settings

STOP_WITHIN_S = 90  # a run in progress ends its workers and says so
LEFT_WITHIN_S = 15
KILLED_WITHIN_S = 20


@dataclass(frozen=True)
class Record:
    """Which process serves a home, written by `vidpipe up` and read by `vidpipe down`."""

    path: Path

    @classmethod
    def of(cls, settings: Settings) -> "Record":
        """The record of the home that settings name; there may be none yet."""
        return cls(settings.home.absolute() / "up.json")

    def write(self, process: subprocess.Popen[bytes], address: str) -> None:
        """Says that a process serves this home at an address."""
        name = process_name(psutil.Process(process.pid))
        self.path.write_text(json.dumps({"process": name, "address": address}), encoding="utf-8")

    def running(self) -> tuple[int, str] | None:
        """Process id and address of what runs, None when nothing does."""
        try:
            record = json.loads(self.path.read_text(encoding="utf-8"))
            name = str(record["process"])
            # An earlier vidpipe kept the port alone; its `up` may run during an upgrade.
            address = record.get("address") or f"http://127.0.0.1:{record['port']}"
        except (FileNotFoundError, ValueError, KeyError):
            return None
        return (int(name.partition("/")[0]), address) if is_alive(name) else None

    def clear(self) -> None:
        """Says that nothing serves this home."""
        self.path.unlink(missing_ok=True)


def check_free(host: str, port: int) -> None:
    """Refuses an address that the UI cannot listen on.

    Raises:
        VidpipeError: another program listens there, or the host is none of this machine.
    """
    try:
        [(family, *_, address), *_] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise VidpipeError(
                f"port {port} of {host} is taken by another program: choose another with --port"
            ) from error
        raise VidpipeError(
            f"the UI cannot listen on {host}, port {port}: {error.strerror or error}; give an"
            " address of this machine with --host, and a port that you may use with --port"
        ) from error


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens there."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return all(ipaddress.ip_address(address[0]).is_loopback for *_, address in found)


def start(host: str, port: int) -> subprocess.Popen[bytes]:
    """Starts the UI and the daemon in a session of their own, where DAGSTER_HOME is."""
    command = [sys.executable, "-m", "dagster", "dev", "-w", str(packaged("workspace.yaml"))]
    return subprocess.Popen(
        [*command, "--host", host, "--port", str(port)],
        cwd=os.environ["DAGSTER_HOME"],
        start_new_session=True,
    )


def stop(pid: int) -> None:
    """Interrupts a `dagster dev` and waits for all that it started; ends those that linger."""
    members = family(pid)
    first = [one for one in members if one.pid == pid]  # none where it was killed
    for process in first:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGINT)
    try:
        psutil.wait_procs(first, timeout=STOP_WITHIN_S)
        psutil.wait_procs(members, timeout=LEFT_WITHIN_S)
    finally:  # also when somebody cannot wait and interrupts again
        alive = [one for one in {*members, *family(pid)} if one.is_running()]
        for process in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(alive, timeout=KILLED_WITHIN_S)


def family(leader: int) -> list[psutil.Process]:
    """The processes of a session, whose leader may be gone already."""
    members = []
    for process in psutil.process_iter():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.getsid(process.pid) == leader:
                members.append(process)
    return members
