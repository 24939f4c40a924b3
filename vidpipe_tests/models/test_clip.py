"""Images and texts as vectors, with the demo pair (the layout of the real one)."""

import io
import socket
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from PIL import Image

from vidpipe.demo.compositions import compositions
from vidpipe.demo.scene import render_still
from vidpipe.errors import DecodeError
from vidpipe.models.clip import ClipPair
from vidpipe.settings import Settings
from vidpipe_tests.models.pictures import jpeg, scene

SHARED = Path(__file__).parents[3] / "shared/videos"
SIZES = [(320, 180), (640, 360), (1280, 720), (720, 1280), (1920, 1080), (50, 40), (1, 1)]


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
