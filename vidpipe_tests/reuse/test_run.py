"""Comparing dates: each pair once, a rerun nothing, a killed run goes on, damage stops nobody.

The lake holds real prints of small clips; PostgreSQL is real, and the workers run in this process
but for the test that needs them apart.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dagster import DagsterInstance
from psycopg import Connection

from vidpipe.errors import VidpipeError
from vidpipe.pipeline.contract import Item, StageWorker
from vidpipe.pipeline.engine import BatchOutcome
from vidpipe.pipeline.stages import Pipeline, Session
from vidpipe.reuse import run, store
from vidpipe.reuse.editing.catalogue import draw
from vidpipe.reuse.editing.copying import write_copy
from vidpipe.reuse.matches import Verdict
from vidpipe.reuse.run import ReuseRun, compare_dates
from vidpipe.reuse.store import Outcome
from vidpipe.settings import Settings
from vidpipe.stores.database import connect
from vidpipe.stores.lake import FOOTAGE_PRINTS, KEYFRAMES, Lake
from vidpipe_tests.clips import still_clip
from vidpipe_tests.installation import Installation, age
from vidpipe_tests.reuse.moving_clips import moving_clip
from vidpipe_tests.reuse.prints import damaged_print, print_value

FIRST = date(2025, 3, 3)
SECOND, THIRD = FIRST + timedelta(days=1), FIRST + timedelta(days=2)


class Killed(BaseException):
    """Nobody handles it, as nobody handles a signal that kills."""


@dataclass
class EngineHere:
    """Runs the real workers in this process, and counts what it hands them.

    Attributes:
        most: the number of batches after which the run is killed.
    """

    most: int = 1000
    contents: list[str] = field(default_factory=list)

    def run(
        self, worker: StageWorker, batches: Iterable[list[Item]], **_: Any
    ) -> Iterator[BatchOutcome]:
        compute = worker.open()
        for batch in batches:
            self.most -= 1
            if self.most < 0:
                raise Killed
            self.contents += [item.get("content_sha256", "") for item in batch]
            yield BatchOutcome(batch, compute(batch))


@dataclass
class World:
    """Clips by name, of which some are uploaded and have prints."""

    installation: Installation
    connection: Connection[Any]
    clips: Path
    names: dict[str, str] = field(default_factory=dict)

    def pipeline(self, most: int = 1000) -> Pipeline:
        settings = self.installation.settings
        return Pipeline(settings, Lake(settings.lake), EngineHere(most))

    def upload(
        self, day: date, *names: str, prints: dict[str, dict[str, Any]] | None = None
    ) -> None:
        """Uploads clips, and puts their prints (or others) into the lake."""
        folder = self.installation.uploads / str(day)
        folder.mkdir(exist_ok=True)
        for name in names:
            target = folder / f"{name}.mp4"
            target.write_bytes((self.clips / f"{name}.mp4").read_bytes())
            age(target)
        pipeline = self.pipeline()
        self.installation.register()
        pipeline.compute(self.session, pipeline.raw_videos, [day])
        contents = pipeline.snapshot(self.session, [day]).contents
        for upload, content in contents.select("upload_id", "content_sha256").iter_rows():
            self.names.setdefault(content, Path(upload).stem)
        values = {name: PRINTS[name] for name in names} | (prints or {})
        self.keep(day, {name: value for name, value in values.items() if value})

    def keep(
        self, day: date, values: dict[str, dict[str, Any]], version: str | None = None
    ) -> None:
        pipeline = self.pipeline()
        row = {
            "stage_version": version or pipeline.footage_prints.version,
            "ingest_date": day,
            "status": "ok",
        }
        rows = [
            row | {"content_sha256": self.content(name), "footage_print": value}
            for name, value in values.items()
        ]
        if rows:
            pipeline.lake.append(FOOTAGE_PRINTS, rows)

    def content(self, name: str) -> str:
        [found] = [content for content, own in self.names.items() if own == name]
        return found

    @property
    def session(self) -> Session:
        return Session(self.connection)

    def compare(self, *days: date, most: int = 1000, **changes: bool) -> tuple[ReuseRun, list[str]]:
        """The run, and the names of the contents that workers were handed."""
        pipeline = self.pipeline(most)
        made = compare_dates(pipeline, self.session, days, **changes)
        assert isinstance(pipeline.engine, EngineHere)
        return made, sorted(self.names[content] for content in pipeline.engine.contents)

    def matches(self) -> dict[tuple[str, str], str]:
        """Verdicts by the names of both contents, in their order."""
        found = {}
        for one in store.matches_among(self.connection, list(self.names)):
            a, b, verdict = self.names[one.a], self.names[one.b], one.verdict
            if a > b:
                a, b, verdict = b, a, verdict.mirrored_roles
            found[a, b] = verdict.value
        return found

    def outcomes(self) -> dict[str, Outcome]:
        stored = store.stored_contents(self.connection)
        return {self.names[name]: one.content.outcome for name, one in stored.items()}


PRINTS: dict[str, dict[str, Any]] = {}


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clips")
    for seed, name in enumerate(("one", "two", "three")):
        moving_clip(folder / f"{name}.mp4", seed, seconds=5)
    rng = np.random.default_rng(3)
    write_copy(folder / "one.mp4", folder / "one_mirrored.mp4", draw("mirror", rng))
    write_copy(folder / "one.mp4", folder / "one_half.mp4", draw("trim_50", rng))
    write_copy(folder / "two.mp4", folder / "two_small.mp4", draw("small", rng))
    still_clip(folder / "still.mp4", seconds=4)
    moving_clip(folder / "short.mp4", 9, seconds=1)
    PRINTS.update({path.stem: print_value(path) for path in folder.iterdir()})
    return folder


@pytest.fixture
def world(upgraded_database_settings: Settings, tmp_path: Path, clips: Path) -> Iterator[World]:
    with (
        DagsterInstance.ephemeral() as instance,
        connect(upgraded_database_settings, autocommit=True) as connection,
    ):
        installation = Installation.make(upgraded_database_settings, tmp_path, instance)
        yield World(installation, connection, clips)


ONES = {
    ("one", "one_half"): "contains",
    ("one", "one_mirrored"): "near_duplicate",
    ("one_half", "one_mirrored"): "clip_of",
}


def test_new_contents_are_compared_with_one_another_and_with_earlier_ones_once(
    world: World,
) -> None:
    world.upload(FIRST, "one", "two")
    made, handed = world.compare(FIRST)
    assert handed == ["one", "two"]
    assert made.contents == {"compared": 2}
    assert world.matches() == {}
    world.upload(SECOND, "one_mirrored", "one_half", "two_small")
    made, handed = world.compare(SECOND)
    assert handed == ["one_half", "one_mirrored", "two_small"]
    assert world.matches() == ONES | {("two", "two_small"): "near_duplicate"}
    assert len(made.new_copies) == 4
    assert sum(made.matches.values()) == 4, "each pair is compared from one side"
    again, handed = world.compare(FIRST, SECOND)
    assert (again.pairs, again.contents, handed) == (0, {}, [])


def test_earlier_dates_may_come_later(world: World) -> None:
    world.upload(SECOND, "one_mirrored", "one_half")
    world.compare(SECOND)
    world.upload(FIRST, "one")
    _, handed = world.compare(FIRST)
    assert handed == ["one"]
    assert world.matches() == ONES


def test_contents_of_a_date_that_was_not_asked_are_not_compared(world: World) -> None:
    world.upload(FIRST, "one")
    world.upload(SECOND, "one_mirrored")
    world.compare(FIRST)
    assert world.outcomes() == {"one": Outcome.COMPARED}
    assert world.matches() == {}


def test_asked_again_all_are_compared_and_the_same_is_found(world: World) -> None:
    world.upload(FIRST, "one", "one_mirrored", "one_half")
    world.compare(FIRST)
    made, handed = world.compare(FIRST, again=True)
    assert handed == ["one", "one_half", "one_mirrored"]
    assert made.new_copies == []
    assert world.matches() == ONES


def test_several_waves_find_what_one_finds(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "WAVE", 1)
    monkeypatch.setattr(run, "BATCH", 1)
    world.upload(FIRST, "one", "two", "one_half")
    world.upload(SECOND, "one_mirrored", "two_small")
    _, handed = world.compare(FIRST, SECOND)
    assert len(handed) == 5
    assert world.matches() == ONES | {("two", "two_small"): "near_duplicate"}
    again, _ = world.compare(FIRST, SECOND, again=True)
    assert again.new_copies == []
    assert world.matches() == ONES | {("two", "two_small"): "near_duplicate"}


def test_a_killed_run_goes_on_where_it_was(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "WAVE", 1)
    monkeypatch.setattr(run, "BATCH", 1)
    world.upload(FIRST, "one", "one_half", "one_mirrored")
    with pytest.raises(Killed):
        world.compare(FIRST, most=2)
    done = set(world.outcomes())
    assert len(done) == 2
    made, handed = world.compare(FIRST)
    assert set(handed) == {"one", "one_half", "one_mirrored"} - done
    assert made.contents == {"compared": 1}
    assert world.matches() == ONES


def test_a_content_without_print_is_told_and_compared_as_soon_as_it_has_one(world: World) -> None:
    world.upload(FIRST, "one", "one_half", prints={"one_half": {}})
    made, handed = world.compare(FIRST)
    assert handed == ["one"]
    assert made.contents == {"no_print": 1, "compared": 1}
    stored = store.stored_contents(world.connection)[world.content("one_half")].content
    assert "no footage print" in (stored.reason or "")
    nothing, _ = world.compare(FIRST)
    assert nothing.contents == {}
    world.keep(FIRST, {"one_half": PRINTS["one_half"]})
    made, handed = world.compare(FIRST)
    assert handed == ["one_half"]
    assert world.matches() == {("one", "one_half"): "contains"}


@pytest.mark.parametrize("part", ["thumbnails", "hashes"])
def test_a_damaged_print_is_told_with_the_remedy_and_the_others_are_compared(
    world: World, part: str
) -> None:
    bad = damaged_print(PRINTS["one_mirrored"], part)
    world.upload(FIRST, "one", "one_half", "one_mirrored", prints={"one_mirrored": bad})
    made, handed = world.compare(FIRST)
    assert handed == ["one", "one_half"]
    assert made.contents == {"no_print": 1, "compared": 2}
    assert world.matches() == {("one", "one_half"): "contains"}
    content = world.content("one_mirrored")
    stored = store.stored_contents(world.connection)[content].content
    assert stored.outcome is Outcome.NO_PRINT
    assert f"vidpipe refresh --force --stage keyframes --item {content}" in (stored.reason or "")
    lake = world.pipeline().lake
    lake.delete(FOOTAGE_PRINTS, [content])
    world.keep(FIRST, {"one_mirrored": PRINTS["one_mirrored"]})
    _, handed = world.compare(FIRST)
    assert handed == ["one_mirrored"]
    assert world.matches() == ONES


def test_a_print_that_was_made_anew_is_compared_again(world: World) -> None:
    world.upload(FIRST, "two", "one_mirrored", prints={"two": {}})
    world.keep(FIRST, {"two": PRINTS["one"]}, version="of before")
    world.compare(FIRST)
    assert world.matches() == {("one_mirrored", "two"): "near_duplicate"}
    world.keep(FIRST, {"two": PRINTS["two"]})
    _, handed = world.compare(FIRST)
    assert handed == ["two"]
    assert world.matches() == {}


def test_static_and_short_contents_have_their_outcome(world: World) -> None:
    world.upload(FIRST, "still", "short", "one")
    made, _ = world.compare(FIRST)
    assert world.outcomes() == {
        "still": Outcome.STATIC,
        "short": Outcome.TOO_SHORT,
        "one": Outcome.COMPARED,
    }
    assert made.contents == {"static": 1, "too_short": 1, "compared": 1}
    assert world.matches() == {}


def test_hash_tracks_of_before_are_compared_with_prints(world: World) -> None:
    world.upload(FIRST, "one", "one_half", prints={"one": {}})
    value = PRINTS["one"]
    by_name = {view["name"]: view["hashes"] for view in value["views"]}
    kept = ("sample_rate_hz", "timestamps_s", "quality", "is_low_information", "thumbnails")
    track = {name: value[name] for name in kept} | {
        "crop": [0, 0, value["width_px"], value["height_px"]],
        "pdq_full": by_name["full"],
        "pdq_90": by_name["centre_90"],
        "pdq_80": by_name["centre_80"],
        "thumbnail_width_px": 40,
        "thumbnail_height_px": 40,
    }
    world.pipeline().lake.append(
        KEYFRAMES,
        [
            {
                "content_sha256": world.content("one"),
                "stage_version": "of before",
                "ingest_date": FIRST,
                "status": "ok",
                "frames": [],
                "hash_track": track,
                "decoded_frames": 60,
                "decode_seconds": 1.0,
            }
        ],
    )
    made, _ = world.compare(FIRST)
    assert made.contents == {"compared": 2}
    assert world.matches() == {("one", "one_half"): "contains"}
    world.keep(FIRST, {"one": value})
    _, handed = world.compare(FIRST)
    assert handed == ["one"], "its print takes the place of the track"


def test_a_batch_that_fails_ends_the_run_and_keeps_the_waves_before(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "WAVE", 1)
    world.upload(FIRST, "one", "one_half")
    pipeline = world.pipeline()
    original = EngineHere.run

    def failing(self: EngineHere, *arguments: Any, **options: Any) -> Iterator[BatchOutcome]:
        for outcome in original(self, *arguments, **options):
            if len(self.contents) > 1:
                yield BatchOutcome(outcome.items, None, MemoryError("too much"))
            else:
                yield outcome

    monkeypatch.setattr(EngineHere, "run", failing)
    with pytest.raises(VidpipeError, match="could not be compared: too much"):
        compare_dates(pipeline, world.session, [FIRST])
    assert len(world.outcomes()) == 1


def test_workers_of_their_own_find_the_same(world: World) -> None:
    world.upload(FIRST, "one", "one_half", "one_mirrored")
    made = compare_dates(world.installation.pipeline, world.session, [FIRST])
    assert world.matches() == ONES
    assert made.contents == {"compared": 3}
    verdicts = {Verdict(one) for one in made.matches}
    assert Verdict.NEAR_DUPLICATE in verdicts


def test_nothing_is_uploaded_and_nothing_is_compared(world: World) -> None:
    made, handed = world.compare(THIRD)
    assert (made.contents, made.pairs, handed) == ({}, 0, [])
