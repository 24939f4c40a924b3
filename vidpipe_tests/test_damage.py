"""Damaged copies are damaged, each in its own way, and the same every time."""

from pathlib import Path

import pytest

from vidpipe_tests.clips import tiny_clip
from vidpipe_tests.damage import DAMAGE, damaged_copies


@pytest.fixture
def sources(tmp_path: Path) -> list[Path]:
    return [tiny_clip(tmp_path / "a.mp4"), tiny_clip(tmp_path / "b.mkv", seed=1)]


def test_every_copy_differs_from_its_source_and_keeps_its_suffix(
    tmp_path: Path, sources: list[Path]
) -> None:
    copies = damaged_copies(sources, tmp_path / "damaged", 60, seed=1)
    assert len({copy.path for copy in copies}) == 60
    for copy in copies:
        assert copy.path.read_bytes() != copy.source.read_bytes()
        assert copy.path.suffix == copy.source.suffix


def test_every_source_meets_every_kind_of_damage(tmp_path: Path, sources: list[Path]) -> None:
    copies = damaged_copies(sources, tmp_path / "damaged", len(sources) * len(DAMAGE))
    assert {(copy.source, copy.damage) for copy in copies} == {
        (source, damage) for source in sources for damage in DAMAGE
    }


def test_the_same_seed_damages_the_same_bytes(tmp_path: Path, sources: list[Path]) -> None:
    first, second, other = (
        [copy.path.read_bytes() for copy in damaged_copies(sources, tmp_path / name, 14, seed)]
        for name, seed in (("first", 5), ("second", 5), ("other", 6))
    )
    assert first == second
    assert sum(one != two for one, two in zip(first, other, strict=True)) >= 13


def test_each_kind_does_what_its_name_says(tmp_path: Path, sources: list[Path]) -> None:
    for copy in damaged_copies(sources, tmp_path / "damaged", 28, seed=2):
        before, after = copy.source.read_bytes(), copy.path.read_bytes()
        changed = sum(one != two for one, two in zip(before, after, strict=False))
        match copy.damage:
            case "truncate":
                assert before.startswith(after)
                assert len(after) < len(before)
            case "append_junk":
                assert after.startswith(before)
                assert len(after) > len(before)
            case "flip_in_header" | "flip_in_middle":
                assert len(after) == len(before)
                assert 1 <= changed <= 16
            case "zero_block" | "swap_blocks":
                assert len(after) == len(before)
                assert changed >= 1
            case "remove_block":
                assert len(before) * 0.79 < len(after) < len(before)


def test_even_one_byte_can_be_damaged(tmp_path: Path) -> None:
    source = tmp_path / "one.mp4"
    source.write_bytes(b"x")
    for copy in damaged_copies([source], tmp_path / "damaged", 21):
        assert copy.path.read_bytes() != b"x"


def test_nothing_to_damage_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one source"):
        damaged_copies([], tmp_path, 3)
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(ValueError, match=r"empty\.mp4 is empty"):
        damaged_copies([tmp_path / "empty.mp4"], tmp_path, 3)
