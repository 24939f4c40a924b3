"""Dagster's storage through vidpipe's settings: the shipped `dagster.yaml`, real PostgreSQL."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import psycopg
import pytest
from dagster._core.instance.ref import InstanceRef
from dagster._core.launcher import DefaultRunLauncher, WorkerStatus
from dagster._core.test_utils import create_run_for_test
from dagster._core.utils import make_new_run_id
from sqlalchemy.engine import make_url

from vidpipe.dagster_instance import run_locks
from vidpipe.dagster_instance.run_locks import VidpipeRunLauncher
from vidpipe.dagster_storage import (
    VidpipeStorage,
    dagster_folder,
    sqlalchemy_url,
)
from vidpipe.errors import DatabaseError
from vidpipe.packaged import packaged
from vidpipe.processes import EARLIER_RUN_TAG, process_name
from vidpipe.settings import load_settings
from vidpipe.stores import kept_lock
from vidpipe.stores.embedded import server as embedded_server
from vidpipe.stores.locks import run_lock


@dg.op
def count_frames(context: dg.OpExecutionContext) -> int:
    """Prints and logs, so that both kinds of log are stored."""
    print("a line on stdout")
    context.log.info("a line in the event log")
    return 7


@dg.job(executor_def=dg.in_process_executor)
def tiny_job() -> None:
    """One op."""
    count_frames()


def open_instance(folder: Path) -> dg.DagsterInstance:
    """An instance as `dagster dev` opens one: our dagster.yaml, a scratch folder of its own."""
    folder.mkdir(exist_ok=True)
    ref = InstanceRef.from_dir(str(folder), config_dir=str(packaged("dagster.yaml").parent))
    return dg.DagsterInstance.from_ref(ref)


@pytest.fixture
def instance(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dg.DagsterInstance]:
    """An instance on a database of its own, called from a folder of its own."""
    monkeypatch.setenv("VIDPIPE_DATABASE_URL", database_url)
    monkeypatch.setenv("VIDPIPE_HOME", str(tmp_path / "home"))
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    with open_instance(tmp_path / "scratch") as opened:
        yield opened


def stored_event_types(url: str, run_id: str) -> set[str]:
    """Types of a run's events, read without Dagster."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "select distinct dagster_event_type from event_logs where run_id = %s", (run_id,)
        )
        return {row[0] for row in rows}


def test_a_runs_events_are_stored_beside_the_users_database(
    instance: dg.DagsterInstance, database_url: str
) -> None:
    result = tiny_job.execute_in_process(instance=instance)
    assert result.success
    events = stored_event_types(f"{database_url}_dagster", result.run_id)
    assert {"PIPELINE_START", "STEP_SUCCESS", "PIPELINE_SUCCESS"} <= events
    run = instance.get_run_by_id(result.run_id)
    assert run is not None
    assert run.status is dg.DagsterRunStatus.SUCCESS
    with psycopg.connect(database_url) as connection:
        mixed_in = connection.execute("select to_regclass('event_logs')").fetchone()
    assert mixed_in == (None,)


def test_a_watcher_sees_the_events_of_a_running_job(instance: dg.DagsterInstance) -> None:
    run_id = make_new_run_id()
    seen: list[str] = []
    finished = threading.Event()

    def watch(entry: dg.EventLogEntry, _cursor: str) -> None:
        if entry.dagster_event is not None:
            seen.append(entry.dagster_event.event_type_value)
            if entry.dagster_event.event_type_value == "PIPELINE_SUCCESS":
                finished.set()

    instance.watch_event_logs(run_id, None, watch)
    tiny_job.execute_in_process(instance=instance, run_id=run_id)
    assert finished.wait(60)
    instance.end_watch_event_logs(run_id, watch)
    assert "STEP_SUCCESS" in seen


def test_what_a_step_prints_lies_under_the_home_and_nothing_in_the_working_directory(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    tiny_job.execute_in_process(instance=instance)
    printed = [path.read_text() for path in (tmp_path / "home" / "dagster").rglob("*.out")]
    assert any("a line on stdout" in text for text in printed)
    assert dagster_folder() == tmp_path / "home" / "dagster"
    assert Path(instance.storage_directory()).is_relative_to(dagster_folder())
    assert list(Path.cwd().iterdir()) == []


def test_without_a_database_url_the_embedded_server_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("VIDPIPE_HOME", str(home))
    try:
        with open_instance(tmp_path / "scratch") as instance:
            result = tiny_job.execute_in_process(instance=instance)
        url = embedded_server.start(home).url("vidpipe_dagster")
        assert "PIPELINE_SUCCESS" in stored_event_types(url, result.run_id)
    finally:
        assert embedded_server.stop(home)


def test_processes_that_meet_an_empty_database_at_once_all_get_their_tables(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIDPIPE_DATABASE_URL", database_url)
    storages: list[VidpipeStorage] = []
    threads = [
        threading.Thread(target=lambda: storages.append(VidpipeStorage.from_config_value(None, {})))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [storage.run_storage.get_runs_count() for storage in storages] == [0, 0, 0, 0]


def test_only_a_lost_run_process_is_retried(instance: dg.DagsterInstance) -> None:
    assert instance.run_retries_enabled
    assert instance.run_retries_max_retries == 2
    assert not instance.run_retries_retry_on_asset_or_op_failure


def test_the_shipped_instance_queues_watches_and_keeps_quiet(instance: dg.DagsterInstance) -> None:
    queue = instance.get_concurrency_config().run_queue_config
    assert queue is not None
    assert queue.max_concurrent_runs == 2
    assert {limit["key"] for limit in queue.tag_concurrency_limits} == {
        "dagster/partition",
        "dagster/backfill",
    }
    assert instance.run_monitoring_enabled
    assert instance.run_monitoring_start_timeout_seconds == 300
    assert not instance.telemetry_enabled


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:p%40ss@db.example:5433/videos?sslmode=require",
        "postgres://user:p%40ss@db.example:5433/videos?sslmode=require",
        "postgresql+psycopg://user:p%40ss@db.example:5433/videos?sslmode=require",
    ],
)
def test_every_spelling_of_the_url_reaches_psycopg2(url: str) -> None:
    parsed = make_url(sqlalchemy_url(url))
    assert parsed.drivername == "postgresql+psycopg2"
    assert (parsed.host, parsed.port, parsed.database) == ("db.example", 5433, "videos")
    assert parsed.password == "p@ss"
    assert parsed.query == {"sslmode": "require"}


# -- Whether the process of a run lives -----------------------------------------------------------


@dg.op
def ask_after_its_own_run(context: dg.OpExecutionContext) -> str:
    """What run monitoring would hear of this run while it runs."""
    launcher = context.instance.run_launcher
    return launcher.check_run_worker_health(context.run).status.value


@dg.job(executor_def=dg.in_process_executor)
def asking_job() -> None:
    """One op."""
    ask_after_its_own_run()


def health(instance: dg.DagsterInstance, run: dg.DagsterRun) -> WorkerStatus:
    return instance.run_launcher.check_run_worker_health(run).status


def started_run(instance: dg.DagsterInstance, **tags: str) -> dg.DagsterRun:
    """A run that is called started, whose process is nowhere."""
    run: dg.DagsterRun = create_run_for_test(
        instance, status=dg.DagsterRunStatus.STARTED, tags=tags
    )
    return run


def test_a_run_holds_its_lock_while_it_is_called_started_and_frees_it_afterwards(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_locks, "LOST_AFTER_S", 0.0)
    result = asking_job.execute_in_process(instance=instance)
    assert result.output_for_node("ask_after_its_own_run") == "RUNNING"
    assert kept_lock.is_free(load_settings(), run_lock(result.run_id))


def test_monitoring_fails_a_run_whose_process_is_gone_after_a_time_of_grace(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = started_run(instance)
    assert health(instance, run) is WorkerStatus.RUNNING, "the first look says nothing"
    assert health(instance, run) is WorkerStatus.RUNNING
    monkeypatch.setattr(run_locks, "LOST_AFTER_S", 0.0)
    assert health(instance, run) is WorkerStatus.FAILED


def test_a_lock_that_was_held_in_between_counts_anew(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = started_run(instance)
    monkeypatch.setattr(run_locks, "LOST_AFTER_S", 1.0)
    assert health(instance, run) is WorkerStatus.RUNNING
    with kept_lock.kept(load_settings(), run_lock(run.run_id)):
        time.sleep(1.1)
        assert health(instance, run) is WorkerStatus.RUNNING
    assert health(instance, run) is WorkerStatus.RUNNING
    time.sleep(1.1)
    assert health(instance, run) is WorkerStatus.FAILED


def test_no_run_is_lost_while_the_database_cannot_be_asked(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = started_run(instance)
    monkeypatch.setattr(run_locks, "LOST_AFTER_S", 1.0)
    health(instance, run)
    time.sleep(1.1)
    with monkeypatch.context() as away:
        away.setenv("VIDPIPE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
        with pytest.raises(DatabaseError):
            health(instance, run)
    assert health(instance, run) is WorkerStatus.RUNNING, "its process may take its lock again"


def test_a_run_of_an_earlier_vidpipe_whose_process_lives_here_is_not_lost(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_locks, "LOST_AFTER_S", 0.0)
    run = started_run(instance, **{EARLIER_RUN_TAG: process_name()})
    assert {health(instance, run) for _ in range(3)} == {WorkerStatus.RUNNING}


CANCELLED = """
import sys, time
import dagster as dg
from vidpipe_tests.test_dagster_storage import open_instance
from pathlib import Path

@dg.op
def wait():
    print("begun", flush=True)
    time.sleep(120)

@dg.job(executor_def=dg.in_process_executor)
def waiting():
    wait()

with open_instance(Path(sys.argv[1])) as instance:
    waiting.execute_in_process(instance=instance, run_id=sys.argv[2], raise_on_error=False)
"""


def test_a_run_in_a_process_of_its_own_ends_when_it_is_cancelled(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    """No code server passes the cancellation on: it would go on, called cancelled."""
    run_id = make_new_run_id()
    process = subprocess.Popen([sys.executable, "-c", CANCELLED, str(tmp_path / "scratch"), run_id])
    try:
        while (run := instance.get_run_by_id(run_id)) is None or not instance.all_logs(
            run_id, of_type=dg.DagsterEventType.STEP_START
        ):
            time.sleep(0.2)
        instance.report_run_canceling(run)
        process.wait(60)
    finally:
        process.kill()
        process.wait()
    ended = instance.get_run_by_id(run_id)
    assert ended is not None
    assert ended.status is dg.DagsterRunStatus.CANCELED


def test_an_instance_with_another_launcher_keeps_it(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    """As on Kubernetes: the storage stays, the launcher is the cluster's."""
    text = packaged("dagster.yaml").read_text(encoding="utf-8")
    other = text.replace(
        "vidpipe.dagster_instance.run_locks\n  class: VidpipeRunLauncher",
        "dagster\n  class: DefaultRunLauncher",
    )
    assert other != text
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "dagster.yaml").write_text(other, encoding="utf-8")
    with dg.DagsterInstance.from_config(str(tmp_path / "other")) as opened:
        assert type(opened.run_launcher) is DefaultRunLauncher
        assert tiny_job.execute_in_process(instance=opened).success
    assert isinstance(instance.run_launcher, VidpipeRunLauncher)
