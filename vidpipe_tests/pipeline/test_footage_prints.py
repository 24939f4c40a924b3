"""Footage prints beside keyframes: one pass makes both, whatever was there or comes in between.

Uploads, workers, lake and PostgreSQL are real; the workers run in this process, and nothing is
published.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from dagster import DagsterInstance
from psycopg import Connection

from vidpipe.pipeline.contract import Item, StageReport, StageWorker
from vidpipe.pipeline.engine import BatchOutcome
from vidpipe.pipeline.recompute import NOTHING, Recompute
from vidpipe.pipeline.stages import Pipeline, Session
from vidpipe.publication.assembly import assemble_rows
from vidpipe.publication.reading import read_uploads
from vidpipe.settings import Settings
from vidpipe.stores.database import connect
from vidpipe.stores.lake import FOOTAGE_PRINTS, KEYFRAMES, Lake, LakeTable
from vidpipe.stores.lake_structs import HASH_TRACK, field_names
from vidpipe.stores.stored_prints import StoredPrint, read_prints
from vidpipe_tests.clips import tiny_clip
from vidpipe_tests.installation import Installation, age

DAY = date(2025, 3, 3)
TRACK = {"sample_rate_hz": 4.0, "timestamps_s": [0.0, 0.25], "pdq_full": bytes(64)}
BOTH = {"KeyframeWorker": 2}
REFRESH, FORCE = Recompute(refresh=True), Recompute(force=True)


@dataclass
class CountingEngine:
    """Runs the real workers in this process, and counts the contents that each kind is handed."""

    decoded: Counter[str] = field(default_factory=Counter)

    def run(
        self, worker: StageWorker, batches: Iterable[list[Item]], **_: Any
    ) -> Iterator[BatchOutcome]:
        compute = worker.open()
        for batch in batches:
            self.decoded[type(worker).__name__] += len(batch)
            yield BatchOutcome(batch, compute(batch))


@dataclass
class World:
    """Two contents that were probed, and what the asset `keyframes` does with them."""

    installation: Installation
    connection: Connection[Any]

    def pipeline(self, **changes: Any) -> Pipeline:
        settings = self.installation.settings.model_copy(update=changes)
        return Pipeline(settings, Lake(settings.lake), CountingEngine())

    @property
    def session(self) -> Session:
        return Session(self.connection)

    def compute(
        self, asked: Recompute = NOTHING, **changes: Any
    ) -> tuple[Counter[str], StageReport]:
        """What was decoded by which worker, and the report of prints that were made alone."""
        pipeline = self.pipeline(**changes)
        pipeline.compute(self.session, pipeline.keyframes, [DAY], asked)
        alone = pipeline.compute(self.session, pipeline.footage_prints, [DAY], asked.beside)
        assert isinstance(pipeline.engine, CountingEngine)
        return pipeline.engine.decoded, alone

    def rows(self, table: LakeTable) -> pl.DataFrame:
        return self.pipeline().lake.scan(table).collect()

    def prints(self, **changes: Any) -> list[StoredPrint]:
        pipeline = self.pipeline(**changes)
        return list(read_prints(pipeline.lake, pipeline.footage_prints.version))

    def state(self, **changes: Any) -> tuple[bool, int]:
        """Whether every content has a print or what stands for it, and how many are of before."""
        snapshot = self.pipeline(**changes).snapshot(self.session, [DAY])
        keys = snapshot.inputs(FOOTAGE_PRINTS)
        missing = keys.join(snapshot.outcomes(FOOTAGE_PRINTS), on="content_sha256", how="anti")
        return missing.is_empty(), snapshot.outdated(FOOTAGE_PRINTS).height

    def failures(self, **changes: Any) -> list[tuple[str, str]]:
        """Rows of `vidpipe.video_failures` of the date, were it published now."""
        pipeline = self.pipeline(**changes)
        snapshot = pipeline.snapshot(self.session, [DAY])
        uploads = read_uploads(pipeline, self.session)
        rows = assemble_rows(snapshot, uploads, DAY, pipeline.model.dimensions).failures
        return sorted(rows.select("stage", "upload_id").iter_rows())

    def make_rows_of_before(self) -> None:
        """Turns the rows into those of an earlier vidpipe: keyframes with hash tracks."""
        lake, rows = self.pipeline().lake, self.rows(KEYFRAMES)
        contents = rows["content_sha256"].to_list()
        lake.delete(FOOTAGE_PRINTS, contents)
        lake.delete(KEYFRAMES, contents)
        track = dict.fromkeys(field_names(HASH_TRACK)) | TRACK
        lake.append(
            KEYFRAMES,
            [
                {**row, "hash_track": track, "has_footage_print": None}
                for row in rows.drop("committed_at").iter_rows(named=True)
            ],
        )


@pytest.fixture
def world(upgraded_database_settings: Settings, tmp_path: Path) -> Iterator[World]:
    with (
        DagsterInstance.ephemeral() as instance,
        connect(upgraded_database_settings, autocommit=True) as connection,
    ):
        installation = Installation.make(upgraded_database_settings, tmp_path, instance)
        for seed in range(2):
            age(tiny_clip(installation.uploads / f"{DAY}/{seed}.mp4", seed=seed))
        installation.register()
        made = World(installation, connection)
        read_new_uploads(made)
        yield made


def read_new_uploads(world: World) -> None:
    pipeline = world.pipeline()
    world.installation.register()
    pipeline.compute(world.session, pipeline.raw_videos, [DAY])


def test_one_pass_makes_keyframes_and_prints_each_row_with_the_version_of_its_stage(
    world: World,
) -> None:
    decoded, alone = world.compute()
    assert decoded == BOTH
    assert (alone.total.seen, alone.total.skipped) == (2, 2)
    pipeline = world.pipeline()
    keyframes, prints = world.rows(KEYFRAMES), world.rows(FOOTAGE_PRINTS)
    assert keyframes["hash_track"].null_count() == 2
    assert keyframes["stage_version"].unique().to_list() == [pipeline.keyframes.version]
    assert prints["stage_version"].unique().to_list() == [pipeline.footage_prints.version]
    for column in ("content_sha256", "status", "limits_digest", "ingest_date"):
        assert set(prints[column]) == set(keyframes[column])
    both = prints.join(keyframes, on="content_sha256")
    assert (both["committed_at"] <= both["committed_at_right"]).all()
    for one in world.prints():
        assert one.footage_print is not None
        samples = len(one.footage_print["timestamps_s"])
        assert samples >= 4
        assert {view["name"] for view in one.footage_print["views"]} >= {"full"}
        for view in one.footage_print["views"]:
            assert len(view["hashes"]) == 32 * samples
            assert len(view["box"]) == 4
        assert one.footage_print["keyframes"]
    assert world.compute()[0] == {}
    assert world.state() == (True, 0)


def test_a_run_that_is_killed_between_the_two_rows_leaves_no_print_out_and_none_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = Lake.append

    def killed(lake: Lake, table: LakeTable, rows: list[dict[str, Any]]) -> int:
        if table is KEYFRAMES:
            raise KeyboardInterrupt
        return append(lake, table, rows)

    monkeypatch.setattr(Lake, "append", killed)
    with pytest.raises(KeyboardInterrupt):
        world.compute()
    monkeypatch.undo()
    first = world.rows(FOOTAGE_PRINTS)
    assert first.height > 0
    assert world.rows(KEYFRAMES).is_empty()
    decoded, alone = world.compute()
    assert decoded == BOTH
    assert (alone.total.new, alone.pending) == (0, 0)
    prints = world.rows(FOOTAGE_PRINTS)
    assert prints["content_sha256"].is_unique().all()
    assert prints.height == world.rows(KEYFRAMES).height == 2
    kept = prints.join(first, on=["content_sha256", "committed_at"], how="semi")
    assert kept.height == first.height, "the first committed print stays"
    assert world.connection.execute("select * from vidpipe_ops.attempts").fetchall() == []


def test_a_hash_track_of_before_counts_until_a_refresh_that_decodes_once(world: World) -> None:
    world.compute()
    world.make_rows_of_before()
    assert world.compute()[0] == {}
    assert world.state() == (True, 2)
    assert [one.footage_print for one in world.prints()] == [None, None]
    assert [one.hash_track and one.hash_track["pdq_full"] for one in world.prints()] == [
        bytes(64),
        bytes(64),
    ]
    assert world.failures() == []
    decoded, alone = world.compute(REFRESH)
    assert decoded == {"FootagePrintWorker": 2}
    assert alone.total.new == 2
    assert world.state() == (True, 0)
    assert [one.hash_track for one in world.prints()] == [None, None]
    assert world.rows(KEYFRAMES).height == 2, "keyframes of today's settings stay"
    assert world.compute(REFRESH)[0] == {}


def test_where_refreshes_are_automatic_a_hash_track_of_before_does_not_count(world: World) -> None:
    world.compute()
    world.make_rows_of_before()
    assert world.compute(refresh="auto")[0] == {"FootagePrintWorker": 2}
    assert world.compute(refresh="auto")[0] == {}


@pytest.mark.parametrize("before", ["print", "hash track"])
@pytest.mark.parametrize("asked", [REFRESH, FORCE], ids=["refresh", "force"])
def test_keyframes_and_prints_that_are_both_made_anew_are_decoded_once(
    world: World, asked: Recompute, before: str
) -> None:
    world.compute()
    if before == "hash track":
        world.make_rows_of_before()
    first = world.rows(FOOTAGE_PRINTS)
    fewer = {"keyframes_per_video": 2} if asked is REFRESH else {}
    decoded, alone = world.compute(asked, **fewer)
    assert decoded == BOTH
    assert (alone.total.new, alone.total.skipped) == (0, 2)
    assert world.state(**fewer) == (True, 0)
    prints = world.rows(FOOTAGE_PRINTS)
    new = prints.join(first, on=["content_sha256", "committed_at"], how="anti")
    assert new.height == 2
    assert all(one.footage_print is not None for one in world.prints(**fewer))
    assert len(world.prints(**fewer)) == 2


def test_a_print_that_is_missing_is_made_alone(world: World) -> None:
    world.compute()
    contents = world.rows(FOOTAGE_PRINTS)["content_sha256"].to_list()
    world.pipeline().lake.delete(FOOTAGE_PRINTS, contents[:1])
    assert world.state() == (False, 0)
    assert world.compute()[0] == {"FootagePrintWorker": 1}
    assert world.rows(FOOTAGE_PRINTS)["content_sha256"].sort().to_list() == sorted(contents)


def test_a_content_that_cannot_be_decoded_has_one_failure_and_no_print(world: World) -> None:
    path = tiny_clip(world.installation.uploads / f"{DAY}/broken.mp4", seed=9)
    data = path.read_bytes()
    start, end = data.index(b"mdat") + 4, data.index(b"moov") - 4
    path.write_bytes(data[:start] + bytes(end - start) + data[end:])
    age(path)
    read_new_uploads(world)
    decoded, alone = world.compute()
    assert decoded == {"KeyframeWorker": 3}
    assert alone.total.seen == 2
    assert world.failures() == [("keyframes", f"{DAY}/broken.mp4")]
    assert world.rows(FOOTAGE_PRINTS).height == 2
    assert world.state() == (True, 0)
    world.compute(FORCE)
    assert world.failures() == [("keyframes", f"{DAY}/broken.mp4")]
    assert world.connection.execute("select * from vidpipe_ops.attempts").fetchall() == []


def test_a_damaged_content_is_told_once(world: World) -> None:
    path = tiny_clip(world.installation.uploads / f"{DAY}/cut.mkv", seconds=4, seed=9)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    age(path)
    read_new_uploads(world)
    world.compute()
    assert set(world.rows(FOOTAGE_PRINTS)["status"]) == {"ok", "ok_damaged"}
    assert world.failures() == [("keyframes", f"{DAY}/cut.mkv")]


def test_a_print_that_fails_is_told_tried_under_another_limit_and_read_as_of_before_meanwhile(
    world: World,
) -> None:
    world.compute()
    world.make_rows_of_before()
    low = {"max_duration_s": 0.01}
    decoded, alone = world.compute(REFRESH, **low)
    assert decoded == {"FootagePrintWorker": 2}
    assert alone.total.failed == 2
    assert [stage for stage, _ in world.failures(**low)] == ["footage_prints"] * 2
    assert [one.hash_track is not None for one in world.prints()] == [True, True]
    assert world.compute(REFRESH, **low)[0] == {}, "it failed under these limits already"
    assert world.compute()[0] == {"FootagePrintWorker": 2}
    assert world.failures() == []
    assert [one.footage_print is not None for one in world.prints()] == [True, True]


def test_prints_are_read_for_the_contents_that_are_wanted(world: World) -> None:
    world.compute()
    pipeline, contents = world.pipeline(), world.rows(KEYFRAMES)["content_sha256"].to_list()
    version = pipeline.footage_prints.version
    found = read_prints(pipeline.lake, version, [contents[1], "no such content"])
    assert [one.content_sha256 for one in found] == [contents[1]]
    assert list(read_prints(pipeline.lake, version, [])) == []
    assert list(read_prints(Lake(f"{pipeline.lake.url}-elsewhere"), version)) == []


def test_the_best_print_of_a_content_is_read_and_the_newest_of_other_settings_else(
    world: World,
) -> None:
    world.compute()
    world.compute(REFRESH, keyframes_per_video=2)
    ours, others = world.pipeline(), world.pipeline(keyframes_per_video=2)
    for pipeline in (ours, others):
        version = pipeline.footage_prints.version
        found = list(read_prints(pipeline.lake, version))
        assert [one.stage_version for one in found] == [version] * 2
    of_neither = read_prints(ours.lake, "of neither")
    assert {one.stage_version for one in of_neither} == {others.footage_prints.version}
