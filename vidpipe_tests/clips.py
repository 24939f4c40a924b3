"""Small videos for tests, made in milliseconds: good ones, awkward ones and hostile ones.

Belongs here: builders that write one file whose properties the caller names.
Does not: pytest fixtures (conftest.py), random damage (damage.py), clips to look at
(short_videos.py).
"""

import io
import struct
import zlib
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import av.stream
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Colour = tuple[int, int, int]
Codec = Literal["h264", "mpeg4", "vp9"]
Timestamps = Literal["constant", "variable"]

# In order of the usual test pattern: far apart in every colour space.
COLOURS: tuple[Colour, ...] = ((200, 40, 40), (40, 160, 70), (50, 80, 210), (230, 190, 40))
TOP_LEFT_MARK: Colour = (255, 255, 255)

_ENCODERS = {"h264": "libx264", "mpeg4": "mpeg4", "vp9": "libvpx-vp9"}
_OPTIONS = {
    "h264": {"preset": "ultrafast", "crf": "20", "g": "12"},
    "mpeg4": {"b": "2000000", "g": "12"},
    "vp9": {"deadline": "realtime", "cpu-used": "8", "b": "1000000", "g": "12"},
}


def tiny_clip(
    path: Path,
    *,
    seconds: float = 1.0,
    size: tuple[int, int] = (160, 90),
    fps: int = 12,
    colours: Sequence[Colour] = COLOURS[:2],
    codec: Codec = "h264",
    rotation: int = 0,
    timestamps: Timestamps = "constant",
    seed: int = 0,
) -> Path:
    """A clip with one shot per colour and a square that moves from left to right.

    Args:
        path: its suffix decides the container (`.mp4`, `.mkv`, `.webm` for vp9, …).
        seconds: length; there are `max(1, round(seconds * fps))` frames.
        size: (width_px, height_px) as coded, even numbers; see `rotation`.
        colours: background of each shot, equally long, textured by `seed`.
        rotation: degrees counter-clockwise by which a player turns the coded picture to show it
            (0, 90, 180, 270): the coded frames are stored turned the other way, so the *upright*
            picture always has its white mark in the top left corner.
        timestamps: "variable" makes every other frame last three times as long as its neighbour.
        seed: of the texture; two clips of one seed and colour look alike.
    """
    count = max(1, round(seconds * fps))
    pictures = shots(count, _upright_size(size, rotation), colours, seed)
    return write_clip(
        path,
        (np.rot90(picture, -rotation // 90) for picture in pictures),
        fps=fps,
        codec=codec,
        rotation=rotation,
        timestamps=timestamps,
    )


def black_clip(path: Path, *, seconds: float = 1.0, size: tuple[int, int] = (160, 90)) -> Path:
    """Nothing but black frames."""
    return still_clip(path, np.zeros((size[1], size[0], 3), np.uint8), seconds=seconds)


def still_clip(path: Path, picture: Picture | None = None, *, seconds: float = 1.0) -> Path:
    """One picture, unchanged for the whole clip (default: a textured one of 160×90)."""
    if picture is None:
        picture = next(iter(shots(1, (160, 90), COLOURS[:1], 0)))
    return write_clip(path, [picture] * max(1, round(seconds * 12)))


def shots(
    count: int, size: tuple[int, int], colours: Sequence[Colour] = COLOURS[:2], seed: int = 0
) -> Iterable[Picture]:
    """`count` RGB pictures of shape (height_px, width_px, 3), one shot per colour.

    Each has a white mark in its top left corner, so that a test can see which way is up, and a
    black square whose place tells the frame's number.
    """
    width, height = size
    rng = np.random.default_rng(seed)
    grain = rng.integers(-25, 26, (height // 4 + 1, width // 4 + 1, 1))
    texture = grain.repeat(4, axis=0).repeat(4, axis=1)[:height, :width]
    side = max(2, min(size) // 5)
    for number in range(count):
        colour = np.array(colours[number * len(colours) // count])
        picture = np.clip(colour + texture, 0, 255).astype(np.uint8)
        left = round((width - side) * number / max(1, count - 1))
        picture[height // 2 : height // 2 + side, left : left + side] = 0
        picture[:side, :side] = TOP_LEFT_MARK
        yield picture


def write_clip(
    path: Path,
    pictures: Iterable[Picture],
    *,
    fps: int = 12,
    codec: Codec = "h264",
    rotation: int = 0,
    timestamps: Timestamps = "constant",
    cover: Picture | None = None,
) -> Path:
    """Encodes RGB pictures of shape (height_px, width_px, 3) with even sides as they come."""
    path.parent.mkdir(parents=True, exist_ok=True)
    remaining = iter(pictures)
    first = next(remaining)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(_ENCODERS[codec], rate=fps)
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width = first.shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.options = dict(_OPTIONS[codec])
        stream.codec_context.thread_count = 1
        # Four ticks a frame leave room for uneven steps.
        stream.codec_context.time_base = Fraction(1, fps * 4)
        if rotation:
            stream.set_display_rotation(rotation)
        cover_stream = None
        if cover is not None:
            cover_stream = container.add_stream("mjpeg", rate=1)
            cover_stream.height, cover_stream.width = cover.shape[:2]
            cover_stream.pix_fmt = "yuvj420p"
            cover_stream.disposition = av.stream.Disposition.attached_pic
        for number, picture in enumerate([first, *remaining]):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            # Steps of 2 and 6 ticks instead of 4 and 4: the same length as with constant steps.
            early = 2 if timestamps == "variable" and number % 2 else 0
            frame.pts, frame.time_base = number * 4 - early, Fraction(1, fps * 4)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if cover_stream is not None and cover is not None:
            container.mux(cover_stream.encode(av.VideoFrame.from_ndarray(cover, format="rgb24")))
            container.mux(cover_stream.encode(None))
    return path


def cover_picture_clip(path: Path, *, seconds: float = 1.0) -> Path:
    """A tiny MP4 whose second video stream is a cover picture: all magenta, 64×64."""
    cover = np.full((64, 64, 3), (255, 0, 255), np.uint8)
    count = max(1, round(seconds * 12))
    return write_clip(path, shots(count, (160, 90)), cover=cover)


def rotated_clip(path: Path, *, rotation: int = 90, seconds: float = 1.0) -> Path:
    """Coded 160×90, shown turned by `rotation` degrees: 90×160 upright for 90 and 270."""
    return tiny_clip(path, rotation=rotation, seconds=seconds)


def audio_only_clip(path: Path, *, seconds: float = 1.0) -> Path:
    """An MP4 without any video stream."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16000)
        stream.layout = "mono"
        samples = int(16000 * seconds)
        tone = np.sin(np.arange(samples) * 2 * np.pi * 440 / 16000).astype(np.float32)
        for start in range(0, samples - 1023, 1024):
            frame = av.AudioFrame.from_ndarray(
                tone[None, start : start + 1024], format="fltp", layout="mono"
            )
            frame.sample_rate, frame.pts = 16000, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def bomb_clip(
    path: Path,
    *,
    size: tuple[int, int] = (16000, 16000),
    declared_size: tuple[int, int] | None = None,
    frames: int = 3,
) -> Path:
    """A decompression bomb: frames of `size` pixels in a file of some hundred kilobytes.

    Each frame is a black grey-level PNG, which FFmpeg decodes like any other video frame; the
    default asks for 256 MB a frame. FFmpeg itself refuses more than about 2**28 pixels.

    Args:
        path: `.mp4` or `.mov`.
        size: (width_px, height_px) that the frames decode to.
        declared_size: what the container's header says instead; None for the truth.
    """
    packet_bytes = _black_png(size)
    width, height = declared_size or size
    with av.open(str(path), "w", format="mov") as container:
        stream = container.add_mux_stream("png", rate=1, width=width, height=height)
        stream.time_base = Fraction(1, 1)
        for number in range(frames):
            packet = av.Packet(packet_bytes)
            packet.stream, packet.time_base = stream, Fraction(1, 1)
            packet.pts = packet.dts = number
            packet.is_keyframe = True
            container.mux(packet)
    return path


def _black_png(size: tuple[int, int]) -> bytes:
    """An 8-bit grey PNG, compressed row by row: the pixels never exist in memory at once."""
    width, height = size
    compress = zlib.compressobj(9)
    body = io.BytesIO()
    rows = bytes((width + 1) * 64)
    for _ in range(height // 64):
        body.write(compress.compress(rows))
    body.write(compress.compress(bytes((width + 1) * (height % 64))))
    body.write(compress.flush())
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", body.getvalue()), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def ffconcat_clip(path: Path, target: str) -> Path:
    """An ffconcat text that makes FFmpeg open `target` (a path or URL)."""
    return _text(path, f"ffconcat version 1.0\nfile '{target}'\nduration 1.0\n")


def hls_clip(path: Path, target: str) -> Path:
    """An HLS playlist whose only segment is `target`."""
    return _text(
        path,
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXT-X-MEDIA-SEQUENCE:0\n"
        f"#EXTINF:10.0,\n{target}\n#EXT-X-ENDLIST\n",
    )


def dash_clip(path: Path, target: str) -> Path:
    """A DASH manifest whose only representation is `target`."""
    return _text(
        path,
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" minBufferTime="PT1S"\n'
        ' mediaPresentationDuration="PT10S" profiles="urn:mpeg:dash:profile:isoff-main:2011">\n'
        '<Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"\n'
        f' width="160" height="90"><BaseURL>{target}</BaseURL></Representation>\n'
        "</AdaptationSet></Period></MPD>\n",
    )


def sdp_clip(path: Path, *, address: str = "127.0.0.1", port: int = 5004) -> Path:
    """A session description that makes FFmpeg listen for RTP packets on a UDP port."""
    return _text(
        path,
        f"v=0\no=- 0 0 IN IP4 {address}\ns=clip\nc=IN IP4 {address}\nt=0 0\n"
        f"m=video {port} RTP/AVP 96\na=rtpmap:96 H264/90000\n",
    )


def _text(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _upright_size(size: tuple[int, int], rotation: int) -> tuple[int, int]:
    if rotation not in (0, 90, 180, 270):
        raise ValueError(f"rotation must be 0, 90, 180 or 270 degrees, not {rotation}")
    return (size[1], size[0]) if rotation in (90, 270) else size
