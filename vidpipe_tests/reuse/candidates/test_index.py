"""The index on this machine: made of what the lake holds, kept, replaced, removed, asked."""

import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vidpipe.reuse.candidates import FootageIndex
from vidpipe.reuse.candidates.folder_in_use import LOCK
from vidpipe.reuse.candidates.index import DAYS_APART, Stored
from vidpipe.reuse.editing.catalogue import draw
from vidpipe.reuse.editing.copying import write_copy
from vidpipe.reuse.footage import Footage
from vidpipe_tests.reuse.moving_clips import moving_clip
from vidpipe_tests.reuse.prints import DAMAGES, damaged_print, footage_of_clip, print_value

DAY = date(2026, 11, 2)
CLIPS = 4


@dataclass
class PrintsOfTheLake:
    """Prints by content, and which contents were read."""

    values: dict[str, dict[str, Any]]
    read: list[str] = field(default_factory=list)
    lost: Sequence[str] = ()

    def __call__(self, contents: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        for content in contents:
            self.read.append(content)
            if content not in self.lost:
                yield content, self.values[content]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("clips")
    for seed in range(CLIPS):
        moving_clip(made / f"{seed}.mp4", seed, seconds=5)
    return made


@pytest.fixture(scope="module")
def values(folder: Path) -> dict[str, dict[str, Any]]:
    return {str(seed): print_value(folder / f"{seed}.mp4") for seed in range(CLIPS)}


def stored(*contents: str, day: date = DAY, version: str = "1") -> list[Stored]:
    return [Stored(content, day, version) for content in contents]


def named(footage: Footage, content: str) -> Footage:
    """The same footage as if it were another content's."""
    return replace(footage, content=content)


def visible(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != LOCK)


def test_a_segment_is_made_once_and_kept(tmp_path: Path, values: dict[str, Any]) -> None:
    lake = PrintsOfTheLake(values)
    first = FootageIndex.synchronised(tmp_path, stored("0", "1"), lake)
    assert lake.read == ["0", "1"]
    second = FootageIndex.synchronised(tmp_path, stored("1", "0"), lake)
    assert lake.read == ["0", "1"], "the order in which the lake tells contents changes nothing"
    assert first.names == second.names
    assert "0" in second
    assert "2" not in second


def test_another_date_is_a_segment_of_its_own_and_a_new_content_or_version_replaces_one(
    tmp_path: Path, values: dict[str, Any]
) -> None:
    lake = PrintsOfTheLake(values)
    FootageIndex.synchronised(tmp_path, stored("0", "1"), lake)
    later = stored("2", day=DAY + timedelta(days=1))
    both = FootageIndex.synchronised(tmp_path, [*stored("0", "1"), *later], lake)
    assert lake.read == ["0", "1", "2"]
    assert len(both.names) == 2
    del both
    FootageIndex.synchronised(tmp_path, [*stored("0", "1", "3"), *later], lake)
    assert lake.read[3:] == ["0", "1", "3"]
    changed = [*stored("0", "1"), *stored("3", version="2"), *later]
    last = FootageIndex.synchronised(tmp_path, changed, lake)
    assert lake.read[6:] == ["0", "1", "3"]
    assert visible(tmp_path) == sorted(last.names)


def test_what_is_gone_from_the_lake_is_gone_from_the_folder(
    tmp_path: Path, values: dict[str, Any]
) -> None:
    lake = PrintsOfTheLake(values)
    later = stored("2", day=DAY + timedelta(days=1))
    FootageIndex.synchronised(tmp_path, [*stored("0", "1"), *later], lake)
    index = FootageIndex.synchronised(tmp_path, stored("1"), lake)
    assert "0" not in index
    assert "2" not in index
    assert len(visible(tmp_path)) == 1
    with pytest.raises(KeyError):
        index.footage("0")
    asked = index.footage("1")
    del index
    empty = FootageIndex.synchronised(tmp_path, [], lake)
    assert visible(tmp_path) == []
    assert empty.candidates(asked) == []


def test_what_somebody_reads_is_removed_only_afterwards(
    tmp_path: Path, values: dict[str, Any]
) -> None:
    lake = PrintsOfTheLake(values)
    read = FootageIndex.synchronised(tmp_path, stored("0", "1"), lake)
    FootageIndex.synchronised(tmp_path, stored("2"), lake)
    assert read.footage("0").content == "0"
    assert [one.content for one in read.candidates(named(read.footage("1"), "other"))][:1] == ["1"]
    del read
    FootageIndex.synchronised(tmp_path, [], lake)
    assert visible(tmp_path) == []


@pytest.mark.parametrize("part", DAMAGES)
def test_a_damaged_print_is_left_out_with_the_reason_and_its_neighbours_are_not(
    tmp_path: Path, values: dict[str, Any], part: str
) -> None:
    lake = PrintsOfTheLake(values | {"1": damaged_print(values["1"], part)})
    index = FootageIndex.synchronised(tmp_path, stored("0", "1", "2"), lake)
    assert [content in index for content in "012"] == [True, False, True]
    assert list(index.unreadable) == ["1"]
    assert "the footage print of 1 is damaged" in index.unreadable["1"]
    assert "vidpipe refresh --force --stage keyframes --item 1" in index.unreadable["1"]
    found = index.candidates(named(index.footage("2"), "other"))
    assert found[0].content == "2"


def test_a_print_that_the_lake_lost_meanwhile_is_left_out_with_the_reason(
    tmp_path: Path, values: dict[str, Any]
) -> None:
    lake = PrintsOfTheLake(values, lost=["1"])
    index = FootageIndex.synchronised(tmp_path, stored("0", "1"), lake)
    assert "0" in index
    assert index.unreadable == {"1": "the lake no longer holds its footage print"}


def test_dates_of_weeks_that_have_passed_are_one_segment(
    tmp_path: Path, values: dict[str, Any]
) -> None:
    monday = date(2026, 11, 2)
    week = [*stored("0", day=monday), *stored("1", day=monday + timedelta(days=3))]
    lake = PrintsOfTheLake(values)
    assert len(FootageIndex.synchronised(tmp_path, week, lake).names) == 2
    newest = stored("2", day=monday + timedelta(days=3) + DAYS_APART)
    index = FootageIndex.synchronised(tmp_path, [*week, *newest], lake)
    assert [name.rpartition("-")[0] for name in index.names] == [
        newest[0].ingest_date.isoformat(),
        "2026-W45",
    ]
    assert all(content in index for content in "012")


def test_a_print_comes_back_as_it_was(tmp_path: Path, folder: Path, values: dict[str, Any]) -> None:
    index = FootageIndex.synchronised(tmp_path, stored("0", "1"), PrintsOfTheLake(values))
    back, made = index.footage("1"), footage_of_clip(folder / "1.mp4")
    assert back.content == "1"
    assert (back.times_s == made.times_s).all()
    assert (back.is_usable == made.is_usable).all()
    assert (back.end_s, back.aspect) == (made.end_s, made.aspect)
    assert back.packed_thumbnails == made.packed_thumbnails
    assert {name: view.box for name, view in back.views.items()} == {
        name: view.box for name, view in made.views.items()
    }
    for name, view in made.views.items():
        assert (back.views[name].hashes == view.hashes).all()
    for one, other in zip(back.keyframes, made.keyframes, strict=True):
        assert one.time_s == other.time_s
        assert (one.points == other.points).all()
        assert (one.descriptors == other.descriptors).all()


@pytest.mark.parametrize("edit", ["re_encoded", "mirror", "centre_crop_20", "caption", "upright"])
def test_edited_footage_has_its_source_as_first_candidate(
    tmp_path: Path, folder: Path, values: dict[str, Any], edit: str
) -> None:
    copy = tmp_path / "copy.mp4"
    write_copy(folder / "2.mp4", copy, draw(edit, np.random.default_rng(3)))
    index = FootageIndex.synchronised(tmp_path / "index", stored(*values), PrintsOfTheLake(values))
    found = index.candidates(footage_of_clip(copy))
    assert found[0].content == "2"
    own = index.candidates(index.footage("2"))
    assert "2" not in {one.content for one in own}, "a content is no candidate of itself"


def test_contents_of_several_segments_are_ranked_together(
    tmp_path: Path, values: dict[str, Any]
) -> None:
    days = {str(number): DAY + timedelta(days=number) for number in range(CLIPS)}
    listed = [one for content, day in days.items() for one in stored(content, day=day)]
    index = FootageIndex.synchronised(tmp_path, listed, PrintsOfTheLake(values))
    for content in days:
        asked = named(index.footage(content), "from outside")
        assert index.candidates(asked)[0].content == content


def test_a_making_that_was_killed_leaves_nothing_that_is_taken_for_a_segment(
    tmp_path: Path, values: dict[str, Any]
) -> None:
    process = multiprocessing.get_context("spawn").Process(
        target=_synchronise_and_die, args=(tmp_path, values), daemon=True
    )
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    assert [name for name in visible(tmp_path) if not name.startswith(".making-")] == []
    index = FootageIndex.synchronised(tmp_path, stored("0", "1"), PrintsOfTheLake(values))
    assert visible(tmp_path) == list(index.names)
    assert index.footage("1").content == "1"


def _synchronise_and_die(folder: Path, values: dict[str, Any]) -> None:
    def read(contents: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        yield contents[0], values[contents[0]]
        os.kill(os.getpid(), signal.SIGKILL)

    FootageIndex.synchronised(folder, stored("0", "1"), read)


def test_two_processes_make_the_same_segments_at_once_and_both_can_read_them(
    tmp_path: Path, values: dict[str, Any]
) -> None:
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(2), context.Queue()
    processes = [
        context.Process(
            target=_synchronise_and_ask, args=(tmp_path, values, barrier, answers), daemon=True
        )
        for _ in range(2)
    ]
    for process in processes:
        process.start()
    told = [answers.get(timeout=60) for _ in processes]
    for process in processes:
        process.join(60)
    assert told == [["0"], ["0"]]
    assert len(visible(tmp_path)) == 2


def _synchronise_and_ask(folder: Path, values: dict[str, Any], barrier: Any, answers: Any) -> None:
    def read(contents: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        barrier.wait(60)  # both have begun the same segment
        for content in contents:
            yield content, values[content]
        barrier.wait(60)  # and neither is done before the other

    listed = [*stored("0", "1"), *stored("2", "3", day=DAY + timedelta(days=1))]
    try:
        index = FootageIndex.synchronised(folder, listed, read)
        asked = named(index.footage("0"), "other")
        answers.put([one.content for one in index.candidates(asked)[:1]])
    except Exception as error:
        answers.put(repr(error))
