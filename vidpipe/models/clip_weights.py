"""Where the CLIP pair is, whether it can be loaded, and what it is called.

Belongs here: resolving a hub id or a local directory to a folder, fetching it when the hub can be
reached, checking that it is complete, its dimensions and its identity.
Does not: loading or running it (vidpipe.models.clip). Imports no torch: a run asks these questions
before any decode, in a process that never loads a model.
"""

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from vidpipe.errors import ModelUnavailable, SettingsError
from vidpipe.models.library_switches import quiet_transformers
from vidpipe.settings import Settings
from vidpipe.stores.model_identity import ModelIdentity

HUB_ANSWER_S = 5.0  # how long the hub may take to answer before it counts as out of reach
WEIGHT_FILES = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin")
# Published beside the weights for other runtimes; never read here.
OTHER_RUNTIMES = ("onnx", "openvino")

Kind = Literal["image", "text"]
IMAGE_SETTING = "VIDPIPE_CLIP_IMAGE_MODEL"
TEXT_SETTING = "VIDPIPE_CLIP_TEXT_MODEL"


@dataclass(frozen=True)
class ModelFolder:
    """One model of the pair, on this machine.

    Attributes:
        path: folder in the layout of sentence-transformers.
        model_id: hub id and commit, or folder name and digest of its content.
        dimensions: length of its vectors.
    """

    path: Path
    model_id: str
    dimensions: int


def model_identity(settings: Settings) -> ModelIdentity:
    """Names the pair that settings ask for; cheap once both models are on this machine.

    A model that is not is fetched from the hub, or the answer fails within seconds.

    Raises:
        ModelUnavailable: a model is neither here nor within reach; says what to set.
        SettingsError: the two models do not share one space.
    """
    return pair_identity(image_model_folder(settings), text_model_folder(settings))


def pair_identity(image: ModelFolder, text: ModelFolder) -> ModelIdentity:
    """Identity of a pair.

    Raises:
        SettingsError: the models' vectors have different lengths.
    """
    if image.dimensions != text.dimensions:
        raise SettingsError(
            f"{IMAGE_SETTING} gives vectors of {image.dimensions} numbers and {TEXT_SETTING} of "
            f"{text.dimensions}; set them to two models of one space, for instance "
            "clip-ViT-B-32 and clip-ViT-B-32-multilingual-v1"
        )
    return ModelIdentity(f"{image.model_id}+{text.model_id}", image.dimensions)


def image_model_folder(settings: Settings) -> ModelFolder:
    """Folder of the image model.

    Raises:
        ModelUnavailable: it is neither here nor within reach.
    """
    return _find(
        settings.clip_image_model, settings.clip_image_revision, IMAGE_SETTING, settings.home
    )


def text_model_folder(settings: Settings) -> ModelFolder:
    """Folder of the text model.

    Raises:
        ModelUnavailable: it is neither here nor within reach.
    """
    return _find(settings.clip_text_model, settings.clip_text_revision, TEXT_SETTING, settings.home)


def local_folder(name: str, revision: str | None, setting: str, home: Path) -> ModelFolder | None:
    """A model that is on this machine, as a folder or in the hub's cache; never asks the hub.

    Args:
        name: hub id or local directory.
        revision: of the hub id; None takes the newest that was fetched.
        setting: what the user set, for messages.
        home: where digests of its files are remembered.

    Returns:
        None where it would have to be fetched.

    Raises:
        ModelUnavailable: the folder is missing or incomplete; says what to set.
    """
    local = Path(name).expanduser()
    if local.is_dir():
        missing = _missing_files(local)
        if missing:
            raise ModelUnavailable(
                f"{setting}={name} is no complete sentence-transformers model: it has no "
                f"{missing[0]}; copy the whole model folder, or set {setting} to a hub id"
            )
        digest = _folder_digest(local, home.absolute() / "models" / "digests.json")
        return ModelFolder(
            local.absolute(), f"{local.resolve().name}@{digest[:12]}", _dimensions(local, setting)
        )
    if name.startswith(("/", ".", "~")) or name.count("/") > 1:
        raise ModelUnavailable(
            f"{setting}={name} is no folder on this machine; set it to a folder that holds a "
            "sentence-transformers model, or to a hub id"
        )
    cached = _cached(name, revision)
    return None if cached is None else _of_the_hub(name, cached, setting)


def _find(name: str, revision: str | None, setting: str, home: Path) -> ModelFolder:
    here = local_folder(name, revision, setting, home)
    return here or _of_the_hub(name, _fetched(name, revision, setting), setting)


def _of_the_hub(hub_id: str, folder: Path, setting: str) -> ModelFolder:
    return ModelFolder(folder, f"{hub_id}@{folder.name[:12]}", _dimensions(folder, setting))


def _cached(hub_id: str, revision: str | None) -> Path | None:
    """Snapshot of a model in the hub's cache on this machine, if it is complete."""
    quiet_transformers()
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(hub_id, "modules.json", revision=revision)
    if not isinstance(found, str):
        return None
    folder = Path(found).parent
    return None if _missing_files(folder) else folder


def _fetched(hub_id: str, revision: str | None, setting: str) -> Path:
    """Downloads a model into the hub's cache.

    Raises:
        ModelUnavailable: the hub is out of reach, forbidden, or has no such model.
    """
    from huggingface_hub import HfApi, constants, snapshot_download
    from huggingface_hub.errors import RepositoryNotFoundError

    advice = (
        f"; set {setting} to a local folder that holds the model, or make the hub reachable once "
        "(`vidpipe run --demo-models` works without)"
    )
    if constants.HF_HUB_OFFLINE:
        raise ModelUnavailable(
            f"{hub_id} is not on this machine and HF_HUB_OFFLINE forbids fetching it{advice}"
        )
    try:
        commit = HfApi().model_info(hub_id, revision=revision, timeout=HUB_ANSWER_S).sha
        folder = Path(
            snapshot_download(
                hub_id,
                revision=commit,
                ignore_patterns=["*.bin", "*.h5", "*.ot", "*.onnx", "onnx/*", "openvino/*"],
            )
        )
    except RepositoryNotFoundError as error:
        raise ModelUnavailable(f"the hub has no model {hub_id}{advice}") from error
    except Exception as error:  # the hub client's HTTP library, hence its errors, vary by version
        raise ModelUnavailable(
            f"{hub_id} is not on this machine and the hub cannot be reached "
            f"({type(error).__name__}){advice}"
        ) from error
    missing = _missing_files(folder)
    if missing:
        raise ModelUnavailable(
            f"{hub_id} on the hub is no sentence-transformers model with safetensors weights: it "
            f"has no {missing[0]}{advice}"
        )
    return folder


def _missing_files(folder: Path) -> list[str]:
    """What a model folder lacks to be loaded."""
    if not (folder / "modules.json").is_file():
        return ["modules.json"]
    missing = []
    for path, kind in _modules(folder):
        if kind not in ("CLIPModel", "Transformer", "Dense"):
            continue
        module = folder / path
        if not (module / "config.json").is_file():
            missing.append(f"{path}/config.json".lstrip("/"))
        if not any((module / name).is_file() for name in WEIGHT_FILES):
            missing.append(f"{path}/{WEIGHT_FILES[0]}".lstrip("/"))
    return missing


def _modules(folder: Path) -> list[tuple[str, str]]:
    """Path and class name of each module, in order."""
    modules = _read_json(folder / "modules.json")
    return [(str(module["path"]), str(module["type"]).rsplit(".", 1)[-1]) for module in modules]


def _dimensions(folder: Path, setting: str) -> int:
    """Length of a model's vectors, from its configuration files."""
    dimensions: int | None = None
    for path, kind in _modules(folder):
        if kind in ("CLIPModel", "Transformer"):
            config = _read_json(folder / path / "config.json")
            dimensions = next(
                (config[key] for key in ("projection_dim", "hidden_size", "dim") if key in config),
                512 if config.get("model_type") == "clip" else None,
            )
        elif kind == "Dense":
            dimensions = _read_json(folder / path / "config.json")["out_features"]
    if not isinstance(dimensions, int):
        raise ModelUnavailable(
            f"{setting}: {folder} does not say how long its vectors are; set {setting} to a model "
            "in the layout of clip-ViT-B-32"
        )
    return dimensions


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelUnavailable(f"{path} cannot be read: {error}") from error


# ---------------------------------------------------------------------------------------- digests


def _folder_digest(folder: Path, memory: Path) -> str:
    """Digest of the files that loading reads; those of unchanged size and time are not reread.

    Args:
        folder: the model.
        memory: file that remembers digests by path, size and modification time. Hashing the
            published pair takes a second or two, too long for every command.
    """
    known = _remembered(memory)
    total = hashlib.sha256()
    fresh: dict[str, str] = {}
    for path in _content_files(folder):
        stat = path.stat()
        key = f"{path.resolve()}|{stat.st_size}|{stat.st_mtime_ns}"
        digest = known.get(key)
        if digest is None:
            with path.open("rb") as file:
                digest = fresh[key] = hashlib.file_digest(file, "sha256").hexdigest()
        total.update(f"{path.relative_to(folder).as_posix()} {digest}\n".encode())
    if fresh:
        _remember(memory, known | fresh)
    return total.hexdigest()


def _content_files(folder: Path) -> list[Path]:
    chosen = []
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        if any(part.startswith(".") or part in OTHER_RUNTIMES for part in parts):
            continue
        superseded = path.suffix == ".bin" and (path.parent / WEIGHT_FILES[0]).is_file()
        if path.is_file() and path.suffix in (".json", ".txt", ".safetensors", ".bin", ".model"):
            chosen += [] if superseded else [path]
    return sorted(chosen)


def _remembered(memory: Path) -> dict[str, str]:
    with suppress(OSError, ValueError):
        known = json.loads(memory.read_text(encoding="utf-8"))
        if isinstance(known, dict):
            return known
    return {}


def _remember(memory: Path, digests: dict[str, str]) -> None:
    """Best effort: a home that cannot be written only makes the next command slower."""
    with suppress(OSError):
        memory.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=".digests-", dir=memory.parent)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(digests, file)
        Path(temporary).replace(memory)
