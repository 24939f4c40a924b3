"""Runs in a process of their own are marked failed when that process is gone.

Belongs here: which runs those are, and when they are dead. Does not: executing them
(vidpipe.automation.in_process), runs that Dagster launched, which are judged by its run monitoring
(vidpipe.dagster_instance.run_launcher) and by nobody else.

Without a daemon Dagster cannot know that a run executed inside `vidpipe run` was killed: it would
stay "started" for ever. The process of such a run holds the lock of the run from before the run is
created until it ends, wherever it runs; when nobody holds it, the run is dead.
"""

from dagster import DagsterInstance, DagsterRun, DagsterRunStatus, RunsFilter

from vidpipe.processes import EARLIER_RUN_TAG, is_alive
from vidpipe.settings import Settings
from vidpipe.stores.kept_lock import free_throughout
from vidpipe.stores.locks import run_lock

# Tags of this style are hidden in the lists of the Dagster UI.
IN_PROCESS_TAG = ".dagster/vidpipe_in_process"
# A process that lives takes its lock again within a few seconds after a restart of the database.
DEAD_AFTER_S = 6.0
ENDED = "its process ended without a word; what it had finished is kept, run it again"

# A run that waits in the queue is not among them: it has no process yet. One that was not started
# was about to be executed.
UNFINISHED = [
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
]


def mark_dead_runs(instance: DagsterInstance, settings: Settings) -> list[str]:
    """Ends the runs whose own process is gone: as failed, or as cancelled if that was asked for.

    Takes DEAD_AFTER_S when there are any, and no time else.

    Returns:
        The ids of those runs.

    Raises:
        DatabaseError: the database cannot be reached; nothing was marked.
    """
    runs = {
        run_lock(run.run_id): run
        for run in instance.get_runs(RunsFilter(statuses=UNFINISHED))
        if _has_a_process_of_its_own(run)
    }
    marked = []
    for lock in free_throughout(settings, runs, seconds=DEAD_AFTER_S):
        run = instance.get_run_by_id(runs[lock].run_id)
        if run is None or run.is_finished:
            continue
        if run.status is DagsterRunStatus.CANCELING:
            instance.report_run_canceled(run, "its process ended while the run was being cancelled")
        else:
            instance.report_run_failed(run, ENDED)
        marked.append(run.run_id)
    return marked


def _has_a_process_of_its_own(run: DagsterRun) -> bool:
    """Whether the run was executed inside `vidpipe run`, or inside that of an earlier vidpipe.

    A run that repeats such a run in the UI inherits its tags, but names where it was launched from.
    Runs of an earlier vidpipe hold no lock and name their process: one that lives here is spared.
    """
    if run.remote_job_origin is not None:
        return False
    earlier = run.tags.get(EARLIER_RUN_TAG)
    return IN_PROCESS_TAG in run.tags or (earlier is not None and not is_alive(earlier))
