"""Opening untrusted video files: the only place where PyAV opens anything.

Belongs here: which containers and protocols are allowed, which stream is the video, how long it
lasts, how it is turned upright, and what a refused file is told.
Does not: decoding a whole file (vidpipe.media.decode) or choosing frames (vidpipe.media.keyframes).

An ffconcat text named `.mp4` makes FFmpeg read other files of this machine, and an HLS playlist
makes it send requests, unless both the containers and the protocols are white-listed.
"""

import os
import stat
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from vidpipe.errors import ItemUnavailable, UploadRejected
from vidpipe.media.limits import Limits

if TYPE_CHECKING:
    VideoPacket: TypeAlias = Packet[VideoStream]
else:  # the compiled class takes no parameters
    VideoPacket = Packet

FilePath = str | bytes | os.PathLike[str]

CONTAINERS = (
    "mov,mp4,m4a,3gp,3g2,mj2",
    "matroska,webm",
    "avi",
    "mpegts",
    "mpeg",
    "flv",
    "asf",
    "ogg",
    "gif",
)
"""FFmpeg demuxers that hold the pictures themselves; playlists and scripts are not among them."""

FIRST_FRAME_PACKETS = 256
"""Packets of a probe that are decoded in search of the first frame (its rotation is needed)."""

TRUNCATION_S = 1.0
TRUNCATION_SHARE = 0.02
"""A file is truncated when the header promises more than this beyond its last packet."""


@dataclass(frozen=True)
class Orientation:
    """How stored pixels are turned to stand upright: transpose first, then the flips."""

    transpose: bool = False
    flip_horizontally: bool = False
    flip_vertically: bool = False

    @property
    def rotation_deg(self) -> int:
        """Clockwise rotation (0, 90, 180 or 270), mirroring apart."""
        if self.transpose:
            return 90 if self.flip_horizontally else 270
        return 180 if self.flip_vertically and self.flip_horizontally else 0


UPRIGHT = Orientation()


def orientation_of(frame: VideoFrame) -> Orientation:
    """Orientation that the display matrix of a frame asks for.

    Source: the rules of FFmpeg's own `-autorotate` (fftools/ffmpeg_filter.c).
    """
    side_data = cast(Any, frame.side_data)  # a mapping whose iteration is broken in PyAV 18
    parts = [side_data[number] for number in range(len(side_data))]
    matrices = [
        np.frombuffer(bytes(part), dtype=np.int32)
        for part in parts
        if part.type.name == "DISPLAYMATRIX"
    ]
    if not matrices or matrices[0].size != 9:
        return UPRIGHT
    matrix = matrices[0]
    turn = round(-frame.rotation / 90) % 4
    if turn == 1:
        return Orientation(transpose=True, flip_horizontally=bool(matrix[3] <= 0))
    if turn == 3:
        return Orientation(
            transpose=True, flip_horizontally=bool(matrix[3] < 0), flip_vertically=True
        )
    if turn == 2:
        return Orientation(
            flip_horizontally=bool(matrix[0] < 0), flip_vertically=bool(matrix[4] < 0)
        )
    return Orientation(flip_vertically=bool(matrix[4] < 0))


@dataclass(frozen=True)
class Probe:
    """What a file says and shows about itself; sizes are those of the upright picture."""

    container: str
    codec: str
    duration_s: float | None
    fps: float | None
    width_px: int
    height_px: int
    rotation_deg: int


@dataclass(frozen=True)
class Timeline:
    """Presentation time of the video, measured from its packets.

    Measured, because headers lack a duration (live webm), promise what a cut file no longer has,
    or count the sound that goes on after the picture.
    """

    start_s: float
    """Time of the first picture, in the container's own clock."""
    duration_s: float
    """From the first picture to the end of the last; 0 when no packet carries a time."""
    fps: float | None
    packets: int
    first_position: tuple[int | None, int | None]
    """Byte offset and dts of the first packet: tells whether a rewind really rewound."""
    missing_s: float
    """What the header promises beyond the last packet of any stream; 0 when it keeps its word."""


class OpenVideo:
    """An opened container with its one real video stream; made by `open_video`."""

    def __init__(
        self, container: InputContainer, stream: VideoStream, name: str, limits: Limits
    ) -> None:
        self.container = container
        self.stream = stream
        self.name = name
        self.limits = limits
        self.time_base = float(stream.time_base or Fraction(1, 1000))
        self._started = time.thread_time()

    def check_time(self) -> None:
        """Refuses a file that took more processor time than it may.

        Raises:
            UploadRejected: the time is used up.
        """
        if time.thread_time() - self._started > self.limits.max_decode_s:
            raise UploadRejected(
                f"{self.name} takes longer than {self.limits.max_decode_s:g} s to decode; "
                "raise VIDPIPE_MAX_DECODE_S to accept it"
            )

    def check_size(self, width: int, height: int) -> None:
        """Refuses frames of more pixels than allowed.

        Raises:
            UploadRejected: the frame is too large.
        """
        if width * height > self.limits.max_frame_pixels:
            raise UploadRejected(
                f"{self.name} has frames of {width}x{height} pixels, more than "
                f"{self.limits.max_frame_pixels}; raise VIDPIPE_MAX_FRAME_PIXELS to accept it"
            )

    def check_duration(self, duration_s: float) -> None:
        """Refuses videos that last longer than allowed.

        Raises:
            UploadRejected: the video is too long.
        """
        if duration_s > self.limits.max_duration_s:
            raise UploadRejected(
                f"{self.name} lasts {duration_s:.1f} s, longer than "
                f"{self.limits.max_duration_s:g} s; raise VIDPIPE_MAX_DURATION_S to accept it"
            )

    @property
    def pixel_aspect(self) -> float:
        """Width of a pixel over its height, 1 where it is unknown or absurd."""
        ratio = float(self.stream.sample_aspect_ratio or 1)
        return ratio if 0.2 <= ratio <= 5 else 1.0


@contextmanager
def open_video(path: FilePath, limits: Limits, name: str | None = None) -> Iterator[OpenVideo]:
    """Opens a file of untrusted origin for reading its video stream.

    The file is opened by us and handed to FFmpeg as a descriptor: its name may hold any bytes,
    start with a dash or look like a URL, and plays no part in telling its type.

    Args:
        path: file on this machine.
        limits: size and pixels are checked here.
        name: how messages call the file; default: the path.

    Raises:
        UploadRejected: empty, over a limit, no allowed container, or no video inside.
        ItemUnavailable: the file cannot be read just now.
    """
    shown = name if name is not None else os.fsdecode(path).encode(errors="replace").decode()
    with ExitStack() as stack:
        descriptor = _open_regular_file(path, shown, limits)
        stack.callback(os.close, descriptor)
        try:
            container = av.open(
                f"file:/dev/fd/{descriptor}",
                options={"max_pixels": str(limits.max_frame_pixels)},
                container_options={
                    "format_whitelist": ",".join(CONTAINERS),
                    "protocol_whitelist": "file",
                },
                metadata_errors="replace",
            )
        except (av.FFmpegError, ValueError, OverflowError) as error:
            raise UploadRejected(
                f"{shown} is not a video: its content is none of the containers that are read "
                "(MP4/MOV, Matroska/WebM, AVI, MPEG-TS, MPEG-PS, FLV, ASF/WMV, Ogg, GIF), or its "
                f"header is broken ({_reason(error)}); upload the video file itself"
            ) from None
        stack.callback(container.close)
        stream = _video_stream(container, shown)
        video = OpenVideo(container, stream, shown, limits)
        video.check_size(stream.codec_context.width, stream.codec_context.height)
        for other in container.streams:
            other.discard = other.discard.__class__["none" if _is_timed(other) else "all"]
        stream.codec_context.options = {"max_pixels": str(limits.max_frame_pixels)}
        stream.codec_context.thread_count = 1
        yield video


def probe(path: FilePath, limits: Limits, name: str | None = None) -> Probe:
    """Container, codec, duration, frame rate and upright size of a file, by its content.

    Raises:
        UploadRejected, ItemUnavailable: see `open_video`; also when it lasts too long.
    """
    with open_video(path, limits, name) as video:
        timeline, first = _scan(video, first_frame_wanted=True)
        orientation = orientation_of(first) if first is not None else UPRIGHT
        context = video.stream.codec_context
        width, height = (first or context).width, (first or context).height
        if orientation.transpose:
            width, height = height, width
        return Probe(
            container=video.container.format.name,
            codec=context.name,
            duration_s=timeline.duration_s or None,
            fps=timeline.fps,
            width_px=width,
            height_px=height,
            rotation_deg=orientation.rotation_deg,
        )


def measure_timeline(video: OpenVideo) -> Timeline:
    """Reads every packet header once, decodes nothing, and leaves the container at its end.

    Raises:
        UploadRejected: no video packet, too long, or reading took too much processor time.
    """
    return _scan(video, first_frame_wanted=False)[0]


def rewind(video: OpenVideo, timeline: Timeline) -> bool:
    """Goes back to the first packet; False where the container cannot and must be reopened.

    The index of a damaged file may point anywhere, so the place reached is verified.
    """
    if None in timeline.first_position:
        return False
    position, dts = timeline.first_position
    try:
        video.container.seek(int(dts or 0), stream=video.stream)
        for packet in video.container.demux(video.stream):
            if (packet.pos, packet.dts) != (position, dts):
                return False
            break
        video.container.seek(int(dts or 0), stream=video.stream)
    except (av.FFmpegError, ValueError):
        return False
    return True


def _scan(video: OpenVideo, *, first_frame_wanted: bool) -> tuple[Timeline, VideoFrame | None]:
    stream, base = video.stream, video.time_base
    others = {
        other.index: float(other.time_base)
        for other in video.container.streams
        if other.index != stream.index and other.time_base and _is_timed(other)
    }
    frame: VideoFrame | None = None
    first: VideoPacket | None = None
    low: int | None = None
    last = high = 0
    latest_s = float("-inf")
    packets = untimed = 0
    for packet in _packets(video):
        pts = packet.pts if packet.pts is not None else packet.dts
        if packet.stream_index != stream.index:
            if pts is not None and packet.stream_index in others:
                end_s = (pts + (packet.duration or 0)) * others[packet.stream_index]
                latest_s = max(latest_s, end_s)
            continue
        packets += 1
        first = first or packet
        if first_frame_wanted and frame is None and packets <= FIRST_FRAME_PACKETS:
            frame = _first_frame(packet)
        if packets % 256 == 0:
            video.check_time()
        if packet.is_discard:
            continue
        if pts is None:
            untimed += 1
            continue
        end = pts + (packet.duration or 0)
        if low is None:
            low, last, high = pts, pts, end
        low, last, high = min(low, pts), max(last, pts), max(high, end)
    if first is None:
        raise UploadRejected(f"{video.name} holds no video data; upload the complete file")
    if first_frame_wanted and frame is None:
        frame = _first_frame(None, stream)
    rate = _frame_rate(stream)
    duration_s = _duration(low, last, high, base, packets, rate)
    if untimed and rate:  # MPEG-PS gives a time to some packets only
        duration_s = max(duration_s, packets / rate)
    video.check_duration(duration_s)
    start_s = (low or 0) * base
    if rate is None and packets > 1 and duration_s > 0:
        rate = packets / duration_s
    timeline = Timeline(
        start_s=start_s,
        duration_s=duration_s,
        fps=rate,
        packets=packets,
        first_position=(first.pos, first.dts),
        missing_s=_missing(video, start_s, duration_s, max(latest_s, start_s + duration_s), rate),
    )
    return timeline, frame


def _packets(video: OpenVideo) -> Iterator[Any]:
    """Packets of all streams up to the first that cannot be read (the rest is then lost)."""
    try:
        for packet in video.container.demux():
            if packet.size:
                yield packet
    except (av.FFmpegError, ValueError):
        return


def _first_frame(
    packet: VideoPacket | None, stream: VideoStream | None = None
) -> VideoFrame | None:
    try:
        frames = packet.decode() if packet is not None else stream.decode(None) if stream else []
    except (av.FFmpegError, ValueError):
        return None
    return frames[0] if frames else None


def _duration(
    low: int | None, last: int, high: int, base: float, packets: int, rate: float | None
) -> float:
    if low is None:
        return packets / rate if rate else 0.0
    frame_s = 1 / rate if rate else 0.0
    return max((high - low) * base, (last - low) * base + frame_s)


def _missing(
    video: OpenVideo, start_s: float, duration_s: float, latest_s: float, rate: float | None
) -> float:
    """Seconds that the header promises after the last packet of any stream."""
    stream, container = video.stream, video.container
    if stream.duration and stream.time_base:
        promised_s = float(stream.duration * stream.time_base)
        missing_s = promised_s - duration_s
    elif container.duration:
        promised_s = container.duration / av.time_base
        begin_s = (container.start_time or 0) / av.time_base
        missing_s = promised_s - max(latest_s - begin_s, latest_s - start_s)
    else:
        return 0.0
    frames_s = 2 / rate if rate else 0.0
    return (
        missing_s if missing_s > max(TRUNCATION_S, TRUNCATION_SHARE * promised_s, frames_s) else 0.0
    )


def _frame_rate(stream: VideoStream) -> float | None:
    for rate in (stream.average_rate, stream.guessed_rate):
        if rate and 0.001 <= float(rate) <= 1000:
            return float(rate)
    return None


def _is_timed(stream: object) -> bool:
    """True for sound and moving pictures; cover pictures and attachments have no timeline."""
    kind = getattr(stream, "type", None)
    return kind == "audio" or (kind == "video" and not _is_cover(stream))


def _is_cover(stream: object) -> bool:
    disposition = getattr(stream, "disposition", 0)
    return bool(disposition & (Disposition.attached_pic | Disposition.timed_thumbnails))


def _video_stream(container: InputContainer, name: str) -> VideoStream:
    """The real video stream: not a cover picture, decodable, the default or the largest one."""
    streams = container.streams.video
    if not streams:
        raise UploadRejected(f"{name} has no video stream; only videos are indexed")
    moving = [stream for stream in streams if not _is_cover(stream)]
    if not moving:
        raise UploadRejected(f"{name} has only a cover picture and no video stream")
    decodable = [
        stream for stream in moving if stream.codec_context is not None and stream.width > 0
    ]
    if not decodable:
        raise UploadRejected(
            f"{name} has a video stream that cannot be decoded: its codec is unknown or its frames "
            "are larger than VIDPIPE_MAX_FRAME_PIXELS allows; convert it to H.264"
        )
    return max(
        decodable,
        key=lambda stream: (
            bool(stream.disposition & Disposition.default),
            stream.width * stream.height,
            -stream.index,
        ),
    )


def _open_regular_file(path: FilePath, name: str, limits: Limits) -> int:
    """Descriptor of a regular file within the size limit; a named pipe would wait for ever."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except ValueError as error:
        raise UploadRejected(f"{name} cannot be opened: {error}") from None
    except OSError as error:
        raise ItemUnavailable(f"{name} cannot be read just now: {error.strerror}") from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise UploadRejected(f"{name} is no regular file; upload the video file itself")
        if status.st_size == 0:
            raise UploadRejected(f"{name} is empty (0 bytes); upload it again")
        if status.st_size > limits.max_bytes:
            raise UploadRejected(
                f"{name} has {status.st_size} bytes, more than {limits.max_bytes}; "
                "raise VIDPIPE_MAX_UPLOAD_BYTES to accept it"
            )
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).split(":")[0]
