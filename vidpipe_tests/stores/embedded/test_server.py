"""The embedded PostgreSQL server: shared, found again, and hard to break."""

import contextlib
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import psycopg
import pytest

from vidpipe.errors import DatabaseError
from vidpipe.stores.embedded import server as embedded_server
from vidpipe.stores.embedded.server import EmbeddedServer

START = """
import sys
from pathlib import Path
from vidpipe.stores.embedded import server as embedded_server
print(embedded_server.start(Path(sys.argv[1])).url(), flush=True)
"""
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to give up its rights")


@pytest.fixture(scope="module")
def prototype(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that was initialised and stopped: tests copy it instead of running initdb."""
    home = tmp_path_factory.mktemp("prototype")
    embedded_server.start(home)
    embedded_server.stop(home)
    return home


@pytest.fixture
def home(prototype: Path, tmp_path: Path) -> Iterator[Path]:
    """A stopped home of its own; whatever runs there is stopped afterwards."""
    copied = tmp_path / "home"
    shutil.copytree(prototype, copied)
    (copied / "postgres" / "cluster" / "port").unlink()
    yield copied
    embedded_server.stop(copied)


@pytest.fixture
def new_home(tmp_path: Path) -> Iterator[Path]:
    """A home that does not exist yet; whatever runs there is stopped afterwards."""
    yield tmp_path / "new"
    embedded_server.stop(tmp_path / "new")


def postmaster_pid(home: Path) -> int:
    """Process id of the server, as PostgreSQL wrote it."""
    pid_file = home / "postgres" / "cluster" / "data" / "postmaster.pid"
    return int(pid_file.read_text().splitlines()[0])


def is_gone(pid: int) -> bool:
    """Whether the process has ended (it may wait for its parent to notice)."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def answers(server: EmbeddedServer) -> bool:
    """Whether a client can log in and calculate."""
    with psycopg.connect(server.url()) as connection:
        return connection.execute("select 1 + 1").fetchone() == (2,)


def starting_process(home: Path) -> subprocess.Popen[str]:
    """Another vidpipe process, in a process group of its own, that starts the server."""
    return subprocess.Popen(
        [sys.executable, "-c", START, str(home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_until(condition: Callable[[], object]) -> None:
    """Return when the condition holds; the test's own time limit ends a vain wait."""
    while not condition():
        time.sleep(0.005)


# Starting, joining, stopping


def test_the_first_start_makes_both_databases_and_pgvector_can_be_used(new_home: Path) -> None:
    server = embedded_server.start(new_home)
    for database in ("vidpipe", "vidpipe_dagster"):
        with psycopg.connect(server.url(database)) as connection:
            connection.execute("create extension vector")
            row = connection.execute("select '[1,2]'::halfvec(2) <#> '[3,4]'::halfvec(2)")
            assert row.fetchone() == (-11.0,)


def test_texts_are_utf8_and_sorted_by_code_point(home: Path) -> None:
    with psycopg.connect(embedded_server.start(home).url()) as connection:
        row = connection.execute(
            "select getdatabaseencoding(), upper('é'), array(select v from "
            "(values ('b'), ('B'), ('坦'), ('a')) t(v) order by v)"
        ).fetchone()
    assert row == ("UTF8", "É", ["B", "a", "b", "坦"])


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
    assert embedded_server.is_running(home)
    assert embedded_server.stop(home)
    wait_until(lambda: is_gone(pid))
    assert not embedded_server.is_running(home)
    assert not embedded_server.stop(home)


def test_stop_ends_open_sessions(home: Path) -> None:
    server = embedded_server.start(home)
    with psycopg.connect(server.url()) as connection:
        connection.execute("create table kept (x int)")
        assert embedded_server.stop(home)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("select 1")


def test_nothing_is_created_by_asking_or_stopping(tmp_path: Path) -> None:
    assert not embedded_server.is_running(tmp_path / "absent")
    assert not embedded_server.stop(tmp_path / "absent")
    assert not (tmp_path / "absent").exists()


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


# Who may log in, and as whom it runs


def test_only_the_password_opens_it_and_only_the_owner_can_read_that(home: Path) -> None:
    server = embedded_server.start(home)
    password_file = home / "postgres" / "cluster" / "password"
    assert stat.S_IMODE(password_file.stat().st_mode) == 0o600
    assert password_file.read_text().strip() == server.password
    assert server.password not in repr(server)
    for wrong in ("", "vidpipe", server.password + "x"):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(replace(server, password=wrong).url())


def test_it_listens_on_loopback_only(home: Path) -> None:
    embedded_server.start(home)
    listening = psutil.Process(postmaster_pid(home)).net_connections("all")
    addresses = {connection.laddr[0] for connection in listening if connection.laddr}
    assert addresses == {"127.0.0.1"}


@AS_ROOT
def test_it_never_runs_as_root(home: Path) -> None:
    embedded_server.start(home)
    process = psutil.Process(postmaster_pid(home))
    assert 0 not in process.uids()
    assert 0 not in process.gids()


@AS_ROOT
def test_a_home_that_only_root_may_enter_stays_closed(home: Path) -> None:
    home.chmod(0o700)
    before = [stat.S_IMODE(folder.stat().st_mode) for folder in home.parents]
    assert answers(embedded_server.start(home))
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in home.parents] == before


@AS_ROOT
def test_binaries_that_only_root_may_reach_are_copied_once(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = embedded_server._installed_binaries()
    package = installed.parent.parent
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    shutil.copytree(installed.parent, closed / package.name / installed.parent.name)
    shutil.copytree(package.with_name(f"{package.name}.libs"), closed / f"{package.name}.libs")
    unreachable = closed / package.name / installed.parent.name / "bin"
    monkeypatch.setattr(embedded_server, "_installed_binaries", lambda: unreachable)
    with tempfile.TemporaryDirectory(dir="/var/tmp") as reachable:
        Path(reachable).chmod(0o755)
        cache = Path(reachable) / "vidpipe"
        monkeypatch.setattr(embedded_server, "BINARY_CACHES", (cache,))
        assert answers(embedded_server.start(home))
        assert cache in Path(psutil.Process(postmaster_pid(home)).exe()).parents
        embedded_server.stop(home)
        copies = sorted(cache.iterdir())
        assert answers(embedded_server.start(home))
        assert sorted(cache.iterdir()) == copies
        embedded_server.stop(home)


@AS_ROOT
def test_an_ordinary_user_runs_it_as_himself() -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        nobody = 65534
        os.chown(folder, nobody, nobody)
        home = Path(folder) / "home"
        child = os.fork()
        if child == 0:  # pragma: no cover - the interpreter itself may be closed to that user
            with contextlib.suppress(BaseException):
                os.setgroups([])
                os.setresgid(nobody, nobody, nobody)
                os.setresuid(nobody, nobody, nobody)
                os._exit(0 if answers(embedded_server.start(home)) else 1)
            os._exit(2)
        assert os.waitpid(child, 0)[1] == 0
        assert psutil.Process(postmaster_pid(home)).uids().real == nobody
        # Root joins and stops it, and leaves the user's files to the user.
        assert answers(embedded_server.start(home))
        assert embedded_server.stop(home)
        assert answers(embedded_server.start(home))
        assert embedded_server.stop(home)
        assert {path.stat().st_uid for path in home.rglob("*")} == {nobody}


# Killed things


INITIALISING = {
    "before initdb writes": lambda new: new.exists(),
    "while initdb writes": lambda new: (new / "data" / "PG_VERSION").exists(),
    "while catalogs are filled": lambda new: (new / "data" / "base" / "5").exists(),
    "while databases are created": lambda new: (new / "data" / "vidpipe.conf").exists(),
}


def killed_while(moment: Callable[[Path], bool], home: Path, *, with_children: bool) -> bool:
    """Kill a starting process at a moment of its initialisation; False when that was missed."""
    process = starting_process(home)
    root = home / "postgres"
    wait_until(
        lambda: any(moment(new) for new in root.glob(".new-*")) or (root / "cluster").exists()
    )
    children = psutil.Process(process.pid).children(recursive=True) if with_children else []
    os.killpg(process.pid, signal.SIGKILL)
    for child in children:
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()
    process.communicate()
    return not (root / "cluster").exists()


@pytest.mark.parametrize(
    ("moment", "with_children"),
    [*((moment, True) for moment in INITIALISING), ("while catalogs are filled", False)],
)
def test_a_kill_during_initialisation_does_no_lasting_harm(
    new_home: Path, moment: str, with_children: bool
) -> None:
    root = new_home / "postgres"
    while not killed_while(INITIALISING[moment], new_home, with_children=with_children):
        embedded_server.stop(new_home)  # it was faster than this busy machine let us look
        shutil.rmtree(new_home)
    server = embedded_server.start(new_home)
    assert answers(server)
    with psycopg.connect(server.url("vidpipe_dagster")) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    assert list(root.glob(".new-*")) == []


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
    monkeypatch.setattr(embedded_server, "ORPHAN_PATIENCE_S", 0.5)
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


def test_a_pid_file_that_names_a_strange_process_is_not_believed(home: Path) -> None:
    embedded_server.start(home)
    pid_file = home / "postgres" / "cluster" / "data" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    embedded_server.stop(home)
    # As after a reboot: another process has the number now.
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert not embedded_server.is_running(home)
    assert answers(embedded_server.start(home))
    assert postmaster_pid(home) != os.getpid()


# Homes that move


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
    assert not embedded_server.is_running(copied)
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


def test_a_very_long_home_path_is_no_obstacle(prototype: Path, tmp_path: Path) -> None:
    home = tmp_path.joinpath(*(["a-folder-with-a-long-name" * 4] * 12), "home with 'quotes' é")
    assert len(str(home)) > 1100  # a socket path ends at 107 bytes, PostgreSQL's own paths at 1023
    shutil.copytree(prototype, home)
    try:
        assert answers(embedded_server.start(home))
    finally:
        embedded_server.stop(home)


# What it says when it cannot


def test_a_server_that_cannot_start_says_why_and_starts_when_repaired(home: Path) -> None:
    config = home / "postgres" / "cluster" / "data" / "postgresql.auto.conf"
    before = config.read_text()
    config.write_text("no_such_setting = 1\n")
    with pytest.raises(DatabaseError, match=r"VIDPIPE_DATABASE_URL(.|\n)*no_such_setting"):
        embedded_server.start(home)
    config.write_text(before)
    assert answers(embedded_server.start(home))


def test_a_cluster_of_another_postgresql_is_refused_with_the_way_out(home: Path) -> None:
    (home / "postgres" / "cluster" / "data" / "PG_VERSION").write_text("16\n")
    with pytest.raises(DatabaseError, match=r"made by PostgreSQL 16.*vidpipe db restore"):
        embedded_server.start(home)


def test_a_home_that_is_a_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseError, match="file"):
        embedded_server.start(tmp_path / "file")


def test_the_log_is_bounded(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_server, "LOG_LIMIT_BYTES", 4000)
    server = embedded_server.start(home)
    log = home / "postgres" / "server.log"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        for _ in range(50):
            with pytest.raises(psycopg.errors.UndefinedTable):
                connection.execute("select * from a_table_that_is_not_there")
        assert log.stat().st_size > 4000
        embedded_server.start(home)
        assert log.stat().st_size < 4000
        assert log.with_suffix(".log.1").stat().st_size > 4000
        with pytest.raises(psycopg.errors.UndefinedTable):
            connection.execute("select * from another_absent_table")
    assert log.read_text().lstrip().startswith("2")  # appended at the new end, no hole of zeros
    assert "another_absent_table" in log.read_text()
