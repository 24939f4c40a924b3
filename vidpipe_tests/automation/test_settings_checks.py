"""Missing models and changed settings are seen, and stop nothing that can go on."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dagster import AssetCheckEvaluation, AssetKey, DagsterInstance, DagsterRunStatus
from pydantic import SecretStr

from vidpipe.automation.work_status import read_status
from vidpipe.settings import Settings
from vidpipe_tests.alert_receiver import alert_receiver
from vidpipe_tests.automation.test_sensors import finish, requests, tick, upload
from vidpipe_tests.clips import tiny_clip
from vidpipe_tests.installation import Installation, age

CHECK = "models_are_here"


@pytest.fixture
def installation(upgraded_database_settings: Settings, tmp_path: Path) -> Iterator[Installation]:
    with DagsterInstance.local_temp(str(tmp_path)) as instance:
        yield Installation.make(upgraded_database_settings, tmp_path, instance)


def told(installation: Installation, name: str) -> list[AssetCheckEvaluation]:
    """What a tick says of a check; the daemon stores it."""
    found = [
        event
        for event in tick(installation).asset_events
        if isinstance(event, AssetCheckEvaluation)
    ]
    for event in found:
        installation.instance.report_runless_asset_event(event)
    return [event for event in found if event.check_name == name]


def test_a_model_that_goes_and_comes_back_is_noticed_by_a_code_server_that_goes_on(
    installation: Installation, tmp_path: Path
) -> None:
    here, away = tmp_path / "image", tmp_path / "away"
    shutil.copytree(str(installation.settings.clip_image_model), here)
    one = installation.under(clip_image_model=str(here))
    code_server = one.stores
    upload(one, "2025-03-03/a/one.mp4")

    def selected() -> list[str] | None:
        [request] = tick(one, stores=code_server).run_requests or []
        found = request.asset_selection
        return None if found is None else [key.to_user_string() for key in found]

    assert selected() is None
    here.rename(away)
    assert selected() == ["raw_videos", "keyframes", "ocr_text"]
    away.rename(here)
    assert selected() is None


@pytest.mark.parametrize(
    ("setting", "stages"),
    [
        ({"clip_image_model": "no/such/folder"}, ["raw_videos", "keyframes", "ocr_text"]),
        ({"ocr_detection_model": Path("/no/such/folder")}, ["raw_videos", "keyframes"]),
    ],
)
def test_stages_that_need_no_model_go_on_without_it(
    installation: Installation, setting: dict[str, Any], stages: list[str]
) -> None:
    upload(installation, "2025-03-03/a/one.mp4")
    without = installation.under(**setting)
    [request] = requests(without)
    assert request.asset_selection == [AssetKey(stage) for stage in stages]
    run = finish(without, request, DagsterRunStatus.FAILURE)
    [again] = requests(without)
    assert again.run_key != request.run_key, f"run {run.run_id} failed and is tried again"
    finish(without, again, DagsterRunStatus.SUCCESS)
    assert requests(without) == [], "nothing more can be done for these uploads"
    assert "waits for its model: " in (tick(without).skip_message or "")
    upload(installation, "2025-03-03/a/late.mp4")
    assert len(requests(without)) == 1, "new uploads are taken as far as they can be"
    [whole] = requests(installation)
    assert whole.asset_selection is None, "with the model the whole date is run"


def test_a_missing_model_is_a_failed_check_an_alert_and_a_line_of_the_status(
    installation: Installation,
) -> None:
    [fine] = told(installation, CHECK)
    assert fine.passed
    assert told(installation, CHECK) == [], "nothing new is not told again"
    with alert_receiver() as receiver:
        without = installation.under(
            clip_text_model="no/such/folder", alert_url=SecretStr(receiver.url)
        )
        [failed] = told(without, CHECK)
        assert not failed.passed
        assert told(without, CHECK) == []
    [alert] = receiver.alerts
    assert alert["kind"] == "missing_model"
    assert alert["details"][0]["stage"] == "clip_embeddings"
    assert "VIDPIPE_CLIP_TEXT_MODEL" in alert["details"][0]["message"]
    problems = read_status(without.instance, without.stores).problems
    assert any(line.startswith("clip_embeddings waits for its model: ") for line in problems)
    [fine] = told(installation, CHECK)
    assert fine.passed
    assert read_status(installation.instance, installation.stores).problems == []


def test_uploads_that_cannot_be_reached_are_a_failed_check_though_nothing_runs(
    installation: Installation, tmp_path: Path
) -> None:
    upload(installation, "2025-03-03/a/one.mp4")
    [fine] = told(installation, "uploads_look_complete")
    assert fine.passed
    installation.uploads.rename(tmp_path / "away")
    [failed] = told(installation, "uploads_look_complete")
    assert not failed.passed
    (tmp_path / "away").rename(installation.uploads)
    [fine] = told(installation, "uploads_look_complete")
    assert fine.passed


def test_a_changed_setting_requests_nothing_and_is_told_with_what_a_refresh_takes(
    installation: Installation,
) -> None:
    path = installation.uploads / "2025-03-03/a/one.mp4"
    path.parent.mkdir(parents=True)
    age(tiny_clip(path, seconds=2))
    installation.run()
    assert requests(installation) == []
    name = "made_under_settings_in_force"
    assert all(one.passed for one in told(installation, name))
    other = installation.under(keyframes_per_video=2)
    assert requests(other) == []
    [failed] = told(other, name)
    assert not failed.passed
    figures: dict[str, Any] = {name: one.value for name, one in failed.metadata.items()}
    assert figures["outdated_dates"] == 1
    assert figures["items"]["keyframes"] == 1
    assert figures["hours"] is not None
    assert figures["upload_bytes"] == path.stat().st_size
    assert told(other, name) == []
    assert "vidpipe refresh would make anew 1 results of keyframes" in (
        read_status(other.instance, other.stores).outdated
    )
    [fine] = told(installation, name)
    assert fine.passed
    assert read_status(installation.instance, installation.stores).outdated == ""
