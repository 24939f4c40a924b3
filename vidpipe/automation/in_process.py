"""Runs of Dagster jobs in this process, without a UI or a daemon; the UI shows them like any other.

Belongs here: executing a job, and what went wrong in it. Does not: choosing what to run
(vidpipe.automation.pending_ingest, vidpipe.automation.sensors).
"""

from collections.abc import Mapping
from typing import Any

from dagster import DagsterInstance, ExecuteInProcessResult, JobDefinition
from dagster._core.storage.tags import MAX_RETRIES_TAG
from dagster._core.utils import make_new_run_id

from vidpipe.automation.dead_runs import IN_PROCESS_TAG
from vidpipe.settings import Settings
from vidpipe.stores.kept_lock import kept
from vidpipe.stores.locks import run_lock

INTERRUPTED = "DagsterExecutionInterruptedError"


def materialize(
    job: JobDefinition,
    instance: DagsterInstance,
    settings: Settings,
    *,
    partition_key: str | None = None,
    tags: Mapping[str, str] | None = None,
    ops: Mapping[str, Any] | None = None,
) -> ExecuteInProcessResult:
    """Runs a job in this process, and returns what it did; a failed step raises nothing.

    This process holds the lock of the run until the run has ended, so that others can tell that it
    lives. Dagster cannot retry such a run, and is told not to announce it.

    Args:
        job: the job.
        instance: where the run is kept.
        settings: of the installation.
        partition_key: its partition, if it has one.
        tags: tags of the run.
        ops: configuration of its assets, by name.
    """
    run_id = make_new_run_id()
    with kept(settings, run_lock(run_id)):
        return job.execute_in_process(
            instance=instance,
            raise_on_error=False,
            partition_key=partition_key,
            run_id=run_id,
            tags={**(tags or {}), IN_PROCESS_TAG: "true", MAX_RETRIES_TAG: "0"},
            run_config={
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                "ops": {name: {"config": config} for name, config in (ops or {}).items()},
            },
        )


def step_errors(result: ExecuteInProcessResult) -> list[str]:
    """What went wrong in each failed step.

    Raises:
        KeyboardInterrupt: it was Ctrl-C; Dagster has marked the run as ended.
    """
    errors = []
    for event in result.all_events:
        if event.is_step_failure and event.step_failure_data.error:
            told = event.step_failure_data.user_failure_data
            cause = (told and told.description) or _cause(event.step_failure_data.error)
            if INTERRUPTED in cause:
                raise KeyboardInterrupt
            errors.append(f"{event.step_key}: {cause}")
    return errors


def _cause(error: Any) -> str:
    while error.cause is not None:
        error = error.cause
    return str(error.message).strip()
