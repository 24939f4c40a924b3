"""Limits of the machine and of containers, one taken away at a time."""

import os
import resource
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from vidpipe.doctor import limits, machine
from vidpipe.pipeline.contract import BatchFunction
from vidpipe.settings import load_settings
from vidpipe_tests.doctor.found import only, problems

GIB = 2**30


class Dies:
    """A stage worker whose process ends before it answers."""

    def open(self) -> BatchFunction:
        os._exit(3)


def test_this_machine_starts_a_worker_and_makes_semaphores() -> None:
    settings = load_settings(workers=1)
    for said in (machine.worker_process(settings), machine.shared_memory(), machine.clock()):
        assert problems(said) == []


@pytest.mark.parametrize(
    ("total", "workers", "level", "words"),
    [
        (1 * GIB, 1, "error", "1.0 GiB of memory; the published CLIP pair alone takes 2.0 GiB"),
        (3 * GIB, 1, "warning", "3.0 GiB of memory is little"),
        (8 * GIB, 2, "warning", "2 workers may take 6.0 GiB each, and there are 8.0 GiB"),
        (16 * GIB, 2, "ok", "16.0 GiB of memory for 2 workers"),
    ],
)
def test_memory_is_held_against_models_and_workers(
    monkeypatch: pytest.MonkeyPatch, total: int, workers: int, level: str, words: str
) -> None:
    monkeypatch.setattr(limits, "memory_bytes", lambda: total)
    settings = load_settings(workers=workers, worker_memory_bytes=6 * GIB)
    [(found, what, _)] = machine.memory(settings)
    assert (found, what.startswith(words)) == (level, True), what


def test_a_container_has_what_its_control_group_grants(tmp_path: Path) -> None:
    assert limits.memory_bytes(tmp_path) > 0, "no control group: the machine's"
    (tmp_path / "memory.max").write_text("max\n")
    whole = limits.memory_bytes(tmp_path)
    (tmp_path / "memory.max").write_text("536870912\n")
    assert limits.memory_bytes(tmp_path) == 536870912 < whole
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert limits.cores(tmp_path) == len(os.sched_getaffinity(0))
    (tmp_path / "cpu.max").write_text("150000 100000\n")
    assert limits.cores(tmp_path) == 1


def test_a_container_of_the_first_version_has_what_it_is_granted(tmp_path: Path) -> None:
    for name in ("memory", "cpu"):
        (tmp_path / name).mkdir()
    (tmp_path / "memory/memory.limit_in_bytes").write_text("536870912\n")
    (tmp_path / "cpu/cpu.cfs_quota_us").write_text("50000\n")
    (tmp_path / "cpu/cpu.cfs_period_us").write_text("100000\n")
    assert limits.memory_bytes(tmp_path) == 536870912
    assert limits.cores(tmp_path) == 1
    (tmp_path / "cpu/cpu.cfs_quota_us").write_text("-1\n")
    assert limits.cores(tmp_path) == len(os.sched_getaffinity(0))


def test_more_workers_than_cores_are_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "cores", lambda: 2)
    what, remedy = only(machine.cores(load_settings(workers=16)), "warning")
    assert (what, remedy) == ("16 workers share 2 cores", "set VIDPIPE_WORKERS=2")
    only(machine.cores(load_settings(workers=2)), "ok")


def test_little_shared_memory_is_a_warning(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    used = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: used._replace(free=2**20))
    what, remedy = only(machine.shared_memory(tmp_path), "warning")
    assert what == f"1 MiB are free in {tmp_path}"
    assert "--shm-size" in remedy


@pytest.fixture
def _limit_is_put_back() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.usefixtures("_limit_is_put_back")
@pytest.mark.parametrize(("soft", "level"), [(200, "error"), (512, "warning"), (1024, "ok")])
def test_a_low_limit_of_open_files_is_named(soft: int, level: str) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    [(found, what, _)] = machine.open_files()
    assert found == level
    assert what.startswith(f"a process may open {soft} files")


def test_root_is_a_warning_unless_it_is_root_of_a_namespace_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    uid_map = tmp_path / "uid_map"
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    uid_map.write_text("         0          0 4294967295\n")
    assert only(machine.user(uid_map), "warning")[0].startswith("runs as root")
    uid_map.write_text("         0     100000      65536\n")
    only(machine.user(uid_map), "ok")
    only(machine.user(tmp_path / "no such system"), "warning")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    only(machine.user(uid_map), "ok")


def test_a_clock_that_was_never_set_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    installed = tmp_path / "__init__.py"
    installed.touch()
    os.utime(installed, (4_000_000_000, 4_000_000_000))
    monkeypatch.setattr(machine, "__file__", str(installed))
    what, remedy = only(machine.clock(), "error")
    assert "before vidpipe was installed (2096-10-02)" in what
    assert remedy.startswith("set the clock")


def test_a_worker_that_cannot_work_is_an_error_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(machine, "_Echo", Dies)
    what, remedy = only(machine.worker_process(load_settings(workers=1)), "error")
    assert what == "a worker process cannot work: the worker exited with code 3"
    assert "pids limit" in remedy


def test_a_port_that_is_taken_is_a_warning() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        what, remedy = only(machine.port(number), "warning")
        assert what.startswith(f"port {number} of 127.0.0.1 cannot be used")
        assert f"--port {number + 1}" in remedy
    only(machine.port(number), "ok")
