"""What a step prints on one host is read on another, and costs no step when it cannot be kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import dagster as dg
import pytest
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.compute_log_manager import ComputeIOType
from moto.server import ThreadedMotoServer

from vidpipe.automation import shared_logs
from vidpipe.automation.shared_logs import VidpipeSharedLogs
from vidpipe_tests.documents.markdown import CHECKOUT


@dg.op
def speak() -> None:
    print("a line on stdout")


@dg.job(executor_def=dg.in_process_executor)
def speaking_job() -> None:
    """One step that prints."""
    speak()


@contextmanager
def host(name: str, folder: Path, patch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """The instance of a host that has nothing of its own but a home."""
    patch.setenv("VIDPIPE_HOME", str(folder / name))
    (folder / name).mkdir(exist_ok=True)
    ref = InstanceRef.from_dir(str(folder / name), config_dir=str(CHECKOUT / "deploy"))
    with dg.DagsterInstance.from_ref(ref) as instance:
        yield instance


def manager_of(instance: dg.DagsterInstance) -> VidpipeSharedLogs:
    manager = instance.compute_log_manager
    assert isinstance(manager, VidpipeSharedLogs)
    return manager


def log_key_of(instance: dg.DagsterInstance, run_id: str) -> list[str]:
    [event] = [
        one.dagster_event
        for one in instance.all_logs(run_id)
        if one.dagster_event and one.dagster_event.event_type_value == "LOGS_CAPTURED"
    ]
    return [run_id, "compute_logs", event.logs_captured_data.file_key]


@pytest.fixture(params=["folder", "bucket"])
def media(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """A media store that both hosts reach."""
    if request.param == "folder":
        yield str(tmp_path / "mounted")
        return
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    address, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{address}:{port}",
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }.items():
        monkeypatch.setenv(name, value)
    boto3.client("s3").create_bucket(Bucket="media")
    yield "s3://media/vidpipe"
    server.stop()


@pytest.fixture(autouse=True)
def _database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDPIPE_DATABASE_URL", database_url)


def test_what_a_step_printed_is_read_on_another_host_and_erased_from_there(
    media: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIDPIPE_MEDIA_URL", media)
    with host("worker", tmp_path, monkeypatch) as instance:
        run_id = speaking_job.execute_in_process(instance=instance).run_id
    assert not list((tmp_path / "worker").rglob("*.out")), "it was moved, not copied"
    with host("page", tmp_path, monkeypatch) as instance:
        logs, key = manager_of(instance), log_key_of(instance, run_id)
        assert logs.is_capture_complete(key)
        printed = logs.get_log_data(key).stdout
        assert printed is not None
        assert b"a line on stdout" in printed
        assert logs.get_log_metadata(key).stdout_location == (
            f"{media}/run_logs/{run_id}/compute_logs/{key[-1]}.out"
        )
        prefix = [run_id, "compute_logs"]
        assert logs.get_log_keys_for_log_key_prefix(prefix, ComputeIOType.STDOUT) == [key]
        logs.delete_logs(prefix=[run_id])
        assert not logs.cloud_storage_has_logs(key, ComputeIOType.STDOUT)
        assert logs.get_log_data(key).stdout is None
        logs.delete_logs(log_key=key)  # nothing is there: no error


def test_a_step_that_still_runs_can_be_watched_from_another_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIDPIPE_MEDIA_URL", str(tmp_path / "mounted"))
    key = ["a-run", "compute_logs", "a-step"]
    with host("worker", tmp_path, monkeypatch) as worker:
        logs = manager_of(worker)
        with logs.local_manager.open_log_stream(key, ComputeIOType.STDERR) as stream:
            assert stream is not None
            stream.write("3 of 7 done\n")
            stream.flush()
            logs.on_progress(key)
            with host("page", tmp_path, monkeypatch) as page:
                assert not manager_of(page).is_capture_complete(key)
                assert manager_of(page).get_log_data(key).stderr == b"3 of 7 done\n"


def test_a_media_store_that_cannot_be_reached_costs_the_output_and_not_the_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "mounted").mkdir()
    monkeypatch.setenv("VIDPIPE_MEDIA_URL", str(tmp_path / "mounted"))
    (tmp_path / "mounted" / shared_logs.FOLDER).touch()  # where the folder should be
    with host("worker", tmp_path, monkeypatch) as instance:
        assert speaking_job.execute_in_process(instance=instance).success
    assert "what a step printed stays on the host of the run" in caplog.text
    [kept] = (tmp_path / "worker" / "dagster" / "logs").rglob("*.out")
    assert "a line on stdout" in kept.read_text()
