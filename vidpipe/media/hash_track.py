"""The hash track: perceptual hashes along a video, for finding copied footage later.

Belongs here: sampling, cropping bars, PDQ of three views, thumbnails, their packed form.
Does not: comparing tracks, or choosing keyframes (vidpipe.media.keyframes).

**Packed form.** n samples, in time order. `pdq_full`, `pdq_90`, `pdq_80`: n x 32 bytes, each the
256 bits of one PDQ hash in the order of its usual hexadecimal form. `quality` and
`is_low_information`: n bytes. `thumbnails`: see `pack_thumbnails`. With the default four samples
a second a track takes at most about 100 kB per minute of video.
"""

import struct
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from vidpipe.media.decode import Plane, halved, upright
from vidpipe.media.frame_scores import light
from vidpipe.media.orientation import Orientation

SAMPLE_LONG_SIDE_PX = 200
SMOOTHING_PX = (3, 3)
PDQ_SIDE_PX = 64
THUMBNAIL_SIDE_PX = 40
THUMBNAIL_BYTES = 290
"""The most bytes that a thumbnail may take, on average over a sheet."""
SHEET_COLUMNS = 16
SHEET_THUMBNAILS = 256
SHEET_QUALITIES = (8, 16, 24, 32, 40, 50, 60, 72, 84)

BUFFER_BYTES = 64 * 2**20
"""The most bytes of samples that wait until the bars are known (about 20 minutes); what follows
uses the same crop."""

BORDER_RANGE = 24
"""Grey levels: rows and columns at the edge that never leave a range this narrow are border."""
SMALLEST_KEPT_SHARE = 0.3
"""No crop keeps less than this share of width or height: a slide is not all border."""

Hashes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class HashTrack:
    """The packed hash track of one content; see the module for the meaning of the bytes."""

    sample_rate_hz: float
    timestamps_s: list[float]
    crop: list[int]
    """The left, top, right and bottom of what was hashed, px in the upright frame."""
    pdq_full: bytes
    pdq_90: bytes
    pdq_80: bytes
    quality: bytes
    is_low_information: bytes
    thumbnail_width_px: int
    thumbnail_height_px: int
    thumbnails: bytes


class HashTrackBuilder:
    """Collects samples while a video is decoded; `finish` hashes them.

    Hashing waits for the end because bars and borders are known only when enough was seen, and
    because hashes of many samples at once cost a tenth.
    """

    def __init__(self, sample_rate_hz: float) -> None:
        self._rate = sample_rate_hz
        self._cell = -1
        self._times: list[float] = []
        self._dark = bytearray()
        self._held: list[Plane] = []
        self._held_bytes = 0
        self._lowest: Plane | None = None
        self._highest: Plane | None = None
        self._box: tuple[int, int, int, int] | None = None
        self._orientation = Orientation()
        self._thumbnails: list[Plane] = []
        self._sheets: list[bytes] = []
        self._hashes: list[tuple[Hashes, Hashes, Hashes, Hashes]] = []

    def wants(self, time_s: float) -> bool:
        """Whether this is the first frame of its 1/rate second."""
        cell = int(time_s * self._rate + 1e-6)
        if cell == self._cell:
            return False
        self._cell = cell
        return True

    def add(self, time_s: float, luma: Plane, orientation: Orientation) -> None:
        """Takes a sample.

        Args:
            time_s: seconds from the first picture.
            luma: reduced full-range luma as stored; turned upright here.
        """
        small = upright(halved(luma, SAMPLE_LONG_SIDE_PX), orientation)
        self._orientation = orientation
        if self._held and small.shape != self._held[0].shape:
            small = cv2.resize(small, self._held[0].shape[::-1], interpolation=cv2.INTER_AREA)
        is_dark = light(small).is_low_information
        self._times.append(time_s)
        self._dark.append(is_dark)
        if self._box is None and not is_dark:
            self._widen(small)
        self._held.append(small)
        self._held_bytes += small.nbytes
        if self._held_bytes > BUFFER_BYTES:
            self._hash_held()

    def finish(self, width_px: int, height_px: int) -> HashTrack:
        """The packed track.

        Args:
            width_px, height_px: size of the upright frame, in which the crop is told.
        """
        self._hash_held()
        if self._thumbnails:
            self._write_sheet()
        full, nine, eight, quality = (
            b"".join(block[index].tobytes() for block in self._hashes) for index in range(4)
        )
        return HashTrack(
            sample_rate_hz=self._rate,
            timestamps_s=self._times,
            crop=self._crop(width_px, height_px),
            pdq_full=full,
            pdq_90=nine,
            pdq_80=eight,
            quality=quality,
            is_low_information=bytes(self._dark),
            thumbnail_width_px=THUMBNAIL_SIDE_PX,
            thumbnail_height_px=THUMBNAIL_SIDE_PX,
            thumbnails=b"".join(self._sheets),
        )

    def _widen(self, small: Plane) -> None:
        if self._lowest is None or self._highest is None or self._lowest.shape != small.shape:
            self._lowest, self._highest = small, small
        else:
            self._lowest = cast(Plane, cv2.min(self._lowest, small))
            self._highest = cast(Plane, cv2.max(self._highest, small))

    def _hash_held(self) -> None:
        if not self._held:
            return
        if self._box is None:
            self._sample_shape = self._held[0].shape
            self._box = content_box(self._lowest, self._highest, self._held[0].shape)
        left, top, right, bottom = self._box
        for start in range(0, len(self._held), SHEET_THUMBNAILS):
            views: list[list[Plane]] = [[], [], []]
            for sample in self._held[start : start + SHEET_THUMBNAILS]:
                # Averaged first, then sampled: a quarter of the cost of averaging each view.
                picture = cast(Plane, cv2.blur(sample[top:bottom, left:right], SMOOTHING_PX))
                for view, share in zip(views, (1.0, 0.9, 0.8), strict=True):
                    view.append(_shrunk(central(picture, share), PDQ_SIDE_PX))
                self._thumbnails.append(_shrunk(picture, THUMBNAIL_SIDE_PX))
                if len(self._thumbnails) == SHEET_THUMBNAILS:
                    self._write_sheet()
            full, nine, eight = (np.stack(view) for view in views)
            self._hashes.append((pdq(full), pdq(nine), pdq(eight), pdq_quality(full)))
        self._held, self._held_bytes = [], 0

    def _write_sheet(self) -> None:
        self._sheets.append(pack_thumbnails(np.stack(self._thumbnails)))
        self._thumbnails = []

    def _crop(self, width_px: int, height_px: int) -> list[int]:
        if self._box is None:
            return [0, 0, width_px, height_px]
        height, width = self._sample_shape
        left, top, right, bottom = self._box
        return [
            round(left * width_px / width),
            round(top * height_px / height),
            round(right * width_px / width),
            round(bottom * height_px / height),
        ]


def content_box(
    lowest: Plane | None, highest: Plane | None, shape: tuple[int, ...]
) -> tuple[int, int, int, int]:
    """The picture inside its bars and borders: left, top, right, bottom.

    Args:
        lowest, highest: darkest and brightest value that each pixel ever had; None if unknown.
        shape: (height, width) of the samples.

    A row or column at the edge is border when all its pixels stay within `BORDER_RANGE` grey
    levels through the whole video.
    """
    height, width = shape[:2]
    if lowest is None or highest is None:
        return 0, 0, width, height
    is_row = highest.max(axis=1).astype(int) - lowest.min(axis=1) <= BORDER_RANGE
    top, bottom = _kept(is_row)
    inner_low, inner_high = lowest[top:bottom], highest[top:bottom]
    is_column = inner_high.max(axis=0).astype(int) - inner_low.min(axis=0) <= BORDER_RANGE
    left, right = _kept(is_column)
    return left, top, right, bottom


def _kept(is_border: npt.NDArray[np.bool_]) -> tuple[int, int]:
    inside = np.flatnonzero(~is_border)
    if not inside.size or inside[-1] + 1 - inside[0] < SMALLEST_KEPT_SHARE * is_border.size:
        return 0, int(is_border.size)
    return int(inside[0]), int(inside[-1]) + 1


def central(picture: Plane, share: float) -> Plane:
    """The middle of a picture: `share` of its width and height."""
    if share >= 1:
        return picture
    height, width = picture.shape
    rows, columns = round(height * (1 - share) / 2), round(width * (1 - share) / 2)
    return picture[rows : height - rows, columns : width - columns]


def _shrunk(picture: Plane, side: int) -> Plane:
    return cast(Plane, cv2.resize(picture, (side, side), interpolation=cv2.INTER_LINEAR))


_FREQUENCIES = np.sqrt(2 / PDQ_SIDE_PX) * np.cos(
    np.pi / (2 * PDQ_SIDE_PX) * np.outer(np.arange(1, 17), 2 * np.arange(PDQ_SIDE_PX) + 1)
)


def pdq(pictures: Plane) -> Hashes:
    """The PDQ hashes of many pictures at once.

    The same steps as the reference in double precision: 16x16 lowest frequencies of the cosine
    transform, each compared with their median. One call per picture of the `pdqhash` package
    costs ten times as much, which three hashes at four samples a second do not leave room for;
    a test holds the two together.

    Args:
        pictures: uint8 luma, shape (n, 64, 64).

    Returns:
        uint8, shape (n, 32), in the bit order of the usual hexadecimal form.

    Source: Facebook, "The TMK+PDQF video-hashing algorithm and the PDQ image-hashing
    algorithm", ThreatExchange, 2019.
    """
    values = pictures.astype(np.float64)
    waves = (_FREQUENCIES @ values @ _FREQUENCIES.T).reshape(len(values), 256)
    medians = np.partition(waves, 127, axis=1)[:, 127:128]
    return np.packbits((waves > medians)[:, ::-1], axis=1)


_STEP_PERCENT = (np.arange(256) * 100 // 255).astype(np.uint8)


def pdq_quality(pictures: Plane) -> Hashes:
    """How much there is to hash in each picture, shape (n, 64, 64): uint8 (n,), 0 (flat) to 100.

    Source: the gradient sum of the PDQ reference.
    """
    count, _, width = pictures.shape
    below = cv2.absdiff(pictures[:, 1:].reshape(-1, width), pictures[:, :-1].reshape(-1, width))
    columns = pictures.reshape(-1, width)
    beside = cv2.absdiff(columns[:, 1:], columns[:, :-1])
    totals = sum(
        cast(Plane, cv2.LUT(steps, _STEP_PERCENT)).reshape(count, -1).sum(axis=1, dtype=np.int64)
        for steps in (below, beside)
    )
    qualities: Hashes = np.minimum(np.asarray(totals) // 90, 100).astype(np.uint8)
    return qualities


def pack_thumbnails(thumbnails: Plane) -> bytes:
    """Packs up to 256 thumbnails as one sheet.

    A sheet is a little-endian uint32 count, a uint32 length, and a grey JPEG of that length in
    which the thumbnails stand row by row, 16 in a row. Thumbnails are whole JPEG blocks, so that
    neighbours on the sheet do not bleed into each other. The quality is the best that fits
    `THUMBNAIL_BYTES` per thumbnail. Longer tracks are several sheets one after another.

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


def _jpeg(picture: Plane, quality: int) -> bytes:
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
