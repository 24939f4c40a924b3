"""Names of processes that survive the reuse of process ids and a restart of the machine."""

import psutil

# Tag under which an earlier vidpipe kept the name of a run's process.
EARLIER_RUN_TAG = "vidpipe/process"

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
