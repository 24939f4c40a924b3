"""Reading text in images, with the real weights."""

import io
import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from vidpipe.errors import DecodeError, ModelUnavailable
from vidpipe.models.ocr import OcrEngine, is_flat
from vidpipe.models.ocr_weights import (
    CONFIG_FILE,
    MODEL_FILE,
    OcrWeights,
    find_weights,
    weights_identity,
)
from vidpipe.pipeline.workers.ocr_text import OcrWorker, stage_parameters
from vidpipe.settings import load_settings
from vidpipe.stores.media_store import MediaStore

ROCKET = Path(__file__).parents[3] / "shared/videos/2026-11-02/space_clips/rocket.mkv"


def caption(
    text: str, *, height_px: int = 40, ink: str = "white", ground: str = "navy", width: int = 640
) -> bytes:
    """A JPEG of 360 rows with one caption."""
    image = Image.new("RGB", (width, 360), ground)
    font = ImageFont.load_default(size=height_px * 1.35)
    ImageDraw.Draw(image).text((40, 120), text, ink, font)
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=90)
    return encoded.getvalue()


def blank(level: int = 0) -> bytes:
    encoded = io.BytesIO()
    Image.new("RGB", (320, 180), (level, level, level)).save(encoded, "JPEG")
    return encoded.getvalue()


@pytest.fixture(scope="module")
def model_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def weights(model_cache: Path) -> OcrWeights:
    return find_weights(model_cache)


@pytest.fixture(scope="module")
def engine(weights: OcrWeights) -> OcrEngine:
    return OcrEngine(weights)


def test_a_caption_is_read_with_its_box_and_confidence(engine: OcrEngine) -> None:
    (lines,) = engine.read([caption("BREAKING NEWS")])
    assert [line.text for line in lines] == ["BREAKING NEWS"]
    assert lines[0].confidence > 0.9
    assert lines[0].accepted
    assert len(lines[0].box) == 8
    left, top, right, bottom = (lines[0].box[i] for i in (0, 1, 4, 5))
    assert 20 < left < 60
    assert 100 < top < 150
    assert right > 300
    assert 150 < bottom < 200


def test_small_letters_of_a_large_frame_are_read_though_detection_sees_it_reduced(
    engine: OcrEngine,
) -> None:
    image = Image.new("RGB", (1920, 1080), "darkgreen")
    font = ImageFont.load_default(size=27)
    ImageDraw.Draw(image).text((1200, 900), "small print of 20 px", "white", font)
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=90)
    (lines,) = engine.read([encoded.getvalue()])
    assert [line.text for line in lines] == ["small print of 20 px"]


@pytest.mark.parametrize("level", [0, 90, 255])
def test_a_blank_image_has_no_lines(engine: OcrEngine, level: int) -> None:
    assert engine.read([blank(level)]) == [[]]


def test_nearly_invisible_letters_are_read_so_dull_frames_are_never_skipped(
    engine: OcrEngine,
) -> None:
    (lines,) = engine.read([caption("SECRET 42", height_px=60, ink="#060606", ground="black")])
    assert [line.text for line in lines] == ["SECRET 42"]


def test_only_one_colour_counts_as_flat() -> None:
    image = np.full((4, 4, 3), 7, np.uint8)
    assert is_flat(image)
    image[3, 3, 2] = 8
    assert not is_flat(image)


def test_several_images_at_once_give_what_each_gives_alone(engine: OcrEngine) -> None:
    images = [caption("first line"), blank(), caption("a second, rather longer line here")]
    assert engine.read(images) == [engine.read([image])[0] for image in images]


def test_threads_change_no_text(engine: OcrEngine, weights: OcrWeights) -> None:
    images = [caption("first line"), caption("a second, rather longer line here")]
    threaded = OcrEngine(weights, threads=2)
    texts = [[line.text for line in lines] for lines in engine.read(images)]
    assert [[line.text for line in lines] for lines in threaded.read(images)] == texts


def test_chinese_and_japanese_are_read_by_the_default_models(engine: OcrEngine) -> None:
    fonts = [
        *Path("/usr/share/fonts").rglob("*CJK*.tt[cf]"),
        *Path("/usr/share/fonts").rglob("wqy*.tt[cf]"),
    ]
    if not fonts:
        pytest.skip("no font with Chinese characters on this machine")
    image = Image.new("RGB", (640, 200), "black")
    font = ImageFont.truetype(str(fonts[0]), 60)
    ImageDraw.Draw(image).text((40, 60), "坦克在街上", "white", font)
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=90)
    (lines,) = engine.read([encoded.getvalue()])
    assert [line.text for line in lines] == ["坦克在街上"]


def test_lines_below_the_confidence_are_kept_but_not_accepted(weights: OcrWeights) -> None:
    strict = OcrEngine(weights, min_confidence=1.0)
    (lines,) = strict.read([caption("hard to be sure", height_px=12, ink="grey", ground="#606060")])
    assert lines
    assert all(line.confidence < 1.0 and not line.accepted for line in lines)


def test_one_pixel_and_one_row_are_images_without_text(engine: OcrEngine) -> None:
    for size in ((1, 1), (300, 1), (1, 300)):
        pixels = np.random.default_rng(0).integers(0, 255, (size[1], size[0], 3), np.uint8)
        encoded = io.BytesIO()
        Image.fromarray(pixels).save(encoded, "JPEG")
        assert engine.read([encoded.getvalue()])[0] == []


@pytest.mark.parametrize("garbage", [b"", b"not a JPEG"])
def test_bytes_that_are_no_image_are_a_decode_error(engine: OcrEngine, garbage: bytes) -> None:
    with pytest.raises(DecodeError, match="not a readable image"):
        engine.read([garbage])


@pytest.mark.skipif(not ROCKET.exists(), reason="the shared videos are not here")
def test_the_captions_of_the_rocket_clip_are_found(engine: OcrEngine) -> None:
    import av
    import cv2

    shown = {300: "IMAGINETHIS", 600: "4ENGINES", 840: "8MINUTES", 1260: "1GOAL"}
    with av.open(str(ROCKET)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number in shown:
                _, encoded = cv2.imencode(".jpg", frame.to_ndarray(format="bgr24"))
                (lines,) = engine.read([encoded.tobytes()])
                read = "".join(line.text for line in lines if line.accepted)
                assert shown.pop(number) in "".join(filter(str.isalnum, read))
            if not shown:
                break
    assert not shown


# ---------------------------------------------------------------------------------------- weights


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


# ----------------------------------------------------------------------------------------- worker


def test_the_worker_gives_one_row_per_item_and_names_a_missing_image(
    tmp_path: Path, model_cache: Path
) -> None:
    store = MediaStore(str(tmp_path / "media"))
    uri = store.put("aa/one.jpg", caption("LIVE FROM HERE"))
    broken = store.put("aa/broken.jpg", b"not a JPEG")
    worker = pickle.loads(pickle.dumps(OcrWorker(media_url=store.url, model_cache=model_cache)))
    gone = store.uri("aa/gone.jpg")
    items = [("1", uri), ("2", gone), ("3", broken)]
    rows = worker.open()([{"keyframe_sha256": key, "image_uri": address} for key, address in items])
    by_key = {row["keyframe_sha256"]: row for row in rows}
    assert len(rows) == 3
    assert by_key["1"]["status"] == "ok"
    (line,) = by_key["1"]["lines"]
    assert (line["line_no"], line["text"], line["accepted"]) == (0, "LIVE FROM HERE", True)
    assert len(line["box"]) == 8
    assert by_key["2"]["error_class"] == "ItemUnavailable"
    assert by_key["2"]["is_transient"]
    assert gone in by_key["2"]["error_message"]
    assert by_key["3"]["error_class"] == "DecodeError"
    assert not by_key["3"]["is_transient"]


def test_what_lines_depend_on_changes_the_stage_parameters() -> None:
    plain = stage_parameters(load_settings())
    assert plain == stage_parameters(load_settings())
    for change in ({"ocr_min_confidence": 0.5}, {"ocr_detection_side_px": 1280}):
        assert stage_parameters(load_settings(**change)) != plain
