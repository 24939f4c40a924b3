"""Dagster's runs as vidpipe keeps them: who executes one holds its lock, and hears when to end.

Belongs here: what the process of a run does when the run starts and ends.
Does not: judging runs by their locks (vidpipe.dagster_instance.run_launcher,
vidpipe.automation.dead_runs).

The process that executes a run holds a lock of the database before the run is called started, and
until it ends. That works across hosts and containers, where process ids mean nothing, and for runs
that no launcher started (`vidpipe run`, `dagster job execute`).
"""

import contextlib
import multiprocessing
import time
from collections.abc import Sequence
from datetime import datetime
from threading import Thread

import psutil
from dagster import DagsterEvent, DagsterEventType, DagsterRunStatus
from dagster_postgres import PostgresRunStorage
from dagster_postgres.utils import DagsterPostgresException
from dagster_shared.ipc import send_interrupt
from sqlalchemy.exc import SQLAlchemyError

from vidpipe.dagster_instance.database import KeptConnections
from vidpipe.errors import VidpipeError
from vidpipe.processes import all_alive, dagster_dev
from vidpipe.settings import load_settings
from vidpipe.stores import kept_lock, locks

# How often the process of a run looks whether it is being cancelled, and how long it waits for
# others to interrupt it.
CANCEL_LOOK_EVERY_S = 5.0
CANCEL_WITHIN_S = 10.0
SERVICES_LOOKED_AT_EVERY_S = 1.0
ENDS_OF_RUNS = (
    DagsterEventType.RUN_SUCCESS,
    DagsterEventType.RUN_FAILURE,
    DagsterEventType.RUN_CANCELED,
)

_executed_here: set[str] = set()


class RunStorage(KeptConnections, PostgresRunStorage):
    """Dagster's runs; a process that starts one holds its lock and hears when it is cancelled."""

    def handle_run_event(
        self, run_id: str, event: DagsterEvent, update_timestamp: datetime | None = None
    ) -> None:
        """Keeps what an event says of a run; only the process that executes it sends RUN_START."""
        if event.event_type == DagsterEventType.RUN_START:
            kept_lock.keep(load_settings(), locks.run_lock(run_id))
            _executed_here.add(run_id)
            Thread(target=self._end_when_cancelled, args=[run_id], daemon=True).start()
            if services := dagster_dev():
                Thread(target=end_with, args=[services], daemon=True).start()
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


def end_with(services: Sequence[psutil.Process]) -> None:
    """Interrupts this process, which executes a run, when its `dagster dev` is stopped.

    The code server waits for its runs: it and their workers would go on for hours. The run is
    called failed because it was interrupted, and a later daemon tries it again.
    """
    while all_alive(services):
        time.sleep(SERVICES_LOOKED_AT_EVERY_S)
    send_interrupt()
