"""What this process may use of the machine: a container's limits, else all of it.

Belongs here: reading control groups of both versions. Does not: whether it is enough
(vidpipe.doctor.machine).
"""

import math
import os
from contextlib import suppress
from pathlib import Path

import psutil

CGROUPS = Path("/sys/fs/cgroup")


def memory_bytes(cgroups: Path = CGROUPS) -> int:
    """Memory that this container, or else the machine, has."""
    total = int(psutil.virtual_memory().total)
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        with suppress(OSError, ValueError):
            return min(total, int((cgroups / name).read_text().strip()))
    return total


def cores(cgroups: Path = CGROUPS) -> int:
    """Whole cores that this process may use at a time, at least one."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    with suppress(OSError, ValueError):
        quota, period = (cgroups / "cpu.max").read_text().split()
        return max(1, min(usable or 1, math.floor(int(quota) / int(period))))
    with suppress(OSError, ValueError):
        quota_us = int((cgroups / "cpu/cpu.cfs_quota_us").read_text())
        period_us = int((cgroups / "cpu/cpu.cfs_period_us").read_text())
        if quota_us > 0:
            return max(1, min(usable or 1, quota_us // period_us))
    return usable or 1
