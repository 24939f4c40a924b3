"""Dagster as it is deployed: web server, daemon and code servers as processes of their own.

Belongs here: starting and killing them, and what the UI does, through its GraphQL.
Does not: what a test expects of them.

Each is started again when it was killed, as a process manager does. The database is an embedded
server of another home, reached by its URL as a server of the user's is.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import psutil

from vidpipe.models.bundled_pair import demo_pair
from vidpipe.packaged import packaged
from vidpipe.stores.embedded import server as embedded_server

START_WITHIN_S = 120
NAMESPACE = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")
# The daemon looks at its sensors every five seconds; here, every second.
DAEMON = """
import sys
import dagster._daemon.sensor as sensor
sensor.MIN_INTERVAL_LOOP_TIME = 1
from dagster._daemon.cli import main
sys.argv[0] = "dagster-daemon"
main()
"""
# Of the shipped dagster.yaml, so that a test need not wait for minutes.
SHORTER = {
    "start_timeout_seconds: 300": "start_timeout_seconds: 90",
    "cancel_timeout_seconds: 180": "cancel_timeout_seconds: 60",
    "poll_interval_seconds: 30": "poll_interval_seconds: 5",
}
LAUNCH = """
mutation Launch($params: ExecutionParams!) {
  launchPipelineExecution(executionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
    ... on RunConfigValidationInvalid { errors { message } }
  }
}"""
BACKFILL = """
mutation Backfill($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) {
    __typename
    ... on LaunchBackfillSuccess { backfillId }
    ... on PythonError { message }
  }
}"""
REPOSITORIES = "{ repositoriesOrError { ... on RepositoryConnection { nodes { name } } } }"
TERMINATE = """
mutation Terminate($runId: String!) {
  terminateRun(runId: $runId) { __typename ... on TerminateRunFailure { message } }
}"""


@dataclass
class DagsterServices:
    """A home with its services, its uploads folder and its database."""

    folder: Path
    alert_url: str = ""
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.uploads.mkdir(parents=True)
        self.dagster_home.mkdir(parents=True)
        text = packaged("dagster.yaml").read_text(encoding="utf-8")
        for shipped, shorter in SHORTER.items():
            assert shipped in text
            text = text.replace(shipped, shorter)
        (self.dagster_home / "dagster.yaml").write_text(text, encoding="utf-8")
        self.database_url = embedded_server.start(self.database_home).url("vidpipe")
        self.ports = {name: free_port() for name in ("web", "code", "elsewhere")}

    @property
    def uploads(self) -> Path:
        return self.folder / "uploads"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def dagster_home(self) -> Path:
        return self.home / "dagster"

    @property
    def database_home(self) -> Path:
        return self.folder / "database"

    @property
    def environment(self) -> dict[str, str]:
        """The settings of all services."""
        image, text = demo_pair()
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("VIDPIPE_", "DAGSTER_"))
        }
        return kept | {
            "DAGSTER_HOME": str(self.dagster_home),
            "VIDPIPE_HOME": str(self.home),
            "VIDPIPE_DATABASE_URL": self.database_url,
            "VIDPIPE_UPLOADS_URL": str(self.uploads),
            "VIDPIPE_CLIP_IMAGE_MODEL": str(image),
            "VIDPIPE_CLIP_TEXT_MODEL": str(text),
            "VIDPIPE_WORKERS": "1",
            **({"VIDPIPE_ALERT_URL": self.alert_url} if self.alert_url else {}),
        }

    # -- Processes ---------------------------------------------------------------------------------

    def start_all(self, *, elsewhere: bool = False) -> None:
        """Starts the code servers, then the daemon and the web server.

        Args:
            elsewhere: with a second code server, in a PID namespace of its own.
        """
        locations = ["code", "elsewhere"] if elsewhere else ["code"]
        entries = [
            f"  - grpc_server: {{host: 127.0.0.1, port: {self.ports[name]}, location_name: {name}}}"
            for name in locations
        ]
        text = "\n".join(["load_from:", *entries]) + "\n"
        (self.folder / "workspace.yaml").write_text(text, encoding="utf-8")
        for name in locations:
            self.start(name)
        for name in locations:
            wait_for(lambda name=name: listens(self.ports[name]), START_WITHIN_S)  # type: ignore[misc]
        for name in ("daemon", "web"):
            self.start(name)
        wait_for(lambda: self._locations() == len(locations), START_WITHIN_S)

    def start(self, name: str) -> None:
        """Starts one of them, or starts it again."""
        workspace = ["-w", str(self.folder / "workspace.yaml")]
        python = sys.executable
        commands = {
            "code": self._code_server("code", "defs"),
            "elsewhere": [*NAMESPACE, *self._code_server("elsewhere", "elsewhere")],
            "daemon": [python, "-c", DAEMON, "run", *workspace],
            "web": [
                *(python, "-m", "dagster_webserver", *workspace),
                *("--host", "127.0.0.1", "--port", str(self.ports["web"])),
            ],
        }
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                commands[name],
                env=self.environment,
                cwd=self.dagster_home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _code_server(self, name: str, attribute: str) -> list[str]:
        return [
            *(sys.executable, "-m", "dagster", "api", "grpc", "--host", "127.0.0.1"),
            *("--port", str(self.ports[name]), "--location-name", name),
            *("-m", "vidpipe_tests.quick_ticks", "-a", attribute),
        ]

    def restart_ended(self) -> list[str]:
        """Starts again what has ended; returns the names."""
        ended = [name for name, process in self.processes.items() if process.poll() is not None]
        for name in ended:
            self.start(name)
        return ended

    def kill(self, name: str) -> None:
        """Kills one of them without a word; what it started goes on."""
        self.processes[name].kill()
        self.processes[name].wait()

    def run_processes(self) -> list[psutil.Process]:
        """Processes that execute runs."""
        code = psutil.Process(self.processes["code"].pid)
        return [one for one in code.children() if "spawn_main" in _command(one)]

    def workers(self) -> list[psutil.Process]:
        """Processes that compute for a step of a run."""
        found = []
        for run in self.run_processes():
            found += [one for one in run.children() if "spawn_main" in _command(one)]
        return found

    def kill_database(self) -> None:
        """Kills the database server and starts it again."""
        data = self.database_home / "postgres" / "cluster" / "data"
        [pid_file] = [*self.database_home.rglob("postmaster.pid")] or [data / "postmaster.pid"]
        os.kill(int(pid_file.read_text().splitlines()[0]), signal.SIGKILL)
        time.sleep(1)
        assert embedded_server.start(self.database_home).url("vidpipe") == self.database_url

    def stop_all(self) -> None:
        """Ends everything that was started here."""
        families: list[psutil.Process] = []
        for process in self.processes.values():
            if process.poll() is None:
                parent = psutil.Process(process.pid)
                families += [*parent.children(recursive=True), parent]
        for one in families:
            one.kill() if one.is_running() else None
        psutil.wait_procs(families, timeout=10)
        embedded_server.stop(self.database_home)

    def log(self, name: str, characters: int = 3000) -> str:
        text = (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")
        return text[-characters:]

    # -- What the UI does --------------------------------------------------------------------------

    def launch(
        self, job: str, tags: dict[str, str], *, assets: list[str] | None = None, at: str = "code"
    ) -> str:
        """Launches a run; returns its id."""
        selector: dict[str, Any] = {
            "repositoryLocationName": at,
            "repositoryName": "__repository__",
            "pipelineName": job,
        }
        if assets is not None:
            selector |= {
                "assetSelection": [{"path": [name]} for name in assets],
                "assetCheckSelection": [],
            }
        metadata = {"tags": [{"key": key, "value": value} for key, value in tags.items()]}
        params = {"selector": selector, "executionMetadata": metadata, "mode": "default"}
        answer = self._ask(LAUNCH, {"params": params})["launchPipelineExecution"]
        assert answer["__typename"] == "LaunchRunSuccess", answer
        return str(answer["run"]["runId"])

    def backfill(self, assets: list[str], partitions: list[str]) -> str:
        """Launches a backfill of assets; returns its id."""
        params = {
            "assetSelection": [{"path": [name]} for name in assets],
            "partitionNames": partitions,
        }
        answer = self._ask(BACKFILL, {"params": params})["launchPartitionBackfill"]
        assert answer["__typename"] == "LaunchBackfillSuccess", answer
        return str(answer["backfillId"])

    def terminate(self, run_id: str) -> dict[str, Any]:
        """Asks for the end of a run, as the button in the UI does."""
        answer: dict[str, Any] = self._ask(TERMINATE, {"runId": run_id})["terminateRun"]
        return answer

    def _locations(self) -> int:
        """Number of code locations that the UI shows."""
        try:
            found = self._ask(REPOSITORIES, {})["repositoriesOrError"]
        except (URLError, OSError):
            return 0
        return len(found["nodes"])

    def _ask(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        request = Request(
            f"http://127.0.0.1:{self.ports['web']}/graphql",
            data=json.dumps({"query": query, "variables": variables}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urlopen(request, timeout=60) as response:
            answer = json.loads(response.read())
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data


def free_port() -> int:
    """A port of loopback that nobody listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


def listens(port: int) -> bool:
    """Whether somebody listens at a port of loopback."""
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def wait_for(question: Callable[[], bool], seconds: float, *, every_s: float = 0.5) -> None:
    """Waits until a question is answered by yes.

    Raises:
        TimeoutError: it was not, within these seconds.
    """
    deadline = time.monotonic() + seconds
    while not question():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:.0f} s")
        time.sleep(every_s)


def _command(process: psutil.Process) -> str:
    """The command line of a process; empty where it has just ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
