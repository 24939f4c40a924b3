"""Models that are missing, cut off, of two spaces, or only to be had from the hub."""

import shutil
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest

from vidpipe.doctor import models
from vidpipe.models.bundled_pair import demo_pair
from vidpipe.models.ocr_weights import (
    CONFIG_FILE,
    DETECTION_FILE,
    MODEL_FILE,
    wheel_model,
)
from vidpipe.settings import Settings, load_settings
from vidpipe_tests.doctor.found import only, problems


@pytest.fixture
def pair(tmp_path: Path) -> Settings:
    """A copy of the demo pair under names of its own, to be damaged."""
    image, text = demo_pair()
    for folder, name in ((image, "image"), (text, "text")):
        shutil.copytree(folder, tmp_path / name)
    return load_settings(
        home=tmp_path / "home",
        clip_image_model=str(tmp_path / "image"),
        clip_text_model=str(tmp_path / "text"),
    )


def test_a_whole_pair_is_in_order_and_the_home_stays_away(pair: Settings) -> None:
    what, _ = only(models.clip(pair), "ok")
    assert what.startswith("image@")
    assert not pair.home.exists()


def test_the_demo_pair_is_a_warning() -> None:
    image, text = demo_pair()
    settings = load_settings(clip_image_model=str(image), clip_text_model=str(text))
    assert "the demo models are set" in only(models.clip(settings), "warning")[0]


def test_weights_that_were_not_copied_whole_are_named(pair: Settings) -> None:
    weights = Path(pair.clip_image_model) / "0_CLIPModel" / "model.safetensors"
    whole = weights.read_bytes()
    for rest in (whole[: len(whole) // 2], b"version https://git-lfs.github.com/spec/v1\n", b""):
        weights.write_bytes(rest)
        what, remedy = only(models.clip(pair), "error")
        assert what.startswith(f"{weights} is damaged or was not copied whole")
        assert "VIDPIPE_CLIP_IMAGE_MODEL" in remedy


def test_what_is_wrong_with_both_models_is_said_at_once(pair: Settings) -> None:
    (Path(pair.clip_image_model) / "modules.json").unlink()
    both = pair.model_copy(update={"clip_text_model": "/no/such/folder"})
    first, second = problems(models.clip(both))
    assert "it has no modules.json" in first
    assert first.startswith("VIDPIPE_CLIP_IMAGE_MODEL=")
    assert second == "VIDPIPE_CLIP_TEXT_MODEL=/no/such/folder is no folder on this machine"


def test_a_model_of_the_hub_is_a_warning_where_it_can_be_fetched_and_else_an_error(
    pair: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = pair.model_copy(update={"clip_text_model": "nobody/no-such-model"})

    def refused(*_given: Any, **_named: Any) -> None:
        raise ConnectionError("no route to host")

    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", refused)
    what, remedy = only(models.clip(elsewhere), "error")
    assert what.startswith("nobody/no-such-model is not on this machine, and the hub does not give")
    assert remedy == "copy the model to this machine and set VIDPIPE_CLIP_TEXT_MODEL to its folder"
    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", lambda *_given, **_named: None)
    assert "the first run fetches it" in only(models.clip(elsewhere), "warning")[0]
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    assert "HF_HUB_OFFLINE forbids" in only(models.clip(elsewhere), "error")[0]


def test_the_weights_of_text_recognition_open() -> None:
    what, _ = only(models.ocr(load_settings()), "ok")
    assert "PP-OCRv6" in what


def test_a_folder_of_text_recognition_that_lacks_a_file_or_is_damaged_is_named(
    tmp_path: Path,
) -> None:
    settings = load_settings(ocr_detection_model=tmp_path)
    assert only(models.ocr(settings), "error")[0] == (
        f"VIDPIPE_OCR_DETECTION_MODEL={tmp_path} has no {MODEL_FILE} and no {CONFIG_FILE}"
    )
    (tmp_path / CONFIG_FILE).write_text("{}")
    whole = wheel_model(DETECTION_FILE).read_bytes()
    (tmp_path / MODEL_FILE).write_bytes(whole[: len(whole) // 2])
    what, remedy = only(models.ocr(settings), "error")
    assert what.startswith(f"{tmp_path / MODEL_FILE} cannot be opened")
    assert remedy == "set VIDPIPE_OCR_DETECTION_MODEL to a whole copy"
