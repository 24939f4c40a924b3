"""A segment of the index: which codes a content gives, and how their hits are counted."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vidpipe.media.footage_print.pdq import mirrored
from vidpipe.reuse.candidates import segment as segments
from vidpipe.reuse.candidates.segment import (
    HASH_BITS,
    HASHES,
    KEYPOINT_BITS,
    KEYPOINTS,
    Codes,
    Segment,
    both_ways,
    hash_codes,
    keypoint_codes,
)
from vidpipe.reuse.footage import Footage, footage_of_print
from vidpipe_tests.clips import still_clip
from vidpipe_tests.reuse.moving_clips import moving_clip
from vidpipe_tests.reuse.prints import footage_of_clip, print_value


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Footage]:
    folder = tmp_path_factory.mktemp("clips")
    return [
        footage_of_clip(moving_clip(folder / f"{seed}.mp4", seed, seconds=5)) for seed in range(4)
    ]


@pytest.fixture
def segment(clips: list[Footage], tmp_path: Path) -> Segment:
    segments.build(tmp_path, clips[:3])
    return segments.load(tmp_path)


def asked(footage: Footage) -> Codes:
    return both_ways(hash_codes(footage))


def test_contents_have_votes_for_their_own_footage_and_hardly_any_for_others(
    segment: Segment, clips: list[Footage]
) -> None:
    votes = segment.votes(HASHES, asked(clips[1]), HASH_BITS)
    assert max(votes, key=lambda one: votes[one]) == clips[1].content
    assert votes[clips[1].content] >= 5
    assert sum(votes.values()) - votes[clips[1].content] < 0.9
    points = segment.votes(KEYPOINTS, keypoint_codes(clips[1]), KEYPOINT_BITS)
    assert max(points, key=lambda one: points[one]) == clips[1].content
    assert sum(segment.votes(HASHES, asked(clips[3]), HASH_BITS).values()) < 0.9


def test_a_picture_counts_once_a_content_however_many_of_its_views_are_found(
    segment: Segment, clips: list[Footage]
) -> None:
    codes = hash_codes(clips[0])
    assert len(codes.codes) > len(np.unique(codes.picture)), "there are several views"
    worth = dict(zip(codes.picture.tolist(), codes.worth.tolist(), strict=True))
    votes = segment.votes(HASHES, codes, HASH_BITS)
    assert votes[clips[0].content] == pytest.approx(sum(worth.values()))


def test_points_in_many_contents_count_less(tmp_path: Path, clips: list[Footage]) -> None:
    one = clips[0]
    for count, folder in ((1, tmp_path / "one"), (4, tmp_path / "four")):
        folder.mkdir()
        named = [replace(one, content=f"copy {number}") for number in range(count)]
        segments.build(folder, named)
    alone, shared = (
        segments.load(tmp_path / name).votes(KEYPOINTS, keypoint_codes(one), KEYPOINT_BITS)
        for name in ("one", "four")
    )
    assert len(shared) == 4
    assert shared["copy 0"] == pytest.approx(alone["copy 0"] / 2)


def test_mirrored_codes_are_asked_with_the_same_worth(clips: list[Footage]) -> None:
    codes = hash_codes(clips[0])
    both = both_ways(codes)
    count = len(codes.codes)
    assert (both.codes[count:] == mirrored(codes.codes)).all()
    assert (both.worth[count:] == codes.worth).all()
    assert (both.picture[count:] == codes.picture).all()


def test_a_still_picture_gives_one_code_a_view_that_is_worth_little(tmp_path: Path) -> None:
    value = print_value(still_clip(tmp_path / "still.mp4", seconds=6))
    codes = hash_codes(footage_of_print("still", value))
    assert len(codes.codes) == len(value["views"])
    assert codes.worth.max() < 0.5


def test_contents_without_keypoints_and_dark_ones_make_a_segment(
    tmp_path: Path, clips: list[Footage]
) -> None:
    bare = replace(clips[0], content="bare", keyframes=())
    nothing = np.zeros(len(bare), bool)
    dark = replace(bare, content="dark", is_usable=nothing)
    segments.build(tmp_path, [bare, dark])
    made = segments.load(tmp_path)
    assert made.votes(KEYPOINTS, keypoint_codes(clips[0]), KEYPOINT_BITS) == {}
    assert set(made.votes(HASHES, asked(clips[0]), HASH_BITS)) == {"bare"}
    assert made.votes(HASHES, asked(dark), HASH_BITS) == {}
