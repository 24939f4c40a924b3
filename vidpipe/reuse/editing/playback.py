"""Footage as pictures at moments: what a file shows at a time, in the size that is asked for.

Belongs here: reading a file once along its time, upright, in square pixels, looped where wanted.
Does not: decoding (vidpipe.media.decode), editing what is seen.
"""

from collections.abc import Iterator
from dataclasses import dataclass
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


@dataclass
class _Reading:
    """A file that is being read.

    Attributes:
        reader: the opened file.
        frames: what follows `next_frame`.
        frame: the frame on display.
        next_frame: the frame after it; None at the end.
        picture: of `frame`, in the size that was asked for last.
    """

    reader: VideoReader
    frames: Iterator[TimedFrame]
    frame: TimedFrame
    next_frame: TimedFrame | None
    picture: Picture | None = None


class Playback:
    """A file that is played from its beginning; ask for moments in their order.

    Use as `with Playback(…) as playback`; nothing is decoded before something is asked for. All
    that asks raises

        UploadRejected: not a video, hostile, or over a limit.
        DecodeError: not one frame could be decoded.
        ItemUnavailable: the file cannot be read just now.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        """Takes the file.

        Args:
            path: file on this machine.
            limits: what reading it may cost.
        """
        self._path, self._limits = path, limits
        self._open: _Reading | None = None
        self._turn = 0

    def __enter__(self) -> "Playback":
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    @property
    def duration_s(self) -> float:
        """From the first picture to the end of the last, at least one millisecond."""
        return max(self._reading.reader.timeline.duration_s, 1e-3)

    @property
    def fps(self) -> float | None:
        """The pictures in a second; None where they are not known."""
        return self._reading.reader.timeline.fps

    @property
    def upright_size(self) -> tuple[int, int]:
        """(width_px, height_px) of the picture on display, upright and in square pixels."""
        frame, reader = self._reading.frame.frame, self._reading.reader
        aspect = reader.video.pixel_aspect
        sides = (round(frame.width * max(aspect, 1.0)), round(frame.height / min(aspect, 1.0)))
        return sides[::-1] if reader.orientation.transpose else sides

    def at(self, time_s: float, size: tuple[int, int]) -> Picture:
        """The picture on display at a time, stretched to (width_px, height_px).

        The last picture stays on display. The array may be the one that the call before returned.
        """
        reading = self._reading
        while reading.next_frame and reading.next_frame.time_s <= time_s + A_MOMENT_S:
            reading.frame, reading.picture = reading.next_frame, None
            reading.next_frame = next(reading.frames, None)
        if reading.picture is None or reading.picture.shape[1::-1] != size:
            reading.picture = _drawn(reading, size)
        return reading.picture

    def covering(self, time_s: float, size: tuple[int, int]) -> Picture:
        """The picture at a time, cut in the middle to fill a size; starts anew at its end."""
        turn = int(time_s / self.duration_s)
        if turn != self._turn:
            self._close()
            self._turn = turn
        (width, height), (own_width, own_height) = size, self.upright_size
        scale = max(width / own_width, height / own_height)
        fitted = max(width, round(own_width * scale)), max(height, round(own_height * scale))
        picture = self.at(time_s - turn * self.duration_s, fitted)
        left, top = (fitted[0] - width) // 2, (fitted[1] - height) // 2
        return picture[top : top + height, left : left + width]

    @property
    def _reading(self) -> _Reading:
        if self._open is None:
            reader = VideoReader(self._path, self._limits).__enter__()
            frames = iter(reader)
            try:
                self._open = _Reading(reader, frames, next(frames), next(frames, None))
            except BaseException:
                reader.__exit__(None, None, None)
                raise
        return self._open

    def _close(self) -> None:
        if self._open is not None:
            self._open.reader.__exit__(None, None, None)
            self._open = None


def _drawn(reading: _Reading, size: tuple[int, int]) -> Picture:
    frame, orientation = reading.frame.frame, reading.reader.orientation
    width, height = size[::-1] if orientation.transpose else size
    if is_hdr(frame):
        return np.ascontiguousarray(upright(sdr_picture(frame, width, height), orientation))
    is_half = 2 * width * height < frame.width * frame.height
    picture = frame.reformat(
        width,
        height,
        format="bgr24",
        interpolation="AREA" if is_half else "FAST_BILINEAR",
        threads=1,
    ).to_ndarray()
    return np.ascontiguousarray(upright(picture, orientation))


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
