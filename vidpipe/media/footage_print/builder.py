"""The footage print: what is kept of a content so that its footage is found again, edited or not.

Belongs here: sampling while a video is decoded, and putting the print together.
Does not: comparing prints (vidpipe.reuse), or choosing keyframes (vidpipe.media.keyframes).

**Packed form.** n samples, in time order. Each view: n x 32 bytes, one PDQ hash of that part of the
frame a sample, in the order of its usual hexadecimal form. `quality` and `is_low_information`: n
bytes. `thumbnails`: sheets of the full view (vidpipe.media.footage_print.thumbnails). `keyframes`:
keypoints (vidpipe.media.footage_print.keypoints). With the default four samples a second a print
takes at most about 120 kB per minute of video, and 24 kB for its keyframes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from vidpipe.media.decode import Plane, halved, upright
from vidpipe.media.footage_print.keypoints import KeyframePoints, keyframe_points
from vidpipe.media.footage_print.pdq import PDQ_SIDE_PX, pdq, pdq_quality
from vidpipe.media.footage_print.thumbnails import (
    SHEET_THUMBNAILS,
    THUMBNAIL_SIDE_PX,
    pack_thumbnails,
)
from vidpipe.media.footage_print.views import Box, WhatChanges
from vidpipe.media.frame_scores import light
from vidpipe.media.orientation import Orientation

SAMPLE_LONG_SIDE_PX = 200
SMOOTHING_PX = (3, 3)

BUFFER_BYTES = 64 * 2**20
"""The most bytes of samples that wait until the views are known (about 20 minutes); what follows
uses the same views."""


@dataclass(frozen=True)
class HashedView:
    """A part of the frame, and its hash in every sample."""

    name: str
    """`full`, `whole`, `centre_90` ... `centre_60`, `motion`, `sharp`,
    `window_1` or `window_2`."""
    box: tuple[float, float, float, float]
    """Left, top, right, bottom, as shares of width and height of the upright frame."""
    hashes: bytes


@dataclass(frozen=True)
class FootagePrint:
    """The print of one content; see the module for the meaning of the bytes."""

    sample_rate_hz: float
    timestamps_s: list[float]
    end_s: float
    """When the last frame that was decoded begins (s)."""
    width_px: int
    height_px: int
    quality: bytes
    is_low_information: bytes
    views: tuple[HashedView, ...]
    thumbnail_width_px: int
    thumbnail_height_px: int
    thumbnails: bytes
    keyframes: tuple[KeyframePoints, ...]


class FootagePrintBuilder:
    """Collects samples while a video is decoded; `finish` hashes them.

    Hashing waits for the end because bars, and what moves, are known only when enough was seen,
    and because hashes of many samples at once cost a tenth.
    """

    def __init__(self, sample_rate_hz: float) -> None:
        self._rate = sample_rate_hz
        self._cell = -1
        self._times: list[float] = []
        self._dark = bytearray()
        self._held: list[Plane] = []
        self._held_bytes = 0
        self._shape: tuple[int, int] | None = None
        self._changes = WhatChanges()
        self._boxes: dict[str, Box] | None = None
        self._hashes: dict[str, list[bytes]] = {}
        self._quality: list[bytes] = []
        self._thumbnails: list[Plane] = []
        self._sheets: list[bytes] = []

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
        if self._shape is None:
            self._shape = small.shape
        if small.shape != self._shape:
            small = cv2.resize(small, self._shape[::-1], interpolation=cv2.INTER_AREA)
        is_dark = light(small).is_low_information
        self._times.append(time_s)
        self._dark.append(is_dark)
        if self._boxes is None and not is_dark:
            self._changes.add(small)
        self._held.append(small)
        self._held_bytes += small.nbytes
        if self._held_bytes > BUFFER_BYTES:
            self._hash_held()

    def finish(
        self, width_px: int, height_px: int, end_s: float, keyframes: Iterable[tuple[float, bytes]]
    ) -> FootagePrint:
        """The print.

        Args:
            width_px, height_px: size of the upright frame.
            end_s: when the last decoded frame begins (s).
            keyframes: when each keyframe is shown (s), and its JPEG.
        """
        self._hash_held()
        if self._thumbnails:
            self._write_sheet()
        height, width = self._shape or (1, 1)
        sides = (width, height, width, height)
        return FootagePrint(
            sample_rate_hz=self._rate,
            timestamps_s=self._times,
            end_s=end_s,
            width_px=width_px,
            height_px=height_px,
            quality=b"".join(self._quality),
            is_low_information=bytes(self._dark),
            views=tuple(
                HashedView(
                    name,
                    cast(
                        tuple[float, float, float, float],
                        tuple(edge / side for edge, side in zip(box, sides, strict=True)),
                    ),
                    b"".join(self._hashes[name]),
                )
                for name, box in (self._boxes or {}).items()
            ),
            thumbnail_width_px=THUMBNAIL_SIDE_PX,
            thumbnail_height_px=THUMBNAIL_SIDE_PX,
            thumbnails=b"".join(self._sheets),
            keyframes=tuple(keyframe_points(time_s, image) for time_s, image in keyframes),
        )

    def _hash_held(self) -> None:
        if not self._held:
            return
        if self._boxes is None:
            self._boxes = self._changes.views(self._held[0].shape)
            self._hashes = {name: [] for name in self._boxes}
        for start in range(0, len(self._held), SHEET_THUMBNAILS):
            # Averaged first, then sampled: a quarter of the cost of averaging each view.
            samples = [
                cast(Plane, cv2.blur(sample, SMOOTHING_PX))
                for sample in self._held[start : start + SHEET_THUMBNAILS]
            ]
            for name, box in self._boxes.items():
                pictures = np.stack([_shrunk(sample, box, PDQ_SIDE_PX) for sample in samples])
                self._hashes[name].append(pdq(pictures).tobytes())
                if name == "full":
                    self._quality.append(pdq_quality(pictures).tobytes())
            for sample in samples:
                self._thumbnails.append(_shrunk(sample, self._boxes["full"], THUMBNAIL_SIDE_PX))
                if len(self._thumbnails) == SHEET_THUMBNAILS:
                    self._write_sheet()
        self._held, self._held_bytes = [], 0

    def _write_sheet(self) -> None:
        self._sheets.append(pack_thumbnails(np.stack(self._thumbnails)))
        self._thumbnails = []


def _shrunk(picture: Plane, box: Box, side_px: int) -> Plane:
    left, top, right, bottom = box
    part = picture[top : max(bottom, top + 1), left : max(right, left + 1)]
    return cast(Plane, cv2.resize(part, (side_px, side_px), interpolation=cv2.INTER_LINEAR))
