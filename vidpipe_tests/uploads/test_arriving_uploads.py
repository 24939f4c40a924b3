"""Uploads that are still arriving, and an uploads folder that goes away, through the whole graph.

The tests share one installation and run in order.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from dagster import DagsterInstance, ExecuteInProcessResult

from vidpipe.errors import StoreError
from vidpipe.settings import Settings
from vidpipe_tests.clips import tiny_clip
from vidpipe_tests.installation import Installation, age, computed

DAY = date(2025, 3, 3)


@pytest.fixture(scope="module")
def installation(
    module_database_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("installation")
    with DagsterInstance.ephemeral() as instance:
        installation = Installation.make(module_database_settings, folder, instance)
        for number in range(2):
            age(tiny_clip(installation.uploads / str(DAY) / f"{number}.mp4", seed=number))
        yield installation


@contextmanager
def copying(data: bytes, target: Path) -> Iterator[None]:
    """Writes a file piece by piece, as a slow upload does, until the block ends."""
    stop = threading.Event()

    def write() -> None:
        with target.open("wb", buffering=0) as file:
            position = 0
            while not stop.is_set():
                file.write(data[position : position + 100])
                position += 100
                stop.wait(0.2)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        stop.set()
        writer.join()


@pytest.fixture(scope="module")
def first_run(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A run while a third file is being copied; its whole bytes arrive afterwards."""
    whole = tiny_clip(tmp_path_factory.mktemp("source") / "whole.mp4", seconds=4, seed=3)
    target = installation.uploads / str(DAY) / "copied.mp4"
    with copying(whole.read_bytes(), target):
        result = installation.run()
    target.write_bytes(whole.read_bytes())
    return result


def shown(installation: Installation) -> list[tuple[Any, ...]]:
    return installation.query(
        "select upload_id, content_sha256, is_damaged, removed_at from vidpipe.videos order by 1"
    )


def test_a_file_that_is_still_being_copied_waits_and_stops_nobody(
    installation: Installation, first_run: ExecuteInProcessResult
) -> None:
    assert computed(first_run, "raw_videos") == {"seen": 2, "new": 2, "skipped": 0, "failed": 0}
    assert [row[0] for row in shown(installation)] == [f"{DAY}/0.mp4", f"{DAY}/1.mp4"]
    assert installation.query("select * from vidpipe.video_failures") == []


def test_it_is_processed_whole_once_it_is_complete(
    installation: Installation, first_run: ExecuteInProcessResult
) -> None:
    assert first_run.success
    result = installation.run()
    assert computed(result, "raw_videos")["new"] == 1
    assert computed(result, "keyframes")["new"] == 1
    assert [row[::2] for row in shown(installation)][-1] == (f"{DAY}/copied.mp4", False)


def test_an_empty_listing_changes_nothing(
    installation: Installation, first_run: ExecuteInProcessResult
) -> None:
    assert first_run.success
    before = shown(installation)
    uploads = installation.uploads
    away = uploads.rename(uploads.with_name("away"))
    uploads.mkdir()
    try:
        for _ in range(3):
            assert installation.register().refused_reason is not None
        assert installation.pending() == []
        result = installation.materialize([DAY])
        assert result.success
        assert computed(result, "raw_videos") == {"seen": 3, "new": 0, "skipped": 3, "failed": 0}
        assert failed_checks(result) == {"uploads_look_complete"}
    finally:
        uploads.rmdir()
        away.rename(uploads)
    assert shown(installation) == before


def test_an_uploads_folder_that_is_gone_changes_nothing(
    installation: Installation, first_run: ExecuteInProcessResult
) -> None:
    assert first_run.success
    before = shown(installation)
    uploads = installation.uploads
    away = uploads.rename(uploads.with_name("away"))
    try:
        for _ in range(3):
            with pytest.raises(StoreError, match="cannot be listed"):
                installation.register()
        assert installation.pending() == []
    finally:
        away.rename(uploads)
    assert shown(installation) == before


def test_too_many_missing_at_once_are_not_believed(
    installation: Installation, first_run: ExecuteInProcessResult
) -> None:
    assert first_run.success
    before = shown(installation)
    first, second = (installation.uploads / str(DAY) / f"{number}.mp4" for number in range(2))
    kept = first.read_bytes(), second.read_bytes()
    first.unlink()
    second.unlink()
    for _ in range(3):
        report = installation.register()
        assert (report.removed, report.refused_reason is None) == (0, False)
    assert shown(installation) == before
    for path, data in zip((first, second), kept, strict=True):
        path.write_bytes(data)
        age(path)
    result = installation.run()
    assert computed(result, "raw_videos")["new"] == 2, "their times are new"
    assert computed(result, "keyframes")["new"] == 0, "their bytes are not"
    assert failed_checks(result) == set()
    assert shown(installation) == before


def test_bytes_that_were_replaced_meanwhile_are_not_taken_for_their_content(
    installation: Installation, first_run: ExecuteInProcessResult
) -> None:
    assert first_run.success
    path = age_new(tiny_clip(installation.uploads / str(DAY) / "replaced.mp4", seed=8))
    installation.register()
    pipeline = installation.pipeline
    with installation.connect() as connection:
        session = installation.session(connection)
        assert pipeline.compute(session, pipeline.raw_videos, [DAY]).total.new == 1
        tiny_clip(path, seed=9)
        report = pipeline.compute(session, pipeline.keyframes, [DAY])
    assert (report.total.new, report.pending) == (0, 1)
    age(path)
    result = installation.run()
    assert computed(result, "keyframes")["new"] == 1
    assert installation.pending() == []


def age_new(path: Path) -> Path:
    age(path)
    return path


def failed_checks(result: ExecuteInProcessResult) -> set[str]:
    return {one.check_name for one in result.get_asset_check_evaluations() if not one.passed}
