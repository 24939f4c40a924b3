"""A server that nobody uses stops by itself, one that somebody uses does not."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from vidpipe.settings import load_settings
from vidpipe.stores.database import connect
from vidpipe.stores.embedded import server as embedded_server
from vidpipe.stores.embedded.file_locks import is_held
from vidpipe.stores.embedded.idle_watch import watch
from vidpipe.stores.embedded.paths import ServerPaths
from vidpipe_tests.stores.embedded.live_server import is_gone, postmaster_pid, wait_until

SHORT_H = 1.2 / 3600
LONG_H = 8.0


def watchers(home: Path) -> list[psutil.Process]:
    """Processes that look after the server of this home."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if str(home) in words and any(word.endswith("idle_watch") for word in words):
            found.append(process)
    return found


def test_a_server_without_clients_stops_and_its_watcher_with_it(home: Path) -> None:
    embedded_server.start(home, SHORT_H)
    pid = postmaster_pid(home)
    wait_until(lambda: is_gone(pid))
    wait_until(lambda: not watchers(home))
    assert not embedded_server.stop(home), "it was stopped in order"


def test_a_connected_client_keeps_the_server_though_it_says_nothing(home: Path) -> None:
    server = embedded_server.start(home)
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        watching = threading.Thread(target=watch, args=[ServerPaths.of(home), SHORT_H])
        watching.start()
        time.sleep(3 * SHORT_H * 3600)
        assert connection.execute("select 1").fetchone() == (1,)
        assert watching.is_alive()
    watching.join(60)
    assert not is_held(ServerPaths.of(home).server_lock)


def test_clients_that_come_and_go_between_two_looks_count(home: Path) -> None:
    server = embedded_server.start(home)
    watching = threading.Thread(target=watch, args=[ServerPaths.of(home), SHORT_H])
    watching.start()
    for _ in range(int(4 * SHORT_H * 3600 / 0.1)):
        psycopg.connect(server.url()).close()
        time.sleep(0.1)
    assert watching.is_alive()
    watching.join(60)
    assert not is_held(ServerPaths.of(home).server_lock)


def test_a_watcher_survives_the_death_of_whoever_started_it_and_is_replaced_when_it_dies(
    home: Path,
) -> None:
    starter = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from pathlib import Path;"
            "from vidpipe.stores.embedded import server;"
            "server.start(Path(sys.argv[1]), 8.0); print('started', flush=True); time.sleep(600)",
            str(home),
        ],
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert starter.stdout is not None
    starter.stdout.readline()
    wait_until(lambda: is_held(ServerPaths.of(home).watch_lock))
    [watcher] = watchers(home)
    os.killpg(starter.pid, signal.SIGKILL)
    starter.communicate()
    assert watcher.is_running()
    assert watcher.ppid() != os.getpid()
    watcher.kill()
    wait_until(lambda: not is_held(ServerPaths.of(home).watch_lock))
    embedded_server.start(home, LONG_H)
    wait_until(lambda: is_held(ServerPaths.of(home).watch_lock))
    assert [one.pid for one in watchers(home)] != [watcher.pid]
    embedded_server.stop(home)
    wait_until(lambda: not watchers(home))


def test_many_starts_have_one_watcher_and_none_where_it_is_turned_off(home: Path) -> None:
    for _ in range(5):
        embedded_server.start(home, 0)
    assert not is_held(ServerPaths.of(home).watch_lock)
    for _ in range(5):
        embedded_server.start(home, LONG_H)
    wait_until(lambda: len(watchers(home)) == 1)


def test_a_connection_that_meets_the_stop_starts_the_server_again(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = embedded_server.start
    stopped: list[bool] = []

    def start_and_stop(home: Path, idle_hours: float = 0.0) -> embedded_server.EmbeddedServer:
        server = start(home, 0.0 * idle_hours)
        if not stopped:
            stopped.append(embedded_server.stop(home))
        return server

    monkeypatch.setattr(embedded_server, "start", start_and_stop)
    with connect(load_settings(home=home), autocommit=True) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    assert stopped == [True]
