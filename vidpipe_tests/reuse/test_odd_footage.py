"""Odd and bad footage through the whole chain: a verdict, too short, static, or nothing; no crash.

Each file is summarised, indexed and compared with itself and with all others.
"""

import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations, islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from vidpipe.errors import StoreError
from vidpipe.media.footage_print.thumbnails import pack_thumbnails
from vidpipe.reuse.candidates import segment as segments
from vidpipe.reuse.candidates.segment import HASH_BITS, HASHES, both_ways, hash_codes
from vidpipe.reuse.comparison import compare
from vidpipe.reuse.footage import Footage, View, footage_of_print
from vidpipe.reuse.matches import Match, Verdict
from vidpipe_tests.clips import Picture, black_clip, shots, still_clip, tiny_clip, write_clip
from vidpipe_tests.clock_clips import jumping_clip
from vidpipe_tests.reuse.moving_clips import FPS, moving_clip, moving_pictures
from vidpipe_tests.reuse.prints import DAMAGES, damaged_print, footage_of_clip, print_value

NOTHING_IN_IT = {"one_second", "three_frames", "identical", "one_black", "black", "pixel"}
"""Names of clips that cannot be told from others: too short, or nothing moves."""


RELATED = (
    {"one_second", "three_frames", "identical", "plain"},
    {"variable_rate", "forward_jump", "backward_jump"},
)
"""Clips that show the same: a square that crosses the picture, or pieces of one clip."""


def scaled(pictures: list[Picture], size: tuple[int, int]) -> list[Picture]:
    return [
        np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
        for picture in pictures
    ]


def slides(seed: int, count: int = 5) -> list[Picture]:
    """Stills that stand for two seconds each."""
    stills = [next(iter(shots(1, (240, 136), [(90, 120, 60)], seed + n))) for n in range(count)]
    return [still for still in stills for _ in range(2 * FPS)]


def first(seed: int, count: int) -> list[Picture]:
    return list(islice(moving_pictures(seed, 10 * FPS), count))


WRITERS: dict[str, Callable[[Path], Path]] = {
    "one_second": lambda path: moving_clip(path, 1, seconds=1),
    "three_frames": lambda path: write_clip(path, first(1, 3), fps=FPS),
    "identical": lambda path: still_clip(path, first(1, 1)[0], seconds=6),
    "one_black": lambda path: black_clip(path, seconds=1 / 12),
    "black": lambda path: black_clip(path, seconds=5),
    "variable_rate": lambda path: tiny_clip(path, seconds=5, timestamps="variable", seed=4),
    "forward_jump": lambda path: jumping_clip(path.with_suffix(".ts"), [0, 900, 5000]),
    "backward_jump": lambda path: jumping_clip(path.with_suffix(".mkv"), [500, 0, 90]),
    "pixel": lambda path: write_clip(path, scaled(first(2, 40), (2, 2)), fps=FPS),
    "column": lambda path: write_clip(path, scaled(first(2, 40), (2, 136)), fps=FPS),
    "loop": lambda path: write_clip(path, first(3, 3 * FPS) * 5, fps=FPS),
    "other_loop": lambda path: write_clip(path, first(4, 3 * FPS) * 5, fps=FPS),
    "slides": lambda path: write_clip(path, slides(100), fps=FPS),
    "other_slides": lambda path: write_clip(path, slides(200), fps=FPS),
    "plain": lambda path: moving_clip(path, 1, seconds=6),
}


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Footage]:
    folder = tmp_path_factory.mktemp("odd")
    return {
        name: footage_of_clip(write(folder / f"{name}.mp4"), name)
        for name, write in WRITERS.items()
    }


def test_what_has_nothing_in_it_is_too_short_or_static(odd: dict[str, Footage]) -> None:
    told = {name for name, one in odd.items() if one.is_too_short or one.is_static}
    assert told == NOTHING_IN_IT


def test_odd_footage_never_matches_other_footage(odd: dict[str, Footage]) -> None:
    for a, b in combinations(odd.values(), 2):
        if any({a.content, b.content} <= family for family in RELATED):
            continue
        match = compare(a, b)
        assert match is None or not match.verdict.is_copy, (a.content, b.content, match)


def test_odd_footage_is_itself_or_cannot_be_told(odd: dict[str, Footage]) -> None:
    for name, one in odd.items():
        match = compare(one, replace(one, content="again"))
        if one.is_too_short:
            assert match is None, name
        elif one.is_static:
            assert match is None or match.verdict is Verdict.STATIC, name
        elif name.endswith("slides"):
            assert match is None or match.verdict is not Verdict.COMMON_SEGMENT, name
        else:
            assert match is not None, name
            assert match.verdict is Verdict.NEAR_DUPLICATE, (name, match)


def test_odd_footage_can_be_indexed_and_asked(odd: dict[str, Footage], tmp_path: Path) -> None:
    segments.build(tmp_path, odd.values())
    segment = segments.load(tmp_path)
    for name in ("forward_jump", "loop", "plain"):
        votes = segment.votes(HASHES, both_ways(hash_codes(odd[name])), HASH_BITS)
        assert max(votes, key=lambda one: votes[one]) == name


def test_a_looped_clip_covers_the_clip_that_it_repeats(
    odd: dict[str, Footage], tmp_path: Path
) -> None:
    clip = footage_of_clip(write_clip(tmp_path / "clip.mp4", first(3, 3 * FPS), fps=FPS))
    match = compare(clip, odd["loop"])
    assert match is not None
    assert match.verdict in {Verdict.CLIP_OF, Verdict.NEAR_DUPLICATE}
    assert compare(clip, odd["other_loop"]) is None


def test_one_footage_in_4k_and_in_144_lines_is_one(tmp_path: Path) -> None:
    pictures = first(5, 4 * FPS)
    large = write_clip(tmp_path / "4k.mp4", scaled(pictures[::3], (3840, 2160)), fps=FPS // 3)
    small = write_clip(tmp_path / "144.mp4", scaled(pictures, (256, 144)), fps=FPS)
    match = compare(footage_of_clip(large), footage_of_clip(small))
    assert match is not None
    assert match.verdict is Verdict.NEAR_DUPLICATE


@pytest.mark.parametrize("part", DAMAGES)
def test_a_damaged_print_is_an_error_that_names_the_content_and_the_remedy(
    tmp_path: Path, part: str
) -> None:
    value = damaged_print(print_value(moving_clip(tmp_path / "clip.mp4", 1)), part)
    remedy = "vidpipe refresh --force --stage keyframes --item 0abc"
    with pytest.raises(StoreError, match=f"(?s)footage print of 0abc .*{remedy}"):
        _ = footage_of_print("0abc", value).thumbnails


@pytest.mark.parametrize("time_s", [float("nan"), float("inf"), -5.0, 1e30])
def test_times_that_no_video_has_are_damage(tmp_path: Path, time_s: float) -> None:
    value = print_value(moving_clip(tmp_path / "clip.mp4", 1, seconds=2))
    with pytest.raises(StoreError, match="is damaged"):
        footage_of_print("x", value | {"timestamps_s": [*value["timestamps_s"][:-1], time_s]})


def test_samples_with_equal_times_are_compared(odd: dict[str, Footage]) -> None:
    plain = odd["plain"]
    for times in (np.zeros(len(plain)), np.repeat(plain.times_s[::2], 2)[: len(plain)]):
        equal = replace(plain, times_s=times, end_s=float(times[-1]))
        for a, b in ((equal, plain), (plain, equal), (equal, equal)):
            match = compare(replace(a, content="a"), replace(b, content="b"))
            assert match is None or isinstance(match.verdict, Verdict)


def test_a_print_without_samples_is_too_short(odd: dict[str, Footage]) -> None:
    empty = footage_of_print(
        "empty",
        {
            "timestamps_s": [],
            "quality": b"",
            "is_low_information": b"",
            "thumbnails": b"",
            "views": [],
            "keyframes": [],
            "end_s": 0.0,
            "width_px": 0,
            "height_px": 0,
        },
    )
    assert empty.is_too_short
    assert len(hash_codes(empty).codes) == 0
    assert compare(empty, odd["plain"]) is None


def test_prints_without_keypoints_are_compared_by_their_hashes(odd: dict[str, Footage]) -> None:
    bare = replace(odd["plain"], content="bare", keyframes=())
    match = compare(bare, odd["plain"])
    assert match is not None
    assert match.verdict is Verdict.NEAR_DUPLICATE
    assert compare(bare, odd["loop"]) is None


def one_shot(hours: float, seed: int) -> Footage:
    """A print of a long shot of a street: everything stands but for what passes by."""
    rng = np.random.default_rng(seed)
    count = round(hours * 3600 * 4)
    grounds = rng.integers(0, 256, (3, 32), dtype=np.uint8)
    small = rng.integers(30, 220, (40, 40), dtype=np.uint8)
    pictures = np.repeat(small[None], count, axis=0)
    places = np.cumsum(rng.integers(-3, 4, (count, 2)), axis=0) % 30
    for picture, (x, y) in zip(pictures, places, strict=True):
        picture[y : y + 10, x : x + 10] = 250
    sheets = [pack_thumbnails(pictures[start : start + 256]) for start in range(0, count, 256)]
    names = ("full", "centre_80", "centre_60")
    views = {}
    for name, ground in zip(names, grounds, strict=True):
        bits = np.unpackbits(np.repeat(ground[None], count, axis=0), axis=1)
        bits ^= rng.random(bits.shape) < 0.06
        views[name] = View((0.0, 0.0, 1.0, 1.0), np.packbits(bits, axis=1))
    return Footage(
        f"shot {seed}",
        np.arange(count, dtype=np.float64) * 0.25,
        count * 0.25,
        1.6,
        views,
        np.ones(count, bool),
        b"".join(sheets),
        (),
    )


def piece(whole: Footage, start: int, end: int) -> Footage:
    return replace(
        whole,
        content="piece",
        times_s=whole.times_s[start:end] - whole.times_s[start],
        end_s=float(whole.times_s[end - 1] - whole.times_s[start]) + 0.25,
        views={n: View(one.box, one.hashes[start:end]) for n, one in whole.views.items()},
        is_usable=whole.is_usable[start:end],
        packed_thumbnails=pack_thumbnails(whole.thumbnails[start:end]),
    )


def is_whole(match: Match | None) -> bool:
    return match is not None and match.verdict in {Verdict.NEAR_DUPLICATE, Verdict.STATIC}


def is_any(match: Match | None) -> bool:
    return match is None or isinstance(match.verdict, Verdict)


def is_none(match: Match | None) -> bool:
    return match is None or not match.verdict.is_copy


def test_two_hours_of_one_shot_take_seconds_and_bounded_memory(odd: dict[str, Footage]) -> None:
    long = one_shot(2, 1)
    others: list[tuple[Footage, Callable[[Match | None], bool]]] = [
        (replace(long, content="again"), is_whole),
        (piece(long, 9000, 9120), is_any),
        (odd["plain"], is_none),
        (one_shot(0.01, 2), is_none),
    ]
    tracemalloc.start()
    for other, is_right in others:
        began = time.process_time()
        match = compare(other, long)
        assert is_right(match), (other.content, match)
        assert time.process_time() - began < 30, other.content
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 800e6
