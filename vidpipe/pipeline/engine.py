"""The engine: where the heavy work of a stage runs.

Belongs here: worker processes, their limits, what happens when one dies or hangs.
Does not: what is computed (vidpipe.pipeline.workers) or bookkeeping (vidpipe.pipeline.loop).

An engine takes a picklable `StageWorker` and batches of items and yields each batch's outcome as
it finishes. `LocalEngine` spawns processes on this machine; another engine (a cluster, say) needs
only `run`, because a worker opens its own stores and models and holds nothing of this process.
"""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from typing import Protocol

from pebble import ProcessExpired, ProcessPool

from vidpipe.errors import WorkerLost
from vidpipe.pipeline.contract import BatchFunction, Item, Row, StageWorker
from vidpipe.pipeline.spawning import LightSpawnContext

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


@dataclass(frozen=True)
class BatchOutcome:
    """What became of one batch: its rows, or why there are none.

    `error` is what the worker raised; `WorkerLost` when it died or hung.
    """

    items: list[Item]
    rows: list[Row] | None
    error: Exception | None = None


class Engine(Protocol):
    """Runs batches of items through a stage worker."""

    def run(
        self,
        worker: StageWorker,
        batches: Iterable[list[Item]],
        *,
        workers: int,
        timeout_s: float,
        ahead: int = 1,
    ) -> Iterator[BatchOutcome]:
        """Yields one outcome per batch, in the order in which they finish.

        Args:
            worker: the stage's work.
            batches: taken lazily; an empty one only opens the worker.
            workers: processes at most.
            timeout_s: seconds that one batch may take, model loading included.
            ahead: batches taken before a worker is free for them; with 0 and one worker a batch
                is taken only when the one before it is done with.
        """
        ...


@dataclass(frozen=True)
class LocalEngine:
    """Spawned processes on this machine, gone when `run` ends.

    `memory_bytes` bounds the address space that a worker may take after its models are loaded.
    """

    memory_bytes: int

    def run(
        self,
        worker: StageWorker,
        batches: Iterable[list[Item]],
        *,
        workers: int,
        timeout_s: float,
        ahead: int = 1,
    ) -> Iterator[BatchOutcome]:
        pool = ProcessPool(
            max_workers=workers,
            initializer=_prepare_process,
            context=LightSpawnContext(),
        )
        waiting: dict[Future[list[Row]], list[Item]] = {}
        source = iter(batches)
        try:
            while True:
                while len(waiting) < workers + ahead and (batch := next(source, None)) is not None:
                    future: Future[list[Row]] = pool.schedule(
                        _run_batch, args=[worker, self.memory_bytes, batch], timeout=timeout_s
                    )
                    waiting[future] = batch
                if not waiting:
                    break
                finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in finished:
                    yield _outcome(waiting.pop(future), future, timeout_s)
        finally:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join()


def _outcome(items: list[Item], future: Future[list[Row]], timeout_s: float) -> BatchOutcome:
    try:
        return BatchOutcome(items, future.result())
    except FutureTimeout:
        return _lost(items, f"no answer within {timeout_s:.0f} s")
    except ProcessExpired as error:
        return _lost(items, _cause_of_death(error.exitcode))
    except MemoryError:
        return _lost(items, "out of memory (VIDPIPE_WORKER_MEMORY_BYTES)")
    except Exception as error:  # whatever the stage raised is the batch's outcome, not ours
        return BatchOutcome(items, None, error)


def _lost(items: list[Item], reason: str) -> BatchOutcome:
    return BatchOutcome(items, None, WorkerLost(reason))


def _cause_of_death(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        return f"the worker was ended by {signal.Signals(-exit_code).name}"
    return f"the worker exited with code {exit_code}"


# One worker process serves one stage: its batch function is opened by the first batch.
_opened: dict[StageWorker, BatchFunction] = {}


def _prepare_process() -> None:
    """Makes a worker die with its run, leave no core dump and leave Ctrl-C to its run."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _run_batch(worker: StageWorker, memory_bytes: int, items: list[Item]) -> list[Row]:
    if worker not in _opened:
        _opened[worker] = worker.open()
        _limit_address_space(memory_bytes)
    return _opened[worker](items)


def _limit_address_space(extra_bytes: int) -> None:
    """Bounds what the process may take from here on.

    Models and libraries are loaded already: their mappings are large and harmless, an upload's
    frames are not.
    """
    if sys.platform == "linux":
        with open("/proc/self/statm", encoding="ascii") as status:  # noqa: PTH123
            taken = int(status.read().split()[0]) * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (taken + extra_bytes, hard))


def cpu_threads(workers: int) -> int:
    """Threads that each of `workers` processes should use so that all cores are busy once."""
    return max(1, (os.cpu_count() or 1) // workers)
