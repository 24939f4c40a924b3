"""Choosing keyframes: outcomes on good, awkward and damaged videos."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from vidpipe.errors import ItemError
from vidpipe.media.colours import colour_distances, colour_variance, signature_of
from vidpipe.media.frame_scores import light, sharpness
from vidpipe.media.keyframes.segments import Segments
from vidpipe.media.limits import Limits
from vidpipe.media.summarise import Keyframe, Summary, SummaryOptions, summarise
from vidpipe_tests.clips import (
    COLOURS,
    black_clip,
    cover_picture_clip,
    rotated_clip,
    shots,
    still_clip,
    tiny_clip,
    write_clip,
)
from vidpipe_tests.damage import damaged_copies

SHARED = Path(__file__).parents[3] / "shared" / "videos"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared clips are not here")
GOOD = sorted(
    str(path.relative_to(SHARED))
    for path in SHARED.glob("2026-11-0[2-5]/*/*")
    if path.suffix != ".json"
)


def summary_of(path: Path, **options: object) -> Summary:
    return summarise(path, Limits(), replace(SummaryOptions(), **options), path.name)  # type: ignore[arg-type]


def picture_of(keyframe: Keyframe) -> np.ndarray:
    return np.asarray(cv2.imdecode(np.frombuffer(keyframe.jpeg, np.uint8), cv2.IMREAD_COLOR))


def assert_sound(summary: Summary, count: int = 5) -> None:
    """Properties of every summary: time order, distinct, within K, scored."""
    frames = summary.keyframes
    assert 1 <= len(frames) <= count
    assert all(one.segment < two.segment for one, two in pairwise(frames))
    assert all(one.timestamp_s < two.timestamp_s for one, two in pairwise(frames))
    assert all(one.frame_index < two.frame_index for one, two in pairwise(frames))
    assert len({frame.keyframe_sha256 for frame in frames}) == len(frames)
    assert frames[0].colour_distance is None
    assert all(frame.colour_distance is not None for frame in frames[1:])
    assert all(frame.sharpness >= 0 and 0 <= frame.entropy <= 8 for frame in frames)


def test_a_plain_clip_gives_one_keyframe_per_segment(tmp_path: Path) -> None:
    summary = summary_of(tiny_clip(tmp_path / "clip.mp4", seconds=4, colours=COLOURS))
    assert_sound(summary)
    assert [frame.segment for frame in summary.keyframes] == [0, 1, 2, 3, 4]
    assert all(
        frame.segment == Segments(5, 4.0).of(frame.timestamp_s) for frame in summary.keyframes
    )
    assert summary.decoded_frames == 48
    assert summary.damage is None


@pytest.mark.parametrize("suffix", [".mkv", ".ts", ".flv", ".mov"])
def test_the_container_does_not_change_what_is_chosen(suffix: str, tmp_path: Path) -> None:
    one = summary_of(tiny_clip(tmp_path / "clip.mp4", seconds=3))
    other = summary_of(tiny_clip(tmp_path / f"clip{suffix}", seconds=3))
    assert other.decoded_frames == one.decoded_frames
    assert other.damage is None
    assert [frame.keyframe_sha256 for frame in other.keyframes] == [
        frame.keyframe_sha256 for frame in one.keyframes
    ]


def test_the_same_bytes_always_give_the_same_summary(tmp_path: Path) -> None:
    clip = tiny_clip(tmp_path / "clip.mp4", seconds=3, fps=24)
    one, other = summary_of(clip), summary_of(clip)
    assert replace(one, decode_seconds=0) == replace(other, decode_seconds=0)


def test_a_still_picture_gives_one_keyframe_and_never_copies(tmp_path: Path) -> None:
    assert len(summary_of(still_clip(tmp_path / "still.mp4", seconds=10)).keyframes) == 1


@pytest.mark.parametrize("method", ["uniform", "i_frames"])
def test_the_other_methods_leave_copies_out_too(method: str, tmp_path: Path) -> None:
    still = still_clip(tmp_path / "still.mp4", seconds=10)
    assert len(summary_of(still, method=method).keyframes) == 1


def test_a_clip_of_three_frames_gives_three_keyframes_at_most(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "three.mp4", shots(3, (160, 90), COLOURS[:3]))
    summary = summary_of(clip)
    assert_sound(summary)
    assert len(summary.keyframes) == 3


def test_uniform_takes_the_middle_of_each_segment(tmp_path: Path) -> None:
    clip = tiny_clip(tmp_path / "clip.mp4", seconds=5, fps=20)
    times = [frame.timestamp_s for frame in summary_of(clip, method="uniform").keyframes]
    assert times == pytest.approx([0.5, 1.5, 2.5, 3.5, 4.5])


def test_i_frames_takes_intra_coded_frames_only(tmp_path: Path) -> None:
    clip = tiny_clip(tmp_path / "clip.mp4", seconds=5)  # one every 12 frames
    indices = [frame.frame_index for frame in summary_of(clip, method="i_frames").keyframes]
    assert indices == [0, 12, 24, 36, 48]


def test_sharp_frames_win_over_blurred_ones(tmp_path: Path) -> None:
    pictures = [
        picture if number % 6 == 4 else np.asarray(cv2.blur(picture, (9, 9)), np.uint8)
        for number, picture in enumerate(shots(60, (160, 90), COLOURS))
    ]
    summary = summary_of(write_clip(tmp_path / "clip.mp4", pictures))
    assert [frame.frame_index % 6 for frame in summary.keyframes] == [4] * 5


def test_the_first_keyframe_is_colourful_and_the_next_differ_from_it(tmp_path: Path) -> None:
    grain = np.random.default_rng(1).integers(0, 60, (90, 160, 1), dtype=np.uint8)
    plain = np.full((90, 160, 3), (60, 60, 70), np.uint8)
    colourful = plain.copy()
    colourful[:45] = (190, 40, 40)
    colourful[45:, :80] = (30, 40, 190)
    blue = np.full((90, 160, 3), (20, 30, 180), np.uint8)
    # Three seconds each: plain with a second of colour, then colour with a second of blue.
    parts = [*[plain] * 12, *[colourful] * 12, *[plain] * 12]
    parts += [*[colourful] * 12, *[blue] * 12, *[colourful] * 12]
    clip = write_clip(tmp_path / "clip.mp4", [part + grain for part in parts])
    first, second = summary_of(clip, keyframes_per_video=2).keyframes
    assert 12 <= first.frame_index < 24
    assert 48 <= second.frame_index < 60
    assert second.colour_distance is not None
    assert second.colour_distance > 20


@pytest.mark.parametrize(("lasts", "is_shown"), [(24, True), (3, False)])
def test_a_shot_of_little_detail_is_shown_beside_one_of_much_but_a_flash_is_not(
    lasts: int, is_shown: bool, tmp_path: Path
) -> None:
    detailed = np.random.default_rng(1).integers(0, 255, (90, 160, 3), dtype=np.uint8)
    plain = np.full((90, 160, 3), (40, 60, 200), np.uint8)
    plain[20:70:4] = (70, 90, 230)
    blurred = np.asarray(cv2.blur(plain, (9, 9)), np.uint8)
    # Eight seconds of detail; the plain shot begins after six, and half of it is out of focus.
    rest = [*[plain] * (lasts // 2), *[blurred] * (lasts - lasts // 2), *[detailed] * 24]
    clip = write_clip(tmp_path / "clip.mp4", [*[detailed] * 72, *rest[:24]])
    _, second = summary_of(clip, keyframes_per_video=2).keyframes
    assert (72 <= second.frame_index < 72 + lasts // 2) == is_shown
    assert not 72 + lasts // 2 <= second.frame_index < 72 + lasts


def test_black_frames_are_chosen_only_where_there_is_nothing_else(tmp_path: Path) -> None:
    black = [np.zeros((90, 160, 3), np.uint8)] * 20
    picture = list(shots(40, (160, 90), COLOURS))
    clip = write_clip(tmp_path / "fade.mp4", [*black, *picture[:16], *black[:4], *picture[16:]])
    frames = summary_of(clip).keyframes  # 80 frames, segments of 16
    assert [frame.is_low_information for frame in frames] == [True, False, False, False, False]
    assert frames[0].brightness < 5
    all_black = summary_of(black_clip(tmp_path / "black.mp4", seconds=3)).keyframes
    assert [frame.is_low_information for frame in all_black] == [True]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_keyframes_stand_upright(rotation: int, tmp_path: Path) -> None:
    clip = rotated_clip(tmp_path / "clip.mp4", rotation=rotation, seconds=2)
    for frame in summary_of(clip).keyframes:
        picture = picture_of(frame)
        assert picture.shape[:2] == ((160, 90) if rotation in (90, 270) else (90, 160))
        corners = [picture[:8, :8], picture[:8, -8:], picture[-8:, :8], picture[-8:, -8:]]
        assert np.argmax([corner.mean() for corner in corners]) == 0


def test_large_frames_become_images_of_at_most_1280_px(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "large.mp4", shots(3, (1920, 1080), COLOURS[:2]))
    assert {picture_of(frame).shape for frame in summary_of(clip).keyframes} == {(720, 1280, 3)}


def test_a_cover_picture_is_never_a_keyframe(tmp_path: Path) -> None:
    for frame in summary_of(cover_picture_clip(tmp_path / "cover.mp4", seconds=2)).keyframes:
        picture = picture_of(frame)
        assert picture.shape == (90, 160, 3)


def test_uneven_frames_are_placed_by_their_time(tmp_path: Path) -> None:
    even = summary_of(tiny_clip(tmp_path / "even.mp4", seconds=4))
    uneven = summary_of(tiny_clip(tmp_path / "uneven.mp4", seconds=4, timestamps="variable"))
    assert_sound(uneven)
    assert uneven.decoded_frames == even.decoded_frames
    assert len(uneven.keyframes) == 5


def test_ten_bit_and_rgb_frames_are_read_like_others(tmp_path: Path) -> None:
    import av

    summaries = {}
    for pixels, codec in (
        ("yuv420p", "libx264"),
        ("yuv420p10le", "libx265"),
        ("bgr0", "libx264rgb"),
    ):
        path = tmp_path / f"{pixels}.mkv"
        with av.open(str(path), "w") as container:
            stream = container.add_stream(codec, rate=12)
            assert isinstance(stream, av.VideoStream)
            stream.width, stream.height, stream.pix_fmt = 320, 180, pixels
            stream.options = {
                "preset": "ultrafast",
                "crf": "10",
                "x265-params": "log-level=none:pools=1",
            }
            for picture in shots(24, (320, 180), COLOURS):
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        summaries[pixels] = summary_of(path, method="uniform")
    plain = summaries.pop("yuv420p").keyframes
    for summary in summaries.values():
        assert_sound(summary)
        for one, other in zip(plain, summary.keyframes, strict=True):
            assert other.brightness == pytest.approx(one.brightness, abs=4)
            spread = one.colour_variance**0.5
            assert other.colour_variance**0.5 == pytest.approx(spread, abs=3)


def test_frames_without_times_are_placed_after_those_with(tmp_path: Path) -> None:
    summary = summary_of(tiny_clip(tmp_path / "clip.mpg", seconds=4))  # a time on few packets only
    assert_sound(summary)
    assert summary.decoded_frames == 48
    assert summary.damage is None


def test_truncated_files_keep_what_they_have_and_say_so(tmp_path: Path) -> None:
    clip = tiny_clip(tmp_path / "clip.mkv", seconds=6)
    half = tmp_path / "half.mkv"
    half.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    summary = summary_of(half)
    assert_sound(summary)
    assert 10 < summary.decoded_frames < 60
    assert "header promises" in (summary.damage or "")
    assert len(summary.keyframes) == 5


def test_damaged_copies_have_an_outcome_each(tmp_path: Path) -> None:
    sources = [
        tiny_clip(tmp_path / "a.mp4", seconds=2),
        tiny_clip(tmp_path / "b.mkv", seconds=2),
        tiny_clip(tmp_path / "c.avi", seconds=2, codec="mpeg4"),
        tiny_clip(tmp_path / "d.ts", seconds=2),
    ]
    outcomes = set()
    for copy in damaged_copies(sources, tmp_path / "damaged", count=80, seed=4):
        try:
            summary = summary_of(copy.path)
        except ItemError as error:
            is_named = copy.path.name in str(error)
            outcomes.add(type(error).__name__ if is_named else f"nameless {error}")
        else:
            assert_sound(summary)
            outcomes.add("damaged" if summary.damage else "ok")
    assert {"ok", "damaged", "UploadRejected"} <= outcomes
    assert outcomes <= {"ok", "damaged", "UploadRejected", "DecodeError"}


@needs_shared
@pytest.mark.parametrize("name", GOOD)
def test_good_videos_are_ok(name: str) -> None:
    summary = summary_of(SHARED / name)
    assert_sound(summary)
    assert summary.damage is None
    assert len(summary.keyframes) == 5
    assert not any(frame.is_low_information for frame in summary.keyframes)


@needs_shared
@pytest.mark.parametrize(
    ("name", "frames", "size"),
    [
        ("no_duration.webm", 74, (720, 1280)),
        ("attached_picture.mp4", 240, (360, 640)),
        ("rotated_90_three_frames.mov", 3, (568, 320)),
        ("nearly_black.mp4", 300, (200, 200)),
        ("-one-pixel-.mp4", 5, (1, 1)),
    ],
)
def test_awkward_videos_are_ok(name: str, frames: int, size: tuple[int, int]) -> None:
    summary = summary_of(SHARED / "2026-11-06" / "awkward" / name)
    assert_sound(summary)
    assert summary.damage is None
    assert summary.decoded_frames == frames
    assert {picture_of(frame).shape[:2] for frame in summary.keyframes} == {size}
    if name in ("nearly_black.mp4", "-one-pixel-.mp4", "no_duration.webm"):
        assert all(frame.is_low_information for frame in summary.keyframes)


@needs_shared
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("corrupted.mp4", "decoder failed"),
        ("truncated_sidecar.mkv", "header promises"),
        ("codec_error.mp4", ""),
    ],
)
def test_broken_videos_keep_what_decodes(name: str, reason: str) -> None:
    summary = summary_of(SHARED / "2026-11-06" / "broken" / name)
    assert_sound(summary)
    assert reason in (summary.damage or "")
    assert bool(summary.damage) == bool(reason)


def test_sharpness_falls_with_blur_and_is_nothing_for_a_flat_frame() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (90, 160), dtype=np.uint8)
    blurred = np.asarray(cv2.blur(picture, (3, 3)), np.uint8)
    assert sharpness(picture) > sharpness(blurred) > 0
    assert sharpness(np.full((90, 160), 7, np.uint8)) == 0
    assert sharpness(picture[:1, :1]) == 0
    deviation = cv2.meanStdDev(cv2.Laplacian(picture, cv2.CV_16S, ksize=3))[1][0, 0]
    assert sharpness(picture) == pytest.approx((deviation / 4) ** 2)


def test_light_tells_black_and_flat_from_dark_pictures_and_titles() -> None:
    black = np.zeros((180, 320), np.uint8)
    title = black.copy()
    cv2.putText(
        title, "BREAKING NEWS", (20, 100), cv2.FONT_HERSHEY_SIMPLEX, 1.1, (255,), 2, cv2.LINE_AA
    )
    night = np.random.default_rng(0).integers(0, 50, (180, 320), dtype=np.uint8)
    box = black.copy()
    box[40:80, 40:80] = 255
    white = np.full((180, 320), 235, np.uint8)
    assert [light(one).is_low_information for one in (black, box, white)] == [True] * 3
    assert [light(one).is_low_information for one in (title, night)] == [False] * 2


def test_colours_are_compared_whatever_their_place_in_the_picture() -> None:
    rng = np.random.default_rng(2)
    pixels = (rng.random((300, 3)) * (100, 80, 80)).astype(np.float32)
    signature = signature_of(pixels)
    assert colour_distances(signature, [signature]) == [0.0]
    shuffled = signature_of(rng.permutation(pixels))
    lighter = signature_of(pixels + np.array([10, 0, 0], np.float32))
    near, far = colour_distances(signature, [shuffled, lighter])
    assert near < 2
    assert far == pytest.approx(10, abs=1)
    assert colour_variance(signature_of(np.full((50, 3), 30, np.float32))) == pytest.approx(0)
    assert colour_variance(signature) > 500
