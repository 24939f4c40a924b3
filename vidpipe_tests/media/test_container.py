"""Opening untrusted files: what is let in, what is refused, and what a refusal says."""

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from vidpipe.errors import DecodeError, ItemUnavailable, NoVideo, UploadRejected
from vidpipe.media.container import open_video
from vidpipe.media.limits import Limits
from vidpipe.media.probe import probe
from vidpipe.media.summarise import SummaryOptions, summarise
from vidpipe.settings import load_settings
from vidpipe_tests.clips import (
    Codec,
    audio_only_clip,
    bomb_clip,
    cover_picture_clip,
    dash_clip,
    ffconcat_clip,
    hls_clip,
    rotated_clip,
    sdp_clip,
    tiny_clip,
)

LIMITS = Limits()


@pytest.fixture
def listener() -> Iterator[tuple[int, list[object]]]:
    """Port of a local server, and the connections that it saw."""
    connections: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    connection, address = server.accept()
                except OSError:
                    return
                connections.append(address)
                connection.close()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield server.getsockname()[1], connections
        server.shutdown(socket.SHUT_RDWR)
    thread.join(timeout=5)


def test_the_listener_would_notice_a_request(listener: tuple[int, list[object]]) -> None:
    port, connections = listener
    socket.create_connection(("127.0.0.1", port)).close()
    for _ in range(100):
        if connections:
            break
        threading.Event().wait(0.02)
    assert connections


@pytest.mark.parametrize("kind", ["ffconcat", "ffconcat of a URL", "HLS", "DASH", "SDP"])
def test_a_playlist_named_mp4_is_refused_without_any_request(
    kind: str, tmp_path: Path, listener: tuple[int, list[object]]
) -> None:
    port, connections = listener
    url = f"http://127.0.0.1:{port}/part.mp4"
    hostile = tmp_path / "clip.mp4"
    if kind == "ffconcat":
        ffconcat_clip(hostile, str(tiny_clip(tmp_path / "secret.mp4")))
    elif kind == "ffconcat of a URL":
        ffconcat_clip(hostile, url)
    elif kind == "HLS":
        hls_clip(hostile, url)
    elif kind == "DASH":
        dash_clip(hostile, url)
    else:
        sdp_clip(hostile, port=port)
    with pytest.raises(UploadRejected, match=r"clip\.mp4 is not a video.*upload the video file"):
        probe(hostile, LIMITS, "clip.mp4")
    with pytest.raises(UploadRejected):
        summarise(hostile, LIMITS, SummaryOptions(), "clip.mp4")
    assert connections == []


@pytest.mark.parametrize(
    "name",
    [
        b"-i.mp4",
        b"concat:a|b.mp4",
        b"http:clip.mp4",
        b"file:clip.mp4",
        b"with space and 'quote'.mp4",
        b"not-\xff\xfe-utf8.mp4",
        b"%03d.mp4",
        b"playlist.m3u8",
        b"notes.txt",
        b"no_suffix",
        b"x" * 251 + b".mp4",
    ],
)
def test_a_name_may_be_anything_and_says_nothing_about_the_type(
    name: bytes, tmp_path: Path
) -> None:
    clip = tiny_clip(tmp_path / "plain.mp4")
    path = os.fsencode(tmp_path) + b"/" + name
    shutil.copy(os.fsencode(clip), path)
    assert probe(path, LIMITS) == probe(clip, LIMITS)


def test_a_relative_name_that_starts_with_a_dash_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny_clip(tmp_path / "-clip.mp4")
    monkeypatch.chdir(tmp_path)
    assert probe("-clip.mp4", LIMITS).duration_s == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("suffix", "container"),
    [
        (".mp4", "mov"),
        (".mkv", "matroska"),
        (".avi", "avi"),
        (".ts", "mpegts"),
        (".flv", "flv"),
    ],
)
def test_containers_are_told_by_their_content(suffix: str, container: str, tmp_path: Path) -> None:
    codec: Codec = "mpeg4" if suffix == ".avi" else "h264"
    clip = tiny_clip(tmp_path / f"clip{suffix}", codec=codec)
    misnamed = clip.rename(tmp_path / "clip.webm")
    found = probe(misnamed, LIMITS)
    assert found.container.startswith(container)
    assert found.codec == codec
    assert found.duration_s == pytest.approx(1.0, abs=0.1)
    assert (found.width_px, found.height_px) == (160, 90)


def test_the_size_is_that_of_the_upright_picture(tmp_path: Path) -> None:
    flat = probe(rotated_clip(tmp_path / "flat.mp4", rotation=0), LIMITS)
    turned = probe(rotated_clip(tmp_path / "turned.mp4", rotation=90), LIMITS)
    other = probe(rotated_clip(tmp_path / "other.mp4", rotation=270), LIMITS)
    assert (flat.width_px, flat.height_px, flat.rotation_deg) == (160, 90, 0)
    assert (turned.width_px, turned.height_px, turned.rotation_deg) == (90, 160, 270)
    assert (other.width_px, other.height_px, other.rotation_deg) == (90, 160, 90)


def test_a_cover_picture_is_not_the_video(tmp_path: Path) -> None:
    clip = cover_picture_clip(tmp_path / "cover.mp4")
    assert probe(clip, LIMITS).codec == "h264"
    with open_video(clip, LIMITS) as video:
        assert len(video.container.streams.video) == 2
        assert video.stream.codec_context.name == "h264"


def test_sound_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoVideo, match=r"sound\.mp4 holds sound and no video"):
        probe(audio_only_clip(tmp_path / "sound.mp4"), LIMITS, "sound.mp4")


def test_refusals_name_the_file_and_what_to_do(tmp_path: Path) -> None:
    empty = tmp_path / "empty.mp4"
    empty.touch()
    with pytest.raises(UploadRejected, match=r"a/empty\.mp4 is empty \(0 bytes\); upload it again"):
        probe(empty, LIMITS, "a/empty.mp4")
    page = tmp_path / "page.mp4"
    page.write_text("<html>not a video</html>" * 100)
    with pytest.raises(UploadRejected, match=r"a/page\.mp4 is not a video"):
        probe(page, LIMITS, "a/page.mp4")
    with pytest.raises(ItemUnavailable, match=r"a/gone\.mp4 cannot be read just now") as caught:
        probe(tmp_path / "gone.mp4", LIMITS, "a/gone.mp4")
    assert caught.value.is_transient


def test_a_named_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.mp4"
    os.mkfifo(pipe)
    with pytest.raises(UploadRejected, match="no regular file"):
        probe(pipe, LIMITS)


@pytest.mark.parametrize(
    ("limits", "setting"),
    [
        (Limits(max_bytes=1000), "VIDPIPE_MAX_UPLOAD_BYTES"),
        (Limits(max_duration_s=0.5), "VIDPIPE_MAX_DURATION_S"),
        (Limits(max_frame_pixels=160 * 90 - 1), "VIDPIPE_MAX_FRAME_PIXELS"),
    ],
)
def test_a_file_over_a_limit_is_told_which_setting_to_raise(
    limits: Limits, setting: str, tmp_path: Path
) -> None:
    clip = tiny_clip(tmp_path / "clip.mp4")
    with pytest.raises(UploadRejected, match=setting):
        probe(clip, limits)
    with pytest.raises(UploadRejected, match=setting):
        summarise(clip, limits, SummaryOptions())


def test_every_setting_named_in_a_refusal_exists() -> None:
    changed = load_settings(
        max_upload_bytes=1, max_duration_s=2, max_frame_pixels=3, max_decode_s=4
    )
    assert Limits.from_settings(changed) == Limits(1, 2, 3, 4)


def test_decoding_stops_when_its_time_is_used_up(tmp_path: Path) -> None:
    clip = tiny_clip(tmp_path / "long.mp4", seconds=30)
    with pytest.raises(UploadRejected, match="VIDPIPE_MAX_DECODE_S"):
        summarise(clip, Limits(max_decode_s=0.0), SummaryOptions())


@pytest.mark.parametrize("declared", [None, (64, 64)])
def test_a_decompression_bomb_is_refused_before_its_pixels_exist(
    declared: tuple[int, int] | None, tmp_path: Path
) -> None:
    bomb = bomb_clip(tmp_path / "bomb.mp4", size=(4000, 4000), declared_size=declared)
    limits = Limits(max_frame_pixels=1920 * 1080)
    with pytest.raises((UploadRejected, DecodeError), match=r"bomb\.mp4"):
        summarise(bomb, limits, SummaryOptions(), "bomb.mp4")
    assert probe(bomb, Limits(max_frame_pixels=4000 * 4000)).width_px == 4000
