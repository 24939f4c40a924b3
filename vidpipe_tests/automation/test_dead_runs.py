"""Runs in a process of their own are marked when it is gone; all others are left alone."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from dagster import DagsterInstance, DagsterRun, DagsterRunStatus
from dagster._core.remote_origin import (
    GrpcServerCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.storage.tags import HIDDEN_TAG_PREFIX, MAX_RETRIES_TAG
from dagster._core.test_utils import create_run_for_test

from vidpipe.automation import dead_runs
from vidpipe.automation.dead_runs import IN_PROCESS_TAG, UNFINISHED, mark_dead_runs
from vidpipe.automation.in_process import materialize
from vidpipe.definitions import build_defs
from vidpipe.processes import EARLIER_RUN_TAG, is_alive, process_name
from vidpipe.resources import Stores
from vidpipe.settings import Settings
from vidpipe.stores.kept_lock import is_free, kept
from vidpipe.stores.locks import SharedLock, run_lock


@pytest.fixture
def instance() -> Iterator[DagsterInstance]:
    with DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_runs, "DEAD_AFTER_S", 2.0)


@pytest.fixture(scope="module")
def gone() -> str:
    """Name of a process that was killed."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = process_name(psutil.Process(process.pid))
    assert is_alive(name)
    process.kill()
    process.communicate()
    return name


def run_with(instance: DagsterInstance, status: DagsterRunStatus, **tags: str) -> DagsterRun:
    run: DagsterRun = create_run_for_test(instance, job_name="ingest", status=status, tags=tags)
    return run


def run_in_process(
    instance: DagsterInstance, status: DagsterRunStatus = DagsterRunStatus.STARTED
) -> DagsterRun:
    return run_with(instance, status, **{IN_PROCESS_TAG: "true"})


def status_of(instance: DagsterInstance, run: DagsterRun) -> DagsterRunStatus:
    found = instance.get_run_by_id(run.run_id)
    assert found is not None
    return found.status


@pytest.mark.parametrize("status", UNFINISHED)
def test_an_unfinished_run_of_a_process_that_is_gone_is_ended(
    instance: DagsterInstance, module_database_settings: Settings, status: DagsterRunStatus
) -> None:
    run = run_in_process(instance, status)
    assert mark_dead_runs(instance, module_database_settings) == [run.run_id]
    is_cancelled = status is DagsterRunStatus.CANCELING
    expected = DagsterRunStatus.CANCELED if is_cancelled else DagsterRunStatus.FAILURE
    assert status_of(instance, run) is expected
    [*_, last] = instance.all_logs(run.run_id)
    assert "its process ended" in last.message
    assert mark_dead_runs(instance, module_database_settings) == [], "it is marked once"


def test_a_run_whose_process_lives_goes_on_wherever_that_process_is(
    instance: DagsterInstance, module_database_settings: Settings
) -> None:
    """Its tag names no process: only the lock counts."""
    run = run_in_process(instance)
    with kept(module_database_settings, run_lock(run.run_id)):
        assert mark_dead_runs(instance, module_database_settings) == []
        assert status_of(instance, run) == DagsterRunStatus.STARTED
    assert mark_dead_runs(instance, module_database_settings) == [run.run_id]


@pytest.mark.parametrize("status", UNFINISHED)
def test_a_run_that_dagster_launched_is_left_to_dagster(
    instance: DagsterInstance, module_database_settings: Settings, status: DagsterRunStatus
) -> None:
    run = run_with(instance, status)
    assert mark_dead_runs(instance, module_database_settings) == []
    assert status_of(instance, run) == status


def test_a_run_that_repeats_one_of_vidpipe_run_in_the_ui_is_left_to_dagster(
    instance: DagsterInstance, module_database_settings: Settings
) -> None:
    """It inherits the tags of the run that it repeats."""
    location = GrpcServerCodeLocationOrigin(host="localhost", port=1, location_name="vidpipe")
    create_run_for_test(
        instance,
        job_name="ingest",
        status=DagsterRunStatus.STARTED,
        tags={IN_PROCESS_TAG: "true", MAX_RETRIES_TAG: "0"},
        remote_job_origin=RemoteJobOrigin(RemoteRepositoryOrigin(location, "repository"), "ingest"),
    )
    assert mark_dead_runs(instance, module_database_settings) == []


@pytest.mark.parametrize("status", [DagsterRunStatus.SUCCESS, DagsterRunStatus.CANCELED])
def test_a_run_that_ended_keeps_its_status(
    instance: DagsterInstance, module_database_settings: Settings, status: DagsterRunStatus
) -> None:
    run = run_in_process(instance, status)
    assert mark_dead_runs(instance, module_database_settings) == []
    assert status_of(instance, run) == status


def test_a_run_that_ends_while_it_is_looked_at_keeps_its_status(
    instance: DagsterInstance,
    module_database_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = run_in_process(instance)

    def ends(*_: Any, **__: Any) -> set[SharedLock]:
        instance.report_run_canceled(run)
        return {run_lock(run.run_id)}

    monkeypatch.setattr(dead_runs, "free_throughout", ends)
    assert mark_dead_runs(instance, module_database_settings) == []
    assert status_of(instance, run) == DagsterRunStatus.CANCELED


def test_a_run_that_an_earlier_vidpipe_left_is_ended_only_when_its_process_is_gone(
    instance: DagsterInstance, module_database_settings: Settings, gone: str
) -> None:
    alive = run_with(instance, DagsterRunStatus.STARTED, **{EARLIER_RUN_TAG: process_name()})
    dead = run_with(instance, DagsterRunStatus.STARTED, **{EARLIER_RUN_TAG: gone})
    assert mark_dead_runs(instance, module_database_settings) == [dead.run_id]
    assert status_of(instance, alive) == DagsterRunStatus.STARTED


def test_a_run_in_this_process_holds_its_lock_while_it_runs_and_no_longer(
    instance: DagsterInstance,
    upgraded_database_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    marked = []
    original = instance.handle_new_event

    def look(*arguments: Any, **named: Any) -> None:
        original(*arguments, **named)
        marked.append(mark_dead_runs(instance, upgraded_database_settings))

    monkeypatch.setattr(instance, "handle_new_event", look)
    stores = Stores(upgraded_database_settings)
    job = build_defs(stores).resolve_job_def("lake_maintenance")
    result = materialize(job, instance, upgraded_database_settings)
    assert result.success
    assert len(marked) > 5
    assert not any(marked), "nobody marks it while it runs"
    run = instance.get_run_by_id(result.run_id)
    assert run is not None
    assert IN_PROCESS_TAG.startswith(HIDDEN_TAG_PREFIX)
    assert IN_PROCESS_TAG in run.tags
    assert is_free(upgraded_database_settings, run_lock(result.run_id))


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
