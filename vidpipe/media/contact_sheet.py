"""Contact sheets: many small pictures with captions in one JPEG of limited size.

Belongs here: laying out, shrinking and compressing pictures that are shown to people.
Does not: choosing which pictures to show, or embedding the sheet in a page.

Pillow only: the Dagster run process draws these, and it never imports cv2. Captions come from
uploads, so nothing in them can change the layout, and characters that the bundled font lacks are
replaced: no system font is assumed.
"""

import io
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image, ImageFont

# Dagster stores metadata in its event log: a sheet must stay small.
MAX_BYTES = 150_000
MAX_ROWS = 12
# More pixels than any keyframe has (8K); a keyframe that claims more is damaged or hostile.
MAX_PICTURE_PIXELS = 8192 * 4320
# From best to smallest; the first pair whose sheet fits is taken.
TILE_WIDTHS_PX = (280, 220, 170, 130, 96, 64)
QUALITIES = (82, 70, 55, 40)
GAP_PX = 4
CAPTION_CHARACTERS = 200

_PAPER = (24, 26, 30)
_TILE = (46, 49, 54)
_INK = (225, 225, 225)
_UNDECODABLE = (128, 128, 128)


def contact_sheet(
    pictures: Sequence[tuple[bytes, str]], *, columns: int = 5, max_bytes: int = MAX_BYTES
) -> bytes:
    """Draws one JPEG with all pictures in rows, each over its caption.

    Pictures keep their proportions. Tile size and quality are the largest that fit. A picture that
    cannot be decoded becomes a grey tile. Beyond `columns * MAX_ROWS` pictures the last tile says
    how many are not shown.

    Args:
        pictures: encoded picture (JPEG, PNG or WebP) and caption (any text, not trusted).
        columns: tiles in a full row.
        max_bytes: limit of the result's size.

    Returns:
        A JPEG of at most `max_bytes`; the same input gives the same bytes.

    Raises:
        ValueError: no pictures, fewer than one column, or `max_bytes` is too small even for the
            smallest tiles at the lowest quality.
    """
    if not pictures:
        raise ValueError("a contact sheet needs at least one picture")
    if columns < 1:
        raise ValueError(f"a contact sheet needs at least one column, not {columns}")
    columns = min(columns, len(pictures))
    tiles = _tiles(pictures, columns * MAX_ROWS)
    for tile_width_px in TILE_WIDTHS_PX:
        sheet = _draw(tiles, columns, tile_width_px)
        for quality in QUALITIES:
            jpeg = io.BytesIO()
            sheet.save(jpeg, "JPEG", quality=quality, optimize=True)
            if jpeg.tell() <= max_bytes:
                return jpeg.getvalue()
    raise ValueError(
        f"{len(tiles)} pictures do not fit {max_bytes} bytes: give fewer pictures or more bytes"
    )


def drawable_text(text: str) -> str:
    """Writes a caption in characters that the bundled font has, on one line.

    Accents the font lacks are dropped (é becomes e), other missing characters become `?`, control
    characters and direction marks vanish, white space is merged.
    """
    words = " ".join(text[: CAPTION_CHARACTERS * 4].split())
    kept = "".join(_drawable(character) for character in unicodedata.normalize("NFC", words))
    # Again, because what a character is replaced by may hold a space (the macron ¯ does).
    return " ".join(kept.split())[:CAPTION_CHARACTERS].rstrip()


@cache
def _font(size_px: int) -> "ImageFont.FreeTypeFont | ImageFont.ImageFont":
    from PIL import ImageFont

    return ImageFont.load_default(size_px)


@lru_cache(4096)
def _drawable(character: str) -> str:
    # Categories C*: control, format (bidirectional marks), surrogate, private use, unassigned.
    if unicodedata.category(character).startswith("C"):
        return ""
    if _has_glyph(character):
        return character
    base = unicodedata.normalize("NFKD", character)
    bare = "".join(part for part in base if not unicodedata.combining(part))
    return bare if bare and all(_has_glyph(part) for part in bare) else "?"


def _has_glyph(character: str) -> bool:
    """Whether the bundled font draws this character as something else than its missing glyph."""
    font = _font(16)
    # A code point that is never assigned shows what the font draws for characters it lacks.
    drawn, missing = font.getmask(character), font.getmask("\U0010ffff")
    if character == " ":
        return True
    return drawn.size != missing.size or bytes(drawn) != bytes(missing)


def _tiles(
    pictures: Sequence[tuple[bytes, str]], capacity: int
) -> "list[tuple[Image.Image | None, str]]":
    """Decodes pictures to at most the largest tile size, with captions that can be drawn."""
    shown = pictures if len(pictures) <= capacity else pictures[: capacity - 1]
    tiles = [(_decode(encoded), drawable_text(caption)) for encoded, caption in shown]
    if len(shown) < len(pictures):
        tiles.append((None, f"and {len(pictures) - len(shown)} more"))
    return tiles


def _decode(encoded: bytes) -> "Image.Image | None":
    """Decodes a picture to tile size; None when it cannot or should not be decoded."""
    from PIL import Image

    largest = (TILE_WIDTHS_PX[0], TILE_WIDTHS_PX[0] * 2)
    try:
        with Image.open(io.BytesIO(encoded), formats=("JPEG", "PNG", "WEBP")) as picture:
            if picture.width * picture.height > MAX_PICTURE_PIXELS:
                return None
            # JPEG decoders can decode at an eighth, a quarter or half the size, much faster.
            picture.draft("RGB", largest)
            small = picture.convert("RGB")
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        return None
    small.thumbnail(largest)
    return small


def _draw(
    tiles: "list[tuple[Image.Image | None, str]]", columns: int, tile_width_px: int
) -> "Image.Image":
    from PIL import Image, ImageDraw

    font_px = max(8, tile_width_px // 16)
    line_px = font_px + 6
    tile_height_px = _tile_height_px(tiles, tile_width_px)
    rows = -(-len(tiles) // columns)
    step_x, step_y = tile_width_px + GAP_PX, tile_height_px + line_px + GAP_PX
    sheet = Image.new("RGB", (columns * step_x + GAP_PX, rows * step_y + GAP_PX), _PAPER)
    pen = ImageDraw.Draw(sheet)
    for number, (picture, caption) in enumerate(tiles):
        left = GAP_PX + number % columns * step_x
        top = GAP_PX + number // columns * step_y
        box = (left, top, left + tile_width_px - 1, top + tile_height_px - 1)
        pen.rectangle(box, fill=_UNDECODABLE if picture is None else _TILE)
        if picture is not None:
            fitted = _fit(picture, (tile_width_px, tile_height_px))
            inset_x = (tile_width_px - fitted.width) // 2
            inset_y = (tile_height_px - fitted.height) // 2
            sheet.paste(fitted, (left + inset_x, top + inset_y))
        text = _shorten(caption, font_px, tile_width_px)
        pen.text((left, top + tile_height_px + 2), text, fill=_INK, font=_font(font_px))
    return sheet


def _tile_height_px(tiles: "list[tuple[Image.Image | None, str]]", tile_width_px: int) -> int:
    """Tiles are as tall as the middle one of the pictures wants, between 16:9 and 3:4."""
    ratios = sorted(picture.height / picture.width for picture, _ in tiles if picture is not None)
    ratio = ratios[len(ratios) // 2] if ratios else 9 / 16
    return round(tile_width_px * min(max(ratio, 9 / 16), 4 / 3))


def _fit(picture: "Image.Image", size: tuple[int, int]) -> "Image.Image":
    """Scales the picture to lie within `size`, up or down, proportions kept."""
    scale = min(size[0] / picture.width, size[1] / picture.height)
    width_px = max(1, min(size[0], round(picture.width * scale)))
    height_px = max(1, min(size[1], round(picture.height * scale)))
    return picture.resize((width_px, height_px))


def _shorten(text: str, font_px: int, width_px: int) -> str:
    """The longest start of a drawable text that fits, with an ellipsis when it was cut."""
    font = _font(font_px)
    if font.getlength(text) <= width_px:
        return text
    kept = len(text)
    while kept > 0 and font.getlength(text[:kept].rstrip() + "…") > width_px:
        kept -= 1
    return text[:kept].rstrip() + "…"
