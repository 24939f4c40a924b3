"""Runs whose process is gone are marked failed, so that they free their place in the queue.

Dagster cannot know that a run executed inside `vidpipe run` was killed: it would stay "started"
for ever. Every run carries the name of its process; a later start compares.
"""

from dagster import DagsterInstance, DagsterRunStatus, RunsFilter

from vidpipe.processes import is_alive
from vidpipe.resources import PROCESS_TAG

UNFINISHED = [
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
]


def mark_dead_runs(instance: DagsterInstance) -> list[str]:
    """Marks runs as failed whose process does not run any more; returns their ids."""
    dead = [
        run
        for run in instance.get_runs(RunsFilter(statuses=UNFINISHED))
        if (name := run.tags.get(PROCESS_TAG)) is not None and not is_alive(name)
    ]
    for run in dead:
        instance.report_run_failed(
            run, "its process ended without a word; what it had finished is kept, run it again"
        )
    return [run.run_id for run in dead]
