"""Contact sheets stay within their size and draw whatever captions and pictures they are given."""

import io
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from vidpipe.media.contact_sheet import (
    CAPTION_CHARACTERS,
    GAP_PX,
    MAX_ROWS,
    TILE_WIDTHS_PX,
    contact_sheet,
    drawable_text,
)


def picture(colour: tuple[int, int, int], size: tuple[int, int] = (640, 360)) -> bytes:
    encoded = io.BytesIO()
    Image.new("RGB", size, colour).save(encoded, "JPEG", quality=90)
    return encoded.getvalue()


def noise(seed: int, size: tuple[int, int] = (640, 360)) -> bytes:
    """The least compressible picture there is."""
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), np.uint8)
    encoded = io.BytesIO()
    Image.fromarray(pixels).save(encoded, "JPEG", quality=90)
    return encoded.getvalue()


def opened(sheet: bytes) -> Image.Image:
    decoded = Image.open(io.BytesIO(sheet))
    decoded.load()
    return decoded


def colour_at(sheet: Image.Image, share_x: float, share_y: float) -> np.ndarray:
    place = (int(sheet.width * share_x), int(sheet.height * share_y))
    return np.array(sheet.getpixel(place))


def test_pictures_stand_in_reading_order_with_their_colours() -> None:
    colours = [(220, 30, 30), (30, 200, 30), (30, 30, 220), (230, 220, 40)]
    sheet = opened(contact_sheet([(picture(colour), "") for colour in colours], columns=2))
    places = [(0.25, 0.2), (0.75, 0.2), (0.25, 0.7), (0.75, 0.7)]
    for colour, place in zip(colours, places, strict=True):
        np.testing.assert_allclose(colour_at(sheet, *place), colour, atol=6)


def test_a_few_simple_pictures_get_the_largest_tiles() -> None:
    sheet = opened(contact_sheet([(picture((90, 120, 150)), "one")] * 3, columns=3))
    assert sheet.width == 3 * (TILE_WIDTHS_PX[0] + GAP_PX) + GAP_PX


@pytest.mark.parametrize("max_bytes", [150_000, 40_000])
def test_a_sheet_of_noise_is_shrunk_until_it_fits(max_bytes: int) -> None:
    sheet = contact_sheet([(noise(seed), f"{seed}") for seed in range(25)], max_bytes=max_bytes)
    assert max_bytes / 4 < len(sheet) <= max_bytes
    assert opened(sheet).width < 5 * TILE_WIDTHS_PX[0]


def test_a_limit_that_nothing_can_meet_is_refused() -> None:
    with pytest.raises(ValueError, match="25 pictures do not fit 500 bytes"):
        contact_sheet([(noise(seed), "") for seed in range(25)], max_bytes=500)


def test_pictures_keep_their_proportions() -> None:
    tall = picture((250, 250, 250), (200, 400))
    sheet = opened(contact_sheet([(tall, "")], columns=1))
    bright = np.asarray(sheet.convert("L")) > 200
    height, width = np.ptp(np.flatnonzero(bright.any(1))), np.ptp(np.flatnonzero(bright.any(0)))
    assert height / width == pytest.approx(2, abs=0.05)


def png_of_declared_size(width: int, height: int) -> bytes:
    """A PNG header that promises more pixels than its data holds."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


@pytest.mark.parametrize(
    "encoded",
    [
        b"",
        b"no picture",
        noise(1)[:400],
        noise(1)[: len(noise(1)) // 2],
        png_of_declared_size(9000, 9000),
        png_of_declared_size(100_000, 100_000),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
    ],
    ids=["empty", "text", "header only", "half", "large", "bomb", "postscript"],
)
def test_an_undecodable_picture_is_a_grey_tile_between_its_neighbours(encoded: bytes) -> None:
    good = picture((220, 30, 30))
    sheet = opened(contact_sheet([(good, "a"), (encoded, "b"), (good, "c")], columns=3))
    np.testing.assert_allclose(colour_at(sheet, 1 / 6, 0.4), (220, 30, 30), atol=6)
    np.testing.assert_allclose(colour_at(sheet, 3 / 6, 0.4), (128, 128, 128), atol=6)
    np.testing.assert_allclose(colour_at(sheet, 5 / 6, 0.4), (220, 30, 30), atol=6)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec=None), max_size=300))
def test_any_caption_is_drawn_within_its_line(caption: str) -> None:
    plain = opened(contact_sheet([(picture((90, 90, 90)), "x")], columns=1))
    sheet = opened(contact_sheet([(picture((90, 90, 90)), caption)], columns=1))
    assert sheet.size == plain.size


@given(st.text(st.characters(codec=None), max_size=1000))
def test_drawable_text_is_one_bounded_line_and_settled(caption: str) -> None:
    drawable = drawable_text(caption)
    assert len(drawable) <= CAPTION_CHARACTERS
    assert drawable.isprintable()
    assert drawable_text(drawable) == drawable


@pytest.mark.parametrize(
    ("caption", "drawn"),
    [
        ("Tank, 12:30 (50%)", "Tank, 12:30 (50%)"),
        ("café señor", "cafe senor"),
        ("坦克 tank", "?? tank"),
        ("a\x00b\x1b[31m\u202ec\u2028d", "ab[31mc d"),
        ("\ud800lone", "lone"),
        ("two\n\n  lines\t", "two lines"),
        ("😀", "?"),
        ("0\r¯0", "0 0"),
        ("", ""),
    ],
)
def test_captions_keep_what_the_font_has(caption: str, drawn: str) -> None:
    assert drawable_text(caption) == drawn


def test_a_long_caption_ends_inside_its_tile() -> None:
    """The gap between two tiles stays the colour of the paper at the height of the captions."""
    sheet = opened(contact_sheet([(picture((90, 90, 90)), "W" * 200)] * 2, columns=2))
    captions = np.asarray(sheet.convert("L"))[-20:]
    assert captions.max() > 150
    gap = TILE_WIDTHS_PX[0] + GAP_PX
    assert captions[:, gap + 1 : gap + GAP_PX - 1].max() < 80


def test_a_crowded_sheet_says_how_many_pictures_it_leaves_out() -> None:
    one_row = contact_sheet([(picture((90, 90, 90)), "")] * 2, columns=2)
    full = contact_sheet([(picture((90, 90, 90)), "")] * 2 * MAX_ROWS, columns=2)
    crowded = contact_sheet([(picture((90, 90, 90)), "")] * 1000, columns=2)
    assert opened(crowded).height == opened(full).height > opened(one_row).height
    last_tile = (0.75, 1 - 0.5 / MAX_ROWS)
    np.testing.assert_allclose(colour_at(opened(full), *last_tile), (90, 90, 90), atol=6)
    np.testing.assert_allclose(colour_at(opened(crowded), *last_tile), (128, 128, 128), atol=6)


@pytest.mark.parametrize(
    ("pictures", "columns", "complaint"),
    [([], 5, "at least one picture"), ([(b"", "")], 0, "at least one column, not 0")],
)
def test_a_sheet_of_nothing_is_refused(
    pictures: list[tuple[bytes, str]], columns: int, complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        contact_sheet(pictures, columns=columns)


def test_drawing_a_sheet_never_loads_what_the_run_process_must_not() -> None:
    code = (
        "import sys; from vidpipe.media.contact_sheet import contact_sheet; "
        "contact_sheet([(b'', 'x')]); "
        "print(sorted({'cv2', 'av', 'torch', 'onnxruntime', 'dagster'} & set(sys.modules)))"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert output.stdout.strip() == "[]"
