"""The builders of small clips make what they promise, or the tests that use them prove nothing."""

from pathlib import Path
from xml.etree import ElementTree

import av
import numpy as np
import pytest

from vidpipe_tests.clips import (
    COLOURS,
    TOP_LEFT_MARK,
    Codec,
    audio_only_clip,
    black_clip,
    bomb_clip,
    cover_picture_clip,
    dash_clip,
    ffconcat_clip,
    hls_clip,
    rotated_clip,
    sdp_clip,
    still_clip,
    tiny_clip,
)


def decoded(path: Path) -> tuple[list[av.VideoFrame], list[np.ndarray]]:
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    return frames, [frame.to_ndarray(format="rgb24").astype(int) for frame in frames]


@pytest.mark.parametrize(
    ("codec", "suffix", "container_name"),
    [("h264", "mp4", "mp4"), ("h264", "mkv", "matroska"), ("mpeg4", "avi", "avi"),
     ("mpeg4", "mov", "mov"), ("vp9", "webm", "webm")],
)  # fmt: skip
def test_a_tiny_clip_has_the_asked_codec_container_size_and_length(
    tmp_path: Path, codec: Codec, suffix: str, container_name: str
) -> None:
    path = tiny_clip(tmp_path / f"clip.{suffix}", codec=codec, seconds=1.5, size=(128, 96), fps=10)
    with av.open(str(path)) as container:
        assert container_name in container.format.name
        assert container.streams.video[0].codec_context.name == codec
        assert container.duration == pytest.approx(1_500_000, abs=1000)
    frames, pictures = decoded(path)
    assert len(frames) == 15
    assert pictures[0].shape == (96, 128, 3)


def test_a_tiny_clip_shows_one_shot_per_colour(tmp_path: Path) -> None:
    _, pictures = decoded(tiny_clip(tmp_path / "clip.mp4", colours=COLOURS, seconds=4))
    for number, colour in enumerate(COLOURS):
        shown = np.median(pictures[number * 12 + 6], axis=(0, 1))
        np.testing.assert_allclose(shown, colour, atol=30)


@pytest.mark.parametrize("codec", ["h264", "mpeg4", "vp9"])
def test_variable_timestamps_alternate_between_short_and_long_frames(
    tmp_path: Path, codec: Codec
) -> None:
    suffix = "webm" if codec == "vp9" else "mp4"
    path = tiny_clip(tmp_path / f"clip.{suffix}", codec=codec, fps=10, timestamps="variable")
    steps = np.diff([frame.time for frame in decoded(path)[0]])
    np.testing.assert_allclose(steps[0::2], 0.05, atol=0.002)
    np.testing.assert_allclose(steps[1::2], 0.15, atol=0.002)


def test_the_same_arguments_give_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    first, second = tiny_clip(tmp_path / "a.mp4"), tiny_clip(tmp_path / "b.mp4")
    assert first.read_bytes() == second.read_bytes()
    assert tiny_clip(tmp_path / "c.mp4", seed=1).read_bytes() != first.read_bytes()


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_rotated_clip_is_coded_lying_and_upright_after_its_rotation(
    tmp_path: Path, rotation: int
) -> None:
    frames, pictures = decoded(rotated_clip(tmp_path / "clip.mp4", rotation=rotation))
    assert frames[0].rotation % 360 == rotation
    assert pictures[0].shape[:2] == (90, 160)
    upright = np.rot90(pictures[0], rotation // 90)
    corners = [upright[4, 4], upright[4, -5], upright[-5, 4], upright[-5, -5]]
    is_marked = [np.abs(corner - TOP_LEFT_MARK).max() < 40 for corner in corners]
    assert is_marked == [True, False, False, False]


def test_a_cover_picture_is_a_second_video_stream(tmp_path: Path) -> None:
    with av.open(str(cover_picture_clip(tmp_path / "clip.mp4"))) as container:
        video, cover = container.streams.video
        assert (video.width, video.height) == (160, 90)
        assert (cover.width, cover.height) == (64, 64)
        assert cover.disposition & av.stream.Disposition.attached_pic
        assert not video.disposition & av.stream.Disposition.attached_pic


def test_black_is_black_still_is_still_and_audio_has_no_picture(tmp_path: Path) -> None:
    _, black = decoded(black_clip(tmp_path / "black.mp4"))
    assert len(black) == 12
    assert max(picture.max() for picture in black) < 5
    _, still = decoded(still_clip(tmp_path / "still.mp4"))
    assert np.std(still[0]) > 10
    assert np.abs(still[0] - still[-1]).mean() < 2
    with av.open(str(audio_only_clip(tmp_path / "audio.mp4"))) as container:
        assert not container.streams.video
        assert len(container.streams.audio) == 1


def test_a_bomb_decodes_to_its_frames_whatever_its_header_says(tmp_path: Path) -> None:
    path = bomb_clip(tmp_path / "bomb.mp4", size=(1500, 1100), declared_size=(64, 64), frames=2)
    _, pictures = decoded(path)
    assert [picture.shape for picture in pictures] == [(1100, 1500, 3)] * 2


def test_a_bomb_is_small_and_asks_for_much(tmp_path: Path) -> None:
    path = bomb_clip(tmp_path / "bomb.mp4")
    assert path.stat().st_size < 1_000_000
    # With this limit FFmpeg reads the header without decoding a frame.
    with av.open(str(path), options={"max_pixels": "1000000"}) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    assert len(packets) == 3
    header = bytes(packets[0])[16:24]
    assert (int.from_bytes(header[:4]), int.from_bytes(header[4:])) == (16000, 16000)


def test_ffmpeg_follows_an_ffconcat_text_named_mp4_into_another_file(tmp_path: Path) -> None:
    tiny_clip(tmp_path / "secret.mp4", seconds=2)
    frames, _ = decoded(ffconcat_clip(tmp_path / "clip.mp4", "secret.mp4"))
    assert len(frames) == 24


def test_ffmpeg_follows_an_hls_playlist_into_another_file(tmp_path: Path) -> None:
    tiny_clip(tmp_path / "segment.ts", seconds=2)
    playlist = hls_clip(tmp_path / "clip.mp4", "segment.ts")
    # Today's FFmpeg wants this name for HLS; older ones took it by content alone.
    frames, _ = decoded(playlist.rename(tmp_path / "clip.m3u8"))
    assert len(frames) == 24


def test_ffmpeg_takes_a_session_description_for_rtp(tmp_path: Path) -> None:
    path = sdp_clip(tmp_path / "clip.mp4", port=5004)
    with av.open(str(path), options={"protocol_whitelist": "file,rtp,udp"}, timeout=1) as container:
        assert container.format.name == "sdp"


def test_a_dash_manifest_names_its_target(tmp_path: Path) -> None:
    root = ElementTree.parse(dash_clip(tmp_path / "clip.mp4", "http://127.0.0.1:9/x.mp4")).getroot()
    assert root.tag == "{urn:mpeg:dash:schema:mpd:2011}MPD"
    assert [url.text for url in root.findall(".//{*}BaseURL")] == ["http://127.0.0.1:9/x.mp4"]
