"""The process of the Dagster UI and daemon: started here, found again by its record, stopped.

Belongs here: `dagster dev` as a child, and the file that says which process serves a home.
Does not: what is said at the terminal (services.py), the database server's life cycle
(vidpipe.stores.embedded.server).
"""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

from vidpipe.packaged import packaged
from vidpipe.processes import is_alive, process_name
from vidpipe.settings import Settings

STOP_WITHIN_S = 20


@dataclass(frozen=True)
class Record:
    """Which process serves a home, written by `vidpipe up` and read by `vidpipe down`."""

    path: Path

    @classmethod
    def of(cls, settings: Settings) -> "Record":
        """The record of the home that settings name; there may be none yet."""
        return cls(settings.home.absolute() / "up.json")

    def write(self, process: subprocess.Popen[bytes], port: int) -> None:
        """Says that a process serves this home at a port."""
        name = process_name(psutil.Process(process.pid))
        self.path.write_text(json.dumps({"process": name, "port": port}), encoding="utf-8")

    def running(self) -> tuple[int, int] | None:
        """Process id and port of what runs, None when nothing does."""
        try:
            record = json.loads(self.path.read_text(encoding="utf-8"))
            name, port = str(record["process"]), int(record["port"])
        except (FileNotFoundError, ValueError, KeyError):
            return None
        return (int(name.partition("/")[0]), port) if is_alive(name) else None

    def clear(self) -> None:
        """Says that nothing serves this home."""
        self.path.unlink(missing_ok=True)


def start(port: int) -> subprocess.Popen[bytes]:
    """Starts the UI and the daemon in a session of their own, where DAGSTER_HOME is."""
    # Started from a script's background job this process ignores Ctrl-C, and so would Dagster.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    command = [sys.executable, "-m", "dagster", "dev", "-w", str(packaged("workspace.yaml"))]
    return subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port)],
        cwd=os.environ["DAGSTER_HOME"],
        start_new_session=True,
    )


def stop(pid: int) -> None:
    """Interrupts a `dagster dev` and waits for its children; ends those that linger."""
    try:
        parent = psutil.Process(pid)
    except psutil.NoSuchProcess:
        return
    family = [parent, *parent.children(recursive=True)]
    parent.send_signal(signal.SIGINT)
    _, alive = psutil.wait_procs(family, timeout=STOP_WITHIN_S)
    for process in alive:
        process.kill()
    psutil.wait_procs(alive, timeout=STOP_WITHIN_S)
