"""Footage as pictures at moments: what a file shows at a time, in the size that is asked for.

Belongs here: reading a file once along its time, upright, in square pixels, looped where wanted.
Does not: decoding (vidpipe.media.decode), editing what is seen.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from vidpipe.media.decode import TimedFrame, VideoReader, upright
from vidpipe.media.limits import Limits
from vidpipe.media.tone_mapping import is_hdr, sdr_picture

Picture = NDArray[np.uint8]
"""BGR, shape (height_px, width_px, 3)."""

A_MOMENT_S = 1e-6
"""Floats that mean the same moment differ by less."""


class Playback:
    """A file that is played from its beginning; ask for moments in their order.

    Use as `with Playback(…) as playback`; nothing is decoded before the first moment is asked for.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        """Takes the file.

        Args:
            path: file on this machine.
            limits: what reading it may cost.
        """
        self._path, self._limits = path, limits
        self._reader: VideoReader | None = None

    def __enter__(self) -> "Playback":
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    @property
    def duration_s(self) -> float:
        """From the first picture to the end of the last, at least one millisecond."""
        self._open()
        return max(self._opened.timeline.duration_s, 1e-3)

    @property
    def fps(self) -> float | None:
        """The pictures in a second; None where they are not known."""
        self._open()
        return self._opened.timeline.fps

    @property
    def upright_size(self) -> tuple[int, int]:
        """(width_px, height_px) of the first picture upright and in square pixels."""
        self._open()
        frame, reader = self._shown.frame, self._opened
        aspect = reader.video.pixel_aspect
        width = frame.width * max(aspect, 1.0)
        height = frame.height / min(aspect, 1.0)
        sides = (round(width), round(height))
        return sides[::-1] if reader.orientation.transpose else sides

    def at(self, time_s: float, size: tuple[int, int]) -> Picture:
        """The picture on display at a time, stretched to (width_px, height_px).

        The last picture stays on display. The array may be the one that the call before returned.

        Raises:
            UploadRejected: not a video, hostile, or over a limit.
            DecodeError: not one frame could be decoded.
            ItemUnavailable: the file cannot be read just now.
        """
        self._advance(time_s)
        if self._picture is None or self._picture.shape[1::-1] != size:
            self._picture = self._drawn(size)
        return self._picture

    def covering(self, time_s: float, size: tuple[int, int]) -> Picture:
        """The picture at a time, cut in the middle to fill a size; starts anew at its end."""
        turn = int(time_s / self.duration_s)
        if turn != self._turn:
            self._close()
            self._open()
            self._turn = turn
        (width, height), (own_width, own_height) = size, self.upright_size
        scale = max(width / own_width, height / own_height)
        fitted = (
            max(width, round(own_width * scale)),
            max(height, round(own_height * scale)),
        )
        picture = self.at(time_s - turn * self.duration_s, fitted)
        left, top = (fitted[0] - width) // 2, (fitted[1] - height) // 2
        return picture[top : top + height, left : left + width]

    def _advance(self, time_s: float) -> None:
        self._open()
        while self._next is not None and self._next.time_s <= time_s + A_MOMENT_S:
            self._shown, self._picture = self._next, None
            self._next = next(self._frames, None)

    def _open(self) -> None:
        if self._reader is not None:
            return
        reader = VideoReader(self._path, self._limits)
        self._opened = reader.__enter__()
        self._reader = reader
        self._turn = 0
        self._picture: Picture | None = None
        self._frames: Iterator[TimedFrame] = iter(reader)
        self._shown: TimedFrame = next(self._frames)
        self._next: TimedFrame | None = next(self._frames, None)

    def _close(self) -> None:
        if self._reader is not None:
            self._reader.__exit__(None, None, None)
            self._reader = None

    def _drawn(self, size: tuple[int, int]) -> Picture:
        frame, orientation = self._shown.frame, self._opened.orientation
        width, height = size[::-1] if orientation.transpose else size
        if is_hdr(frame):
            picture = sdr_picture(frame, width, height)
        else:
            is_half = 2 * width * height < frame.width * frame.height
            picture = frame.reformat(
                width,
                height,
                format="bgr24",
                interpolation="AREA" if is_half else "FAST_BILINEAR",
                threads=1,
            ).to_ndarray()
        return cast(Picture, np.ascontiguousarray(upright(picture, orientation)))


def black(size: tuple[int, int]) -> Picture:
    """A black picture of (width_px, height_px)."""
    return np.zeros((size[1], size[0], 3), np.uint8)


def fitted(picture: Picture, size: tuple[int, int]) -> Picture:
    """A picture stretched to (width_px, height_px)."""
    if picture.shape[1::-1] == size:
        return picture
    is_smaller = size[0] * size[1] < picture.shape[0] * picture.shape[1]
    how = cv2.INTER_AREA if is_smaller else cv2.INTER_LINEAR
    return cast(Picture, cv2.resize(picture, size, interpolation=how))
