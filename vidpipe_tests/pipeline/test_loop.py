"""The incremental loop with the real engine, lake and PostgreSQL; only the work is made up."""

import subprocess
import sys
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from psycopg import Connection, OperationalError

from vidpipe.errors import StoreError
from vidpipe.pipeline import loop
from vidpipe.pipeline.attempts import Attempts
from vidpipe.pipeline.contract import Item, Stage, StageWorker
from vidpipe.pipeline.engine import BatchOutcome, LocalEngine
from vidpipe.pipeline.loop import MAX_RUN_DEATHS, run_stage
from vidpipe.settings import Settings
from vidpipe.stores.counting_versions import Counting
from vidpipe.stores.lake import OCR_TEXT, Lake
from vidpipe_tests.pipeline.misbehaving_runs import (
    compute,
    items,
    open_attempts,
    record_tries,
    statuses,
    tried,
)


def test_a_second_run_computes_nothing(
    stage: Stage, lake: Lake, connection: Connection[Any]
) -> None:
    first = compute(stage, items(None, None, None, None), lake, connection)
    second = compute(stage, items(None, None, None, None), lake, connection)
    assert (first.total.new, first.total.skipped) == (4, 0)
    assert (second.total.new, second.total.skipped) == (0, 4)
    assert sorted(tried(stage)) == ["00", "01", "02", "03"]


def test_a_key_of_an_earlier_date_is_not_computed_again(
    stage: Stage, lake: Lake, connection: Connection[Any]
) -> None:
    compute(stage, items(None, None), lake, connection)
    later = compute(stage, items(None, None, None, day=date(2026, 11, 9)), lake, connection)
    assert (later.total.new, later.total.skipped) == (1, 2)


def test_a_new_stage_version_computes_everything_beside_the_old(
    stage: Stage, lake: Lake, connection: Connection[Any]
) -> None:
    compute(stage, items(None, None), lake, connection)
    newer = replace(stage, version="v2")
    assert compute(newer, items(None, None), lake, connection).total.new == 2
    assert statuses(lake, stage).keys() == statuses(lake, newer).keys()


def test_an_item_that_kills_or_hangs_its_worker_is_named_and_its_neighbours_are_kept(
    stage: Stage, lake: Lake, connection: Connection[Any]
) -> None:
    report = compute(stage, items(None, "die", None, "hang", None, "reject"), lake, connection)
    assert statuses(lake, stage) == {
        "00": ("ok", None),
        "01": ("failed", "WorkerLost"),
        "02": ("ok", None),
        "03": ("failed", "WorkerLost"),
        "04": ("ok", None),
        "05": ("failed", "UploadRejected"),
    }
    assert (report.total.new, report.total.failed, report.pending) == (3, 3, 0)
    assert open_attempts(connection) == []
    again = compute(stage, items(None, "die", None, "hang", None, "reject"), lake, connection)
    assert again.total.skipped == 6


def test_raising_a_limit_tries_failed_items_again_and_only_those(
    stage: Stage, lake: Lake, connection: Connection[Any]
) -> None:
    compute(stage, items(None, "reject"), lake, connection)
    raised = replace(stage, limits={"max_attempts": 2, "max_upload_bytes": 2})
    report = compute(raised, items(None, None), lake, connection)
    assert (report.total.new, report.total.skipped) == (1, 1)
    found = lake.results(OCR_TEXT, Counting("v1"), pl.DataFrame({"keyframe_sha256": ["00", "01"]}))
    assert found["status"].to_list() == ["ok", "ok"]


def test_a_failure_that_may_pass_is_tried_again_until_its_attempts_are_used_up(
    stage: Stage, lake: Lake, connection: Connection[Any]
) -> None:
    first = compute(stage, items(None, "unavailable"), lake, connection)
    assert first.pending == 1
    assert statuses(lake, stage) == {"00": ("ok", None)}
    assert open_attempts(connection) == [("01", 1, 1)]
    compute(stage, items(None, "unavailable"), lake, connection)
    assert statuses(lake, stage)["01"] == ("failed", "ItemUnavailable")
    assert compute(stage, items(None, "unavailable"), lake, connection).total.skipped == 2


def test_a_failure_that_passed_leaves_no_trace(
    stage: Stage, lake: Lake, connection: Connection[Any]
) -> None:
    compute(stage, items("unavailable"), lake, connection)
    compute(stage, items(None), lake, connection)
    assert statuses(lake, stage) == {"00": ("ok", None)}
    assert open_attempts(connection) == []


def test_a_fault_of_one_item_does_not_lose_its_batch(
    stage: Stage, lake: Lake, connection: Connection[Any]
) -> None:
    report = compute(stage, items(None, "raise", None), lake, connection)
    assert statuses(lake, stage) == {"00": ("ok", None), "02": ("ok", None)}
    assert report.pending == 1


def test_a_lost_store_stops_the_stage_without_blaming_the_items(
    stage: Stage, lake: Lake, connection: Connection[Any]
) -> None:
    with pytest.raises(StoreError, match="bucket is gone"):
        compute(stage, items("lose the store", None), lake, connection)
    assert all(tries == 0 for _, tries, _ in open_attempts(connection))


def test_a_database_that_is_lost_after_an_append_has_no_row_appended_twice(
    stage: Stage, lake: Lake, connection: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(loop, "COMMIT_EVERY_S", 0.0)
    monkeypatch.setattr(Attempts, "finish", lost)
    with pytest.raises(OperationalError):
        compute(stage, items(None, None), lake, connection)
    rows = lake.scan(OCR_TEXT).collect()
    assert rows.height > 0
    assert rows["keyframe_sha256"].is_unique().all()


def test_an_item_that_takes_the_run_down_is_given_up_after_some_deaths(
    stage: Stage,
    lake: Lake,
    upgraded_database_settings: Settings,
    tmp_path: Path,
) -> None:
    script = tmp_path / "run.py"
    url = upgraded_database_settings.database_url
    assert url is not None
    script.write_text(
        textwrap.dedent(f"""
        import sys
        from datetime import date
        from pathlib import Path
        from vidpipe.settings import load_settings
        from vidpipe.stores.database import connect
        from vidpipe.stores.lake import OCR_TEXT, Lake
        from vidpipe.pipeline.contract import Stage
        from vidpipe_tests.pipeline.stage_workers import MisbehavingReader
        from vidpipe_tests.pipeline.misbehaving_runs import compute, items

        if __name__ == "__main__":
            worker = MisbehavingReader(Path({str(tmp_path)!r}) / "diary.txt")
            stage = Stage(
                OCR_TEXT, version="v1", worker=worker,
                limits={{"max_attempts": 2}}, batch_size=3, workers=2,
                load_timeout_s=1.0, item_timeout_s=1.0,
            )
            settings = load_settings(database_url={url.get_secret_value()!r})
            with connect(settings, autocommit=True) as connection:
                work = items(None, "take the run down", None, None)
                compute(stage, work, Lake({lake.url!r}), connection)
        """),
        encoding="utf-8",
    )
    deaths = 0
    while subprocess.run([sys.executable, str(script)], check=False).returncode != 0:
        deaths += 1
        assert deaths <= MAX_RUN_DEATHS + 1, "the run never got past the item"
    assert deaths == MAX_RUN_DEATHS
    assert statuses(lake, stage) == {
        "00": ("ok", None),
        "01": ("failed", "WorkerLost"),
        "02": ("ok", None),
        "03": ("ok", None),
    }


@dataclass
class WatchedEngine:
    """The real engine; notes what is published and which tries count when a batch is taken."""

    lake: Lake
    stage: Stage
    connection: Connection[Any]
    seen: list[tuple[list[str], set[str], list[int]]] = field(default_factory=list)

    def run(
        self, worker: StageWorker, batches: Iterable[list[Item]], **options: Any
    ) -> Iterator[BatchOutcome]:
        yield from LocalEngine(2**30).run(worker, map(self._note, batches), **options)

    def _note(self, batch: list[Item]) -> list[Item]:
        taken = [item["keyframe_sha256"] for item in batch]
        tries = [tries for _, tries, _ in open_attempts(self.connection)]
        self.seen.append((taken, set(statuses(self.lake, self.stage)), tries))
        return batch


def test_items_of_a_dead_run_are_tried_one_by_one_in_a_worker_that_is_open(
    stage: Stage, lake: Lake, connection: Connection[Any]
) -> None:
    record_tries(connection, stage, "00", "01")
    engine = WatchedEngine(lake, stage, connection)
    run_stage(
        stage, items(None, None), lake=lake, connection=connection, engine=engine, max_attempts=2
    )
    assert engine.seen == [
        ([], set(), [1, 1]),  # a run that dies while models load is not blamed on an item
        (["00"], set(), [2, 1]),
        (["01"], {"00"}, [2]),
    ]


def test_an_item_that_a_killed_run_had_published_is_no_suspect(
    stage: Stage, lake: Lake, connection: Connection[Any]
) -> None:
    compute(stage, items(None), lake, connection)
    record_tries(connection, stage, "00")
    assert compute(stage, items(None), lake, connection).total.skipped == 1
    assert open_attempts(connection) == []
