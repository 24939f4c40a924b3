"""Dagster's own run launcher, which also knows when the process of a run is gone.

Belongs here: judging the runs that it launched. Does not: holding a run's lock
(vidpipe.dagster_instance.run_storage), what follows (Dagster's run monitoring and retries).

Dagster's launcher cannot tell when the process of a run and the code server that watches it end
together: such a run stayed "started" for ever and kept its place in the queue.
"""

import time

from dagster import DagsterRun
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, WorkerStatus
from dagster._serdes import ConfigurableClassData

from vidpipe.errors import VidpipeError
from vidpipe.processes import EARLIER_RUN_TAG, is_alive
from vidpipe.settings import load_settings
from vidpipe.stores import kept_lock, locks

# Longer than a process needs to take its lock again after a restart of the database.
LOST_AFTER_S = 60.0


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
