"""Clocks that jump: the time shown, told from pictures that are held and from hostile stamps."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from vidpipe.errors import UploadRejected
from vidpipe.media.decode import VideoReader
from vidpipe.media.limits import Limits
from vidpipe.media.probe import probe
from vidpipe.media.summarise import SummaryOptions, summarise
from vidpipe_tests.clips import COLOURS, shots, tiny_clip
from vidpipe_tests.clock_clips import (
    Stamped,
    coded,
    jumping_clip,
    tone,
    write_parts,
    write_stamped,
)

ADBREAK = Path(__file__).parents[3] / "shared" / "cases" / "clock_jump" / "adbreak.ts"
WRAP_S = 2**33 / 90_000
FRAME_S = 1 / 12


def assert_shown(path: Path, duration_s: float, colours: int, frames: int | None = None) -> None:
    """Probe, frames, keyframes and hash track agree on the time shown, and miss no part."""
    found = probe(path, Limits(), path.name)
    assert found.duration_s == pytest.approx(duration_s, abs=1.5 * FRAME_S)
    with VideoReader(path, Limits(), path.name) as reader:
        assert reader.timeline.duration_s == found.duration_s
        times = [timed.time_s for timed in reader]
        assert reader.damage.reason(reader.frames, reader.last_s) is None
    assert_positions(times, found.duration_s)
    assert frames is None or len(times) == frames
    summary = summarise(path, Limits(), SummaryOptions(), path.name)
    assert_positions([frame.timestamp_s for frame in summary.keyframes], found.duration_s)
    assert_positions(summary.footage_print.timestamps_s, found.duration_s)
    assert colours_of([frame.jpeg for frame in summary.keyframes]) == set(range(colours))


def assert_positions(times_s: Sequence[float], duration_s: float | None) -> None:
    assert duration_s is not None
    assert times_s[0] >= 0
    assert all(one <= two for one, two in pairwise(times_s))
    assert times_s[-1] < duration_s


def colours_of(jpegs: Sequence[bytes]) -> set[int]:
    """Which of `COLOURS` the pictures show."""
    found = set()
    for jpeg in jpegs:
        picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        mean = np.median(np.asarray(picture).reshape(-1, 3), axis=0)[::-1]
        found.add(int(np.argmin([np.abs(mean - np.array(one)).sum() for one in COLOURS])))
    return found


def frame_times(path: Path) -> list[float]:
    with VideoReader(path, Limits(), path.name) as reader:
        return [timed.time_s for timed in reader]


@pytest.mark.skipif(not ADBREAK.exists(), reason="the shared cases are not here")
def test_a_capture_with_an_advertisement_lasts_as_long_as_its_three_parts() -> None:
    found = probe(ADBREAK, Limits())
    assert found.duration_s == pytest.approx(12, abs=0.1)
    assert found.fps == pytest.approx(12)
    times = [
        frame.timestamp_s for frame in summarise(ADBREAK, Limits(), SummaryOptions()).keyframes
    ]
    assert {int(time // 4) for time in times} == {0, 1, 2}
    assert_positions(frame_times(ADBREAK), found.duration_s)


@pytest.mark.parametrize("suffix", [".ts", ".flv", ".mkv"])
@pytest.mark.parametrize("b_frames", [0, 3])
@pytest.mark.parametrize("has_sound", [False, True])
@pytest.mark.parametrize(
    "clocks_s",
    [
        pytest.param([100, 18_100, 104], id="an advertisement"),
        pytest.param([1, 1, 1], id="an encoder that begins anew"),
        pytest.param([9_000, 1], id="an encoder that ran for long and begins anew"),
        pytest.param([100, 86_400], id="a day later"),
    ],
)
def test_parts_of_several_clocks_are_shown_one_after_another(
    clocks_s: list[float], has_sound: bool, b_frames: int, suffix: str, tmp_path: Path
) -> None:
    clip = jumping_clip(
        tmp_path / f"clip{suffix}", clocks_s, b_frames=b_frames, has_sound=has_sound
    )
    assert_shown(clip, 4.0 * len(clocks_s), len(clocks_s), frames=48 * len(clocks_s))


@pytest.mark.parametrize("b_frames", [0, 3])
@pytest.mark.parametrize(
    "clocks_s",
    [
        pytest.param([WRAP_S - 2], id="in the middle of a part"),
        pytest.param([WRAP_S - 6, WRAP_S - 2, 2], id="through three parts"),
        pytest.param([100, 38, WRAP_S - 2], id="across what FFmpeg takes for the overflow"),
        pytest.param([WRAP_S - 2, 50_000, WRAP_S - 2], id="twice"),
    ],
)
def test_time_stamps_that_overflow_lose_no_time(
    clocks_s: list[float], b_frames: int, tmp_path: Path
) -> None:
    clip = jumping_clip(tmp_path / "clip.ts", clocks_s, b_frames=b_frames, has_sound=True)
    assert_shown(clip, 4.0 * len(clocks_s), len(clocks_s), frames=48 * len(clocks_s))


def test_a_file_that_an_editor_left_with_a_hole_of_hours_is_as_long_as_its_parts(
    tmp_path: Path,
) -> None:
    clip = jumping_clip(tmp_path / "clip.mp4", [0, 18_000, 40_000], b_frames=3)
    assert_shown(clip, 12.0, 3, frames=144)
    assert probe(clip, Limits()).fps == pytest.approx(12)


@pytest.mark.parametrize("suffix", [".ts", ".flv", ".mkv", ".mp4"])
def test_pictures_stored_after_a_jump_but_shown_before_it_belong_before_it(
    suffix: str, tmp_path: Path
) -> None:
    """One encoder went through the jump, and kept referring across it."""
    times = [number / 12 + (18_000 if number >= 50 else 1) for number in range(96)]
    options = {"sc_threshold": "0", "g": "200", "b-adapt": "0"}
    packets = coded(
        list(shots(96, (160, 90), COLOURS[:2])), times_s=times, b_frames=3, options=options
    )
    assert_shown(write_stamped(tmp_path / f"clip{suffix}", packets), 8.0, 2, frames=96)


@pytest.mark.parametrize("suffix", [".ts", ".flv", ".mkv"])
def test_short_parts_of_few_pictures_are_told_apart(suffix: str, tmp_path: Path) -> None:
    """One picture a second: any codec might still reorder so few."""
    clip = jumping_clip(tmp_path / f"clip{suffix}", [1, 1, 1], fps=1)
    assert probe(clip, Limits()).duration_s == pytest.approx(12, abs=0.1)
    assert frame_times(clip) == pytest.approx(range(12), abs=0.01)


def test_joined_programme_streams_are_shown_one_after_another(tmp_path: Path) -> None:
    """Their packets have a time only now and then; a single one falls half a second short."""
    files = [
        tiny_clip(tmp_path / f"{number}.mpg", seconds=4, colours=[colour])
        for number, colour in enumerate(COLOURS[:3])
    ]
    clip = tmp_path / "clip.mpg"
    clip.write_bytes(b"".join(file.read_bytes() for file in files))
    assert probe(clip, Limits()).duration_s == pytest.approx(12, abs=0.6)
    summary = summarise(clip, Limits(), SummaryOptions())
    assert summary.decoded_frames == 144
    assert colours_of([frame.jpeg for frame in summary.keyframes]) == {0, 1, 2}


def test_a_recording_appended_to_another_is_shown_after_it(tmp_path: Path) -> None:
    """FFmpeg reads two; a third is lost to it."""
    files = [
        tiny_clip(tmp_path / f"{number}.webm", seconds=4, colours=[colour], codec="vp9")
        for number, colour in enumerate(COLOURS[:2])
    ]
    clip = tmp_path / "clip.webm"
    clip.write_bytes(b"".join(file.read_bytes() for file in files))
    assert_shown(clip, 8.0, 2, frames=96)


def test_many_jumps_are_all_left_out(tmp_path: Path) -> None:
    clocks = [(number * 7_919) % 60_000 for number in range(1, 21)]
    pictures = list(shots(480, (160, 90), COLOURS))
    parts = [coded(pictures[24 * number :][:24]) for number in range(20)]
    clip = write_parts(tmp_path / "clip.ts", parts, clocks)
    assert_shown(clip, 40.0, 4, frames=480)


def test_sound_and_picture_that_pause_alike_went_through_a_jump(tmp_path: Path) -> None:
    clip = jumping_clip(tmp_path / "clip.mkv", [0, 120], has_sound=True)
    assert_shown(clip, 8.0, 2)


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
@pytest.mark.parametrize("sound_s", [0.0, 20.0, 156.0])
def test_slides_stand_as_long_as_they_are_held(sound_s: float, suffix: str, tmp_path: Path) -> None:
    times = [0.0, 30.0, 65.0, 155.0]
    clip = slide_show(tmp_path / f"clip{suffix}", times, sound_s)
    assert frame_times(clip) == pytest.approx(times, abs=0.01)
    duration_s = probe(clip, Limits()).duration_s
    assert duration_s is not None
    assert duration_s > 155


@pytest.mark.parametrize("suffix", [".ts", ".flv"])
def test_sound_that_goes_on_tells_a_held_picture_from_a_jump_of_a_live_clock(
    suffix: str, tmp_path: Path
) -> None:
    moving = [number / 12 for number in range(24)]
    times = [*moving, *(time + 32 for time in moving)]
    held = slide_show(tmp_path / f"held{suffix}", times, sound_s=34.0)
    jumped = slide_show(tmp_path / f"jumped{suffix}", times, sound_s=0.0)
    assert probe(held, Limits()).duration_s == pytest.approx(34, abs=0.2)
    assert frame_times(held) == pytest.approx(times, abs=0.01)
    assert_shown(jumped, 4.0, 4, frames=48)


def test_slides_without_sound_are_held_in_a_live_format_too(tmp_path: Path) -> None:
    times = [30.0 * number for number in range(8)]
    assert frame_times(slide_show(tmp_path / "clip.ts", times, 0.0)) == pytest.approx(times)


def test_a_screen_recording_keeps_its_uneven_pauses(tmp_path: Path) -> None:
    steps = [0.04, 0.5, 0.04, 7.0, 0.04, 0.2, 28.0, 0.04, 0.04, 61.0, 0.04, 3.0]
    times = [float(time) for time in np.cumsum([0.0, *steps])]
    clip = slide_show(tmp_path / "clip.mp4", times, 0.0, b_frames=3)
    assert frame_times(clip) == pytest.approx(times, abs=0.01)


def slide_show(path: Path, times_s: Sequence[float], sound_s: float, *, b_frames: int = 0) -> Path:
    """Pictures at their times, beside a tone that lasts `sound_s`."""
    pictures = list(shots(len(times_s), (160, 90), COLOURS))
    packets = [packet.moved(1) for packet in coded(pictures, times_s=times_s, b_frames=b_frames)]
    if sound_s:
        packets += [packet.moved(1) for packet in tone(sound_s)]
    packets.sort(key=lambda packet: packet.dts_s)
    return write_stamped(path, packets, has_sound=sound_s > 0)


@pytest.mark.parametrize("suffix", [".ts", ".flv", ".mkv"])
@pytest.mark.parametrize("up_to_s", [5, 15, 60, 900, 95_000])
def test_random_stamps_make_no_time_of_nothing(up_to_s: float, suffix: str, tmp_path: Path) -> None:
    packets = coded(list(shots(96, (160, 90), COLOURS)), b_frames=3)
    clocks = np.random.default_rng(7).uniform(1, up_to_s, len(packets))
    parts = [[packet.moved(-packet.pts_s)] for packet in packets]
    clip = write_parts(tmp_path / f"clip{suffix}", parts, [float(clock) for clock in clocks])
    duration_s = probe(clip, Limits()).duration_s
    assert duration_s is not None
    assert 2 < duration_s <= 10
    assert_positions(frame_times(clip), duration_s)
    assert len(frame_times(clip)) == 96


@pytest.mark.parametrize("up_to_s", [300, 20_000])
def test_random_times_of_showing_make_no_time_of_nothing(up_to_s: float, tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    packets = [
        replace(packet, pts_s=packet.dts_s + float(rng.uniform(0, up_to_s)))
        for packet in coded(list(shots(240, (160, 90), COLOURS)))
    ]
    clip = write_stamped(tmp_path / "clip.mp4", packets)
    duration_s = probe(clip, Limits()).duration_s
    assert duration_s is not None
    assert duration_s <= 25
    assert_positions(frame_times(clip), duration_s)


@pytest.mark.parametrize("suffix", [".ts", ".flv", ".mkv"])
def test_a_clock_that_stands_between_jumps_is_survived(suffix: str, tmp_path: Path) -> None:
    packets = coded(list(shots(6, (160, 90), COLOURS)))
    parts = [[packet.moved(-packet.pts_s)] for packet in packets]
    clip = write_parts(tmp_path / f"clip{suffix}", parts, [5, 5, 5, 9_000, 9_000, 9_000])
    duration_s = probe(clip, Limits()).duration_s
    assert duration_s is not None
    assert 0 < duration_s < 1
    assert len(frame_times(clip)) == 6


@pytest.mark.parametrize("suffix", [".ts", ".flv", ".mkv"])
@pytest.mark.parametrize("stray_s", [2.0, 90_000.0])
def test_one_stray_stamp_costs_a_picture_at_most(
    stray_s: float, suffix: str, tmp_path: Path
) -> None:
    packets = coded(list(shots(96, (160, 90), COLOURS)))
    stray = [[packet.moved(-packet.pts_s)] for packet in packets[40:41]]
    parts: list[list[Stamped]] = [packets[:40], *stray, packets[41:]]
    clip = write_parts(tmp_path / f"clip{suffix}", parts, [50, stray_s, 50])
    duration_s = probe(clip, Limits()).duration_s
    assert duration_s == pytest.approx(8.0, abs=3 * FRAME_S)
    assert_positions(frame_times(clip), duration_s)


def test_a_jump_hides_no_video_from_the_limit(tmp_path: Path) -> None:
    clip = jumping_clip(tmp_path / "clip.ts", [100, 50, 18_000])
    assert probe(clip, Limits(max_duration_s=12.5)).duration_s == pytest.approx(12, abs=0.1)
    for limit_s in (4.5, 11.5):
        with pytest.raises(UploadRejected, match="VIDPIPE_MAX_DURATION_S"):
            probe(clip, Limits(max_duration_s=limit_s))


def test_a_clip_whose_clock_jumps_always_gives_the_same_summary(tmp_path: Path) -> None:
    clip = jumping_clip(tmp_path / "clip.ts", [100, 18_100, 104], b_frames=3, has_sound=True)
    one, other = (summarise(clip, Limits(), SummaryOptions(), "clip") for _ in range(2))
    assert replace(one, decode_seconds=0) == replace(other, decode_seconds=0)
