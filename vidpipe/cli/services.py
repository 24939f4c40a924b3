"""`vidpipe up` and `vidpipe down`: the database, the Dagster UI and daemon on this machine.

Belongs here: starting them in order, and stopping what was left by vidpipe's own records.
Does not: the database server's life cycle (vidpipe.stores.embedded.server).
"""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil
from dagster import DagsterInstance
from rich.console import Console

from vidpipe.automation.dead_runs import mark_dead_runs
from vidpipe.errors import VidpipeError
from vidpipe.packaged import packaged
from vidpipe.processes import is_alive, process_name
from vidpipe.settings import Settings, load_settings
from vidpipe.stores.embedded import server as embedded_server
from vidpipe.stores.schema_upgrade import upgrade

STOP_WITHIN_S = 20


@dataclass(frozen=True)
class _Record:
    """Which process serves this home, written by `up` and read by `down`."""

    path: Path

    @classmethod
    def of(cls, settings: Settings) -> "_Record":
        return cls(settings.home.absolute() / "up.json")

    def write(self, process: subprocess.Popen[bytes], port: int) -> None:
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
        self.path.unlink(missing_ok=True)


def up(port: int) -> None:
    """Starts the services and waits until they end or Ctrl-C.

    Raises:
        VidpipeError: they run already, or the database cannot be started or upgraded.
    """
    settings = load_settings()
    record = _Record.of(settings)
    if running := record.running():
        raise VidpipeError(
            f"vidpipe is up already for {settings.home}: http://127.0.0.1:{running[1]} "
            "(vidpipe down stops it)"
        )
    console = Console(stderr=True, highlight=False)
    console.print("starting the database …")
    upgrade(settings)
    with DagsterInstance.get() as instance:
        for run_id in mark_dead_runs(instance):
            console.print(f"run {run_id} marked failed: its process is gone")
    if settings.uploads_url is None:
        console.print("VIDPIPE_UPLOADS_URL is not set: the sensor has nowhere to look for uploads")
    console.print(f"Dagster UI: http://127.0.0.1:{port} (Ctrl-C stops it)")
    command = [sys.executable, "-m", "dagster", "dev", "-w", str(packaged("workspace.yaml"))]
    # Started from a script's background job this process ignores Ctrl-C, and so would Dagster.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port)],
        cwd=os.environ["DAGSTER_HOME"],
        start_new_session=True,
    )
    record.write(process, port)
    try:
        process.wait()
    except KeyboardInterrupt:
        console.print("stopping …")
        _stop(process.pid)
        process.wait()
    finally:
        record.clear()
    console.print("the database keeps running for other commands; vidpipe down stops it")


def down() -> list[str]:
    """Stops the services and the embedded server of this home; returns what was stopped."""
    settings = load_settings()
    record = _Record.of(settings)
    stopped = []
    if running := record.running():
        _stop(running[0])
        record.clear()
        stopped.append("Dagster UI and daemon stopped")
    if settings.database_url is None and embedded_server.stop(settings.home):
        stopped.append("embedded PostgreSQL stopped")
    return stopped or ["nothing was running"]


def _stop(pid: int) -> None:
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
