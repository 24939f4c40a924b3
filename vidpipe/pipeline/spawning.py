"""How worker processes start: without the parent's main module, and deaf to Ctrl-C.

Belongs here: the multiprocessing context of pools that people may interrupt.
Does not: what workers do, and their limits (vidpipe.pipeline.engine, vidpipe.demo.world).
"""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any

INTERRUPTS = {signal.SIGINT}


class LightProcess(SpawnProcess):
    """A spawned process that does not import the parent's main module, and starts in peace.

    Under `python -m dagster` the main module is Dagster's command line: every worker would pay a
    second and 150 MB for it. SIGINT stays blocked in the process until it unblocks `INTERRUPTS`:
    a terminal sends Ctrl-C to all processes, and one that still imports would die with a
    traceback.
    """

    def start(self) -> None:
        # Started first: whoever starts the tracker unblocks signals.
        resource_tracker.ensure_running()
        with _hidden_main(), _blocked_interrupts():
            super().start()


class LightSpawnContext(SpawnContext):
    """Give it to a process pool: its processes are `LightProcess`es."""

    Process = LightProcess


@contextmanager
def _blocked_interrupts() -> Iterator[None]:
    """A new process inherits the mask; a Ctrl-C of ours waits for the end of the block."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPTS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _hidden_main() -> Iterator[None]:
    main = sys.modules["__main__"]
    hidden: dict[str, Any] = {
        name: vars(main)[name] for name in ("__spec__", "__file__") if name in vars(main)
    }
    main.__spec__ = None
    vars(main).pop("__file__", None)
    try:
        yield
    finally:
        vars(main).update(hidden)
