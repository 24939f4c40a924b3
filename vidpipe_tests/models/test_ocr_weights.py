"""Finding the OCR weights: of the installation, or of chosen folders."""

from pathlib import Path

import pytest

from vidpipe.errors import ModelUnavailable
from vidpipe.models.ocr_weights import (
    CONFIG_FILE,
    MODEL_FILE,
    OcrWeights,
    find_weights,
    weights_identity,
)
from vidpipe.settings import load_settings


def test_the_weights_come_from_the_installation_and_survive_a_second_look(
    model_cache: Path, weights: OcrWeights
) -> None:
    assert (weights.detection / MODEL_FILE).stat().st_size > 1_000_000
    assert find_weights(model_cache) == weights
    assert not [path for path in model_cache.iterdir() if path.name.startswith(".")]


def test_a_chosen_folder_without_a_model_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"VIDPIPE_OCR_RECOGNITION_MODEL=.*inference\.onnx"):
        find_weights(tmp_path / "cache", recognition=tmp_path)


def test_chosen_folders_are_used_and_named_by_their_bytes(
    tmp_path: Path, weights: OcrWeights
) -> None:
    chosen = tmp_path / "mine"
    chosen.mkdir()
    (chosen / MODEL_FILE).symlink_to((weights.detection / MODEL_FILE).resolve())
    (chosen / CONFIG_FILE).write_bytes((weights.detection / CONFIG_FILE).read_bytes())
    assert find_weights(tmp_path / "cache", detection=chosen).detection == chosen
    before = weights_identity(load_settings(ocr_detection_model=chosen))
    (chosen / CONFIG_FILE).write_bytes((chosen / CONFIG_FILE).read_bytes() + b"\n")
    after = weights_identity(load_settings(ocr_detection_model=chosen))
    assert before.startswith("mine@")
    assert after != before
