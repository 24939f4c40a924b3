"""Decoding a whole video once, in presentation order, whatever is wrong with it.

Belongs here: frames with their times, decoder errors, limits while decoding, cheap views of a
frame's planes, upright JPEGs.
Does not: opening files (vidpipe.media.container), judging frames (vidpipe.media.frame_scores) or
the look of HDR frames (vidpipe.media.tone_mapping).
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame

from vidpipe.errors import DecodeError
from vidpipe.media.container import FilePath, OpenVideo, open_video
from vidpipe.media.limits import Limits
from vidpipe.media.orientation import UPRIGHT, Orientation, orientation_of
from vidpipe.media.shown_time import ShownClock
from vidpipe.media.timeline import Timeline, measure_timeline, rewind
from vidpipe.media.tone_mapping import DeclaredColours, is_full_range, is_hdr, sdr_picture

Plane = npt.NDArray[np.uint8]

LUMA_LONG_SIDE_PX = 400
"""Luma is halved until its longer side is at most this: halving is nearly free, and judging
sharpness at full size would cost as much as decoding."""

CHROMA_LONG_SIDE_PX = 24
"""Colours are compared in pictures this small."""

JPEG_LONG_SIDE_PX = 1280
JPEG_QUALITY = 90

PACKETS_BETWEEN_CHECKS = 16
"""Asking for the processor time is a system call: once per frame is too often."""

_PLANAR_BITS = {
    **dict.fromkeys(
        ("yuv420p", "yuv422p", "yuv444p", "yuv440p", "yuv411p", "yuv410p", "yuva420p", "gray"), 8
    ),
    **dict.fromkeys(("yuvj420p", "yuvj422p", "yuvj444p", "yuvj440p", "yuvj411p"), 8),
    **dict.fromkeys(("yuv420p10le", "yuv422p10le", "yuv444p10le", "gray10le"), 10),
    **dict.fromkeys(("yuv420p12le", "yuv422p12le", "yuv444p12le", "gray12le"), 12),
}
"""Pixel formats whose planes are read in place; all others are converted first."""

_BGR_TO_LUMA = np.array([[0.0722, 0.7152, 0.2126]])
_BGR_TO_CHROMA = np.array(
    [
        [0.5 * 224 / 255, -0.3854 * 224 / 255, -0.1146 * 224 / 255, 128],
        [-0.0458 * 224 / 255, -0.4542 * 224 / 255, 0.5 * 224 / 255, 128],
    ]
)
"""Full-range luma, and Cb and Cr of 16 to 240, of a picture. Source: ITU-R BT.709."""


class TimedFrame(NamedTuple):
    """One decoded frame: `time_s` counts from the first picture and never goes back."""

    frame: VideoFrame
    frame_index: int
    time_s: float
    is_suspect: bool
    """Whether it was decoded with errors, or after one and before the next full picture."""


@dataclass
class Damage:
    """What was wrong with a video while the rest of it was kept."""

    errors: int = 0
    first_error: str = ""
    first_error_s: float = 0.0
    corrupt_frames: int = 0
    missing_s: float = 0.0
    reading_stopped: str = ""

    def reason(self, frames: int, last_s: float) -> str | None:
        """A sentence about the damage; None when there is none."""
        parts = []
        if self.errors:
            parts.append(
                f"the decoder failed on {self.errors} packet{'s' * (self.errors > 1)}, first "
                f"after {self.first_error_s:.1f} s ({self.first_error})"
            )
        if self.corrupt_frames:
            parts.append(
                f"{self.corrupt_frames} frame{'s' * (self.corrupt_frames > 1)} decoded with errors"
            )
        if self.reading_stopped:
            parts.append(f"reading stopped after {last_s:.1f} s ({self.reading_stopped})")
        if self.missing_s:
            parts.append(
                f"the header promises {self.missing_s:.1f} s more than there is: "
                f"the last frame is at {last_s:.1f} s"
            )
        return f"{'; '.join(parts)}; {frames} frame{'s' * (frames > 1)} kept" if parts else None


@dataclass
class VideoReader:
    """Reads one video from its first frame to its last; use as `with VideoReader(…) as reader`.

    `timeline` is known from the start, `orientation` from the first frame on, `damage`,
    `frames` and `last_s` are complete after the iteration.
    """

    path: FilePath
    limits: Limits
    name: str | None = None
    damage: Damage = field(default_factory=Damage)
    orientation: Orientation = UPRIGHT
    frames: int = 0
    last_s: float = 0.0

    def __enter__(self) -> "VideoReader":
        self._stack = ExitStack()
        try:
            self._video = self._stack.enter_context(open_video(self.path, self.limits, self.name))
            self._declared = DeclaredColours.of(self._video.stream)
            self.timeline: Timeline = measure_timeline(self._video)
            if not rewind(self._video, self.timeline):
                self._stack.close()
                self._video = self._stack.enter_context(
                    open_video(self.path, self.limits, self.name)
                )
        except BaseException:
            self._stack.close()
            raise
        self.damage.missing_s = self.timeline.missing_s
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def video(self) -> OpenVideo:
        """The opened file."""
        return self._video

    def __iter__(self) -> Iterator[TimedFrame]:
        """Yields frames in presentation order, to the end or as far as the file can be read.

        Raises:
            UploadRejected: a limit was passed while decoding.
            DecodeError: not one frame could be decoded.
        """
        video = self._video
        base, start_s = video.time_base, self.timeline.start_s
        frame_s = 1 / self.timeline.fps if self.timeline.fps else 0.04
        size = (0, 0)
        is_suspect = False
        time_s = -frame_s
        for frame in self._decoded():
            if frame is None:
                is_suspect = True
                continue
            self._declared.complete(frame)
            if frame.key_frame:
                is_suspect = False
            if (frame.width, frame.height) != size:
                size = (frame.width, frame.height)
                video.check_size(*size)
            pts = frame.pts
            if pts is None:
                time_s = max(time_s + frame_s, 0.0)
            else:
                time_s = max(pts * base - start_s, time_s, 0.0)
            if time_s > video.limits.max_duration_s:
                video.check_duration(time_s)
            if self.frames == 0:
                self.orientation = orientation_of(frame)
            is_corrupt = frame.is_corrupt
            self.damage.corrupt_frames += is_corrupt
            self.last_s = time_s
            self.frames += 1
            yield TimedFrame(frame, self.frames - 1, time_s, is_suspect or is_corrupt)
        if self.frames == 0:
            detail = self.damage.first_error or self.damage.reading_stopped or "no error reported"
            raise DecodeError(
                f"{video.name}: not one frame could be decoded ({detail}); upload it again"
            )

    def _decoded(self) -> Iterator[VideoFrame | None]:
        """Yields decoded frames, and None where the decoder failed on a packet."""
        video = self._video
        packets = video.container.demux(video.stream)
        shown = self.timeline.shown
        clock = ShownClock(video, shown) if shown is not None else None
        packets_read = 0
        while True:
            try:
                packet = next(packets, None)
            except (av.FFmpegError, ValueError) as error:
                self.damage.reading_stopped = self.damage.reading_stopped or _text(error)
                yield from self._flushed()
                return
            if packet is None:
                return
            packets_read += 1
            if packets_read % PACKETS_BETWEEN_CHECKS == 0:
                video.check_time()
            if clock is not None and packet.size and not packet.is_discard:
                clock.correct(packet)
            try:
                yield from packet.decode()
            except EOFError:
                return
            except (av.FFmpegError, ValueError) as error:
                self._note(error)
                yield None

    def _flushed(self) -> Iterator[VideoFrame | None]:
        try:
            yield from self._video.stream.decode(None)
        except (av.FFmpegError, ValueError) as error:
            self._note(error)

    def _note(self, error: Exception) -> None:
        damage = self.damage
        if not damage.errors:
            damage.first_error = _text(error)
            damage.first_error_s = self.last_s
        damage.errors += 1


def _text(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)


def reduced_luma(frame: VideoFrame) -> Plane:
    """The full-range luma, halved until its longer side is at most `LUMA_LONG_SIDE_PX`.

    Returns:
        uint8, shape (height_px, width_px) of the reduced picture as stored (not yet upright).
    """
    if is_hdr(frame):
        return cast(Plane, cv2.transform(_reduced_sdr(frame), _BGR_TO_LUMA))
    bits = _PLANAR_BITS.get(frame.format.name)
    if bits is None:
        frame = _as_yuv(frame)
        bits = 8
    plane = _eight_bits(halved(plane_view(frame, 0, bits), LUMA_LONG_SIDE_PX), bits)
    if is_full_range(frame):
        return plane.copy()
    above_black = cv2.subtract(plane, cast(Plane, 16))
    return cast(Plane, cv2.convertScaleAbs(above_black, alpha=255 / 219))


def small_chroma(frame: VideoFrame) -> tuple[Plane, Plane] | None:
    """Cb and Cr, shrunk to at most `CHROMA_LONG_SIDE_PX`, in the frame's range; None for grey ones.

    The ranges differ by a seventh, which is no matter between frames of one video.
    """
    if is_hdr(frame):
        both = cv2.transform(_reduced_sdr(frame), _BGR_TO_CHROMA)
        return shrunk(both[..., 0]), shrunk(both[..., 1])
    bits = _PLANAR_BITS.get(frame.format.name)
    if bits is None:
        frame = _as_yuv(frame)
        bits = 8
    if len(frame.planes) < 3:
        return None
    blue, red = (_eight_bits(shrunk(plane_view(frame, index, bits)), bits) for index in (1, 2))
    return blue, red


def plane_view(frame: VideoFrame, index: int, bits: int) -> npt.NDArray[Any]:
    """Views one plane in place, without a copy: uint8, or uint16 for more than 8 bits."""
    plane = frame.planes[index]
    stride = abs(plane.line_size)
    rows: npt.NDArray[Any] = np.frombuffer(cast(Any, plane), np.uint8)
    rows = rows.reshape(plane.height, stride)[:: 1 if plane.line_size > 0 else -1]
    if bits > 8:
        rows = rows.view(np.dtype("<u2"))
    return rows[:, : plane.width]


def halved(plane: npt.NDArray[Any], long_side: int) -> npt.NDArray[Any]:
    """The plane averaged 2x2 until its longer side is at most `long_side` px (never below 1)."""
    while max(plane.shape) > long_side and min(plane.shape) > 1:
        height, width = plane.shape[0] // 2, plane.shape[1] // 2
        plane = cv2.resize(
            plane[: height * 2, : width * 2], (width, height), interpolation=cv2.INTER_AREA
        )
    if max(plane.shape) > long_side:  # a line of pixels
        height, width = (max(1, side * long_side // max(plane.shape)) for side in plane.shape)
        plane = cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA)
    return plane


def shrunk(plane: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The plane averaged in whole blocks to about `CHROMA_LONG_SIDE_PX` (the fast way).

    Blocks are multiples of four, of which every fourth row is read: no prominent colour depends
    on the others.
    """
    block = -(-max(plane.shape) // (CHROMA_LONG_SIDE_PX * 4)) * 4
    rows, columns = plane.shape[0] // block, plane.shape[1] // block
    if max(plane.shape) <= CHROMA_LONG_SIDE_PX or min(rows, columns) < 1:
        return halved(plane, CHROMA_LONG_SIDE_PX)
    return cv2.resize(
        plane[: rows * block : 4, : columns * block],
        (columns, rows),
        interpolation=cv2.INTER_AREA,
    )


def upright(picture: npt.NDArray[Any], orientation: Orientation) -> npt.NDArray[Any]:
    """Turns stored rows and columns as the display matrix asks; works on planes and BGR."""
    if orientation.transpose:
        picture = cv2.transpose(picture)
    if orientation.flip_horizontally:
        picture = cv2.flip(picture, 1)
    if orientation.flip_vertically:
        picture = cv2.flip(picture, 0)
    return picture


def jpeg(frame: VideoFrame, orientation: Orientation, pixel_aspect: float = 1.0) -> bytes:
    """An upright JPEG with square pixels, longer side at most `JPEG_LONG_SIDE_PX`.

    The same frame always gives the same bytes: the hash of these bytes is the keyframe's name.
    """
    width, height = float(frame.width), float(frame.height)
    if abs(pixel_aspect - 1) > 0.01:
        width, height = (
            (width * pixel_aspect, height) if pixel_aspect > 1 else (width, height / pixel_aspect)
        )
    scale = min(1.0, JPEG_LONG_SIDE_PX / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    picture = sdr_picture(frame, *size) if is_hdr(frame) else _as_bgr(frame, size, scale < 1)
    done, data = cv2.imencode(
        ".jpg", upright(picture, orientation), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    )
    if not done:
        raise DecodeError(f"a frame of {frame.width}x{frame.height} pixels cannot be written")
    return data.tobytes()


def _as_bgr(frame: VideoFrame, size: tuple[int, int], is_smaller: bool) -> Plane:
    return cast(
        Plane,
        frame.reformat(
            *size,
            format="bgr24",
            interpolation="AREA" if is_smaller else "BICUBIC",
            threads=1,
        ).to_ndarray(),
    )


def _reduced_sdr(frame: VideoFrame) -> Plane:
    """BGR of an HDR frame, as large as its reduced luma."""
    width, height = frame.width, frame.height
    while max(width, height) > LUMA_LONG_SIDE_PX:
        width, height = max(1, width // 2), max(1, height // 2)
    return sdr_picture(frame, width, height)


def _as_yuv(frame: VideoFrame) -> VideoFrame:
    return frame.reformat(format="yuv420p", threads=1)


def _eight_bits(plane: npt.NDArray[Any], bits: int) -> Plane:
    return (plane >> (bits - 8)).astype(np.uint8) if bits > 8 else plane
