"""Whom the embedded server runs as, and whose its files are."""

import contextlib
import os
import stat
import tempfile
from pathlib import Path

import psutil

from vidpipe.stores.embedded import server as embedded_server
from vidpipe_tests.stores.embedded.live_server import (
    AS_ROOT,
    answers,
    postmaster_pid,
)


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
