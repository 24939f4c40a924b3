"""The embedded PostgreSQL server of a home: shared, found again, stopped."""

import shutil
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from vidpipe.errors import DatabaseError
from vidpipe.stores.embedded import server as embedded_server
from vidpipe_tests.stores.embedded.live_server import (
    answers,
    is_gone,
    postmaster_pid,
    starting_process,
    wait_until,
)


def test_a_second_start_joins_the_running_server(home: Path) -> None:
    first = embedded_server.start(home)
    pid = postmaster_pid(home)
    assert embedded_server.start(home) == first
    assert postmaster_pid(home) == pid


def test_a_relative_home_is_the_same_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = embedded_server.start(home)
    monkeypatch.chdir(home.parent)
    assert embedded_server.start(Path(home.name)) == server


def test_processes_that_start_at_once_share_one_server(new_home: Path) -> None:
    processes = [starting_process(new_home) for _ in range(3)]
    outputs = [process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], outputs
    assert len({url for url, _ in outputs}) == 1
    assert outputs[0][0].strip() == embedded_server.start(new_home).url()


def test_stop_ends_the_server_and_says_whether_one_ran(home: Path) -> None:
    embedded_server.start(home)
    pid = postmaster_pid(home)
    assert embedded_server.stop(home)
    wait_until(lambda: is_gone(pid))
    assert not embedded_server.stop(home)


def test_stop_ends_open_sessions(home: Path) -> None:
    server = embedded_server.start(home)
    with psycopg.connect(server.url()) as connection:
        connection.execute("create table kept (x int)")
        assert embedded_server.stop(home)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("select 1")


def test_nothing_is_created_by_stopping(tmp_path: Path) -> None:
    assert not embedded_server.stop(tmp_path / "absent")
    assert not (tmp_path / "absent").exists()


def test_two_homes_are_two_servers(home: Path, prototype: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(prototype, other)
    one, two = embedded_server.start(home), embedded_server.start(other)
    assert one.port != two.port
    assert embedded_server.stop(home)
    try:
        assert answers(two)
    finally:
        assert embedded_server.stop(other)


def test_a_home_renamed_under_a_running_server_is_found_again(home: Path) -> None:
    server = embedded_server.start(home)
    pid = postmaster_pid(home)
    renamed = home.with_name("renamed")
    home.rename(renamed)
    try:
        assert embedded_server.start(renamed) == replace(server, home=renamed)
        assert postmaster_pid(renamed) == pid
        assert answers(server)
    finally:
        assert embedded_server.stop(renamed)


def test_a_copy_of_a_running_home_is_a_server_of_its_own(home: Path, tmp_path: Path) -> None:
    original = embedded_server.start(home)
    with psycopg.connect(original.url(), autocommit=True) as connection:
        connection.execute("create table mine (x int)")
        connection.execute("checkpoint")
    copied = tmp_path / "copied"
    shutil.copytree(home, copied)
    assert not embedded_server.stop(copied)
    assert answers(original)
    try:
        copy = embedded_server.start(copied)
        assert copy.port != original.port
        with psycopg.connect(copy.url(), autocommit=True) as connection:
            connection.execute("drop table mine")
    finally:
        assert embedded_server.stop(copied)
    with psycopg.connect(original.url()) as connection:
        assert connection.execute("select count(*) from mine").fetchone() == (0,)


def test_a_home_that_is_a_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseError, match="file"):
        embedded_server.start(tmp_path / "file")
