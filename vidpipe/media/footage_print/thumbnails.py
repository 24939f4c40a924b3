"""Small luma pictures of the samples, packed as JPEG sheets.

Belongs here: packing and unpacking. Does not: what is compared on them (vidpipe.reuse).

**Packed form.** Sheets one after another. A sheet is a little-endian uint32 count, a uint32 length,
and a grey JPEG of that length in which up to 256 thumbnails stand row by row, 16 in a row.
Thumbnails are whole JPEG blocks, so that neighbours on the sheet do not bleed into each other.
"""

import struct

import cv2
import numpy as np

from vidpipe.errors import StoreError
from vidpipe.media.decode import Plane

THUMBNAIL_SIDE_PX = 40
THUMBNAIL_BYTES = 190
"""The most bytes that a thumbnail may take, on average over a sheet."""
SHEET_COLUMNS = 16
SHEET_THUMBNAILS = 256
SHEET_QUALITIES = (8, 16, 24, 32, 40, 50, 60, 72, 84)


def pack_thumbnails(thumbnails: Plane) -> bytes:
    """Packs up to 256 thumbnails as one sheet, at the best quality that fits `THUMBNAIL_BYTES`.

    Args:
        thumbnails: uint8, shape (n, 40, 40).
    """
    count, height, width = thumbnails.shape
    columns = min(SHEET_COLUMNS, count)
    rows = -(-count // columns)
    sheet = np.zeros((rows * columns, height, width), np.uint8)
    sheet[:count] = thumbnails
    picture = sheet.reshape(rows, columns, height, width).swapaxes(1, 2)
    picture = picture.reshape(rows * height, columns * width)
    low, high = 0, len(SHEET_QUALITIES) - 1
    data = _jpeg(picture, SHEET_QUALITIES[low])
    while low < high:
        middle = (low + high + 1) // 2
        candidate = _jpeg(picture, SHEET_QUALITIES[middle])
        if len(candidate) <= THUMBNAIL_BYTES * count:
            low, data = middle, candidate
        else:
            high = middle - 1
    return struct.pack("<II", count, len(data)) + data


def unpack_thumbnails(packed: bytes, side_px: int = THUMBNAIL_SIDE_PX) -> Plane:
    """All thumbnails of a footage print.

    Args:
        packed: sheets, one after another.
        side_px: width and height of a thumbnail (px).

    Returns:
        uint8, shape (n, side_px, side_px).

    Raises:
        StoreError: the bytes are no sheets.
    """
    parts = [np.zeros((0, side_px, side_px), np.uint8)]
    position = 0
    while position < len(packed):
        try:
            count, length = struct.unpack_from("<II", packed, position)
            data = np.frombuffer(packed, np.uint8, length, offset=position + 8)
            picture = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
            rows, columns = picture.shape[0] // side_px, picture.shape[1] // side_px
            sheet = picture.reshape(rows, side_px, columns, side_px).swapaxes(1, 2)
        except (struct.error, ValueError, AttributeError, cv2.error) as error:
            raise StoreError(
                "the thumbnails of a footage print cannot be read: make the print anew with "
                "vidpipe refresh"
            ) from error
        parts.append(sheet.reshape(-1, side_px, side_px)[:count].astype(np.uint8))
        position += 8 + length
    return np.concatenate(parts)


def _jpeg(picture: Plane, quality: int) -> bytes:
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
