"""An embedded server that is killed, recovers, or leaves something behind."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import psycopg
import pytest

from vidpipe.errors import DatabaseError
from vidpipe.stores.embedded import process
from vidpipe.stores.embedded import server as embedded_server
from vidpipe_tests.stores.embedded.live_server import (
    START,
    answers,
    is_gone,
    postmaster_pid,
    wait_until,
)


def test_it_survives_a_kill_of_the_process_group_that_started_it(home: Path) -> None:
    started = subprocess.Popen(
        [sys.executable, "-c", START + "import time; time.sleep(600)", str(home)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert started.stdout is not None
    url = started.stdout.readline().strip()
    os.killpg(started.pid, signal.SIGKILL)
    started.wait()
    started.stdout.close()
    server = embedded_server.start(home)
    assert server.url() == url
    assert answers(server)


def test_committed_rows_survive_a_kill_of_the_server(home: Path) -> None:
    server = embedded_server.start(home)
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("create table kept as select generate_series(1, 1000) as x")
        os.kill(postmaster_pid(home), signal.SIGKILL)
    recovered = embedded_server.start(home)
    assert recovered.port == server.port
    with psycopg.connect(recovered.url()) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (1000,)


def test_a_busy_orphan_of_a_killed_server_is_ended_before_the_next_start(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "ORPHAN_PATIENCE_S", 0.5)
    server = embedded_server.start(home)
    connection = psycopg.connect(server.url(), autocommit=True)
    backend = connection.info.backend_pid

    def be_busy() -> None:
        with contextlib.suppress(psycopg.OperationalError):
            connection.execute("select count(*) from generate_series(1, 100000000000)")

    busy = threading.Thread(target=be_busy)
    busy.start()
    wait_until(lambda: psutil.Process(backend).cpu_times().user > 0.1)
    os.kill(postmaster_pid(home), signal.SIGKILL)
    assert answers(embedded_server.start(home))
    busy.join()
    assert is_gone(backend)


def test_the_servers_own_recovery_is_waited_out(home: Path) -> None:
    server = embedded_server.start(home)
    with psycopg.connect(server.url(), autocommit=True) as connection:
        postmaster_child = connection.info.backend_pid
        os.kill(postmaster_child, signal.SIGKILL)  # makes the server restart inside
        wait_until(lambda: is_gone(postmaster_child))
    assert answers(embedded_server.start(home))


def test_variables_for_other_servers_do_not_keep_it_from_being_joined(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = embedded_server.start(home)
    monkeypatch.setenv("PGPASSWORD", "of another server")
    monkeypatch.setenv("PGHOSTADDR", "192.0.2.1")
    monkeypatch.setenv("PGSSLMODE", "require")
    assert embedded_server.start(home) == server
    log = (home / "postgres" / "server.log").read_text()
    assert "password authentication failed" not in log


def test_variables_that_no_client_can_work_with_are_named_at_once(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded_server.start(home)
    monkeypatch.setenv("PGSERVICE", "a service that no file describes")
    with pytest.raises(DatabaseError, match="PGSERVICE"):
        embedded_server.start(home)
