"""A lock that tells whether its holder lives: when killed, stopped, elsewhere, or cut off."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from vidpipe.settings import Settings, load_settings
from vidpipe.stores import kept_lock
from vidpipe.stores.database import connect
from vidpipe.stores.embedded import server as embedded_server
from vidpipe.stores.locks import run_lock

LOCK = run_lock("a run")
HOLD = """
import sys
from vidpipe.settings import load_settings
from vidpipe.stores import kept_lock
from vidpipe.stores.locks import run_lock
kept_lock.keep(load_settings(database_url=sys.argv[1]), run_lock("a run"))
print("held", flush=True)
sys.stdin.read()
"""


def holder(settings: Settings, *prefix: str) -> subprocess.Popen[bytes]:
    """A process that holds the lock until its standard input ends."""
    assert settings.database_url is not None
    process = subprocess.Popen(
        [*prefix, sys.executable, "-c", HOLD, settings.database_url.get_secret_value()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def becomes(expected: bool, question: Callable[[], bool], within_s: float = 20) -> bool:
    """Whether a question is answered as expected within some seconds."""
    deadline = time.monotonic() + within_s
    while question() is not expected:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def test_a_lock_is_free_before_and_after_it_is_kept(database_settings: Settings) -> None:
    assert kept_lock.is_free(database_settings, LOCK)
    with kept_lock.kept(database_settings, LOCK):
        assert not kept_lock.is_free(database_settings, LOCK)
        assert kept_lock.is_free(database_settings, run_lock("another run"))
    assert kept_lock.is_free(database_settings, LOCK)


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_process_frees_its_lock(database_settings: Settings, sent: signal.Signals) -> None:
    process = holder(database_settings)
    assert not kept_lock.is_free(database_settings, LOCK)
    process.send_signal(sent)
    process.communicate()
    assert becomes(True, lambda: kept_lock.is_free(database_settings, LOCK))


def test_a_stopped_process_still_holds_its_lock(database_settings: Settings) -> None:
    process = holder(database_settings)
    process.send_signal(signal.SIGSTOP)
    try:
        assert not kept_lock.free_throughout(database_settings, [LOCK], seconds=2)
    finally:
        process.kill()
        process.communicate()


@pytest.mark.skipif(
    not shutil.which("unshare") and "CI" not in os.environ,
    reason="unshare is missing (util-linux)",
)
def test_a_process_in_another_pid_namespace_holds_its_lock(database_settings: Settings) -> None:
    prefix = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")
    if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody make a PID namespace")
    process = holder(database_settings, *prefix)
    assert not kept_lock.free_throughout(database_settings, [LOCK], seconds=2)
    process.kill()
    process.communicate()
    assert becomes(True, lambda: kept_lock.is_free(database_settings, LOCK))


def test_of_two_holders_both_must_end(database_settings: Settings) -> None:
    """The processes of a run's steps hold the lock of their run together."""
    process = holder(database_settings)
    with kept_lock.kept(database_settings, LOCK):
        process.communicate(b"")
        assert not kept_lock.free_throughout(database_settings, [LOCK], seconds=2)
    assert kept_lock.is_free(database_settings, LOCK)


def test_a_holder_whose_connection_was_ended_takes_its_lock_again(
    database_settings: Settings,
) -> None:
    with kept_lock.kept(database_settings, LOCK):
        with connect(database_settings, autocommit=True) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
        assert not kept_lock.free_throughout(database_settings, [LOCK], seconds=8)
        assert not kept_lock.is_free(database_settings, LOCK)


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Settings]:
    """Settings whose embedded server may be stopped."""
    settings = load_settings(home=tmp_path / "home")
    embedded_server.start(settings.home)
    try:
        yield settings
    finally:
        embedded_server.stop(settings.home)


def test_a_restart_of_the_server_keeps_the_lock_and_its_holder_starts_none(
    own_server: Settings,
) -> None:
    with kept_lock.kept(own_server, LOCK):
        assert embedded_server.stop(own_server.home)
        time.sleep(3 * kept_lock.LOOK_EVERY_S)
        assert embedded_server.running(own_server.home) is None, "who stopped it wants it stopped"
        embedded_server.start(own_server.home)
        assert becomes(False, lambda: kept_lock.is_free(own_server, LOCK))


def test_looking_after_a_lock_costs_one_connection(database_settings: Settings) -> None:
    assert database_settings.database_url is not None
    with kept_lock.kept(database_settings, LOCK):
        kept_lock.keep(database_settings, LOCK)
        with psycopg.connect(database_settings.database_url.get_secret_value()) as connection:
            [(others,)] = connection.execute(
                "select count(*) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            ).fetchall()
    assert others == 1
