"""Models: the CLIP pair and the weights of text recognition, without network and without change.

Belongs here: whether they are on this machine, whole, and can be opened. Does not: where they are
looked for (vidpipe.models.clip_weights, vidpipe.models.ocr_weights).
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from vidpipe.doctor.findings import Level, error, ok, warning
from vidpipe.errors import ModelUnavailable
from vidpipe.models.bundled_pair import is_demo_pair
from vidpipe.models.clip_weights import (
    HUB_ANSWER_S,
    IMAGE_SETTING,
    TEXT_SETTING,
    ModelFolder,
    local_folder,
    pair_identity,
)
from vidpipe.models.library_switches import quiet_onnxruntime, quiet_transformers
from vidpipe.models.ocr_weights import (
    DETECTION_FILE,
    DETECTION_SETTING,
    MODEL_FILE,
    RECOGNITION_FILE,
    RECOGNITION_SETTING,
    weights_identity,
    wheel_model,
)
from vidpipe.settings import Settings


def clip(settings: Settings) -> Iterator[tuple[Level, str, str]]:
    """Whether both models of the pair are here, whole, and of one space."""
    named = (
        (settings.clip_image_model, settings.clip_image_revision, IMAGE_SETTING),
        (settings.clip_text_model, settings.clip_text_revision, TEXT_SETTING),
    )
    found = []
    # Digests of the files are remembered in the home, which a check leaves as it is.
    with tempfile.TemporaryDirectory() as memory:
        for name, revision, setting in named:
            try:
                folder = local_folder(name, revision, setting, Path(memory))
            except ModelUnavailable as problem:
                yield error(*_split(problem))
                continue
            if folder is None:
                yield _on_the_hub(name, revision, setting)
                continue
            damaged = list(_damaged(folder.path))
            found += [folder] if not damaged else []
            for what in damaged:
                yield error(what, f"copy the model again, or set {setting} to a whole copy")
    yield from _pair(found, settings)


def ocr(settings: Settings) -> Iterator[tuple[Level, str, str]]:
    """Whether the weights of text recognition are here and open."""
    try:
        identity = weights_identity(settings)
    except ModelUnavailable as problem:
        yield error(*_split(problem))
        return
    quiet_onnxruntime()
    import onnxruntime

    chosen = (
        (settings.ocr_detection_model, DETECTION_FILE, DETECTION_SETTING),
        (settings.ocr_recognition_model, RECOGNITION_FILE, RECOGNITION_SETTING),
    )
    whole = True
    for folder, file_name, setting in chosen:
        weights = folder / MODEL_FILE if folder else wheel_model(file_name)
        try:
            onnxruntime.InferenceSession(str(weights), providers=["CPUExecutionProvider"])
        except Exception as problem:  # the classes of its errors are private
            whole = False
            line = str(problem).splitlines()[0]
            remedy = f"set {setting} to a whole copy" if folder else "reinstall rapidocr"
            yield error(f"{weights} cannot be opened: {line}", remedy)
    if whole:
        yield ok(f"text is read with {identity}")


def _pair(found: list[ModelFolder], settings: Settings) -> Iterator[tuple[Level, str, str]]:
    if len(found) != 2:
        return
    image, text = found
    identity = pair_identity(image, text)
    if is_demo_pair(settings):
        yield warning(
            "the demo models are set: they understand the demo world and nothing else",
            f"for your own videos set {IMAGE_SETTING} and {TEXT_SETTING}",
        )
    else:
        yield ok(f"{identity.model_id}, {identity.dimensions} dimensions")


def _damaged(folder: Path) -> Iterator[str]:
    """Sentences about weight files that are cut off or no weights at all."""
    from safetensors import SafetensorError, safe_open

    for file in sorted(folder.rglob("*.safetensors")):
        try:
            with safe_open(file, framework="np"):
                pass
        except (SafetensorError, OSError) as problem:
            yield f"{file} is damaged or was not copied whole: {problem}"


def _on_the_hub(name: str, revision: str | None, setting: str) -> tuple[Level, str, str]:
    """What to expect of a model that is not on this machine."""
    quiet_transformers()
    from huggingface_hub import HfApi, constants

    advice = f"copy the model to this machine and set {setting} to its folder"
    if constants.HF_HUB_OFFLINE:
        return error(f"{name} is not on this machine, and HF_HUB_OFFLINE forbids fetching", advice)
    try:
        HfApi().model_info(name, revision=revision, timeout=HUB_ANSWER_S)
    except Exception as problem:  # the hub client's HTTP library, hence its errors, vary by version
        return error(
            f"{name} is not on this machine, and the hub does not give it"
            f" ({type(problem).__name__})",
            advice,
        )
    return warning(f"{name} is not on this machine; the first run fetches it from the hub", advice)


def _split(problem: ModelUnavailable) -> tuple[str, str]:
    """What is wrong and what to do, which such an error says in one sentence."""
    what, _, remedy = str(problem).partition("; ")
    return what, remedy
