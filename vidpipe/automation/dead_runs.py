"""Runs whose process is gone are marked failed, so that they free their place in the queue.

Dagster cannot know that a run executed inside `vidpipe run` was killed: it would stay "started"
for ever. Every run carries the name of its process; a later start compares.
"""

from dagster import DagsterInstance, DagsterRun, DagsterRunStatus, RunsFilter

from vidpipe.processes import is_alive
from vidpipe.resources import PROCESS_TAG

# A run that waits in the queue is not among them: it has no process yet. One that was not started
# but names its process was about to be executed inside it.
UNFINISHED = [
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
]


def mark_dead_runs(instance: DagsterInstance) -> list[str]:
    """Marks runs as failed whose process does not run any more; returns their ids."""
    dead = [
        run
        for run in instance.get_runs(RunsFilter(statuses=UNFINISHED))
        if (name := _process_of(instance, run)) is not None and not is_alive(name)
    ]
    for run in dead:
        instance.report_run_failed(
            run, "its process ended without a word; what it had finished is kept, run it again"
        )
    return [run.run_id for run in dead]


def _process_of(instance: DagsterInstance, run: DagsterRun) -> str | None:
    """Name of the process that executes a run, None when it has not said so.

    A retry is born with its parent's tags: until its own process names itself, the dead process of
    the parent would have it marked failed while it starts.
    """
    name = run.tags.get(PROCESS_TAG)
    parent = instance.get_run_by_id(run.parent_run_id) if run.parent_run_id else None
    return None if parent is not None and parent.tags.get(PROCESS_TAG) == name else name
