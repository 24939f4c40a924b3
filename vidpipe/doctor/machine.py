"""The machine: memory, cores, shared memory, open files, user, clock, processes, port.

Belongs here: what the operating system or a container grants. Does not: folders and buckets
(vidpipe.doctor.places).
"""

import multiprocessing
import os
import resource
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from vidpipe.doctor import limits
from vidpipe.doctor.findings import Level, error, ok, warning
from vidpipe.pipeline.contract import BatchFunction, Item, Row
from vidpipe.pipeline.engine import LocalEngine
from vidpipe.settings import Settings

GIB = 2**30
MIB = 2**20
CLIP_BYTES = 2 * GIB  # one process with the published pair
LEAST_MEMORY_BYTES = 4 * GIB  # that, Dagster's processes and a database
LEAST_SHARED_BYTES = 32 * MIB
FEW_FILES, TOO_FEW_FILES = 1024, 256
WORKER_START_S = 20.0
LOOPBACK = "127.0.0.1"


def memory(settings: Settings) -> Iterator[tuple[Level, str, str]]:
    """Memory against the published models and against what workers may take."""
    total = limits.memory_bytes()
    wanted = settings.workers * settings.worker_memory_bytes
    if total < CLIP_BYTES:
        yield error(
            f"{_gib(total)} of memory; the published CLIP pair alone takes {_gib(CLIP_BYTES)}",
            f"give the machine or container {_gib(LEAST_MEMORY_BYTES)} or more",
        )
    elif total < LEAST_MEMORY_BYTES:
        yield warning(
            f"{_gib(total)} of memory is little",
            f"give the machine or container {_gib(LEAST_MEMORY_BYTES)} or more, or set"
            " VIDPIPE_WORKERS=1",
        )
    elif wanted > total:
        yield warning(
            f"{settings.workers} workers may take {_gib(settings.worker_memory_bytes)} each, and"
            f" there are {_gib(total)}: hostile or huge files could exhaust it",
            "lower VIDPIPE_WORKERS, or VIDPIPE_WORKER_MEMORY_BYTES (then large files may fail)",
        )
    else:
        yield ok(f"{_gib(total)} of memory for {settings.workers} workers")


def cores(settings: Settings) -> Iterator[tuple[Level, str, str]]:
    """Worker processes against cores; a container sees the cores of its whole machine."""
    usable = limits.cores()
    if settings.workers > usable:
        yield warning(
            f"{settings.workers} workers share {usable} cores",
            f"set VIDPIPE_WORKERS={usable}",
        )
    else:
        yield ok(f"{settings.workers} workers on {usable} cores")


def shared_memory(folder: Path = Path("/dev/shm")) -> Iterator[tuple[Level, str, str]]:
    """Semaphores of worker pools, and room in the folder where Linux keeps shared memory."""
    try:
        multiprocessing.get_context("spawn").Lock()
    except OSError as problem:
        yield error(
            f"semaphores cannot be made: {problem}",
            f"make {folder} a writable tmpfs (docker run --shm-size=256m)",
        )
        return
    if not folder.is_dir():
        yield ok("semaphores can be made")
        return
    free = shutil.disk_usage(folder).free
    if free < LEAST_SHARED_BYTES:
        yield warning(
            f"{free // MIB} MiB are free in {folder}",
            f"give it {LEAST_SHARED_BYTES // MIB} MiB or more (docker run --shm-size=256m)",
        )
    else:
        yield ok(f"{free // MIB} MiB of shared memory are free")


def open_files() -> Iterator[tuple[Level, str, str]]:
    """Files that a process may hold open: videos, lake files, connections, pipes of workers."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = "any number of" if soft == resource.RLIM_INFINITY else str(soft)
    remedy = f"raise the limit (ulimit -n {FEW_FILES}, or LimitNOFILE= of the unit)"
    if soft == resource.RLIM_INFINITY or soft >= FEW_FILES:
        yield ok(f"a process may open {count} files")
    elif soft < TOO_FEW_FILES:
        yield error(f"a process may open {count} files (at most {hard})", remedy)
    else:
        yield warning(f"a process may open {count} files (at most {hard})", remedy)


def user(uid_map: Path = Path("/proc/self/uid_map")) -> Iterator[tuple[Level, str, str]]:
    """Whether files of strangers are decoded by the machine's root."""
    uid = os.geteuid()
    if uid != 0:
        yield ok(f"runs as user {uid}, not as root")
    elif _is_mapped(uid_map):
        yield ok("root of a user namespace, an ordinary user outside it")
    else:
        yield warning(
            "runs as root, and decodes what strangers made",
            "run vidpipe as a user of its own, as the examples in deploy/ do",
        )


def clock() -> Iterator[tuple[Level, str, str]]:
    """A clock that was never set would put uploads on wrong dates for good."""
    now = datetime.now(UTC)
    installed = datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)
    if now < installed - timedelta(days=1):
        yield error(
            f"the clock says {now:%Y-%m-%d}, before vidpipe was installed ({installed:%Y-%m-%d})",
            "set the clock, best by a time service such as systemd-timesyncd",
        )
    else:
        yield ok(f"the clock says {now:%Y-%m-%d %H:%M} UTC")


def worker_process(settings: Settings) -> Iterator[tuple[Level, str, str]]:
    """Whether a worker starts under its limits, and answers."""
    engine = LocalEngine(settings.worker_memory_bytes)
    for outcome in engine.run(_Echo(), [[{"said": 1}]], workers=1, timeout_s=WORKER_START_S):
        if outcome.error is None:
            yield ok("a worker process starts and answers")
        else:
            yield error(
                f"a worker process cannot work: {outcome.error}",
                "look whether this user or container may start more processes (ulimit -u,"
                " pids limit) and whether a security profile forbids it",
            )


def port(number: int) -> Iterator[tuple[Level, str, str]]:
    """Whether the Dagster UI finds its port free."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((LOOPBACK, number))
        except OSError as problem:
            yield warning(
                f"port {number} of {LOOPBACK} cannot be used: {problem.strerror or problem}",
                f"nothing, if vidpipe up is running; else vidpipe up --port {number + 1}",
            )
        else:
            yield ok(f"port {number} is free for the Dagster UI")


@dataclass(frozen=True)
class _Echo:
    """A stage worker that answers with what it was given."""

    def open(self) -> BatchFunction:
        """Loads nothing."""
        return _echo


def _echo(items: list[Item]) -> list[Row]:
    return items


def _is_mapped(uid_map: Path) -> bool:
    """Whether user 0 of this process is another user outside its namespace."""
    try:
        inside, outside, _ = uid_map.read_text().splitlines()[0].split()
    except (OSError, ValueError, IndexError):
        return False
    return inside == "0" and outside != "0"


def _gib(count: int) -> str:
    return f"{count / GIB:.1f} GiB"
