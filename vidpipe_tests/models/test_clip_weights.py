"""Finding the CLIP pair: its identity, folders that are not whole, a hub out of reach."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from vidpipe.errors import ModelUnavailable, SettingsError
from vidpipe.models.clip_weights import model_identity
from vidpipe.settings import Settings


def test_the_identity_names_both_models_and_stays_when_folders_move(
    folders: tuple[Path, Path], settings: Settings, tmp_path: Path
) -> None:
    identity = model_identity(settings)
    assert identity.dimensions == 512
    moved = tmp_path / folders[0].name
    shutil.copytree(folders[0], moved)
    assert model_identity(settings.model_copy(update={"clip_image_model": str(moved)})) == identity


def test_the_identity_changes_when_weights_change(
    folders: tuple[Path, Path], settings: Settings, tmp_path: Path
) -> None:
    copied = tmp_path / folders[0].name
    shutil.copytree(folders[0], copied)
    weights = copied / "0_CLIPModel/model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    changed = model_identity(settings.model_copy(update={"clip_image_model": str(copied)}))
    assert changed.model_id != model_identity(settings).model_id


def test_models_of_different_lengths_are_refused(
    folders: tuple[Path, Path], settings: Settings, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(folders[1], other)
    config = other / "2_Dense/config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"out_features": 256}))
    with pytest.raises(SettingsError, match="512 numbers and VIDPIPE_CLIP_TEXT_MODEL of 256"):
        model_identity(settings.model_copy(update={"clip_text_model": str(other)}))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("/nowhere/clip", "no folder on this machine"),
        ("{empty}", "it has no modules.json"),
        ("{no_weights}", "it has no 0_CLIPModel/model.safetensors"),
    ],
)
def test_a_folder_that_cannot_be_loaded_says_which_setting_and_why(
    folders: tuple[Path, Path], settings: Settings, tmp_path: Path, name: str, reason: str
) -> None:
    no_weights = tmp_path / "no_weights"
    shutil.copytree(folders[0], no_weights)
    (no_weights / "0_CLIPModel/model.safetensors").unlink()
    (tmp_path / "empty").mkdir()
    name = name.format(empty=tmp_path / "empty", no_weights=no_weights)
    with pytest.raises(ModelUnavailable, match="VIDPIPE_CLIP_IMAGE_MODEL") as caught:
        model_identity(settings.model_copy(update={"clip_image_model": name}))
    assert reason in str(caught.value)


ASK = """
import sys, time
from vidpipe.models.clip_weights import model_identity
from vidpipe.settings import load_settings
from vidpipe.errors import ModelUnavailable
try:
    model_identity(load_settings(home=sys.argv[1]))
except ModelUnavailable as error:
    print(error)
print([name for name in ("torch", "cv2", "transformers") if name in sys.modules])
"""


@pytest.mark.parametrize("offline", [True, False])
def test_a_hub_model_out_of_reach_fails_soon_and_says_what_to_set(
    tmp_path: Path, offline: bool
) -> None:
    environment = {"HF_HOME": str(tmp_path / "hub"), "PATH": "/usr/bin:/bin"}
    environment |= {"HF_HUB_OFFLINE": "1"} if offline else {"HF_ENDPOINT": "http://127.0.0.1:9"}
    answer = subprocess.run(
        [sys.executable, "-c", ASK, str(tmp_path)],
        env=environment, capture_output=True, text=True, timeout=60, check=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    message, heavy = answer.stdout.splitlines()
    assert message.startswith("sentence-transformers/clip-ViT-B-32 is not on this machine")
    assert "set VIDPIPE_CLIP_IMAGE_MODEL to a local folder" in message
    assert ("HF_HUB_OFFLINE" if offline else "cannot be reached") in message
    assert heavy == "[]"


def test_a_model_in_the_hub_cache_needs_no_network(
    folders: tuple[Path, Path], tmp_path: Path
) -> None:
    commit = "a" * 40
    for name, folder in zip(
        ("clip-ViT-B-32", "clip-ViT-B-32-multilingual-v1"), folders, strict=True
    ):
        cached = tmp_path / f"hub/hub/models--sentence-transformers--{name}"
        shutil.copytree(folder, cached / "snapshots" / commit)
        (cached / "refs").mkdir()
        (cached / "refs/main").write_text(commit)
    asked = ASK.replace("model_identity(load", "print(model_identity(load").replace(
        "argv[1]))", "argv[1])).model_id)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", asked, str(tmp_path)],
        env={"HF_HOME": str(tmp_path / "hub"), "HF_HUB_OFFLINE": "1", "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, timeout=60, check=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    identity = answer.stdout.splitlines()[0]
    assert identity == (
        "sentence-transformers/clip-ViT-B-32@aaaaaaaaaaaa"
        "+sentence-transformers/clip-ViT-B-32-multilingual-v1@aaaaaaaaaaaa"
    )
