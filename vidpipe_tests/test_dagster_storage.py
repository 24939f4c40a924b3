"""Dagster's storage through vidpipe's settings: the shipped `dagster.yaml`, real PostgreSQL."""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import dagster as dg
import psycopg
import pytest
from dagster._core.instance.ref import InstanceRef
from dagster._core.utils import make_new_run_id
from sqlalchemy.engine import make_url

from vidpipe.dagster_storage import VidpipeStorage, dagster_folder, sqlalchemy_url
from vidpipe.packaged import packaged
from vidpipe.stores.embedded import server as embedded_server


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


# -- Partitions and many events at once -----------------------------------------------------------

DATES = dg.DynamicPartitionsDefinition(name="ingest_date")


@dg.asset(partitions_def=DATES, backfill_policy=dg.BackfillPolicy.single_run())
def frames_of_a_date(context: dg.AssetExecutionContext) -> None:
    """Says which dates it was made of."""
    context.log.info(f"dates: {context.partition_keys}")


def materialised(instance: dg.DagsterInstance, first: str, last: str) -> dg.ExecuteInProcessResult:
    job = dg.Definitions(
        assets=[frames_of_a_date], jobs=[dg.define_asset_job("frames", [frames_of_a_date])]
    ).resolve_job_def("frames")
    return job.execute_in_process(
        instance=instance,
        tags={
            "dagster/asset_partition_range_start": first,
            "dagster/asset_partition_range_end": last,
        },
    )


def test_a_date_that_arrives_late_is_listed_in_its_place(instance: dg.DagsterInstance) -> None:
    """A range means all partitions between its ends in the order of the list."""
    instance.add_dynamic_partitions("ingest_date", ["2025-03-03", "2025-03-05"])
    instance.add_dynamic_partitions("ingest_date", ["2020-01-01", "2025-03-04"])
    expected = ["2020-01-01", "2025-03-03", "2025-03-04", "2025-03-05"]
    assert instance.get_dynamic_partitions("ingest_date") == expected
    pages: list[Sequence[str]] = []
    cursor: str | None = None
    while len(pages) < 2:
        page = instance.get_paginated_dynamic_partitions(
            "ingest_date", limit=2, ascending=False, cursor=cursor
        )
        pages.append(page.results)
        cursor = page.cursor
    assert pages == [expected[:1:-1], expected[1::-1]]
    result = materialised(instance, "2025-03-03", "2025-03-05")
    made = {event.partition for event in result.get_asset_materialization_events()}
    assert made == set(expected[1:])


def test_a_run_over_many_dates_leaves_the_events_that_one_date_leaves(
    instance: dg.DagsterInstance, database_url: str
) -> None:
    keys = [f"2025-03-{day:02}" for day in range(1, 31)]
    instance.add_dynamic_partitions("ingest_date", keys)
    result = materialised(instance, keys[0], keys[-1])
    with psycopg.connect(f"{database_url}_dagster") as connection:
        rows = connection.execute(
            "select dagster_event_type, array_agg(partition order by partition) from event_logs"
            " where run_id = %s and dagster_event_type like 'ASSET_MATERIALIZATION%%'"
            " group by 1 order by 1",
            [result.run_id],
        ).fetchall()
    assert rows == [("ASSET_MATERIALIZATION", keys), ("ASSET_MATERIALIZATION_PLANNED", keys)]
    asset = dg.AssetKey("frames_of_a_date")
    status = instance.get_status_by_partition(asset, keys, DATES)
    assert status is not None
    assert {str(one and one.value) for one in status.values()} == {"MATERIALIZED"}
    [record] = instance.get_asset_records([asset])
    assert record.asset_entry.last_run_id == result.run_id


def test_the_failure_of_one_date_is_shown_until_that_date_passes(
    instance: dg.DagsterInstance,
) -> None:
    """Dagster alone shows the latest execution, whichever date it was of."""
    keys = ["2025-03-03", "2025-03-04"]
    instance.add_dynamic_partitions("ingest_date", keys)
    failing = {keys[0]}

    @dg.asset_check(asset=frames_of_a_date, partitions_def=DATES)
    def is_sharp(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=context.partition_key not in failing)

    key = dg.AssetCheckKey(dg.AssetKey("frames_of_a_date"), "is_sharp")

    def shown_after(partition: str) -> tuple[str | None, str]:
        job = dg.Definitions(
            assets=[frames_of_a_date],
            asset_checks=[is_sharp],
            jobs=[dg.define_asset_job("frames", [frames_of_a_date])],
        ).resolve_job_def("frames")
        job.execute_in_process(instance=instance, partition_key=partition)
        log = instance.event_log_storage
        record = log.get_latest_asset_check_execution_by_key([key])[key]
        return record.partition, record.status.value

    assert shown_after(keys[0]) == (keys[0], "FAILED")
    assert shown_after(keys[1]) == (keys[0], "FAILED")
    failing.clear()
    assert shown_after(keys[0]) == (keys[0], "SUCCEEDED")
    failing.add(keys[1])
    assert shown_after(keys[1]) == (keys[1], "FAILED")
    assert shown_after(keys[0]) == (keys[1], "FAILED")
    instance.delete_dynamic_partition("ingest_date", keys[1])
    assert shown_after(keys[0]) == (keys[0], "SUCCEEDED"), "what was erased warns no more"


def test_what_was_recorded_under_daily_partitions_stays_attached(
    instance: dg.DagsterInstance,
) -> None:
    """Keys have the form that vidpipe's daily partitions had before they were dynamic."""
    asset = dg.AssetKey("frames_of_a_date")
    daily = dg.DailyPartitionsDefinition("2020-01-01", end_offset=1)

    @dg.asset(name="frames_of_a_date", partitions_def=daily)
    def of_before(context: dg.AssetExecutionContext) -> None:
        if context.partition_key == "2025-03-05":
            raise RuntimeError("broken")

    for key in ("2025-03-03", "2025-03-05"):
        dg.materialize([of_before], partition_key=key, instance=instance, raise_on_error=False)
    before = ["2025-03-03", "2025-03-04", "2025-03-05"]
    assert instance.get_status_by_partition(asset, before, daily)  # the status is cached as of then
    instance.add_dynamic_partitions("ingest_date", before)
    status = instance.get_status_by_partition(asset, before, DATES)
    assert status is not None
    told = {key: one and one.value for key, one in status.items()}
    assert told == {"2025-03-03": "MATERIALIZED", "2025-03-04": None, "2025-03-05": "FAILED"}
    assert instance.get_materialized_partitions(asset) == {"2025-03-03"}
