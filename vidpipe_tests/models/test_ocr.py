"""Reading text in images, with the real weights."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from vidpipe.errors import DecodeError
from vidpipe.models.ocr import OcrEngine, is_flat
from vidpipe.models.ocr_weights import OcrWeights
from vidpipe_tests.models.pictures import blank, caption

ROCKET = Path(__file__).parents[3] / "shared/videos/2026-11-02/space_clips/rocket.mkv"


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
