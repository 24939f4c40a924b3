"""Launching the embedded server: its port, its address, what it says when it cannot."""

import os
import shutil
import socket
from pathlib import Path

import psutil
import pytest

from vidpipe.errors import DatabaseError
from vidpipe.stores.embedded import server as embedded_server
from vidpipe_tests.stores.embedded.live_server import (
    answers,
    postmaster_pid,
)


def test_the_port_is_kept_over_a_restart_while_it_is_free(home: Path) -> None:
    first = embedded_server.start(home)
    embedded_server.stop(home)
    assert embedded_server.start(home) == first
    embedded_server.stop(home)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", first.port))
        other.listen()
        moved = embedded_server.start(home)
        assert moved.port != first.port
        assert answers(moved)


def test_it_listens_on_loopback_only(home: Path) -> None:
    embedded_server.start(home)
    listening = psutil.Process(postmaster_pid(home)).net_connections("all")
    addresses = {connection.laddr[0] for connection in listening if connection.laddr}
    assert addresses == {"127.0.0.1"}


def test_a_pid_file_that_names_a_strange_process_is_not_believed(home: Path) -> None:
    embedded_server.start(home)
    pid_file = home / "postgres" / "cluster" / "data" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    embedded_server.stop(home)
    # As after a reboot: another process has the number now.
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert not embedded_server.stop(home)
    assert answers(embedded_server.start(home))
    assert postmaster_pid(home) != os.getpid()


def test_a_very_long_home_path_is_no_obstacle(prototype: Path, tmp_path: Path) -> None:
    home = tmp_path.joinpath(*(["a-folder-with-a-long-name" * 4] * 12), "home with 'quotes' é")
    assert len(str(home)) > 1100  # a socket path ends at 107 bytes, PostgreSQL's own paths at 1023
    shutil.copytree(prototype, home)
    try:
        assert answers(embedded_server.start(home))
    finally:
        embedded_server.stop(home)


def test_a_server_that_cannot_start_says_why_and_starts_when_repaired(home: Path) -> None:
    config = home / "postgres" / "cluster" / "data" / "postgresql.auto.conf"
    before = config.read_text()
    config.write_text("no_such_setting = 1\n")
    with pytest.raises(DatabaseError, match=r"VIDPIPE_DATABASE_URL(.|\n)*no_such_setting"):
        embedded_server.start(home)
    config.write_text(before)
    assert answers(embedded_server.start(home))
