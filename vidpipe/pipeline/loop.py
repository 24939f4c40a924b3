"""The one incremental loop that every derived asset shares.

Belongs here: what is missing of a stage, in which batches it is computed, what becomes of each
outcome, when rows are committed.
Does not: what a stage computes (vidpipe.pipeline.workers), where it runs (vidpipe.pipeline.engine),
rows that its workers make for another stage (vidpipe.pipeline.beside), how claims and attempts are
kept (vidpipe.pipeline.claims, vidpipe.pipeline.attempts), Dagster (vidpipe.assets).

The loop keeps four promises:
1. A key with a published row of this version is never computed again, on whatever date it returns.
2. Two runs never compute one key at once: a key is claimed by an advisory lock of PostgreSQL, which
   a killed run lets go by itself.
3. An item that fails is a row and never stops its batch. When a worker dies or hangs, its batch is
   tried again one item at a time; the item that kills again is recorded as `WorkerLost`.
4. An item that takes the whole run down is tried alone afterwards, and not for ever: attempts are
   written before the work.
"""

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import polars as pl
from psycopg import Connection

from vidpipe.errors import ItemError, VidpipeError, WorkerLost
from vidpipe.pipeline.attempts import Attempts
from vidpipe.pipeline.beside import RowsBeside
from vidpipe.pipeline.claims import CLAIMED_AT_ONCE, claimed
from vidpipe.pipeline.contract import (
    BESIDE,
    Item,
    Row,
    Stage,
    StageReport,
    failed_row,
    failure_sentence,
    published_row,
)
from vidpipe.pipeline.engine import BatchOutcome, Engine
from vidpipe.stores.counting_versions import Counting
from vidpipe.stores.lake import Lake

# Finished batches are committed together: a commit costs about 10 ms and makes one file.
COMMIT_EVERY_S = 2.0
# A run can be killed by an operator, too, while it holds an innocent item.
MAX_RUN_DEATHS = 5
BUSY_POLL_S = 0.5

Progress = Callable[[str, int, int], None]
"""Called with a stage's name, items done and items to do."""
OutdatedCounts = Callable[[Item], bool]
"""Tells whether a result of another stage version will do for an item."""


def never(_: Item) -> bool:
    """No result of another stage version will do."""
    return False


def run_stage(
    stage: Stage,
    items: Iterable[Item],
    *,
    lake: Lake,
    connection: Connection[Any],
    engine: Engine,
    max_attempts: int,
    run_id: str | None = None,
    progress: Progress | None = None,
    outdated_counts: OutdatedCounts = never,
) -> StageReport:
    """Computes what is missing of `items` and publishes it to the lake.

    Args:
        stage: what to compute.
        items: the stage's key columns, `ingest_date` and whatever its worker needs; items of one
            key are computed once.
        lake: where results are and go.
        connection: one in autocommit mode; it holds the claims and the attempts.
        engine: where the work runs.
        max_attempts: tries of an item whose failure may pass.
        run_id: recorded with the attempts.
        progress: told after every batch.
        outdated_counts: whether a result of another stage version will do for an item.

    Raises:
        VidpipeError: the stage cannot go on (a model or a store is missing); what was finished
            before is published.
    """
    started = time.perf_counter()
    report = StageReport(stage.name, stage.version)
    by_key: dict[str, Item] = {}
    for item in items:
        if by_key.setdefault(stage.key_text(item), item) is item:
            report.total.seen += 1
            report.of(item["ingest_date"]).seen += 1
    attempts = Attempts(connection, stage, run_id)
    loop = _Loop(stage, lake, attempts, engine, max_attempts, progress, report, outdated_counts)
    loop.compute(list(by_key.values()))
    report.seconds = time.perf_counter() - started
    return report


class _Loop:
    """State of one `run_stage` call."""

    def __init__(
        self,
        stage: Stage,
        lake: Lake,
        attempts: Attempts,
        engine: Engine,
        max_attempts: int,
        progress: Progress | None,
        report: StageReport,
        outdated_counts: OutdatedCounts,
    ) -> None:
        self.stage = stage
        self.lake = lake
        self.attempts = attempts
        self.engine = engine
        self.max_attempts = max_attempts
        self.progress = progress
        self.report = report
        self.outdated_counts = outdated_counts
        self.on_record = attempts.recorded()
        self.buffer: list[Row] = []
        self.beside = RowsBeside(stage.beside, lake)
        self.committed_at = time.perf_counter()
        self.done = 0
        self.to_do = 0

    def compute(self, items: list[Item]) -> None:
        todo = self._missing(items)
        self.to_do = len(todo)
        self._tell()
        self._forget_published(items, todo)
        if not todo:
            return
        suspects = self.attempts.run_deaths()
        fresh = [item for item in todo if self.stage.key_text(item) not in suspects]
        alone = [item for item in todo if self.stage.key_text(item) in suspects]
        self._compute_claimed(fresh, self._fresh_wave)
        self._compute_claimed(alone, self._suspect_wave)

    def _missing(self, items: list[Item]) -> list[Item]:
        """Items without a row that counts.

        A success counts, and a failure under these limits; of another stage version a success,
        where that will do for the item.
        """
        if not items:
            return []
        columns = self.stage.table.key_columns
        keys = pl.DataFrame(
            [[item[column] for column in columns] for item in items], schema=columns, orient="row"
        )
        rows = self.lake.outcomes(self.stage.table, Counting(self.stage.version, None), keys)
        is_current = pl.col("stage_version") == self.stage.version
        has_succeeded = pl.col("status") != "failed"
        same_limits = pl.col("limits_digest") == self.stage.limits_digest
        current = rows.filter(is_current & (has_succeeded | same_limits))
        outdated = rows.filter(~is_current & has_succeeded)
        published = set(current.select(columns).iter_rows())
        of_others = set(outdated.select(columns).iter_rows())
        missing = []
        for item in items:
            key = tuple(item[column] for column in columns)
            if key not in published and not (key in of_others and self._may_be_outdated(item)):
                missing.append(item)
        return missing

    def _may_be_outdated(self, item: Item) -> bool:
        """Whether a result of another version will do: not for what was asked for or begun."""
        return self.outdated_counts(item) and self.stage.key_text(item) not in self.on_record

    def _forget_published(self, items: list[Item], todo: list[Item]) -> None:
        """Ends the tries of items that a killed run published but did not live to tick off."""
        left = {self.stage.key_text(item) for item in todo}
        keys = {self.stage.key_text(item) for item in items} - left
        over = self.on_record & keys
        if over:
            self.attempts.finish(sorted(over))

    def _compute_claimed(self, items: list[Item], compute: Callable[[list[Item]], None]) -> None:
        """Claims items in waves and computes those that nobody else published meanwhile."""
        waiting = list(items)
        while waiting:
            busy: list[Item] = []
            for wave in _batches(waiting, CLAIMED_AT_ONCE):
                with claimed(self.attempts.connection, self.stage, wave) as (mine, theirs):
                    busy += theirs
                    left = self._missing(mine)
                    self.beside.look(left)
                    self._advance(len(mine) - len(left))
                    try:
                        compute(left)
                    finally:
                        self._commit()
                        self.attempts.withdraw()
            waiting = busy
            if waiting:
                time.sleep(BUSY_POLL_S)

    def _fresh_wave(self, items: list[Item]) -> None:
        batches = _batches(items, self.stage.batch_size)
        again = [
            item
            for outcome in self._outcomes(batches, self.stage.workers)
            if outcome.rows is None
            for item in outcome.items
        ]
        for outcome in self._outcomes(_batches(again, 1), self.stage.workers):
            if outcome.rows is None:
                self._record_lost_item(outcome)

    def _suspect_wave(self, items: list[Item]) -> None:
        deaths = self.attempts.run_deaths()
        condemned = [item for item in items if deaths[self.stage.key_text(item)] >= MAX_RUN_DEATHS]
        for item in condemned:
            self._record(
                item,
                failed_row(
                    {},
                    WorkerLost(
                        f"the run died {MAX_RUN_DEATHS} times while this item was tried alone; "
                        "look at the file, raise a limit to try it again"
                    ),
                ),
            )
        alone = [item for item in items if item not in condemned]
        # The worker is opened before the first try: who is killed while models load died of no
        # item. One batch at a time: none is begun before its neighbour is published.
        batches = itertools.chain([[]], _batches(alone, 1)) if alone else iter([])
        for outcome in self._outcomes(batches, workers=1, ahead=0):
            if outcome.rows is None and outcome.items:
                self._record_lost_item(outcome)
            self._commit()

    def _outcomes(
        self, batches: Iterator[list[Item]], workers: int, ahead: int = 1
    ) -> Iterator[BatchOutcome]:
        """Runs batches; rows are recorded here, batches without rows are the caller's."""
        stage = self.stage
        timeout_s = stage.load_timeout_s + stage.item_timeout_s * stage.batch_size
        first = next(batches, None)
        if first is None:
            return
        counted = self._counted(itertools.chain([first], batches))
        for outcome in self.engine.run(
            stage.worker, counted, workers=workers, timeout_s=timeout_s, ahead=ahead
        ):
            if outcome.rows is not None:
                self._record_batch(outcome.items, outcome.rows)
            elif isinstance(outcome.error, VidpipeError) and not isinstance(
                outcome.error, ItemError
            ):
                raise outcome.error
            yield outcome
            if time.perf_counter() - self.committed_at >= COMMIT_EVERY_S:
                self._commit()

    def _counted(self, batches: Iterable[list[Item]]) -> Iterator[list[Item]]:
        for batch in batches:
            self.attempts.begin(batch)
            yield batch

    def _record_batch(self, items: list[Item], rows: list[Row]) -> None:
        by_key = {self.stage.key_text(row): row for row in rows}
        expected = {self.stage.key_text(item) for item in items}
        if by_key.keys() != expected:
            raise RuntimeError(
                f"stage {self.stage.name} answered {sorted(by_key)} for {sorted(expected)}"
            )
        for item in items:
            self._record(item, by_key[self.stage.key_text(item)])

    def _record_lost_item(self, outcome: BatchOutcome) -> None:
        """Records an item that has no row though it was tried alone."""
        [item] = outcome.items
        error = outcome.error
        assert error is not None, "an outcome without rows says why"
        if isinstance(error, WorkerLost):
            error = WorkerLost(f"{error}, though tried alone")
        self._record(item, failed_row({}, error))

    def _record(self, item: Item, row: Row) -> None:
        """Buffers an item's row, unless its failure may pass and tries are left."""
        row = dict(row)
        beside = row.pop(BESIDE, None)
        may_pass = bool(row.get("is_transient")) and row["status"] == "failed"
        tally = self.report.of(item["ingest_date"])
        if row["status"] == "failed":
            self.report.total.failed += 1
            tally.failed += 1
            subject = item.get("upload_id") or self.stage.key_text(item)
            self.report.failures.append(
                failure_sentence(subject, self.stage.name, str(row["error_message"]))
            )
        else:
            self.report.total.new += 1
            tally.new += 1
        self._advance(1)
        if may_pass:
            failures = self.attempts.failed(item, f"{row['error_class']}: {row['error_message']}")
            if failures < self.max_attempts:
                self.report.pending += 1
                return
            row["error_message"] = f"{row['error_message']} (tried {failures} times)"
        self.beside.take(item, beside)
        self.buffer.append(published_row(self.stage, item, row))

    def _commit(self) -> None:
        self.committed_at = time.perf_counter()
        if not self.buffer:
            return
        self.beside.commit()
        self.lake.append(self.stage.table, self.buffer)
        # Emptied first: a database that is lost just now must not have the rows appended again.
        published, self.buffer = self.buffer, []
        self.attempts.finish([self.stage.key_text(row) for row in published])

    def _advance(self, count: int) -> None:
        self.done += count
        self._tell()

    def _tell(self) -> None:
        if self.progress is not None:
            self.progress(self.stage.name, self.done, self.to_do)


def _batches(items: Sequence[Item], size: int) -> Iterator[list[Item]]:
    for start in range(0, len(items), size):
        yield list(items[start : start + size])
