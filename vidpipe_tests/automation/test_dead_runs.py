"""Runs of processes that are gone are marked failed; all others are left alone."""

import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest
from dagster import DagsterInstance, DagsterRun, DagsterRunStatus
from dagster._core.test_utils import create_run_for_test

from vidpipe.automation.dead_runs import UNFINISHED, mark_dead_runs
from vidpipe.processes import is_alive, process_name
from vidpipe.resources import PROCESS_TAG


@pytest.fixture
def instance() -> Iterator[DagsterInstance]:
    with DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture(scope="module")
def gone() -> str:
    """Name of a process that was killed."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = process_name(psutil.Process(process.pid))
    assert is_alive(name)
    process.kill()
    process.communicate()
    return name


def run_of(instance: DagsterInstance, process: str | None, status: DagsterRunStatus) -> DagsterRun:
    tags = {} if process is None else {PROCESS_TAG: process}
    run: DagsterRun = create_run_for_test(instance, job_name="ingest", status=status, tags=tags)
    return run


def status_of(instance: DagsterInstance, run: DagsterRun) -> DagsterRunStatus:
    found = instance.get_run_by_id(run.run_id)
    assert found is not None
    return found.status


@pytest.mark.parametrize("status", UNFINISHED)
def test_an_unfinished_run_of_a_killed_process_is_marked_failed(
    instance: DagsterInstance, gone: str, status: DagsterRunStatus
) -> None:
    run = run_of(instance, gone, status)
    assert mark_dead_runs(instance) == [run.run_id]
    assert status_of(instance, run) == DagsterRunStatus.FAILURE
    [*_, last] = instance.all_logs(run.run_id)
    assert "run it again" in last.message
    assert mark_dead_runs(instance) == [], "it is marked once"


def test_a_run_of_a_living_process_goes_on(instance: DagsterInstance) -> None:
    run = run_of(instance, process_name(), DagsterRunStatus.STARTED)
    assert mark_dead_runs(instance) == []
    assert status_of(instance, run) == DagsterRunStatus.STARTED


@pytest.mark.parametrize("status", UNFINISHED)
def test_a_run_whose_process_is_unknown_is_left_to_dagster(
    instance: DagsterInstance, status: DagsterRunStatus
) -> None:
    run = run_of(instance, None, status)
    assert mark_dead_runs(instance) == []
    assert status_of(instance, run) == status


@pytest.mark.parametrize("status", [DagsterRunStatus.SUCCESS, DagsterRunStatus.CANCELED])
def test_a_run_that_ended_keeps_its_status(
    instance: DagsterInstance, gone: str, status: DagsterRunStatus
) -> None:
    run = run_of(instance, gone, status)
    assert mark_dead_runs(instance) == []
    assert status_of(instance, run) == status


def test_a_retry_that_starts_is_not_taken_for_the_dead_run_whose_tags_it_inherits(
    instance: DagsterInstance, gone: str
) -> None:
    parent = run_of(instance, gone, DagsterRunStatus.FAILURE)
    retry = create_run_for_test(
        instance,
        job_name="ingest",
        status=DagsterRunStatus.STARTING,
        tags={PROCESS_TAG: gone},
        parent_run_id=parent.run_id,
        root_run_id=parent.run_id,
    )
    assert mark_dead_runs(instance) == []
    assert status_of(instance, retry) == DagsterRunStatus.STARTING


def test_a_process_id_that_was_given_away_again_is_not_the_run(instance: DagsterInstance) -> None:
    own = psutil.Process()
    earlier = f"{own.pid}/{own.create_time() - 3600:.2f}"
    run = run_of(instance, earlier, DagsterRunStatus.STARTED)
    assert mark_dead_runs(instance) == [run.run_id]


def test_a_process_that_ended_but_was_not_waited_for_is_gone() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = process_name(psutil.Process(process.pid))
    process.kill()
    try:
        # Not waited for: the kernel keeps a zombie under this process id.
        while psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE:
            pass
        assert not is_alive(name)
    finally:
        process.communicate()
