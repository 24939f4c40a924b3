"""The sensors on a real database and a Dagster instance of their own; no video is decoded."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from dagster import (
    DagsterInstance,
    DagsterRun,
    DagsterRunStatus,
    RunRequest,
    SkipReason,
    build_run_status_sensor_context,
    build_sensor_context,
)
from dagster._core.definitions.sensor_definition import SensorExecutionData
from dagster._core.events import JobFailureData, RunFailureReason
from dagster._core.remote_origin import (
    GrpcServerCodeLocationOrigin,
    RemoteInstigatorOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    InstigatorType,
)
from dagster._core.storage.tags import HIDDEN_TAG_PREFIX, PARENT_RUN_ID_TAG, ROOT_RUN_ID_TAG
from dagster._core.test_utils import create_run_for_test, instance_for_test
from pydantic import SecretStr

from vidpipe.automation import dead_runs
from vidpipe.automation.batch_runs import BATCH_TAG, RUNS_A_BATCH
from vidpipe.automation.dead_runs import IN_PROCESS_TAG
from vidpipe.automation.sensors import (
    ALERTED_TAG,
    failed_run_sensor,
    query_embeddings_sensor,
    uploads_sensor,
)
from vidpipe.automation.work_status import read_status
from vidpipe.definitions import build_defs
from vidpipe.publication.transaction import publish_rows
from vidpipe.resources import Stores
from vidpipe.settings import Settings
from vidpipe.stores.database import connect
from vidpipe.uploads.registry.pending_dates import MadeOf, uploads_digests
from vidpipe.uploads.registry.registered_uploads import held_uploads
from vidpipe.uploads.registry.sweeps import sweep_problems
from vidpipe_tests.alert_receiver import alert_receiver
from vidpipe_tests.installation import Installation, age
from vidpipe_tests.publication.published_rows import Post, date_rows

DAYS = (date(2025, 3, 3), date(2025, 3, 4), date(2025, 3, 5))


@pytest.fixture
def installation(upgraded_database_settings: Settings, tmp_path: Path) -> Iterator[Installation]:
    with DagsterInstance.local_temp(str(tmp_path)) as instance:
        yield Installation.make(upgraded_database_settings, tmp_path, instance)


def upload(installation: Installation, name: str, content: bytes = b"no video yet") -> None:
    """A complete upload; the sensor only lists it."""
    path = installation.uploads / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    age(path)


def tick(
    installation: Installation, cursor: str | None = None, stores: Stores | None = None
) -> SensorExecutionData:
    """One evaluation as the daemon does it: an unknown partition key would fail it.

    Without `stores`, by a code server that has just started.
    """
    stores = stores or installation.stores
    context = build_sensor_context(
        instance=installation.instance,
        instance_ref=installation.instance.get_ref(),
        resources={"stores": stores},
        repository_def=build_defs(stores).get_repository_def(),
        cursor=cursor,
    )
    return uploads_sensor.evaluate_tick(context)


def requests(installation: Installation) -> list[RunRequest]:
    return list(tick(installation).run_requests or [])


def finish(installation: Installation, request: RunRequest, status: DagsterRunStatus) -> DagsterRun:
    """A run as the daemon would have made it for this request."""
    tags = {**request.tags, "dagster/partition": str(request.partition_key)}
    run: DagsterRun = create_run_for_test(
        installation.instance, job_name="ingest", status=status, tags=tags
    )
    return run


def test_a_tick_registers_uploads_and_requests_a_run_per_date(installation: Installation) -> None:
    for name in ("2025-03-03/a/one.mp4", "2025-03-03/a/two.mp4", "ingest_date=2025-03-05/b.mkv"):
        upload(installation, name)
    found = requests(installation)
    assert [one.partition_key for one in found] == ["2025-03-05", "2025-03-03"], "newest first"
    assert installation.query("select count(*) from vidpipe_ops.uploads") == [(3,)]


def test_a_date_is_requested_once_while_its_uploads_stay_the_same(
    installation: Installation,
) -> None:
    """Dagster drops a request whose run key it knows, so the key must not change."""
    upload(installation, "2025-03-03/a/one.mp4")
    [first] = requests(installation)
    [again] = requests(installation)
    assert again.run_key == first.run_key
    run = finish(installation, first, DagsterRunStatus.STARTED)
    assert requests(installation) == [], "a run is on its way"
    installation.instance.report_run_failed(run)
    [after_failure] = requests(installation)
    assert after_failure.run_key != first.run_key


def test_a_cancelled_date_is_left_alone_under_other_settings_too(
    installation: Installation, tmp_path: Path
) -> None:
    upload(installation, "2025-03-03/a/one.mp4")
    [request] = requests(installation)
    finish(installation, request, DagsterRunStatus.CANCELED)
    for other in (
        {"keyframes_per_video": 2},
        {"max_duration_s": 7.0},
        {"clip_image_model": str(tmp_path / "gone")},
        {},
    ):
        assert requests(installation.under(**other)) == []
        assert len(read_status(installation.instance, installation.under(**other).stores).cancelled)
    upload(installation, "2025-03-03/a/late.mp4")
    assert len(requests(installation)) == 1


def test_a_run_on_its_way_is_awaited_under_other_settings_too(installation: Installation) -> None:
    upload(installation, "2025-03-03/a/one.mp4")
    [request] = requests(installation)
    run = finish(installation, request, DagsterRunStatus.STARTED)
    other = installation.under(keyframes_per_video=2)
    assert requests(other) == []
    installation.instance.report_run_failed(run)
    assert len(requests(other)) == 1


def test_a_cancelled_date_is_left_alone_and_told_of_until_its_uploads_change(
    installation: Installation,
) -> None:
    upload(installation, "2025-03-03/a/one.mp4")
    upload(installation, "2025-03-04/a/one.mp4")
    _, request = requests(installation)
    run = finish(installation, request, DagsterRunStatus.CANCELED)
    assert [one.partition_key for one in requests(installation)] == ["2025-03-04"]
    [told] = read_status(installation.instance, installation.stores).cancelled
    assert told.startswith(f"2025-03-03: run {run.run_id} was cancelled")
    upload(installation, "2025-03-03/a/late.mp4")
    assert {one.partition_key for one in requests(installation)} == {"2025-03-03", "2025-03-04"}
    assert read_status(installation.instance, installation.stores).cancelled == []


def test_another_upload_of_a_requested_date_is_another_batch(installation: Installation) -> None:
    upload(installation, "2025-03-03/a/one.mp4")
    upload(installation, "2025-03-04/a/one.mp4")
    before = {one.partition_key: one.run_key for one in requests(installation)}
    upload(installation, "2025-03-03/a/late.mp4")
    after = {one.partition_key: one.run_key for one in requests(installation)}
    assert after["2025-03-04"] == before["2025-03-04"]
    assert after["2025-03-03"] != before["2025-03-03"]


def test_a_failed_run_is_requested_again_up_to_a_limit(installation: Installation) -> None:
    upload(installation, "2025-03-03/a/one.mp4")
    keys = []
    while found := requests(installation):
        [request] = found
        keys.append(request.run_key)
        finish(installation, request, DagsterRunStatus.FAILURE)
    assert len(keys) == len(set(keys)) == RUNS_A_BATCH
    upload(installation, "2025-03-03/a/late.mp4")
    assert len(requests(installation)) == 1, "new uploads of the date count anew"


def test_a_published_date_is_not_requested(installation: Installation) -> None:
    upload(installation, "2025-03-03/a/one.mp4")
    upload(installation, "2025-03-04/a/one.mp4")
    assert len(requests(installation)) == 2
    with installation.connect() as connection:
        digests = uploads_digests(connection, DAYS)
        publish_rows(
            connection,
            date_rows([], ingest_date=DAYS[0], model=installation.pipeline.model),
            ingest_date=DAYS[0],
            model=installation.pipeline.model,
            made_of=MadeOf(digests[DAYS[0]], installation.pipeline.in_force.versions or ""),
        )
    assert [one.partition_key for one in requests(installation)] == ["2025-03-04"]


def test_a_tick_without_news_says_so(installation: Installation) -> None:
    found = tick(installation)
    assert found.run_requests == []
    assert "no date waits for a run" in (found.skip_message or "")


def test_without_an_uploads_url_the_sensor_skips_and_says_what_to_set(
    installation: Installation,
) -> None:
    settings = installation.settings.model_copy(update={"uploads_url": None})
    context = build_sensor_context(
        instance=installation.instance, resources={"stores": Stores(settings)}
    )
    skipped = uploads_sensor(context)
    assert isinstance(skipped, SkipReason)
    assert "VIDPIPE_UPLOADS_URL" in (skipped.skip_message or "")


def test_uploads_outside_date_folders_are_requested_under_today(
    installation: Installation,
) -> None:
    """Today is a partition as soon as it has uploads, or this tick would fail."""
    before = datetime.now(UTC).date()
    upload(installation, "somebody/new.mp4")
    [request] = requests(installation)
    assert before.isoformat() <= str(request.partition_key) <= str(datetime.now(UTC).date())


@pytest.mark.parametrize("folder", ["2999-01-01", "1999-12-31", "2025-02-30", "tomorrow"])
def test_a_folder_with_an_impossible_date_is_held_and_fails_no_tick(
    installation: Installation, folder: str
) -> None:
    if folder == "tomorrow":
        folder = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    upload(installation, f"{folder}/a/one.mp4")
    upload(installation, "2025-03-03/a/one.mp4")
    assert [one.partition_key for one in requests(installation)] == ["2025-03-03"]
    with installation.connect() as connection:
        held = held_uploads(connection)
    assert held["upload_id"].to_list() == [f"{folder}/a/one.mp4"]
    assert folder in held["sentence"].item()


def test_an_unreachable_uploads_folder_fails_no_tick_and_removes_nothing(
    installation: Installation,
) -> None:
    upload(installation, "2025-03-03/a/one.mp4")
    assert len(requests(installation)) == 1
    installation.uploads.rename(installation.uploads.with_name("unmounted"))
    for _ in range(3):
        assert len(requests(installation)) == 1
    [(removed,)] = installation.query("select removed_at from vidpipe_ops.uploads")
    assert removed is None
    with connect(installation.settings) as connection:
        assert sweep_problems(connection)


def test_a_tick_frees_the_places_of_dead_runs(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_runs, "DEAD_AFTER_S", 1.0)
    dead = create_run_for_test(
        installation.instance,
        job_name="ingest",
        status=DagsterRunStatus.STARTED,
        tags={IN_PROCESS_TAG: "true"},
    )
    tick(installation)
    found = installation.instance.get_run_by_id(dead.run_id)
    assert found is not None
    assert found.status == DagsterRunStatus.FAILURE


# -- Saved queries --------------------------------------------------------------------------------


def ask(installation: Installation) -> RunRequest | SkipReason:
    context = build_sensor_context(
        instance=installation.instance, resources={"stores": installation.stores}
    )
    found = query_embeddings_sensor(context)
    assert isinstance(found, RunRequest | SkipReason)
    return found


def save(installation: Installation, name: str, text: str) -> None:
    with installation.connect() as connection:
        connection.execute(
            "insert into vidpipe.saved_queries (name, terms) values"
            " (%s, jsonb_build_array(jsonb_build_object('text', %s::text)))"
            " on conflict (name) do update set terms = excluded.terms",
            [name, text],
        )
        connection.commit()


@pytest.fixture
def indexed(installation: Installation) -> Installation:
    """An installation with an active model."""
    with installation.connect() as connection:
        model = installation.pipeline.model
        publish_rows(
            connection,
            date_rows([Post("a:1", "c1")], ingest_date=DAYS[0], model=model),
            ingest_date=DAYS[0],
            model=model,
        )
    return installation


def test_a_saved_query_is_requested_once_until_its_terms_change(indexed: Installation) -> None:
    assert isinstance(ask(indexed), SkipReason)
    save(indexed, "tanks", "a tank")
    first, again = ask(indexed), ask(indexed)
    assert isinstance(first, RunRequest)
    assert isinstance(again, RunRequest)
    assert first.run_key == again.run_key
    save(indexed, "tanks", "a destroyed tank")
    changed = ask(indexed)
    assert isinstance(changed, RunRequest)
    assert changed.run_key != first.run_key


def test_queries_wait_quietly_while_nothing_is_indexed(installation: Installation) -> None:
    save(installation, "tanks", "a tank")
    assert isinstance(ask(installation), SkipReason)


def test_failing_runs_of_queries_are_given_up(indexed: Installation) -> None:
    save(indexed, "tanks", "a tank")
    keys = set()
    while isinstance(request := ask(indexed), RunRequest):
        keys.add(request.run_key)
        create_run_for_test(
            indexed.instance,
            job_name="embed_queries",
            status=DagsterRunStatus.FAILURE,
            tags={BATCH_TAG: request.tags[BATCH_TAG]},
        )
    assert len(keys) == RUNS_A_BATCH
    assert "look at their logs" in str(request.skip_message)


# -- Failed runs ----------------------------------------------------------------------------------


@pytest.fixture
def retrying(upgraded_database_settings: Settings, tmp_path: Path) -> Iterator[Installation]:
    """An installation whose Dagster retries runs that were lost, as the shipped one does."""
    settings = {"enabled": True, "max_retries": 2, "retry_on_asset_or_op_failure": False}
    retries = {"run_retries": settings}
    with instance_for_test(overrides=retries) as instance:
        yield Installation.make(upgraded_database_settings, tmp_path, instance)


def alerts_of(
    installation: Installation, run: DagsterRun, *, times: int = 1
) -> list[dict[str, Any]]:
    """What the failure sensor posts of a run's failure, evaluated some times."""
    instance = installation.instance
    event = instance.all_logs(run.run_id)[-1].dagster_event
    assert event is not None
    with alert_receiver() as receiver:
        settings = installation.settings.model_copy(update={"alert_url": SecretStr(receiver.url)})
        for _ in range(times):
            failed_run_sensor(
                build_run_status_sensor_context(
                    sensor_name="failed_run_sensor",
                    dagster_instance=instance,
                    dagster_run=run,
                    dagster_event=event,
                    resources={"stores": Stores(settings)},
                ).for_run_failure()
            )
        return receiver.alerts


def failed(installation: Installation, reason: RunFailureReason, **fields: Any) -> DagsterRun:
    """A launched run that failed."""
    instance = installation.instance
    run: DagsterRun = create_run_for_test(
        instance,
        job_name="ingest",
        status=DagsterRunStatus.STARTED,
        **{"remote_job_origin": origin_of("ingest"), **fields},
    )
    instance.report_run_failed(
        run, "the disk is full", JobFailureData(error=None, failure_reason=reason)
    )
    found = instance.get_run_by_id(run.run_id)
    assert found is not None
    return found


def origin_of(job: str) -> RemoteJobOrigin:
    location = GrpcServerCodeLocationOrigin(host="localhost", port=1, location_name="vidpipe")
    return RemoteJobOrigin(RemoteRepositoryOrigin(location, "__repository__"), job)


def test_a_failed_run_is_told_to_the_alert_address_once(retrying: Installation) -> None:
    """Its failure can be reported twice: by its process, and by who finds it gone."""
    run = failed(retrying, RunFailureReason.STEP_FAILURE)
    [alert] = alerts_of(retrying, run, times=3)
    assert alert["kind"] == "failed_run"
    assert alert["details"][0]["job"] == "ingest"
    assert "the disk is full" in alert["details"][0]["message"]
    assert ALERTED_TAG.startswith(HIDDEN_TAG_PREFIX)


def test_a_run_that_repeats_a_failed_one_is_told_of_when_it_fails(retrying: Installation) -> None:
    """It inherits the tags of the run that it repeats."""
    first = failed(retrying, RunFailureReason.STEP_FAILURE)
    assert len(alerts_of(retrying, first)) == 1
    told = retrying.instance.get_run_by_id(first.run_id)
    assert told is not None
    again = failed(retrying, RunFailureReason.STEP_FAILURE, tags=told.tags)
    assert len(alerts_of(retrying, again)) == 1


def test_a_lost_run_that_dagster_retries_is_told_of_when_its_last_retry_fails(
    retrying: Installation,
) -> None:
    root = failed(retrying, RunFailureReason.UNEXPECTED_TERMINATION)
    assert alerts_of(retrying, root) == []
    family = {
        "parent_run_id": root.run_id,
        "root_run_id": root.run_id,
        "tags": {PARENT_RUN_ID_TAG: root.run_id, ROOT_RUN_ID_TAG: root.run_id},
    }
    again = failed(retrying, RunFailureReason.UNEXPECTED_TERMINATION, **family)
    assert alerts_of(retrying, again) == []
    last = failed(retrying, RunFailureReason.UNEXPECTED_TERMINATION, **family)
    assert len(alerts_of(retrying, last)) == 1


def test_a_run_that_nobody_can_retry_is_told_of_at_once(retrying: Installation) -> None:
    run = failed(retrying, RunFailureReason.UNEXPECTED_TERMINATION, remote_job_origin=None)
    assert len(alerts_of(retrying, run)) == 1


def test_a_date_is_told_of_when_its_sensor_asks_no_more(retrying: Installation) -> None:
    upload(retrying, "2025-03-03/a/one.mp4")
    told = []
    while found := requests(retrying):
        [request] = found
        tags = {**request.tags, "dagster/partition": "2025-03-03"}
        run = failed(retrying, RunFailureReason.STEP_FAILURE, tags=tags)
        told.append(len(alerts_of(retrying, run)))
    assert told == [0] * (RUNS_A_BATCH - 1) + [1]


def test_a_date_is_told_of_at_once_where_its_sensor_was_switched_off(
    retrying: Installation,
) -> None:
    upload(retrying, "2025-03-03/a/one.mp4")
    [request] = requests(retrying)
    retrying.instance.add_instigator_state(
        InstigatorState(
            RemoteInstigatorOrigin(
                RemoteRepositoryOrigin(
                    GrpcServerCodeLocationOrigin(host="localhost", port=1, location_name="vidpipe"),
                    "__repository__",
                ),
                uploads_sensor.name,
            ),
            InstigatorType.SENSOR,
            InstigatorStatus.STOPPED,
        )
    )
    tags = {**request.tags, "dagster/partition": "2025-03-03"}
    run = failed(retrying, RunFailureReason.STEP_FAILURE, tags=tags)
    assert len(alerts_of(retrying, run)) == 1
