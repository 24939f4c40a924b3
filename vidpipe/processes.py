"""Processes: names that survive the reuse of ids and a restart, and who started this one.

Belongs here: what is asked of the operating system's table of processes.
Does not: starting or stopping any (vidpipe.cli, vidpipe.pipeline.engine, vidpipe.stores.embedded).
"""

import contextlib
from collections.abc import Sequence

import psutil

# The kernel's clock of process starts is corrected now and then.
CLOCK_TOLERANCE_S = 2.0


def process_name(process: psutil.Process | None = None) -> str:
    """A process (this one by default) by id and time of its start."""
    process = process or psutil.Process()
    return f"{process.pid}/{process.create_time():.2f}"


def is_alive(name: str) -> bool:
    """Whether the process with this name still runs."""
    pid, _, started_at = name.partition("/")
    try:
        process = psutil.Process(int(pid))
        is_same = abs(process.create_time() - float(started_at)) < CLOCK_TOLERANCE_S
        return bool(is_same and process.status() != psutil.STATUS_ZOMBIE)
    except (psutil.NoSuchProcess, ValueError):
        return False


def dagster_dev() -> list[psutil.Process]:
    """The `dagster dev` that started this process, with its web server and daemon; else none.

    It ends those two at once when it is stopped, and itself when one of them ends.
    """
    with contextlib.suppress(psutil.Error):
        for ancestor in psutil.Process().parents():
            if _runs(ancestor, "dagster", "dev"):
                services = ("dagster_webserver", "dagster._daemon")
                children = ancestor.children()
                return [
                    ancestor,
                    *(one for one in children if any(_runs(one, name) for name in services)),
                ]
    return []


def all_alive(processes: Sequence[psutil.Process]) -> bool:
    """Whether each of the processes still runs."""
    try:
        return all(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in processes)
    except psutil.NoSuchProcess:
        return False


def _runs(process: psutil.Process, *words: str) -> bool:
    """Whether the words stand in the command of a process, as arguments or names of programs."""
    with contextlib.suppress(psutil.Error):
        return set(words) <= {part.rpartition("/")[2] for part in process.cmdline()}
    return False
