"""Opening untrusted video files: the only place where PyAV opens anything.

Belongs here: which containers and protocols are allowed, which stream is the video, the limits of
an opened file, and what a refused file is told.
Does not: measuring how long it lasts (vidpipe.media.timeline), telling what it is
(vidpipe.media.probe) or decoding it (vidpipe.media.decode).

An ffconcat text named `.mp4` makes FFmpeg read other files of this machine, and an HLS playlist
makes it send requests, unless both the containers and the protocols are white-listed.
"""

import os
import stat
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from fractions import Fraction

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from vidpipe.errors import ItemUnavailable, NoVideo, UploadRejected
from vidpipe.media.content_kind import HEAD_BYTES, kind_of_content
from vidpipe.media.limits import Limits

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
        """The width of a pixel over its height, 1 where it is unknown or absurd."""
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
            kind = kind_of_content(os.pread(descriptor, HEAD_BYTES, 0), "")
            if kind in ("sound", "picture"):
                held = "sound" if kind == "sound" else "a picture"
                raise NoVideo(f"{shown} is {held} and no video, so nothing is shown") from None
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
            other.discard = other.discard.__class__["none" if is_timed(other) else "all"]
        stream.codec_context.options = {"max_pixels": str(limits.max_frame_pixels)}
        stream.codec_context.thread_count = 1
        yield video


def is_timed(stream: object) -> bool:
    """Whether it is sound or moving pictures; cover pictures and attachments have no timeline."""
    kind = getattr(stream, "type", None)
    return kind == "audio" or (kind == "video" and not _is_cover(stream))


def _is_cover(stream: object) -> bool:
    disposition = getattr(stream, "disposition", 0)
    return bool(disposition & (Disposition.attached_pic | Disposition.timed_thumbnails))


def _video_stream(container: InputContainer, name: str) -> VideoStream:
    """The real video stream: not a cover picture, decodable, the default or the largest one."""
    streams = container.streams.video
    if not streams:
        if container.streams.audio:
            raise NoVideo(f"{name} holds sound and no video, so nothing of it is shown")
        raise UploadRejected(f"{name} has no video stream; only videos are indexed")
    moving = [stream for stream in streams if not _is_cover(stream)]
    if not moving:
        raise NoVideo(f"{name} holds sound with a cover picture and no video, so nothing is shown")
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
    """Opens a regular file within the size limit; a named pipe would wait for ever."""
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
