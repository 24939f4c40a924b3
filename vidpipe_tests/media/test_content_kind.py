"""What a file is, told by its first bytes."""

import io
import struct
import wave
import zipfile
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from vidpipe.media.content_kind import HEAD_BYTES, kind_of_content
from vidpipe.uploads.names import suffix_of

SHARED = Path(__file__).parents[2].parent / "shared"


def picture(form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, form, **options)
    return out.getvalue()


def video(container: str, codec: str) -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format=container) as opened:
        stream = opened.add_stream(codec, rate=5)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        for _ in range(10):
            opened.mux(stream.encode(av.VideoFrame(32, 32, "yuv420p")))
        opened.mux(stream.encode(None))
    return out.getvalue()


def sound() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(struct.pack("<100h", *range(100)))
    return out.getvalue()


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("a", "b")
    return out.getvalue()


@pytest.mark.parametrize("suffix", ["", ".jpg", ".txt", ".part", ".dat", ".f315", ".image"])
@pytest.mark.parametrize(
    ("container", "codec"),
    [
        ("mp4", "libx264"),
        ("mov", "libx264"),
        ("matroska", "libx264"),
        ("webm", "libvpx"),
        ("avi", "mpeg4"),
        ("mpegts", "mpeg2video"),
        ("mpeg", "mpeg2video"),
        ("flv", "flv"),
        ("asf", "wmv2"),
    ],
)
def test_a_video_is_one_whatever_its_name(container: str, codec: str, suffix: str) -> None:
    assert kind_of_content(video(container, codec)[:HEAD_BYTES], suffix) == "video"


def test_a_capture_that_begins_within_a_packet_is_a_video() -> None:
    whole = video("mpegts", "mpeg2video")
    assert kind_of_content(whole[100 : 100 + HEAD_BYTES], "") == "video"


@pytest.mark.parametrize("suffix", ["", ".image", ".mp4x", ".THM"])
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "BMP", "TIFF", "AVIF"])
def test_a_picture_is_one_whatever_its_name(form: str, suffix: str) -> None:
    assert kind_of_content(picture(form), suffix.lower()) == "picture"


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (b"WEBVTT\n\n00:00.000 --> 00:01.000\nhi", b"a.vtt", "subtitles"),
        (b'{"events": []}', b"a.en.json3", "subtitles"),
        (b"<timedtext/>", b"a.srv3", "subtitles"),
        (b"[ZoneTransfer]\r\nZoneId=3\r\n", b"IMG.MOV:Zone.Identifier", "text"),
        (b"<x:xmpmeta/>", b"a.xmp", "text"),
        (b"<?xml version='1.0'?>", b"IMG.AAE", "text"),
        ("Sommer — дача, 夏".encode(), b"no_suffix", "text"),
        ("[.ShellClassInfo]".encode("utf-16"), b"desktop.ini", "text"),
        (b"From: <Saved by Blink>", b"a.mhtml", "text"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"a.svg", "picture"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(8), b"Thumbs.db", "document"),
        (b"\x00\x01\x00\x00\x00\x02", b"a.mp4.aria2", "data"),
        (b"ID3\x04\x00", b"a.mp3", "sound"),
        (b"\x00\x00\x00\x18ftypM4A \x00", b"a.f140.m4a", "sound"),
        (b"\x00\x00\x00\x18ftypheic\x00", b"IMG_0001", "picture"),
        (b"\x1aE\xdf\xa3" + bytes(20), b"a.mka", "sound"),
        (b"GIF89a" + bytes(20), b"thumbnail.jpg", "picture"),
        (b"HDMV0200" + bytes(8), b"00000.CPI", "data"),
        (b"DVDVIDEO-VMG" + bytes(8), b"VIDEO_TS.IFO", "data"),
        (b"\x00\x00\x01\xba\x44" + bytes(8), b"Film.sub", "subtitles"),
        (b"\x00\x00\x01\xba\x44" + bytes(8), b"Film.dat", "video"),
        (b"", b"empty.txt", "text"),
        (b"", b"empty", "unknown"),
        (b"\x9e\x01\x77\x00\x13", b"noise.bin", "unknown"),
        (b"\x9e\x01\x77\x00\x13", b"noise.jpg", "picture"),
    ],
)
def test_what_lies_beside_videos_is_told(head: bytes, name: bytes, kind: str) -> None:
    assert kind_of_content(head, suffix_of(name)) == kind


def test_sound_and_archives_are_no_videos() -> None:
    assert kind_of_content(sound(), "") == "sound"
    assert kind_of_content(archive(), "") == "archive"


def test_real_clips_are_videos_without_their_names() -> None:
    if not SHARED.is_dir():
        pytest.skip("there is no folder ../shared with real clips")
    clips = [path for path in SHARED.glob("videos/*/**/*.mp4") if "broken" not in str(path)]
    assert clips
    for path in clips:
        with path.open("rb") as file:
            assert kind_of_content(file.read(HEAD_BYTES), "") == "video", path
