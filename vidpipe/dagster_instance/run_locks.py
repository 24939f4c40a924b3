"""Whether the process of a run lives: it holds a lock of the database; the launcher asks for it.

Belongs here: holding the lock of a run in the process that executes it, ending that process when
its run is cancelled, and what run monitoring hears of it.
Does not: the lock itself (vidpipe.stores.kept_lock), runs without a daemon
(vidpipe.automation.dead_runs).

Dagster's own launcher cannot tell when the process of a run and the code server that watches it end
together: such a run stayed "started" for ever and kept its place in the queue. Here the process
that executes a run holds its lock before the run is called started and until it ends. That works
across hosts and containers, where process ids mean nothing, and for runs that no launcher started
(`vidpipe run`, `dagster job execute`).
"""

import contextlib
import multiprocessing
import time
from datetime import datetime
from threading import Thread

from dagster import DagsterEvent, DagsterEventType, DagsterRun, DagsterRunStatus
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, WorkerStatus
from dagster._serdes import ConfigurableClassData
from dagster_postgres import PostgresRunStorage
from dagster_postgres.utils import DagsterPostgresException
from dagster_shared.ipc import send_interrupt
from sqlalchemy.exc import SQLAlchemyError

from vidpipe.errors import VidpipeError
from vidpipe.processes import EARLIER_RUN_TAG, is_alive
from vidpipe.settings import load_settings
from vidpipe.stores import kept_lock, locks

# How often the process of a run looks whether it is being cancelled, and how long it waits for
# others to interrupt it.
CANCEL_LOOK_EVERY_S = 5.0
CANCEL_WITHIN_S = 10.0
ENDS_OF_RUNS = (
    DagsterEventType.RUN_SUCCESS,
    DagsterEventType.RUN_FAILURE,
    DagsterEventType.RUN_CANCELED,
)
# Longer than a process needs to take its lock again after a restart of the database.
LOST_AFTER_S = 60.0

_executed_here: set[str] = set()


class LockedRuns(PostgresRunStorage):
    """Dagster's runs; a process that starts one holds its lock and hears when it is cancelled."""

    def handle_run_event(
        self, run_id: str, event: DagsterEvent, update_timestamp: datetime | None = None
    ) -> None:
        """Keeps what an event says of a run; only the process that executes it sends RUN_START."""
        if event.event_type == DagsterEventType.RUN_START:
            kept_lock.keep(load_settings(), locks.run_lock(run_id))
            _executed_here.add(run_id)
            Thread(target=self._end_when_cancelled, args=[run_id], daemon=True).start()
        super().handle_run_event(run_id, event, update_timestamp)
        if event.event_type in ENDS_OF_RUNS:
            _executed_here.discard(run_id)
            kept_lock.release(locks.run_lock(run_id))

    def _end_when_cancelled(self, run_id: str) -> None:
        """Interrupts this process once, when its run is being cancelled and nobody else does it.

        A code server passes a cancellation on to the runs that it started; no one does for a run
        in a process of its own, or after that server died: the run would be called cancelled and
        go on.
        """
        since = None
        while since is None or time.monotonic() - since < CANCEL_WITHIN_S:
            time.sleep(CANCEL_LOOK_EVERY_S)
            if run_id not in _executed_here:
                return
            server = multiprocessing.parent_process()
            with contextlib.suppress(SQLAlchemyError, DagsterPostgresException, VidpipeError):
                run = self._get_run_by_id(run_id)
                is_cancelled = run is not None and run.status is DagsterRunStatus.CANCELING
                if not is_cancelled or (server is not None and server.is_alive()):
                    since = None
                elif since is None:
                    since = time.monotonic()
        send_interrupt()


class VidpipeRunLauncher(DefaultRunLauncher):
    """Dagster's own launcher, which also tells run monitoring when the process of a run is gone.

    Run monitoring then fails the run, and it is retried as `run_retries` says.
    """

    def __init__(self, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(inst_data)
        self._free_since: dict[str, float] = {}

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Yes, by the lock of the run."""
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Failed when nobody held the lock of a started run for LOST_AFTER_S of looking.

        Raises:
            DatabaseError: the server cannot be reached; monitoring logs it and looks again later.
        """
        run_id = run.run_id
        try:
            is_free = kept_lock.is_free(load_settings(), locks.run_lock(run_id))
        except VidpipeError:
            # A process that lives takes its lock again, but not before the server is back.
            self._free_since.clear()
            raise
        # The process of a run that an earlier vidpipe started may outlive an upgrade on this host.
        if not is_free or is_alive(run.tags.get(EARLIER_RUN_TAG, "")):
            self._free_since.pop(run_id, None)
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        free_s = time.monotonic() - self._free_since.setdefault(run_id, time.monotonic())
        if free_s < LOST_AFTER_S:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        del self._free_since[run_id]
        return CheckRunHealthResult(
            WorkerStatus.FAILED,
            "its process ended without a word (killed, or its machine or container stopped); what "
            "it had finished is kept",
        )
