"""Dagster's own commands in a new installation, without `vidpipe` having run before."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import psycopg
import pytest

from vidpipe.dagster_instance.run_storage import end_with
from vidpipe.packaged import packaged
from vidpipe.processes import all_alive, dagster_dev
from vidpipe.settings import Settings
from vidpipe_tests.installation import demo_environment


def dagster(folder: Path, environment: dict[str, str], *arguments: str) -> str:
    """Calls a command where `dagster.yaml` is; what it logs."""
    (folder / "dagster.yaml").write_bytes(packaged("dagster.yaml").read_bytes())
    ended = subprocess.run(
        [sys.executable, "-m", "dagster", *arguments, "-m", "vidpipe.definitions"],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["asset", "materialize", "--select", "query_embeddings"],
        ["job", "execute", "-j", "embed_queries"],
    ],
)
def test_the_first_command_in_a_new_database_makes_the_schema(
    database_settings: Settings, tmp_path: Path, command: list[str]
) -> None:
    environment = demo_environment(database_settings, tmp_path / "home")
    logged = dagster(tmp_path, environment, *command)
    assert "nothing is indexed yet" in logged, "it asked the tables"
    assert "does not exist" not in logged
    with psycopg.connect(environment["VIDPIPE_DATABASE_URL"]) as connection:
        made = connection.execute("select to_regclass('vidpipe_ops.uploads') is not null")
        assert made.fetchone() == (True,)


def test_a_run_is_interrupted_when_the_services_it_was_started_under_end() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as service:
        services = [psutil.Process(service.pid)]
        assert all_alive(services)
        threading.Timer(0.2, service.kill).start()
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            with pytest.raises(KeyboardInterrupt):
                end_with(services)
        finally:
            signal.signal(signal.SIGINT, before)
        assert not all_alive(services)


def test_a_process_under_no_dagster_dev_waits_for_none(tmp_path: Path) -> None:
    assert dagster_dev() == []
    (tmp_path / "dagster").mkdir()
    ask = "from vidpipe.processes import dagster_dev; print(len(dagster_dev()))"
    start = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[3]])"
    under_dev = subprocess.run(
        [sys.executable, "-c", start, "dagster", "dev", ask],
        capture_output=True,
        text=True,
        check=True,
    )
    assert under_dev.stdout == "1\n"
