"""Images and texts as vectors, with the demo pair (the layout of the real one)."""

import io
import json
import pickle
import shutil
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from PIL import Image

from vidpipe.demo.compositions import compositions
from vidpipe.demo.scene import render_still
from vidpipe.errors import DecodeError, ModelUnavailable, SettingsError
from vidpipe.models.bundled_pair import demo_pair
from vidpipe.models.clip import ClipPair, check_available, model_identity
from vidpipe.pipeline.workers.clip_embeddings import ClipWorker
from vidpipe.settings import Settings, load_settings
from vidpipe.stores.media_store import MediaStore

SHARED = Path(__file__).parents[3] / "shared/videos"
SIZES = [(320, 180), (640, 360), (1280, 720), (720, 1280), (1920, 1080), (50, 40), (1, 1)]


def scene(seed: int, size: tuple[int, int] = (320, 180)) -> Image.Image:
    """Noise with the power spectrum of natural images (1/f), mostly common to all colours."""
    width, height = size
    rng = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    frequency[0, 0] = np.inf
    noise = np.fft.rfft2(rng.standard_normal((3, height, width))) / frequency
    planes = np.fft.irfft2(noise, (height, width))
    planes = planes[:1] + 0.4 * planes
    planes = planes / max(planes.std(), 1e-9) * 45 + rng.uniform(60, 190, (3, 1, 1))
    return Image.fromarray(np.clip(planes, 0, 255).astype(np.uint8).transpose(1, 2, 0))


def jpeg(image: Image.Image, quality: int = 90) -> bytes:
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=quality)
    return encoded.getvalue()


@pytest.fixture(scope="module")
def folders() -> tuple[Path, Path]:
    return demo_pair()


@pytest.fixture(scope="module")
def settings(folders: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return load_settings(
        home=tmp_path_factory.mktemp("home"),
        clip_image_model=str(folders[0]),
        clip_text_model=str(folders[1]),
    )


@pytest.fixture(scope="module")
def pair(settings: Settings) -> ClipPair:
    return ClipPair.from_settings(settings, threads=2)


# ----------------------------------------------------------------------------------------- images


def test_image_vectors_are_unit_float32_of_the_stated_length(pair: ClipPair) -> None:
    vectors = pair.images.embed([jpeg(scene(seed)) for seed in range(40)])
    assert vectors.dtype == np.float32
    assert vectors.shape == (40, pair.identity.dimensions)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


@pytest.fixture(scope="module")
def reference(folders: tuple[Path, Path]) -> Any:
    """The image model as its own library runs it; attributes of a torch module have no types."""
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folders[0]), device="cpu", local_files_only=True).eval()[0]


@pytest.mark.parametrize("size", SIZES)
def test_own_image_preparation_equals_the_reference_processor(
    pair: ClipPair, reference: Any, size: tuple[int, int]
) -> None:
    import torch

    encoded = jpeg(scene(7, size))
    processor = getattr(reference.processor, "image_processor", reference.processor)
    with Image.open(io.BytesIO(encoded)) as image:
        pixels = processor(images=image, return_tensors="pt")["pixel_values"]
    preparation = pair.images.preparation
    own = preparation.pixels(encoded) / 255 - np.array(preparation.mean)
    own = (own / np.array(preparation.deviation)).transpose(2, 0, 1)
    assert cosine(own.ravel(), pixels.numpy().ravel()) >= 0.999
    with torch.inference_mode():
        expected = reference({"pixel_values": pixels, "modality": "image"})["sentence_embedding"]
    assert cosine(pair.images.embed([encoded])[0], expected[0].numpy()) >= 0.999


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_grey_and_four_colour_jpegs_are_images_like_others(pair: ClipPair, mode: str) -> None:
    vectors = pair.images.embed([jpeg(scene(1)), jpeg(scene(1).convert(mode))])
    assert vectors[0] @ vectors[1] > 0.3


def test_an_image_is_found_by_its_reduced_and_re_encoded_copy(pair: ClipPair) -> None:
    shown = compositions("unseen")[::30][:30]
    scenes = [
        Image.fromarray(render_still(one, (320, 180), seed)) for seed, one in enumerate(shown)
    ]
    stored = pair.images.embed([jpeg(image) for image in scenes])
    asked = pair.images.embed([jpeg(image.resize((200, 112)), quality=50) for image in scenes])
    similarity = asked @ stored.T
    assert similarity.argmax(axis=1).tolist() == list(range(30))
    assert similarity.diagonal().min() > 0.9
    others = similarity[~np.eye(30, dtype=bool)]
    assert np.median(others) < 0.5


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared videos are not here")
def test_shared_clips_are_found_from_their_own_frames(pair: ClipPair) -> None:
    import av

    stored, asked, names = [], [], []
    for name in ("bunny_burrow.mp4", "chaplin.mp4", "archery.avi", "skyline.m4v", "pool.mp4"):
        path = next(SHARED.glob(f"*/*/{name}"))
        with av.open(str(path)) as container:
            for number, frame in enumerate(container.decode(video=0)):
                if number in (20, 40):
                    image = Image.fromarray(frame.to_ndarray(format="rgb24"))
                    stored.append(jpeg(image))
                    asked.append(jpeg(image.resize((image.width // 2, image.height // 2)), 60))
                    names.append(path.stem)
                if number == 40:
                    break
    similarity = pair.images.embed(asked) @ pair.images.embed(stored).T
    assert [names[best] for best in similarity.argmax(axis=1)] == names


def test_bytes_that_are_no_image_are_a_decode_error(pair: ClipPair) -> None:
    with pytest.raises(DecodeError, match="not a readable image"):
        pair.images.embed([jpeg(scene(0)), b"not a JPEG"])


# ------------------------------------------------------------------------------------------ texts


def test_text_vectors_are_unit_and_tell_texts_apart(pair: ClipPair) -> None:
    texts = ["a tank on a street", "在街道上的坦克", "a dog on a beach", "", "a tank on a street"]
    vectors = pair.texts.embed(texts)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert vectors[0] @ vectors[4] == pytest.approx(1, abs=1e-5)
    assert vectors[0] @ vectors[1] > 0.9 > vectors[0] @ vectors[2]
    assert pair.texts.embed([]).shape == (0, pair.identity.dimensions)


def test_a_text_vector_does_not_depend_on_its_neighbours(pair: ClipPair) -> None:
    texts = ["short", "a rather longer text about a march in the rain", "word " * 300]
    together = pair.texts.embed(texts)
    alone = np.concatenate([pair.texts.embed([text]) for text in texts])
    assert (together * alone).sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_the_end_of_a_long_text_counts(pair: ClipPair) -> None:
    start = "the river rises " * 40
    one, other = pair.texts.embed([start + "tanks " * 60, start + "flowers " * 60])
    assert one @ other < 0.9999


def test_a_long_text_is_read_in_pieces_that_fit_the_model_and_lose_nothing(pair: ClipPair) -> None:
    from sentence_transformers import SentenceTransformer

    encode = SentenceTransformer.encode
    text = "some words and 坦克在街上, " * 60
    with patch.object(SentenceTransformer, "encode", autospec=True, side_effect=encode) as asked:
        pair.texts.embed([text])
    model, inputs = asked.call_args.args
    pieces = [one["text"] for one in inputs]
    assert len(pieces) > 1
    assert max(len(model.tokenizer(one)["input_ids"]) for one in pieces) <= model.max_seq_length
    assert "".join("".join(piece.split()) for piece in pieces) == "".join(text.split())


def test_one_word_longer_than_the_model_reads_is_cut_too(pair: ClipPair) -> None:
    vectors = pair.texts.embed(["坦" * 700, "a" * 90 + "!" * 700])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    "text", ["http://127.0.0.1:{port}/cat.jpg", "data:image/png;base64,AAAA", "{file}"]
)
def test_text_that_looks_like_an_image_address_is_read_as_text(
    pair: ClipPair, tmp_path: Path, text: str
) -> None:
    (tmp_path / "cat.jpg").write_bytes(jpeg(scene(0)))
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        text = text.format(port=server.getsockname()[1], file=tmp_path / "cat.jpg")
        (vector,) = pair.texts.embed([text])
        with pytest.raises(TimeoutError):
            server.accept()
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


# --------------------------------------------------------------------------------------- identity


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
        check_available(settings.model_copy(update={"clip_image_model": name}))
    assert reason in str(caught.value)


ASK = """
import sys, time
from vidpipe.models.clip import check_available
from vidpipe.settings import load_settings
from vidpipe.errors import ModelUnavailable
try:
    check_available(load_settings(home=sys.argv[1]))
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
    asked = ASK.replace("check_available(load", "print(check_available(load").replace(
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


# -------------------------------------------------------------------------------------- demo pair


def test_the_demo_pair_loads_by_sentence_transformers_alone(
    folders: tuple[Path, Path],
) -> None:
    from sentence_transformers import SentenceTransformer

    image_model = SentenceTransformer(str(folders[0]), device="cpu", local_files_only=True)
    text_model = SentenceTransformer(str(folders[1]), device="cpu", local_files_only=True)
    assert image_model.encode([scene(0)]).shape == (1, 512)
    assert image_model.encode([{"text": "a caption"}]).shape == (1, 512)
    assert text_model.encode([{"text": "a caption"}]).shape == (1, 512)
    assert text_model.max_seq_length == 128


def test_the_demo_pair_is_small_enough_to_travel(folders: tuple[Path, Path]) -> None:
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) <= 12e6


# ----------------------------------------------------------------------------------------- worker


def test_the_worker_embeds_mixed_batches_and_names_a_missing_image(
    settings: Settings, tmp_path: Path, pair: ClipPair
) -> None:
    store = MediaStore(str(tmp_path / "media"))
    uri = store.put("aa/one.jpg", jpeg(scene(3)))
    broken = store.put("aa/broken.jpg", b"not a JPEG")
    worker = replace(ClipWorker.from_settings(settings, threads=2), media_url=store.url)
    rows = pickle.loads(pickle.dumps(worker)).open()(
        [
            {"kind": "text", "input_sha256": "t", "text": "a tank in the street"},
            {"kind": "image", "input_sha256": "gone", "image_uri": store.uri("aa/gone.jpg")},
            {"kind": "image", "input_sha256": "i", "image_uri": uri},
            {"kind": "image", "input_sha256": "broken", "image_uri": broken},
        ]
    )
    by_key = {(row["kind"], row["input_sha256"]): row for row in rows}
    assert len(rows) == 4
    assert by_key["image", "i"]["status"] == "ok"
    expected = pair.images.embed([jpeg(scene(3))])[0]
    assert cosine(np.array(by_key["image", "i"]["vector"]), expected) == pytest.approx(1, abs=1e-5)
    assert len(by_key["text", "t"]["vector"]) == 512
    assert by_key["image", "gone"]["error_class"] == "ItemUnavailable"
    assert by_key["image", "gone"]["is_transient"]
    assert store.uri("aa/gone.jpg") in by_key["image", "gone"]["error_message"]
    assert by_key["image", "broken"]["error_class"] == "DecodeError"
    assert by_key["image", "broken"]["vector"] is None
