"""The presentation time of a video, measured from its packets.

Belongs here: reading every packet header once, and going back to the first.
Does not: opening files (vidpipe.media.container), clocks that jump (vidpipe.media.shown_time) or
decoding (vidpipe.media.decode).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import av
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from vidpipe.errors import UploadRejected
from vidpipe.media.container import OpenVideo, is_timed
from vidpipe.media.shown_time import ShownTime, ShownTimeBuilder, VideoPacket

FIRST_FRAME_PACKETS = 256
"""So many packets are decoded in search of the first frame, whose rotation a probe needs."""

TRUNCATION_S = 1.0
TRUNCATION_SHARE = 0.02
"""A file is truncated when the header promises more than this beyond its last packet."""

RATE_TOLERANCE = 0.1
"""A declared frame rate is believed when it is as near as this to what a clock that jumps shows."""


@dataclass(frozen=True)
class Timeline:
    """The presentation time of a video, measured from its packets.

    Measured, because headers lack a duration (live webm), promise what a cut file no longer has,
    or count the sound that goes on after the picture.
    """

    start_s: float
    """The time of the first picture, in the container's own clock."""
    duration_s: float
    """The time from the first picture to the end of the last; 0 when no packet carries a time."""
    fps: float | None
    packets: int
    first_position: tuple[int | None, int | None]
    """The byte offset and dts of the first packet: tells whether a rewind really rewound."""
    missing_s: float
    """The seconds that the header promises beyond the last packet of any stream; 0 if it keeps its
    word."""
    shown: ShownTime | None
    """Where the parts of a file are shown whose clock jumps; None where it never does."""


def measure_timeline(video: OpenVideo) -> Timeline:
    """Reads every packet header once, decodes nothing, and leaves the container at its end.

    Raises:
        UploadRejected: no video packet, too long, or reading took too much processor time.
    """
    return scan(video, first_frame_wanted=False)[0]


def rewind(video: OpenVideo, timeline: Timeline) -> bool:
    """Goes back to the first packet; False where the container cannot and must be reopened.

    The index of a damaged file may point anywhere, so the place reached is verified. Where the
    clock jumps, the file is reopened: after going back FFmpeg reads no second WebM appended to
    the first, and the second pass must meet the packets of the first.
    """
    if timeline.shown is not None or None in timeline.first_position:
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


def scan(video: OpenVideo, *, first_frame_wanted: bool) -> tuple[Timeline, VideoFrame | None]:
    """Measures the timeline, and decodes the first frame on the way where it is wanted.

    Raises:
        UploadRejected: see `measure_timeline`.
    """
    stream = video.stream
    others = {
        other.index: float(other.time_base)
        for other in video.container.streams
        if other.index != stream.index and other.time_base and is_timed(other)
    }
    clock = ShownTimeBuilder(video)
    extent = _Extent()
    frame: VideoFrame | None = None
    first: VideoPacket | None = None
    latest_s = float("-inf")
    packets = 0
    for packet in _packets(video):
        if packet.stream_index != stream.index:
            pts = packet.pts if packet.pts is not None else packet.dts
            if pts is not None and packet.stream_index in others:
                other_base = others[packet.stream_index]
                end_s = (pts + (packet.duration or 0)) * other_base
                latest_s = max(latest_s, end_s)
                clock.sound.hear(packet.stream_index, pts * other_base, end_s)
            continue
        packets += 1
        first = first or packet
        if first_frame_wanted and frame is None and packets <= FIRST_FRAME_PACKETS:
            frame = _first_frame(packet)
        if packets % 256 == 0:
            video.check_time()
        if not packet.is_discard:
            extent.add(clock.add(packet), packet.duration or 0)
    if first is None:
        raise UploadRejected(f"{video.name} holds no video data; upload the complete file")
    if first_frame_wanted and frame is None:
        frame = _first_frame(None, stream)
    timeline = _timeline(video, extent, clock, (first.pos, first.dts), packets, latest_s)
    video.check_duration(timeline.duration_s)
    return timeline, frame


@dataclass
class _Extent:
    """From where to where the stamps of the video packets reach, in ticks."""

    low: int | None = None
    last: int = 0
    high: int = 0
    untimed: int = 0

    def add(self, pts: int | None, duration: int) -> None:
        if pts is None:
            self.untimed += 1
        elif self.low is None:
            self.low, self.last, self.high = pts, pts, pts + duration
        else:
            self.low, self.last = min(self.low, pts), max(self.last, pts)
            self.high = max(self.high, pts + duration)

    def duration_s(self, base: float, packets: int, rate: float | None) -> float:
        if self.low is None:
            return packets / rate if rate else 0.0
        frame_s = 1 / rate if rate else 0.0
        stamped_s = max((self.high - self.low) * base, (self.last - self.low) * base + frame_s)
        # MPEG-PS gives a time to some packets only.
        return max(stamped_s, packets / rate) if self.untimed and rate else stamped_s


def _timeline(
    video: OpenVideo,
    extent: _Extent,
    clock: ShownTimeBuilder,
    first_position: tuple[int | None, int | None],
    packets: int,
    latest_s: float,
) -> Timeline:
    base, rate = video.time_base, _frame_rate(video.stream)
    start_s, duration_s = (extent.low or 0) * base, extent.duration_s(base, packets, rate)
    latest_s = max(latest_s, start_s + duration_s)
    # What the header promises is told on the clock of the file, with its jumps.
    missing_s = _missing(video, start_s, duration_s, latest_s, rate)
    shown = clock.finish(rate)
    if shown is not None:
        start_s, duration_s = shown.start * base, (shown.end - shown.start) * base
        rate = _usual_rate(rate, packets / duration_s)
        if extent.untimed:
            duration_s = max(duration_s, packets / rate)
    if rate is None and packets > 1 and duration_s > 0:
        rate = packets / duration_s
    return Timeline(start_s, duration_s, rate, packets, first_position, missing_s, shown)


def _packets(video: OpenVideo) -> Iterator[Any]:
    """Yields packets of all streams up to the first that cannot be read (the rest is then lost)."""
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


def _missing(
    video: OpenVideo, start_s: float, duration_s: float, latest_s: float, rate: float | None
) -> float:
    """The seconds that the header promises after the last packet of any stream."""
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


def _usual_rate(declared: float | None, measured: float) -> float:
    """The declared rate unless it was computed from a clock that jumps."""
    is_near = declared is not None and abs(declared / measured - 1) < RATE_TOLERANCE
    return declared if is_near and declared else measured


def _frame_rate(stream: VideoStream) -> float | None:
    for rate in (stream.average_rate, stream.guessed_rate):
        if rate and 0.001 <= float(rate) <= 1000:
            return float(rate)
    return None
