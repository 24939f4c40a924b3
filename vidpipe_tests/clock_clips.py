"""Small videos whose clock jumps, and others whose pictures are rightly held for long.

Belongs here: builders that write every stamp of a file as the caller names it.
Does not: clips with an ordinary clock (clips.py), random damage (damage.py).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import av.stream
import numpy as np

from vidpipe_tests.clips import COLOURS, shots

TICKS = 90_000
"""A second of the clocks that are written."""
ASCENDING_S = 100_000
"""Muxers refuse a clock that goes back: parts are muxed so far apart, and then stamped anew."""

_FORMATS = {".ts": "mpegts", ".flv": "flv", ".mkv": "matroska", ".mp4": "mp4"}
_CLUSTER_TIME = 0xE7
_CLUSTER = b"\x1f\x43\xb6\x75"


@dataclass(frozen=True)
class Stamped:
    """A coded picture or piece of sound with its stamps in seconds."""

    data: bytes
    pts_s: float
    dts_s: float
    duration_s: float
    is_key: bool = True
    is_sound: bool = False

    def moved(self, by_s: float) -> "Stamped":
        """The same at another time."""
        return Stamped(
            self.data,
            self.pts_s + by_s,
            self.dts_s + by_s,
            self.duration_s,
            self.is_key,
            self.is_sound,
        )


def jumping_clip(
    path: Path,
    clocks_s: Sequence[float],
    *,
    seconds: float = 4.0,
    fps: int = 12,
    b_frames: int = 0,
    has_sound: bool = False,
) -> Path:
    """Parts of `seconds` each, one colour of `COLOURS` each, whose clocks begin at `clocks_s`.

    Args:
        path: `.ts`, `.flv`, `.mkv`, or `.mp4` where the clocks rise.
        b_frames: pictures between two others that are stored after both.
        has_sound: a tone lasts as long as each part, on the same clock.
    """
    count = round(seconds * fps)
    pictures = list(shots(count * len(clocks_s), (160, 90), COLOURS[: len(clocks_s)]))
    parts = []
    for number in range(len(clocks_s)):
        part = coded(pictures[number * count :][:count], fps=fps, b_frames=b_frames)
        if has_sound:
            part = sorted([*part, *tone(seconds)], key=lambda packet: packet.dts_s)
        parts.append(part)
    return write_parts(path, parts, clocks_s, has_sound=has_sound)


def write_parts(
    path: Path,
    parts: Sequence[Sequence[Stamped]],
    clocks_s: Sequence[float],
    *,
    has_sound: bool = False,
) -> Path:
    """Writes coded parts one after another, each on the clock that begins at its `clocks_s`."""
    pairs = list(zip(parts, clocks_s, strict=True))
    if path.suffix in (".ts", ".flv"):
        files = []
        for number, (part, clock_s) in enumerate(pairs):
            file = path.with_name(f"part-{number}-{path.name}")
            moved = [packet.moved(clock_s) for packet in part]
            write_stamped(file, moved, has_sound=has_sound)
            files.append(file.read_bytes())
            file.unlink()
        joined = b"".join(files) if path.suffix == ".ts" else _joined_flv(files)
        path.write_bytes(joined)
        return path
    if path.suffix == ".mp4":
        moved = [packet.moved(clock_s) for part, clock_s in pairs for packet in part]
        return write_stamped(path, moved, has_sound=has_sound)
    ascending = [(number + 1) * ASCENDING_S for number in range(len(parts))]
    packets = [
        packet.moved(clock_s)
        for part, clock_s in zip(parts, ascending, strict=True)
        for packet in part
    ]
    write_stamped(path, packets, has_sound=has_sound)
    path.write_bytes(_matroska_stamped_anew(path.read_bytes(), clocks_s))
    return path


def write_stamped(path: Path, packets: Sequence[Stamped], *, has_sound: bool = False) -> Path:
    """Muxes packets as they are stamped; what a muxer refuses raises its error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {"avoid_negative_ts": "disabled"}
    if path.suffix == ".ts":
        options["mpegts_copyts"] = "1"
    if path.suffix == ".mkv":
        # Neither check sums nor a duration, which would tell that times were changed.
        options |= {"write_crc32": "0", "live": "1"}
    with av.open(str(path), "w", format=_FORMATS[path.suffix], container_options=options) as out:
        picture = out.add_stream("libx264", rate=12)
        assert isinstance(picture, av.VideoStream)
        picture.width, picture.height, picture.pix_fmt = 160, 90, "yuv420p"
        sound = out.add_stream("aac", rate=16_000) if has_sound else None
        if sound is not None:
            sound.layout = "mono"
        for stamped in packets:
            packet = av.Packet(stamped.data)
            stream = sound if stamped.is_sound else picture
            assert stream is not None
            packet.stream, packet.time_base = stream, Fraction(1, TICKS)
            packet.pts, packet.dts = round(stamped.pts_s * TICKS), round(stamped.dts_s * TICKS)
            packet.duration = round(stamped.duration_s * TICKS)
            packet.is_keyframe = stamped.is_key
            out.mux_one(packet)
    return path


def coded(
    pictures: Sequence[np.ndarray],
    *,
    fps: int = 12,
    b_frames: int = 0,
    times_s: Sequence[float] | None = None,
    options: dict[str, str] | None = None,
) -> list[Stamped]:
    """H.264 packets of RGB pictures of 160×90 that begin at 0, one every 1/fps second.

    Args:
        times_s: when each picture is shown instead; they must rise.
    """
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = 160, 90, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, TICKS), Fraction(fps)
    encoder.thread_count = 1
    encoder.options = {"preset": "ultrafast", "g": "12", "bf": str(b_frames), **(options or {})}
    times = times_s or [number / fps for number in range(len(pictures))]
    steps = [*(after - before for before, after in pairwise(times)), 1 / fps]
    duration_of = {round(time * TICKS): step for time, step in zip(times, steps, strict=True)}
    packets = []
    for picture, time_s in zip([*pictures, None], [*times, 0.0], strict=True):
        frame = None
        if picture is not None:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.pts, frame.time_base = round(time_s * TICKS), encoder.time_base
        for packet in encoder.encode(frame):
            assert packet.pts is not None
            assert packet.dts is not None
            packets.append(
                Stamped(
                    bytes(packet),
                    packet.pts / TICKS,
                    packet.dts / TICKS,
                    duration_of[packet.pts],
                    packet.is_keyframe,
                )
            )
    return packets


def tone(seconds: float) -> list[Stamped]:
    """AAC packets of a tone that begins at 0."""
    encoder = av.CodecContext.create("aac", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.format, encoder.layout = 16_000, av.AudioFormat("fltp"), "mono"
    encoder.time_base = Fraction(1, 16_000)
    samples = np.sin(np.arange(round(16_000 * seconds)) / 6).astype(np.float32)
    frames: list[av.AudioFrame | None] = []
    for start in range(0, len(samples) - 1023, 1024):
        frame = av.AudioFrame.from_ndarray(
            samples[None, start : start + 1024], format="fltp", layout="mono"
        )
        frame.sample_rate, frame.pts, frame.time_base = 16_000, start, encoder.time_base
        frames.append(frame)
    times = [bytes(packet) for frame in [*frames, None] for packet in encoder.encode(frame)]
    return [
        Stamped(data, number * 0.064, number * 0.064, 0.064, is_sound=True)
        for number, data in enumerate(times)
    ]


def _joined_flv(files: Sequence[bytes]) -> bytes:
    """The packets of all files behind the first one's header; each file repeats its own."""
    header = 13
    script, picture = 18, 9
    joined = bytearray(files[0])
    for file in files[1:]:
        place = header
        while place < len(file):
            size = int.from_bytes(file[place + 1 : place + 4], "big") + 15
            is_parameters = file[place] == picture and file[place + 12] == 0
            if file[place] != script and not is_parameters:
                joined += file[place : place + size]
            place += size
    return bytes(joined)


def _matroska_stamped_anew(data: bytes, clocks_s: Sequence[float]) -> bytes:
    """Moves each cluster's time from the ascending clock to the one of its part."""
    changed = bytearray(data)
    for place in _places(data, _CLUSTER):
        at = place + 4 + 9 - data[place + 4].bit_length()  # behind the cluster's own size
        assert data[at] == _CLUSTER_TIME
        size = data[at + 1] & 0x7F
        time_ms = int.from_bytes(data[at + 2 : at + 2 + size], "big")
        moved = _on_its_clock(time_ms, 1000, clocks_s)
        changed[at + 2 : at + 2 + size] = moved.to_bytes(size, "big")
    return bytes(changed)


def _on_its_clock(time: int, ticks: int, clocks_s: Sequence[float]) -> int:
    number = round(time / (ASCENDING_S * ticks))
    return time + round((clocks_s[number - 1] - number * ASCENDING_S) * ticks)


def _places(data: bytes, mark: bytes) -> Iterator[int]:
    place = data.find(mark)
    while place >= 0:
        yield place
        place = data.find(mark, place + 4)
