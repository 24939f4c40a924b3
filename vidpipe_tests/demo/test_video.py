"""Files read back show what their plan says, when it says so."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vidpipe.demo.captions import LOOKS, PlacedCaption, draw_caption
from vidpipe.demo.plan import CaptionStyle, Edit, PlannedVideo
from vidpipe.demo.video import frames, presentation_times, write_video
from vidpipe.errors import SettingsError
from vidpipe_tests.demo.planned_videos import CAPTION, ReadVideo, copied, planned, read_video

FRAME_S = 1 / 20


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> ReadVideo:
    path = tmp_path_factory.mktemp("video") / "plain.mp4"
    write_video(path, planned())
    return read_video(path)


def written(tmp_path: Path, video: PlannedVideo, original: PlannedVideo | None = None) -> ReadVideo:
    write_video(tmp_path / "video.mp4", video, original)
    return read_video(tmp_path / "video.mp4")


def steps(video: ReadVideo) -> np.ndarray:
    """Mean difference of each frame from the one before."""
    changes: np.ndarray = np.abs(np.diff(video.frames, axis=0)).mean(axis=(1, 2, 3))
    return changes


def test_a_video_is_h264_of_its_size_rate_and_length(found: ReadVideo) -> None:
    assert found.codec == "h264"
    assert found.frames.shape == (80, 180, 320, 3)
    assert found.average_rate == 20
    assert found.duration_s == pytest.approx(4.0)
    assert found.times_s == pytest.approx(np.arange(80) * FRAME_S)


def test_it_is_black_before_the_first_shot_and_after_the_last(found: ReadVideo) -> None:
    is_black = found.frames.mean(axis=(1, 2, 3)) < 4
    assert np.flatnonzero(is_black).tolist() == [*range(10), *range(70, 80)]


def test_pictures_change_most_where_the_plan_cuts(found: ReadVideo) -> None:
    largest = np.argsort(steps(found))[-3:] + 1
    assert sorted(found.times_s[largest]) == pytest.approx([0.5, 2.0, 3.5])


def test_a_static_stretch_stands_still_and_the_rest_moves(found: ReadVideo) -> None:
    drawn = [picture for _, picture in frames(planned())]
    is_still = [np.array_equal(one, other) for one, other in pairwise(drawn[40:70])]
    assert [number for number, still in enumerate(is_still) if still] == list(range(10, 23))
    moved = steps(found)  # the encoder goes on refining a still picture, from 50, for some frames
    assert moved[58:63].max() < moved[41:49].min() / 3


def test_a_blurred_stretch_is_less_sharp_than_the_rest_of_its_shot(found: ReadVideo) -> None:
    detail = [(np.diff(found.at(at), n=2, axis=1) ** 2).mean() for at in (1.2, 1.7, 1.95)]
    assert detail[1] < min(detail[0], detail[2]) / 3


@pytest.mark.parametrize("style", LOOKS)
def test_a_caption_is_in_the_picture_exactly_while_the_plan_says_so(
    tmp_path: Path, found: ReadVideo, style: CaptionStyle
) -> None:
    caption = replace(CAPTION, style=style, start_s=0.6, end_s=1.4)
    captioned = written(tmp_path, planned(captions=(caption,)))
    placed = draw_caption(caption, (320, 180))
    height, width = placed.layer.colours.shape[:2]
    place = np.s_[:, placed.top : placed.top + height, placed.left : placed.left + width]
    change = np.abs(captioned.frames[place] - found.frames[place]).mean(axis=(1, 2, 3))
    is_there = (found.times_s >= caption.start_s - 1e-6) & (found.times_s < caption.end_s - 1e-6)
    assert change[is_there].min() > 3 * max(1, change[~is_there].max())
    outside = np.abs(captioned.frames[:, :90] - found.frames[:, :90]).mean(axis=(1, 2, 3))
    assert outside.max() < 5


def test_captions_differ_in_size_and_contrast() -> None:
    def drawn(**changes: Any) -> PlacedCaption:
        return draw_caption(replace(CAPTION, **changes), (640, 360))

    small, large = (
        drawn(style="white_outlined", size_share=share).layer.colours.shape[0]
        for share in (0.07, 0.13)
    )
    assert large > 1.5 * small
    assert drawn(style="faint").layer.kept.min() > 255 * 0.4
    assert drawn(style="white_outlined").layer.kept.min() == 0
    assert drawn(edge="top").top < 60
    assert drawn(edge="bottom").top > 250


def test_a_long_caption_is_wrapped_into_the_frame_and_one_that_cannot_fit_is_refused() -> None:
    long = "Witnesses tell another story than officials do"
    lines = [
        draw_caption(replace(CAPTION, text=text, size_share=0.13), (360, 640)).layer.colours.shape
        for text in ("Witnesses", long)
    ]
    assert lines[1][0] > 2.5 * lines[0][0]
    assert lines[1][0] < 0.45 * 640
    assert lines[1][1] == 360
    with pytest.raises(SettingsError, match="does not fit 360 px: shorten it"):
        draw_caption(replace(CAPTION, text="far too much text for one frame " * 40), (360, 640))


def test_a_variable_rate_is_irregular_and_on_time_where_something_begins(tmp_path: Path) -> None:
    video = planned(is_variable_rate=True, captions=(CAPTION,), seed=5)
    found = written(tmp_path, video)
    times = presentation_times(video)
    assert found.times_s == pytest.approx(times, abs=2e-5)
    assert times[0] == 0
    gaps = np.diff(times)
    assert gaps.min() > 0
    assert len(np.unique(gaps.round(4))) > len(gaps) / 2
    assert len(times) < 80
    for moment in (0.5, 1.0, 2.0, 3.5):
        assert np.abs(times - moment).min() < 1e-6
    assert found.duration_s == pytest.approx(4.0, abs=2.5 * FRAME_S)
    largest = np.argsort(steps(found))[-3:] + 1
    assert sorted(found.times_s[largest]) == pytest.approx([0.5, 2.0, 3.5], abs=2e-5)


def test_a_constant_rate_has_every_frame(found: ReadVideo) -> None:
    assert presentation_times(planned()) == pytest.approx(np.arange(80) / 20)
    assert set(np.diff(found.times_s).round(6)) == {FRAME_S}


def test_a_copy_cuts_where_its_own_truth_says(tmp_path: Path) -> None:
    original = planned()
    copy = copied(original, Edit("sped_up", 1.25), Edit("letterboxed", 4 / 3))
    found = written(tmp_path, copy, original)
    assert found.frames.shape[1:3] == (240, 320)
    assert found.duration_s == pytest.approx(copy.duration_s, abs=FRAME_S)
    largest = np.argsort(steps(found))[-3:] + 1
    ends = [copy.shots[0].start_s, copy.shots[1].start_s, copy.shots[1].end_s]
    assert sorted(found.times_s[largest]) == pytest.approx(ends, abs=FRAME_S)


def test_re_encoding_makes_a_smaller_file_of_nearly_the_same_pictures(
    tmp_path: Path, found: ReadVideo
) -> None:
    original = planned()
    copy = copied(original, Edit("re_encoded", 36))
    again = written(tmp_path, copy, original)
    write_video(tmp_path / "original.mp4", original)
    sizes = [(tmp_path / name).stat().st_size for name in ("video.mp4", "original.mp4")]
    assert sizes[0] < sizes[1] / 2
    assert 0 < np.abs(again.frames - found.frames).mean() < 8


def test_the_same_plan_gives_the_same_bytes_and_another_seed_other_pictures(
    tmp_path: Path, found: ReadVideo
) -> None:
    paths = [tmp_path / f"{number}.mp4" for number in range(2)]
    for path in paths:
        write_video(path, planned())
    assert paths[0].read_bytes() == paths[1].read_bytes()
    other = written(tmp_path, planned(seed=12))
    assert np.abs(other.at(1.0) - found.at(1.0)).mean() > 10


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"size": (321, 180)}, "not two positive even numbers"),
        ({"shots": ()}, "needs a shot"),
        ({"duration_s": 3.0}, "leave gaps, overlap or go on too long"),
        ({"shots": planned().shots[::-1]}, "leave gaps"),
    ],
)
def test_a_video_that_cannot_be_written_cannot_be_planned(
    changes: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(SettingsError, match=complaint):
        planned(**changes)
