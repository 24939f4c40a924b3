"""Every `dagster.yaml` and `workspace.yaml` that we ship is one that Dagster loads."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import psycopg
import pytest
import yaml
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.instance.ref import InstanceRef
from dagster._core.workspace.load import load_workspace_process_context_from_yaml_paths
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster._grpc.client import DagsterGrpcClient

from vidpipe.automation.shared_logs import VidpipeSharedLogs
from vidpipe.dagster_storage import VidpipeComputeLogs
from vidpipe_tests.documents.markdown import CHECKOUT

ONE_HOST, SEVERAL = CHECKOUT / "dagster.yaml", CHECKOUT / "deploy" / "dagster.yaml"
ANSWER_S = 120.0  # on a busy machine
VALUES = CHECKOUT / "deploy" / "kubernetes" / "values.yaml"


@pytest.fixture(autouse=True)
def _settings(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDPIPE_DATABASE_URL", database_url)
    monkeypatch.setenv("VIDPIPE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("VIDPIPE_MEDIA_URL", str(tmp_path / "media"))


def instance_of(text: str, folder: Path) -> dg.DagsterInstance:
    """An instance as web server and daemon open it, from a DAGSTER_HOME of its own."""
    folder.mkdir()
    (folder / "dagster.yaml").write_text(text, encoding="utf-8")
    return dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(folder)))


def loaded(file: Path) -> Any:
    return yaml.safe_load(file.read_text("utf-8"))


@pytest.mark.parametrize(
    ("file", "logs"),
    [(ONE_HOST, VidpipeComputeLogs), (SEVERAL, VidpipeSharedLogs)],
    ids=["one host", "several hosts"],
)
def test_an_instance_that_we_ship_is_loaded(
    file: Path, logs: type, tmp_path: Path, database_url: str
) -> None:
    with instance_of(file.read_text("utf-8"), tmp_path / "dagster") as instance:
        assert type(instance.compute_log_manager) is logs
        assert instance.run_monitoring_enabled
        assert not instance.telemetry_enabled
        assert instance.get_runs() == []
    with psycopg.connect(f"{database_url}_dagster") as connection:
        assert connection.execute("select count(*) from runs").fetchone() == (0,)


def test_the_two_instances_differ_in_where_output_is_kept_and_nowhere_else() -> None:
    one, several = loaded(ONE_HOST), loaded(SEVERAL)
    assert {key for key in {*one, *several} if one.get(key) != several.get(key)} == {"compute_logs"}


def test_what_the_chart_makes_of_the_values_is_loaded(tmp_path: Path, database_url: str) -> None:
    """The parts of the chart's `dagster.yaml` that come from our values, beside its own storage."""
    values = loaded(VALUES)
    logs = values["computeLogManager"]["config"]["customComputeLogManager"]
    queue = values["dagsterDaemon"]["runCoordinator"]["config"]["queuedRunCoordinator"]
    limits = queue["tagConcurrencyLimits"]
    scheme, rest = values["postgresql"]["postgresqlScheme"], database_url.partition("://")[2]
    rendered = {
        "storage": {"postgres": {"postgres_url": f"{scheme}://{rest}"}},
        "compute_logs": logs,
        "run_coordinator": {
            "module": "dagster._core.run_coordinator",
            "class": "QueuedRunCoordinator",
            "config": {
                "max_concurrent_runs": queue["maxConcurrentRuns"],
                "dequeue_interval_seconds": queue["dequeueIntervalSeconds"],
                "tag_concurrency_limits": limits,
            },
        },
        **values["additionalInstanceConfig"],
    }
    with instance_of(yaml.safe_dump(rendered), tmp_path / "dagster") as instance:
        assert type(instance.compute_log_manager) is VidpipeSharedLogs
        assert instance.get_runs() == []
    # The same rules as on our own hosts.
    runs = loaded(SEVERAL)["concurrency"]["runs"]
    assert limits == runs["tag_concurrency_limits"]
    assert queue["maxConcurrentRuns"] == runs["max_concurrent_runs"]


@pytest.mark.parametrize("name", ["workspace.yaml", "deploy/workspace.yaml"])
def test_a_workspace_that_we_ship_names_the_code_location(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODE_LOCATION_HOST", "code")
    [origin] = WorkspaceFileTarget(paths=[str(CHECKOUT / name)]).create_origins()
    assert origin.location_name == "vidpipe"


@pytest.fixture
def code_server(tmp_path: Path) -> Iterator[int]:
    """The code location as units and containers start it, on a free port."""
    home = tmp_path / "host of the code"
    home.mkdir()
    shutil.copy(SEVERAL, home / "dagster.yaml")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    unit = (CHECKOUT / "deploy" / "systemd" / "vidpipe-code.service").read_text("utf-8")
    [line] = re.findall(r"^ExecStart=\S+/dagster (.*)$", unit, re.M)
    given = line.replace("${CODE_LOCATION_LISTEN}", "127.0.0.1").replace("4000", str(port))
    command = [sys.executable, "-m", "dagster", *given.split()]
    with subprocess.Popen(command, env=os.environ | {"DAGSTER_HOME": str(home)}) as process:
        wait_until_it_answers(port, process)
        yield port
        process.terminate()


def wait_until_it_answers(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + ANSWER_S
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(DagsterUserCodeUnreachableError):
            DagsterGrpcClient(host="127.0.0.1", port=port).ping("")
            return
        time.sleep(0.2)
    pytest.fail("the code location does not answer")


def test_the_page_of_another_host_loads_the_code_location(
    code_server: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (CHECKOUT / "deploy" / "workspace.yaml").read_text("utf-8")
    workspace = tmp_path / "workspace.yaml"
    workspace.write_text(text.replace("port: 4000", f"port: {code_server}"), encoding="utf-8")
    monkeypatch.setenv("CODE_LOCATION_HOST", "127.0.0.1")
    with (
        instance_of(SEVERAL.read_text("utf-8"), tmp_path / "host of the page") as instance,
        load_workspace_process_context_from_yaml_paths(instance, [str(workspace)]) as context,
    ):
        location = context.create_request_context().get_code_location("vidpipe")
        [repository] = location.get_repositories().values()
        assert repository.has_job("ingest")
