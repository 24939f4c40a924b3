"""`vidpipe up` and `vidpipe down`: when nothing runs, when it runs already, and how it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from vidpipe.cli import ui_process
from vidpipe.errors import VidpipeError
from vidpipe.processes import process_name
from vidpipe.settings import Settings
from vidpipe_tests.cli.command_line import CommandLine
from vidpipe_tests.installation import demo_environment


def test_down_says_when_nothing_ran(installed: CommandLine) -> None:
    ended = installed("down")
    assert (ended.returncode, ended.stdout) == (0, "nothing was running\n")


def test_up_is_refused_while_another_serves_the_same_home(vidpipe: CommandLine) -> None:
    record = vidpipe.folder / "home" / "up.json"
    record.parent.mkdir()
    for said in ({"port": 3111}, {"address": "http://127.0.0.1:3111"}):  # an earlier one, this one
        record.write_text(json.dumps({"process": process_name(), **said}), encoding="utf-8")
        message = vidpipe.error("up")
        assert message.startswith("vidpipe is up already for ")
        assert "http://127.0.0.1:3111 (vidpipe down stops it)" in message


def test_a_record_of_a_process_that_is_gone_stops_nothing(vidpipe: CommandLine) -> None:
    record = vidpipe.folder / "home" / "up.json"
    record.parent.mkdir()
    gone = f"{os.getpid()}/1.00"
    record.write_text(json.dumps({"process": gone, "port": 3111}), encoding="utf-8")
    assert vidpipe("down").stdout == "nothing was running\n"


@contextmanager
def taken_port(host: str = "127.0.0.1") -> Iterator[int]:
    """A port that another program listens on."""
    with socket.create_server((host, 0)) as listening:
        yield int(listening.getsockname()[1])


def free_port() -> int:
    with taken_port() as port:
        return port


def test_a_busy_port_is_an_error_before_anything_is_started_or_said(vidpipe: CommandLine) -> None:
    with taken_port() as port:
        message = vidpipe.error("up", "--port", str(port))
    assert message == (
        f"port {port} of 127.0.0.1 is taken by another program: choose another with --port"
    )
    assert not (vidpipe.folder / "home" / "up.json").exists()


def test_a_port_that_is_taken_on_all_addresses_is_taken_here(vidpipe: CommandLine) -> None:
    with taken_port("0.0.0.0") as port:
        assert "is taken by another program" in vidpipe.error("up", "--port", str(port))


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_of_another_machine_is_an_error_that_names_the_option(host: str) -> None:
    with pytest.raises(VidpipeError, match="--host"):
        ui_process.check_free(host, free_port())


def test_a_port_that_was_free_a_moment_ago_is_free() -> None:
    ui_process.check_free("127.0.0.1", free_port())


def test_only_loopback_needs_no_warning() -> None:
    shown = {host: ui_process.is_loopback(host) for host in ("127.0.0.1", "localhost", "0.0.0.0")}
    assert shown == {"127.0.0.1": True, "localhost": True, "0.0.0.0": False}
    assert not ui_process.is_loopback("192.0.2.1")


@contextmanager
def served(
    settings: Settings, folder: Path, *options: str
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A `vidpipe up` that has started its services, and the first process of these."""
    up = subprocess.Popen(
        [sys.executable, "-m", "vidpipe", "up", *options],
        env=os.environ | demo_environment(settings, folder),
        stderr=subprocess.PIPE,
        text=True,
    )
    leader = 0
    try:
        record = folder / "up.json"
        while not record.exists():
            assert up.poll() is None
            time.sleep(0.05)
        leader = int(json.loads(record.read_text("utf-8"))["process"].partition("/")[0])
        yield up, leader
    finally:
        for one in ui_process.family(leader) if leader else []:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        up.kill()
        up.communicate()


@pytest.mark.parametrize(
    ("sent", "least"),
    [
        (signal.SIGTERM, 4),
        pytest.param(signal.SIGINT, 4, marks=pytest.mark.slow),
        (signal.SIGHUP, 1),  # while it starts
    ],
)
def test_signals_stop_the_ui_and_all_that_it_started(
    upgraded_database_settings: Settings, tmp_path: Path, sent: signal.Signals, least: int
) -> None:
    port = free_port()
    options = ("--host", "0.0.0.0", "--port", str(port))
    with served(upgraded_database_settings, tmp_path, *options) as (up, leader):
        while len(family := ui_process.family(leader)) < least:
            assert up.poll() is None
            time.sleep(0.05)
        up.send_signal(sent)
        _, said = up.communicate(timeout=200)
        assert up.returncode == 0, said
        assert [one for one in family if one.is_running()] == []
        assert ui_process.family(leader) == []
    assert not (tmp_path / "up.json").exists()
    assert f"Dagster UI: http://0.0.0.0:{port}" in said
    assert "WARNING: --host 0.0.0.0 opens the Dagster UI to the network" in said


@pytest.mark.slow
def test_services_that_end_by_themselves_are_an_error_and_leave_nothing(
    upgraded_database_settings: Settings, tmp_path: Path
) -> None:
    options = ("--port", str(free_port()))
    with served(upgraded_database_settings, tmp_path, *options) as (up, leader):
        while len(ui_process.family(leader)) < 4:
            assert up.poll() is None
            time.sleep(0.05)
        psutil.Process(leader).kill()
        _, said = up.communicate(timeout=200)
        assert up.returncode == 1
        assert "ended by themselves" in said
        assert ui_process.family(leader) == []
    assert not (tmp_path / "up.json").exists()
