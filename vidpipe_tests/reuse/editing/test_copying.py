"""Every edit of the catalogue yields a file of which the promised truth holds."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from vidpipe.errors import ItemError, UnknownName, UploadRejected
from vidpipe.media.limits import Limits
from vidpipe.reuse.editing.catalogue import CATALOGUE, EDIT_NAMES, SEVERAL, draw
from vidpipe.reuse.editing.copying import LONG_SIDE_PX, write_copy
from vidpipe.reuse.editing.edit import Edit
from vidpipe.reuse.editing.frames import Barred
from vidpipe.reuse.editing.placement import Box
from vidpipe.reuse.editing.playback import Picture, Playback
from vidpipe.reuse.editing.steps import Mirrored
from vidpipe.reuse.editing.timetable import is_on_grid
from vidpipe.reuse.editing.truth import Truth
from vidpipe_tests.clips import tiny_clip
from vidpipe_tests.reuse.editing.moving import SIZE, write_footage

OTHERS = 5
SAMPLE_PX = (64, 36)
WRONG_MOMENT_S = 1.5


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_footage(tmp_path_factory.mktemp("source") / "source.mp4", seed=1)


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("others")
    return [
        write_footage(folder / f"{number}.mp4", seed=10 + number, seconds=3.1)
        for number in range(OTHERS)
    ]


def part(path: Path, time_s: float, box: Box) -> Picture:
    """A part of the picture that a file shows at a time, small."""
    with Playback(path, Limits()) as playback:
        width, height = playback.upright_size
        picture = playback.at(time_s, (width, height))
        left, top, right, bottom = (
            round(share * side) for share, side in zip(box, (width, height) * 2, strict=True)
        )
        return np.asarray(
            cv2.resize(picture[top:bottom, left:right], SAMPLE_PX, interpolation=cv2.INTER_AREA)
        )


def likeness(one: Picture, other: Picture) -> float:
    """Correlation of two pictures' luma."""
    first, second = (
        cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).reshape(-1).astype(np.float64)
        for picture in (one, other)
    )
    return float(np.corrcoef(first, second)[0, 1])


def shown_likeness(source: Path, copy: Path, truth: Truth, wrong_by_s: float = 0.0) -> float:
    """How alike source and copy are where the truth says that they show the same."""
    copy_s = truth.copy_start_s + 0.4 * (truth.copy_end_s - truth.copy_start_s)
    source_s = truth.offset_s + truth.speed * copy_s + wrong_by_s
    original = part(source, source_s, truth.source_box)
    if truth.is_mirrored:
        original = np.asarray(cv2.flip(original, 1))
    return likeness(original, part(copy, copy_s, truth.copy_box))


@pytest.mark.parametrize("name", EDIT_NAMES)
def test_the_truth_of_an_edit_is_seen_in_its_file(
    name: str, source: Path, others: Sequence[Path], tmp_path: Path
) -> None:
    copy = tmp_path / "copy.mp4"
    truth = write_copy(source, copy, draw(name, np.random.default_rng(5)), others=others)
    with Playback(copy, Limits()) as playback:
        assert playback.upright_size == (truth.width_px, truth.height_px)
        assert playback.duration_s == pytest.approx(truth.copy_duration_s, abs=1.5 / truth.fps)
    assert max(truth.width_px, truth.height_px) <= LONG_SIDE_PX
    right = shown_likeness(source, copy, truth)
    assert right > 0.6
    assert right > shown_likeness(source, copy, truth, WRONG_MOMENT_S) + 0.25
    assert right > shown_likeness(source, copy, truth, -WRONG_MOMENT_S) + 0.25


@pytest.mark.parametrize("name", EDIT_NAMES)
def test_no_moment_of_a_copy_lies_on_the_grid_of_samples(
    name: str, source: Path, others: Sequence[Path], tmp_path: Path
) -> None:
    truth = write_copy(
        source, tmp_path / "copy.mp4", draw(name, np.random.default_rng(6)), others=others
    )
    assert not is_on_grid(truth.copy_start_s - truth.source_start_s / truth.speed)
    assert truth.source_start_s == 0 or not is_on_grid(truth.source_start_s)
    assert truth.copy_start_s == 0 or not is_on_grid(truth.copy_start_s)
    assert 0 <= truth.source_start_s < truth.source_end_s <= truth.source_duration_s + 1e-6
    assert 0 <= truth.copy_start_s < truth.copy_end_s <= truth.copy_duration_s + 1 / truth.fps


def test_one_seed_gives_the_same_bytes_and_another_gives_others(
    source: Path, others: Sequence[Path], tmp_path: Path
) -> None:
    for name in ("screen_recording", "picture_in_picture", SEVERAL):
        files = [tmp_path / f"{name}-{number}.mp4" for number in range(3)]
        for file, seed in zip(files, (1, 1, 2), strict=True):
            write_copy(source, file, draw(name, np.random.default_rng(seed)), others=others)
        first, second, third = (file.read_bytes() for file in files)
        assert first == second != third


def test_a_file_that_is_no_video_is_refused_and_leaves_nothing(
    others: Sequence[Path], tmp_path: Path
) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("<html>not found</html>")
    copy = tmp_path / "copies" / "copy.mp4"
    copy.parent.mkdir()
    with pytest.raises(UploadRejected, match="is not a video"):
        write_copy(text, copy, draw("logo", np.random.default_rng(1)))
    with pytest.raises(ItemError):
        write_copy(
            others[0], copy, draw("reaction_layout", np.random.default_rng(1)), others=[text]
        )
    assert list(copy.parent.iterdir()) == []


def test_a_failing_edit_leaves_an_earlier_copy_as_it_was(source: Path, tmp_path: Path) -> None:
    copy, text = tmp_path / "copy.mp4", tmp_path / "text.mp4"
    text.write_text("no video")
    write_copy(source, copy, draw("logo", np.random.default_rng(1)))
    before = copy.read_bytes()
    with pytest.raises(ItemError):
        write_copy(source, copy, draw("foreign_intro", np.random.default_rng(1)), others=[text])
    assert copy.read_bytes() == before


def test_an_edit_without_the_other_footage_it_needs_says_so(source: Path, tmp_path: Path) -> None:
    edit = draw("spliced", np.random.default_rng(1))
    with pytest.raises(ValueError, match="spliced needs 5 other files, not 0"):
        write_copy(source, tmp_path / "copy.mp4", edit)


def test_an_unknown_edit_is_named_with_those_that_there_are() -> None:
    with pytest.raises(UnknownName, match=r"no edit 'sepia'.*meme_bar"):
        draw("sepia", np.random.default_rng(1))


def test_a_rotated_source_is_edited_upright(tmp_path: Path) -> None:
    source = tiny_clip(tmp_path / "rotated.mp4", size=(160, 90), rotation=90, seconds=2.1)
    truth = write_copy(source, tmp_path / "copy.mp4", Edit(("mirror",), picture=(Mirrored(),)))
    assert (truth.width_px, truth.height_px) == (90, 160)
    assert shown_likeness(source, tmp_path / "copy.mp4", truth) > 0.95


def test_a_source_of_one_moment_still_gives_a_copy(tmp_path: Path) -> None:
    source = tiny_clip(tmp_path / "short.mp4", seconds=0.25)
    for name in ("trim_80", "faster", "square"):
        truth = write_copy(source, tmp_path / "copy.mp4", draw(name, np.random.default_rng(1)))
        assert truth.copy_duration_s > 0
        with Playback(tmp_path / "copy.mp4", Limits()) as playback:
            assert playback.upright_size == (truth.width_px, truth.height_px)


def test_a_large_source_is_read_small_and_a_small_one_is_never_enlarged(tmp_path: Path) -> None:
    large = write_footage(tmp_path / "large.mp4", seed=3, seconds=0.5, size=(1280, 720))
    frame = Edit(("frame",), picture=(Barred(top=0.5, bottom=0.5),))
    truth = write_copy(large, tmp_path / "copy.mp4", frame)
    assert max(truth.width_px, truth.height_px) == LONG_SIDE_PX
    small = write_footage(tmp_path / "small.mp4", seed=3, seconds=0.5)
    truth = write_copy(small, tmp_path / "copy.mp4", draw("re_encoded", np.random.default_rng(1)))
    assert (truth.width_px, truth.height_px) == SIZE


def test_several_edits_at_once_are_of_different_groups() -> None:
    for seed in range(40):
        names = draw(SEVERAL, np.random.default_rng(seed)).names
        groups = [CATALOGUE[name].group for name in names]
        assert len(names) == len(set(groups)) == 3
        assert None not in groups
