"""Where the OCR weights are, in the folder layout that PaddleOCR reads.

Belongs here: finding the weights (the `rapidocr` wheel, or the folders named in settings), writing
the small `inference.yml` that PaddleOCR wants beside them, and naming them for stage versions.
Does not: loading or running them (vidpipe.models.ocr).

Nothing is downloaded: PP-OCRv6 small detection and recognition come inside the `rapidocr` wheel.
"""

import hashlib
import importlib.util
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from vidpipe.errors import ModelUnavailable
from vidpipe.models.whole_folder import whole_folder
from vidpipe.settings import Settings

DETECTION_NAME = "PP-OCRv6_small_det"  # PaddleOCR's name of the model
DETECTION_FILE = "PP-OCRv6_det_small.onnx"  # its file in the rapidocr wheel
DETECTION_SETTING = "VIDPIPE_OCR_DETECTION_MODEL"
RECOGNITION_NAME = "PP-OCRv6_small_rec"
RECOGNITION_FILE = "PP-OCRv6_rec_small.onnx"
RECOGNITION_SETTING = "VIDPIPE_OCR_RECOGNITION_MODEL"
MODEL_FILE = "inference.onnx"
CONFIG_FILE = "inference.yml"
LAYOUT_VERSION = 1  # raise it when the written inference.yml changes


@dataclass(frozen=True)
class OcrWeights:
    """The two model folders; each holds `inference.onnx` and `inference.yml`."""

    detection: Path
    recognition: Path


def find_weights(
    cache: Path, detection: Path | None = None, recognition: Path | None = None
) -> OcrWeights:
    """Folders of the detection and the recognition model.

    Args:
        cache: folder that the default models' folders are written into on first use; several
            processes may do so at once.
        detection: folder chosen by the user instead of the default model.
        recognition: the same for recognition.

    Raises:
        ModelUnavailable: a chosen folder lacks a file, or `rapidocr` lacks its weights.
    """
    return OcrWeights(
        detection=_chosen(detection, DETECTION_SETTING)
        if detection
        else _default(cache, DETECTION_FILE, _detection_config),
        recognition=_chosen(recognition, RECOGNITION_SETTING)
        if recognition
        else _default(cache, RECOGNITION_FILE, _recognition_config),
    )


def weights_identity(settings: Settings) -> str:
    """Names both models by a digest of their bytes, for stage versions; imports no engine.

    Raises:
        ModelUnavailable: see `find_weights`.
    """
    detection, recognition = settings.ocr_detection_model, settings.ocr_recognition_model
    return "+".join(
        (
            _chosen_identity(detection, DETECTION_SETTING)
            if detection
            else _default_identity(DETECTION_NAME, DETECTION_FILE),
            _chosen_identity(recognition, RECOGNITION_SETTING)
            if recognition
            else _default_identity(RECOGNITION_NAME, RECOGNITION_FILE),
        )
    )


def model_name(folder: Path) -> str:
    """The name that PaddleOCR knows a model by, from its `inference.yml`.

    Raises:
        ModelUnavailable: the file does not name its model.
    """
    import yaml

    try:
        config = yaml.safe_load((folder / CONFIG_FILE).read_text(encoding="utf-8"))
        return str(config["Global"]["model_name"])
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise ModelUnavailable(
            f"{folder / CONFIG_FILE} does not name its model under Global.model_name: {error!r}"
        ) from error


def wheel_model(file_name: str) -> Path:
    """A weight file inside the `rapidocr` wheel, found without importing it.

    Raises:
        ModelUnavailable: the wheel is missing or holds other weights.
    """
    spec = importlib.util.find_spec("rapidocr")
    for location in (spec.submodule_search_locations if spec else None) or ():
        candidate = Path(location) / "models" / file_name
        if candidate.is_file():
            return candidate
    raise ModelUnavailable(
        f"the installed rapidocr wheel has no {file_name}; reinstall vidpipe, or set "
        "VIDPIPE_OCR_DETECTION_MODEL and VIDPIPE_OCR_RECOGNITION_MODEL to folders with "
        f"{MODEL_FILE} and {CONFIG_FILE}"
    )


def write_model_folder(weights: Path, folder: Path, config: dict[str, Any]) -> None:
    """Makes `folder` with a link to the weights and its configuration, whole or not at all."""
    with whole_folder(folder) as temporary:
        try:
            (temporary / MODEL_FILE).symlink_to(weights)
        except OSError:  # file systems without links
            shutil.copyfile(weights, temporary / MODEL_FILE)
        (temporary / CONFIG_FILE).write_text(json.dumps(config), encoding="utf-8")  # JSON is YAML


def _default(cache: Path, file_name: str, config: Callable[[Path], dict[str, Any]]) -> Path:
    weights = wheel_model(file_name).resolve()
    stat = weights.stat()
    key = f"{LAYOUT_VERSION} {weights} {stat.st_size} {stat.st_mtime_ns}"
    folder = cache / f"{weights.stem}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
    if not folder.is_dir():
        write_model_folder(weights, folder, config(weights))
    return folder


def _chosen(folder: Path, setting: str) -> Path:
    missing = [name for name in (MODEL_FILE, CONFIG_FILE) if not (folder / name).is_file()]
    if missing:
        raise ModelUnavailable(
            f"{setting}={folder} has no {' and no '.join(missing)}; name a folder that holds "
            f"{MODEL_FILE} and {CONFIG_FILE}, or unset it to read with PP-OCRv6 small"
        )
    return folder


def _default_identity(name: str, file_name: str) -> str:
    return f"{name}.{LAYOUT_VERSION}@{_sha256(wheel_model(file_name))[:12]}"


def _chosen_identity(folder: Path, setting: str) -> str:
    _chosen(folder, setting)
    digests = _sha256(folder / MODEL_FILE) + _sha256(folder / CONFIG_FILE)
    return f"{folder.name}@{hashlib.sha256(digests.encode()).hexdigest()[:12]}"


def _sha256(path: Path) -> str:
    stat = path.stat()
    return _sha256_of(os.fspath(path), stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=64)
def _sha256_of(path: str, _size_bytes: int, _modified_ns: int) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _detection_config(_weights: Path) -> dict[str, Any]:
    """Configuration as published with PP-OCR detection models (ImageNet mean and deviation)."""
    return {
        "Global": {"model_name": DETECTION_NAME},
        "PreProcess": {
            "transform_ops": [
                {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
                {"DetResizeForTest": {"resize_long": 960}},
                {
                    "NormalizeImage": {
                        "mean": [0.485, 0.456, 0.406],
                        "std": [0.229, 0.224, 0.225],
                        "scale": "1./255.",
                        "order": "hwc",
                    }
                },
                {"ToCHWImage": None},
            ]
        },
        "PostProcess": {
            "name": "DBPostProcess",
            "thresh": 0.3,
            "box_thresh": 0.6,
            "max_candidates": 1000,
            "unclip_ratio": 1.5,
        },
    }


def _recognition_config(weights: Path) -> dict[str, Any]:
    """Configuration as published with PP-OCR recognisers; the characters are in the weights."""
    return {
        "Global": {"model_name": RECOGNITION_NAME},
        "PreProcess": {
            "transform_ops": [
                {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
                {"RecResizeImg": {"image_shape": [3, 48, 320]}},
            ]
        },
        "PostProcess": {"name": "CTCLabelDecode", "character_dict": _characters(weights)},
    }


def _characters(weights: Path) -> list[str]:
    from vidpipe.models.library_switches import quiet_onnxruntime

    quiet_onnxruntime()
    import onnxruntime

    metadata = onnxruntime.InferenceSession(
        str(weights), providers=["CPUExecutionProvider"]
    ).get_modelmeta()
    try:
        return str(metadata.custom_metadata_map["character"]).split("\n")
    except KeyError:
        raise ModelUnavailable(
            f"{weights} does not carry its characters; install a rapidocr within the versions "
            "that vidpipe's pyproject.toml names"
        ) from None
