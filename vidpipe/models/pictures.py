"""Pictures that people bring, opened as a viewer shows them: upright, opaque, 8-bit sRGB.

Belongs here: every kind of picture file (orientation, transparency, depth, inks, colour profiles),
limits, and what is wrong with a file that is no picture.
Does not: resizing and cropping for a model (vidpipe.models.clip), frames of videos
(vidpipe.media.decode), contact sheets of our own JPEGs (vidpipe.media.contact_sheet).

Pillow's `convert("RGB")` shows hidden colours under transparency, cuts 16-bit pictures off at 255,
and knows nothing of orientation and colour profiles. None of that is an error: the search just
answers to another picture than the one that was meant.
"""

import io
import re
import struct
import zlib
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vidpipe.errors import DecodeError

if TYPE_CHECKING:
    from PIL import Image

FORMATS = (
    *("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP"),
    *("AVIF", "JPEG2000", "PPM", "ICO", "PSD", "QOI"),
)
"""What is read: pictures of pixels that can be told by their first bytes. Others of Pillow's would
take a stranger's text for a picture (TGA), or start another program on it (EPS)."""

JPEG_QUALITY = 90

_ORIENTATION = 0x0112
_PHOTOMETRIC, _WHITE_IS_ZERO = 262, 0
_TURNS = {
    **{2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM"},
    **{5: "TRANSPOSE", 6: "ROTATE_270", 7: "TRANSVERSE", 8: "ROTATE_90"},
}
"""What undoes each orientation of EXIF; from 5 on, width and height change places."""

_PROFILE_SPACES = {"RGB": "RGB ", "CMYK": "CMYK", "L": "GRAY"}
_USUAL_WHITES = {"I": (255, 65535), "F": (1, 255, 65535)}
_DAMAGE = (
    *(OSError, ValueError, SyntaxError, EOFError, RuntimeError, ArithmeticError),
    *(KeyError, TypeError, IndexError, struct.error, zlib.error),
)
"""What Pillow raises for files that are cut short or damaged."""

_REASONS = (
    (rb"\s*\Z", "it is empty; choose another file"),
    (
        rb"\xff\xd8|\x89PNG|GIF8|RIFF.{4}WEBP|II\*\0|MM\0\*",
        "it is cut short or damaged; copy or download it again",
    ),
    (rb".{4}ftyp(hei[cxms]|hev[cx]|mif1|msf1)", "HEIC is not read here; save it as JPEG or PNG"),
    (rb".{4}ftypavi[fs]", "this AVIF is damaged or not read here; save it as JPEG or PNG"),
    (rb".{4}ftyp|\x1aE\xdf\xa3|RIFF.{4}AVI ", "it is a video; give a picture of it"),
    (rb"%PDF|%!PS", "it is a document; save its page or its picture as PNG"),
    (rb"[^\0]{0,2000}<svg\b", "it is an SVG drawing; export it as PNG"),
    (rb"\W{0,9}<(!doctype|html|head|body)\b", "it is a web page; save the picture itself"),
    (rb"", "the format is unknown; save it as JPEG, PNG or WebP"),
)
"""How files begin that are no picture, and what to say of them; the first that fits counts."""


class OpenedPicture(NamedTuple):
    """A picture as it is shown, and the size that it has when it is decoded in full."""

    image: "Image.Image"
    """Mode RGB, upright, sRGB, over white; a JPEG may be reduced."""
    width_px: int
    height_px: int


def open_picture(encoded: bytes, shorter_side_px: int | None = None) -> OpenedPicture:
    """Opens a picture of any origin as a viewer shows it; of an animation the first picture.

    Args:
        encoded: the file's bytes; its name plays no part.
        shorter_side_px: what is needed: a JPEG may be decoded at a half, quarter or eighth of its
            size, but not below this.

    Raises:
        DecodeError: it is no picture that can be read, or larger than Pillow's limit against
            decompression bombs; the message says which, and what to do.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(encoded), formats=FORMATS) as image:
            width, height = image.size
            if shorter_side_px is not None:
                # draft() keeps both sides at least as large as asked for.
                needed = shorter_side_px / min(width, height)
                image.draft("RGB", (int(width * needed) + 1, int(height * needed) + 1))
            image.load()
            orientation = _orientation(image)
            shown = _opaque(image)
    except UnidentifiedImageError as error:  # its text shows our buffer
        raise _unreadable(encoded, _reason(encoded)) from error
    except Image.DecompressionBombError as error:
        limit = f"more than {2 * (Image.MAX_IMAGE_PIXELS or 0)} pixels"
        raise _unreadable(encoded, f"it has {limit}; make it smaller") from error
    except MemoryError as error:
        raise _unreadable(encoded, "it needs more memory than there is; make it smaller") from error
    except _DAMAGE as error:
        damage = f"it is cut short or damaged ({error}); copy or download it again"
        raise _unreadable(encoded, damage) from error
    if turn := _TURNS.get(orientation):
        shown = shown.transpose(Image.Transpose[turn])
    return OpenedPicture(shown, *((height, width) if orientation >= 5 else (width, height)))


def shown_as_jpeg(encoded: bytes) -> bytes:
    """The picture as `open_picture` shows it, as a JPEG that every program shows alike.

    Raises:
        DecodeError: it is no picture that can be read.
    """
    written = io.BytesIO()
    open_picture(encoded).image.save(written, "JPEG", quality=JPEG_QUALITY)
    return written.getvalue()


def _unreadable(encoded: bytes, reason: str) -> DecodeError:
    return DecodeError(f"{len(encoded)} bytes are not a readable image: {reason}")


def _reason(encoded: bytes) -> str:
    flags = re.DOTALL | re.IGNORECASE
    return next(text for begin, text in _REASONS if re.match(begin, encoded[:4096], flags))


def _orientation(image: "Image.Image") -> int:
    """The orientation of EXIF, 1 to 8; of TIFF, Pillow has turned the pixels already."""
    try:
        orientation = image.getexif().get(_ORIENTATION)
    except _DAMAGE:  # viewers show a picture whose EXIF is damaged as it is stored
        return 1
    return int(orientation) if orientation in _TURNS else 1


def _opaque(image: "Image.Image") -> "Image.Image":
    """The picture over white as sRGB, as stored (not yet upright)."""
    from PIL import Image

    profile = image.info.get("icc_profile")
    alpha = None
    if image.mode.startswith("I") or image.mode == "F":
        colours, alpha = _of_deep_grey(image)
    elif image.has_transparency_data:
        is_grey = image.mode in ("1", "L", "LA", "La")
        with_alpha = image.convert("LA" if is_grey else "RGBA")
        alpha = with_alpha.getchannel("A")
        colours = with_alpha.convert("L" if is_grey else "RGB")
    else:
        colours = image if image.mode in ("RGB", "L", "CMYK", "LAB") else image.convert("RGB")
    rgb = _as_srgb(colours, profile)
    if alpha is None:
        return rgb
    shown = Image.new("RGB", rgb.size, "white")
    shown.paste(rgb, mask=alpha)
    return shown


def _of_deep_grey(image: "Image.Image") -> "tuple[Image.Image, Image.Image | None]":
    """Grey of more than 8 bits scaled to 8, and the mask of what is not transparent.

    White is 65535 in 16 bits; integers and floats of 32 bits do not say what theirs is, so it is
    the least of the usual ones that nothing exceeds, else the largest value.
    """
    from PIL import Image

    values = np.nan_to_num(np.asarray(image).astype(np.float64), posinf=0, neginf=0)
    largest = max(float(values.max()), 1e-9)
    is_sixteen_bit = image.mode.startswith("I;16") or (image.mode, image.format) == ("I", "PPM")
    whites = (65535,) if is_sixteen_bit else _USUAL_WHITES[image.mode]
    white = next((one for one in whites if one >= largest), largest)
    alpha = None
    if isinstance(key := image.info.get("transparency"), int):
        alpha = Image.fromarray(np.where(values == key, 0, 255).astype(np.uint8))
    if getattr(image, "tag_v2", {}).get(_PHOTOMETRIC) == _WHITE_IS_ZERO:
        values = white - values
    return Image.fromarray(np.rint(np.clip(values / white, 0, 1) * 255).astype(np.uint8)), alpha


def _as_srgb(colours: "Image.Image", profile: bytes | None) -> "Image.Image":
    """RGB, L, CMYK or LAB as sRGB, by its profile; a profile that does not fit is passed over."""
    from PIL import ImageCms

    if colours.mode == "LAB":
        source = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    elif profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        except (OSError, ImageCms.PyCMSError):
            return colours.convert("RGB")
        if source.profile.xcolor_space != _PROFILE_SPACES[colours.mode]:
            return colours.convert("RGB")
    else:
        return colours if colours.mode == "RGB" else colours.convert("RGB")
    srgb = ImageCms.createProfile("sRGB")
    try:
        return ImageCms.profileToProfile(colours, source, srgb, outputMode="RGB") or colours
    except ImageCms.PyCMSError:
        return colours.convert("RGB")
