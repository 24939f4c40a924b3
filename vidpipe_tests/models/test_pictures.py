"""Pictures that people search with are seen as a viewer shows them."""

import io
import struct
import zlib
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms, features

from vidpipe.errors import DecodeError
from vidpipe.models.clip import ClipPair
from vidpipe.models.pictures import open_picture, shown_as_jpeg
from vidpipe.settings import Settings
from vidpipe_tests.models.pictures import jpeg, scene

CASE = Path(__file__).parents[3] / "shared/cases/query_pictures"
SIZE = (160, 96)
STORED_AS = {  # how an upright picture is stored so that an orientation of EXIF undoes it
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}

_LOSSLESS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("PNG", {}),
    ("TIFF", {}),
    ("WEBP", {"lossless": True}),
)

Disguise = tuple[Image.Image, bytes]
"""A picture as it is meant, and a file of another kind that shows it."""


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    encoded = io.BytesIO()
    image.save(encoded, kind, **options)
    return encoded.getvalue()


def plain() -> Image.Image:
    return scene(5, SIZE)


def grey() -> Image.Image:
    return plain().convert("L")


def disc() -> Image.Image:
    """Opaque in the middle, half transparent around it, nothing at the border."""
    down, across = np.mgrid[-1 : 1 : SIZE[1] * 1j, -1 : 1 : SIZE[0] * 1j]
    distance = np.hypot(down, across)
    levels = np.where(distance < 0.5, 255, np.where(distance < 0.8, 128, 0))
    return Image.fromarray(levels.astype(np.uint8))


def over_white(image: Image.Image, alpha: Image.Image) -> Image.Image:
    colours = np.asarray(image.convert("RGB"), float)
    share = np.asarray(alpha, float)[..., None] / 255
    return Image.fromarray(np.rint(colours * share + 255 * (1 - share)).astype(np.uint8))


def with_alpha(image: Image.Image, alpha: Image.Image) -> Image.Image:
    together = image.copy()
    together.putalpha(alpha)
    return together


def palette(image: Image.Image) -> Image.Image:
    return image.convert("P", palette=Image.Palette.ADAPTIVE, colors=64)


# -------------------------------------------------------------------------------------- disguises


def deep() -> Iterator[tuple[str, Disguise]]:
    """Grey and colours of more than 8 bits."""
    levels = np.asarray(grey())
    sixteen = Image.fromarray(levels.astype(np.uint16) * 257)
    for kind in ("PNG", "TIFF", "PPM", "JPEG2000"):
        yield f"16-bit grey {kind}", (grey(), saved(sixteen, kind))
    inverted = Image.fromarray(65535 - levels.astype(np.uint16) * 257)
    yield "16-bit TIFF, white is zero", (grey(), saved(inverted, "TIFF", tiffinfo={262: 0}))
    yield "32-bit integers of 16 bits", (grey(), saved(sixteen.convert("I"), "TIFF"))
    yield "32-bit integers of 8 bits", (grey(), saved(grey().convert("I"), "TIFF"))
    whole = Image.fromarray((levels.astype(np.int64) * (2**31 - 1) // levels.max()).astype("i4"))
    stretched = Image.fromarray(np.rint(levels / levels.max() * 255).astype(np.uint8))
    yield "32-bit integers of all bits", (stretched, saved(whole, "TIFF"))
    yield "floats up to 1", (grey(), saved(Image.fromarray(np.float32(levels / 255)), "TIFF"))
    yield "floats up to 255", (grey(), saved(grey().convert("F"), "TIFF"))
    holes = (levels / 255).astype(np.float32)
    holes[0, :5] = np.nan
    yield "floats with holes", (grey(), saved(Image.fromarray(holes), "TIFF"))
    keyed = np.where(np.asarray(disc()) == 0, 4660, levels.astype(np.uint16) * 257)
    shown = over_white(grey(), disc().point(lambda level: 255 * (level > 0)))
    keyed_picture = Image.fromarray(keyed.astype(np.uint16))
    yield "16-bit grey with a clear level", (shown, saved(keyed_picture, "PNG", transparency=4660))
    colours = np.asarray(plain()).astype(np.uint16)[..., ::-1] * 257
    for kind in (".png", ".tiff"):
        done, encoded = cv2.imencode(kind, colours)
        assert done
        yield f"16-bit colours {kind}", (plain(), encoded.tobytes())
    both = np.dstack([colours, np.asarray(disc()).astype(np.uint16) * 257])
    done, encoded = cv2.imencode(".png", both)
    yield "16-bit colours with transparency", (over_white(plain(), disc()), encoded.tobytes())


def transparent() -> Iterator[tuple[str, Disguise]]:
    """Colours hidden under transparency."""
    shown = over_white(plain(), disc())
    hidden = np.array(with_alpha(plain(), disc()))
    hidden[hidden[..., 3] == 0, :3] = (0, 255, 0)
    for kind, options in _LOSSLESS:
        yield f"RGBA {kind}", (shown, saved(Image.fromarray(hidden), kind, **options))
    yield "grey with alpha", (over_white(grey(), disc()), saved(with_alpha(grey(), disc()), "PNG"))
    few = palette(plain())
    clear_dark = with_alpha(few.convert("RGB"), disc().point(lambda level: 255 * (level > 0)))
    for kind in ("PNG", "GIF"):
        index = few.copy()
        index.putpalette([*(few.getpalette() or [])[:192], 255, 0, 255])
        index.paste(64, mask=disc().point(lambda level: 255 * (level == 0)))
        meant = over_white(few.convert("RGB"), clear_dark.getchannel("A"))
        yield f"palette with a clear colour {kind}", (meant, saved(index, kind, transparency=64))
    levels = bytes(range(0, 256, 4))
    alpha = Image.fromarray(np.frombuffer(levels, np.uint8)[np.asarray(few)])
    meant = over_white(few.convert("RGB"), alpha)
    yield "palette with half-clear colours", (meant, saved(few, "PNG", transparency=levels))
    key = np.array(plain())
    key[:30] = (1, 2, 3)
    meant = Image.fromarray(np.where((key == (1, 2, 3)).all(2)[..., None], 255, key).astype("u1"))
    encoded = saved(Image.fromarray(key), "PNG", transparency=(1, 2, 3))
    yield "RGB with a clear colour", (meant, encoded)


def coloured() -> Iterator[tuple[str, Disguise]]:
    """Other ways of coding colours, and profiles."""
    yield "palette", (palette(plain()).convert("RGB"), saved(palette(plain()), "PNG"))
    yield "one bit", (grey().convert("1"), saved(grey().convert("1"), "PNG"))
    yield "one bit, TIFF", (grey().convert("1"), saved(grey().convert("1"), "TIFF"))
    inks = plain().convert("CMYK")
    yield "inks, TIFF", (plain(), saved(inks, "TIFF"))
    yield "inks, inverted by Adobe", (plain(), saved(inks, "JPEG", quality=98, subsampling=0))
    yield "Lab", (plain(), saved(as_lab(plain()), "TIFF"))
    red, green, blue = plain().split()
    swapped, profile = Image.merge("RGB", (green, red, blue)), swapped_profile()
    for kind, options in _LOSSLESS:
        encoded = saved(swapped, kind, icc_profile=profile, **options)
        yield f"profile of other primaries {kind}", (plain(), encoded)
    encoded = saved(swapped, "JPEG", quality=98, subsampling=0, icc_profile=profile)
    yield "profile of other primaries JPEG", (plain(), encoded)
    both = saved(with_alpha(swapped, disc()), "PNG", icc_profile=profile)
    yield "profile and transparency", (over_white(plain(), disc()), both)
    unfit = saved(grey(), "PNG", icc_profile=profile)
    yield "a profile that does not fit", (grey(), unfit)
    yield "a broken profile", (plain(), saved(plain(), "PNG", icc_profile=b"no profile at all"))
    yield "its own profile", (plain(), saved(plain(), "PNG", icc_profile=profile_bytes()))
    shown, inked = inked_patches()
    for kind in ("TIFF", "JPEG"):
        encoded = saved(inked, kind, icc_profile=ink_profile(), quality=98)
        yield f"inks with a profile {kind}", (shown, encoded)


def several() -> Iterator[tuple[str, Disguise]]:
    """Files of more than one picture."""
    other = Image.new("RGB", SIZE, "red")
    for kind, options in _LOSSLESS:
        encoded = saved(plain(), kind, save_all=True, append_images=[other], **options)
        yield f"several pictures {kind}", (plain(), encoded)
    first = palette(plain())
    encoded = saved(first, "GIF", save_all=True, append_images=[palette(other)])
    yield "animated GIF", (first.convert("RGB"), encoded)


# --------------------------------------------------------------------------------------- profiles


def as_lab(image: Image.Image) -> Image.Image:
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    converted = ImageCms.profileToProfile(image, srgb, lab, outputMode="LAB")
    assert converted is not None
    return converted


def profile_bytes() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def swapped_profile() -> bytes:
    """sRGB whose red and green have changed places."""
    data = profile_bytes()
    return data.replace(b"rXYZ", b"....").replace(b"gXYZ", b"rXYZ").replace(b"....", b"gXYZ")


def inked_patches() -> tuple[Image.Image, Image.Image]:
    """The colours of all mixtures of four full inks, and the inks in the order of `ink_profile`."""
    inks = np.array(list(product((0, 255), repeat=4)), np.uint8)
    cyan, magenta, yellow, black = inks.T
    light = np.where(np.stack([cyan, magenta, yellow], axis=-1) > 0, 60, 255)
    colours = np.where(black[:, None] > 0, 0, light).astype(np.uint8)
    patches = np.arange(16).reshape(4, 4).repeat(32, axis=0).repeat(32, axis=1)
    stored = np.ascontiguousarray(inks[:, [2, 1, 0, 3]][patches])  # yellow where cyan is usual
    return Image.fromarray(colours[patches]), Image.frombytes("CMYK", (128, 128), stored.tobytes())


def ink_profile() -> bytes:
    """An ICC profile of the inks yellow, magenta, cyan, black. Source: ICC.1:2001-04, mft1."""
    shown, _ = inked_patches()
    colours = np.asarray(shown)[::32, ::32].reshape(16, 3)  # by cyan, magenta, yellow, black
    by_stored_ink = colours.reshape(2, 2, 2, 2, 3).transpose(2, 1, 0, 3, 4).reshape(1, 16, 3)
    corners = Image.fromarray(np.ascontiguousarray(by_stored_ink))
    table = np.frombuffer(as_lab(corners).tobytes(), np.uint8).reshape(16, 3)
    table = table ^ np.array([0, 128, 128], np.uint8)  # Pillow's a and b are signed
    straight = bytes(range(256))
    lut = b"mft1" + bytes(4) + bytes([4, 3, 2, 0])
    lut += struct.pack(">9i", *(65536 * one for one in (1, 0, 0, 0, 1, 0, 0, 0, 1)))
    lut += straight * 4 + table.tobytes() + straight * 3
    white = b"XYZ " + bytes(4) + struct.pack(">3i", 63190, 65536, 54061)
    tags, body, start = b"", b"", 128 + 4 + 2 * 12
    for name, data in ((b"A2B0", lut + bytes(-len(lut) % 4)), (b"wtpt", white)):
        tags += name + struct.pack(">II", start + len(body), len(data))
        body += data
    size = start + len(body)
    header = struct.pack(">I4sI", size, bytes(4), 0x02400000) + b"prtrCMYKLab " + bytes(12)
    header += b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + struct.pack(">I", 2) + tags + body


# ------------------------------------------------------------------------------------------ tests

DISGUISES = {**dict(deep()), **dict(transparent()), **dict(coloured()), **dict(several())}


def levels_apart(one: Image.Image, other: Image.Image) -> NDArray[np.float64]:
    assert one.size == other.size
    levels = [np.asarray(image.convert("RGB"), np.float64) for image in (one, other)]
    return np.asarray(np.abs(levels[0] - levels[1]))


@pytest.mark.parametrize("disguise", DISGUISES.values(), ids=DISGUISES.keys())
def test_a_picture_is_seen_as_a_viewer_shows_it(disguise: Disguise) -> None:
    meant, encoded = disguise
    opened = open_picture(encoded)
    assert opened.image.mode == "RGB"
    assert (opened.width_px, opened.height_px) == meant.size
    apart = levels_apart(opened.image, meant)
    assert apart.mean() < 2
    assert np.percentile(apart, 95) <= 6


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_pictures_stand_upright(kind: str) -> None:
    if kind == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow reads no AVIF")
    for orientation, turn in STORED_AS.items():
        stored = plain().transpose(turn) if turn is not None else plain()
        exif = Image.Exif()
        exif[0x0112] = orientation
        opened = open_picture(saved(stored, kind, exif=exif, quality=98))
        assert (opened.width_px, opened.height_px) == SIZE
        assert levels_apart(opened.image, plain()).mean() < 8, orientation


def test_an_orientation_that_makes_no_sense_is_passed_over() -> None:
    exif = Image.Exif()
    exif[0x0112] = 77
    encoded = saved(plain(), "JPEG", exif=exif, quality=98, subsampling=0)
    damaged = encoded.replace(b"MM\x00*", b"MM\x00!").replace(b"II*\x00", b"II!\x00")
    assert damaged != encoded
    for one in (encoded, damaged):
        assert levels_apart(open_picture(one).image, plain()).mean() < 4


def test_a_turned_jpeg_is_reduced_like_an_upright_one() -> None:
    upright = scene(2, (1600, 900))
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = saved(upright.transpose(Image.Transpose.ROTATE_90), "JPEG", quality=95, exif=exif)
    opened = open_picture(turned, shorter_side_px=200)
    assert (opened.width_px, opened.height_px) == (1600, 900)
    assert opened.image.size == (400, 225)
    assert levels_apart(opened.image, upright.resize((400, 225), Image.Resampling.BOX)).mean() < 4


@pytest.mark.parametrize("size", [(1280, 720), (720, 1280), (160, 90), (1, 1)])
def test_a_plain_jpeg_is_read_as_pillow_reads_it(size: tuple[int, int]) -> None:
    encoded = jpeg(scene(3, size))
    with Image.open(io.BytesIO(encoded)) as expected:
        needed = 448 / min(size)
        expected.draft("RGB", (int(size[0] * needed) + 1, int(size[1] * needed) + 1))
        assert open_picture(encoded, 448).image.tobytes() == expected.convert("RGB").tobytes()
    with Image.open(io.BytesIO(encoded)) as expected:
        assert open_picture(encoded).image.tobytes() == expected.convert("RGB").tobytes()


def test_the_jpeg_of_a_picture_shows_what_is_seen() -> None:
    meant, encoded = DISGUISES["RGBA PNG"]
    with Image.open(io.BytesIO(shown_as_jpeg(encoded))) as written:
        assert levels_apart(written, meant).mean() < 4


# ---------------------------------------------------------------------------- what is no picture


def bomb() -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000)))


@pytest.mark.parametrize(
    ("encoded", "message"),
    [
        (b"", "it is empty; choose another file"),
        (b"a shopping list", "the format is unknown; save it as JPEG, PNG or WebP"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "it is a document"),
        (b"%PDF-1.7", "it is a document"),
        (b'<?xml version="1.0"?>\n<!-- drawn -->\n<svg width="9"/>', "export it as PNG"),
        (b"<!DOCTYPE html><title>cat.jpg</title>", "it is a web page; save the picture itself"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC is not read here"),
        (b"\0\0\0\x18ftypavif\0\0\0\0mif1avif", "this AVIF is damaged or not read here"),
        (b"\0\0\0\x18ftypisom\0\0\0\0", "it is a video; give a picture of it"),
        (jpeg(scene(0))[:3000], "cut short or damaged"),
        (saved(scene(0), "PNG")[:3000], "cut short or damaged"),
        (bomb(), "more than 178956970 pixels; make it smaller"),
    ],
)
def test_what_is_no_picture_is_told_by_its_kind(encoded: bytes, message: str) -> None:
    with pytest.raises(DecodeError, match=f"{len(encoded)} bytes are not a readable image: ") as no:
        open_picture(encoded)
    assert message in str(no.value)
    assert " at 0x" not in str(no.value), "nothing of our own memory"


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, of damaged tags
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "GIF", "WEBP"])
def test_a_damaged_picture_is_seen_or_refused(kind: str) -> None:
    rng = np.random.default_rng(8)
    whole = np.frombuffer(saved(plain(), kind), np.uint8)
    refused = 0
    for _ in range(60):
        damaged = whole.copy()
        damaged[rng.integers(0, min(len(whole), 400), 4)] = rng.integers(0, 256, 4)
        try:
            assert open_picture(damaged[: rng.integers(1, 2 * len(whole))].tobytes()).image
        except DecodeError:
            refused += 1
    assert refused > 5


# ------------------------------------------------------------------------------------ the vectors


@pytest.fixture(scope="module")
def pair(settings: Settings) -> ClipPair:
    return ClipPair.from_settings(settings, threads=2)


def test_a_disguised_picture_has_the_vector_of_the_plain_one(pair: ClipPair) -> None:
    for name in (
        *("RGBA PNG", "16-bit grey PNG", "floats up to 1", "inks with a profile JPEG"),
        *("profile of other primaries JPEG", "palette with half-clear colours", "animated GIF"),
    ):
        meant, encoded = DISGUISES[name]
        one, other = pair.images.embed([saved(meant.convert("RGB"), "PNG"), encoded])
        assert one @ other >= 0.999, name


@pytest.mark.skipif(not CASE.is_dir(), reason="the shared cases are not here")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("fruit.jpg", "fruit_exif6.jpg"),
        ("cutout_flat_white.png", "cutout_hidden_green.png"),
    ],
)
def test_shared_pictures_that_look_alike_have_one_vector(
    pair: ClipPair, one: str, other: str
) -> None:
    vectors = pair.images.embed([(CASE / name).read_bytes() for name in (one, other)])
    assert vectors[0] @ vectors[1] >= 0.999
