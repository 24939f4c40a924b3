"""The one incremental loop that every derived asset shares.

Belongs here: what is missing, who computes it, attempts, claims, batches, commits, the report.
Does not: what a stage computes (vidpipe.pipeline.workers), where it runs (vidpipe.pipeline.engine),
Dagster (vidpipe.assets).

The loop keeps four promises:
1. A key with a published row of this version is never computed again, on whatever date it returns.
2. Two runs never compute one key at once: a key is claimed by an advisory lock of PostgreSQL, which
   a killed run lets go by itself.
3. An item that fails is a row and never stops its batch. When a worker dies or hangs, its batch is
   tried again one item at a time; the item that kills again is recorded as `WorkerLost`.
4. An item that takes the whole run down is tried alone afterwards, and not for ever: attempts are
   written before the work.
"""

import hashlib
import itertools
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl
from psycopg import Connection

from vidpipe.errors import ItemError, VidpipeError, WorkerLost
from vidpipe.pipeline.engine import BatchOutcome, Engine, Item, Row, StageWorker
from vidpipe.stores.lake import Lake, LakeTable
from vidpipe.stores.locks import claims

# Keys claimed at once: a default PostgreSQL holds 6,400 locks for all its sessions.
CLAIMED_AT_ONCE = 512
# Finished batches are committed together: a commit costs about 10 ms and makes one file.
COMMIT_EVERY_S = 2.0
# A run can be killed by an operator, too, while it holds an innocent item.
MAX_RUN_DEATHS = 5
BUSY_POLL_S = 0.5

Progress = Callable[[str, int, int], None]
"""Called with a stage's name, items done and items to do."""


@dataclass(frozen=True)
class Stage:
    """One derived asset's work.

    Attributes:
        table: lake table that the results go to; its key names the items.
        version: digest of everything that the results depend on besides the item.
        worker: what to do with a batch of items.
        limits: settings that may make an item fail; others than before retry failed items.
        batch_size: items handed to a worker at once.
        workers: worker processes at most.
        load_timeout_s: seconds that opening the worker may take.
        item_timeout_s: seconds that one item may take before its worker is killed.
    """

    table: LakeTable
    version: str
    worker: StageWorker
    limits: Mapping[str, Any]
    batch_size: int
    workers: int
    load_timeout_s: float
    item_timeout_s: float

    @property
    def name(self) -> str:
        return self.table.name

    @property
    def limits_digest(self) -> str:
        return digest(self.limits)

    def key_text(self, item: Mapping[str, Any]) -> str:
        """The item's key as one string."""
        return "/".join(str(item[column]) for column in self.table.key_columns)


@dataclass
class Tally:
    """Counts of one stage, or of one date of it."""

    seen: int = 0
    new: int = 0
    failed: int = 0

    @property
    def skipped(self) -> int:
        return self.seen - self.new - self.failed


@dataclass
class StageReport:
    """What one call of `run_stage` did.

    `failed` counts items that failed in this call; `pending` those that will be tried again.
    """

    stage: str
    version: str
    total: Tally = field(default_factory=Tally)
    by_date: dict[date, Tally] = field(default_factory=dict)
    pending: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Items computed per second; 0 when nothing was."""
        computed = self.total.new + self.total.failed
        return computed / self.seconds if computed and self.seconds else 0.0

    def of(self, day: date) -> Tally:
        return self.by_date.setdefault(day, Tally())


def digest(parts: Mapping[str, Any]) -> str:
    """Twelve hexadecimal digits that change when any of the parts does."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def failed_row(key: Mapping[str, Any], error: ItemError) -> Row:
    """The row of an item that failed."""
    return {
        **key,
        "status": "failed",
        "error_class": type(error).__name__,
        "error_message": str(error),
        "is_transient": error.is_transient,
    }


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
) -> StageReport:
    """Computes what is missing of `items` and publishes it to the lake.

    Args:
        stage: what to compute.
        items: the stage's key columns, `ingest_date` and whatever its worker needs; items of one
            key are computed once.
        lake: where results are and go.
        connection: in autocommit mode; holds the claims and the attempts.
        engine: where the work runs.
        max_attempts: tries of an item whose failure may pass.
        run_id: recorded with the attempts.
        progress: told after every batch.

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
    loop = _Loop(stage, lake, connection, engine, max_attempts, run_id, progress, report)
    loop.compute(list(by_key.values()))
    report.seconds = time.perf_counter() - started
    return report


class _Loop:
    """State of one `run_stage` call."""

    def __init__(
        self,
        stage: Stage,
        lake: Lake,
        connection: Connection[Any],
        engine: Engine,
        max_attempts: int,
        run_id: str | None,
        progress: Progress | None,
        report: StageReport,
    ) -> None:
        self.stage = stage
        self.lake = lake
        self.connection = connection
        self.engine = engine
        self.max_attempts = max_attempts
        self.run_id = run_id
        self.progress = progress
        self.report = report
        self.attempts = _Attempts(connection, stage, run_id)
        self.buffer: list[Row] = []
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
        """Items without a row that counts: neither a success nor a failure under these limits."""
        if not items:
            return []
        columns = self.stage.table.key_columns
        keys = pl.DataFrame(
            [[item[column] for column in columns] for item in items], schema=columns, orient="row"
        )
        known = self.lake.outcomes(self.stage.table, self.stage.version, keys).filter(
            (pl.col("status") != "failed") | (pl.col("limits_digest") == self.stage.limits_digest)
        )
        published = set(known.select(columns).iter_rows())
        return [
            item for item in items if tuple(item[column] for column in columns) not in published
        ]

    def _forget_published(self, items: list[Item], todo: list[Item]) -> None:
        """Ends the tries of items that a killed run published but did not live to tick off."""
        left = {self.stage.key_text(item) for item in todo}
        keys = {self.stage.key_text(item) for item in items} - left
        over = self.attempts.recorded() & keys
        if over:
            self.attempts.finish(sorted(over))

    def _compute_claimed(self, items: list[Item], compute: Callable[[list[Item]], None]) -> None:
        """Claims items in waves and computes those that nobody else published meanwhile."""
        waiting = list(items)
        while waiting:
            busy: list[Item] = []
            for wave in _batches(waiting, CLAIMED_AT_ONCE):
                with _claimed(self.connection, self.stage, wave) as (mine, theirs):
                    busy += theirs
                    left = self._missing(mine)
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
        if isinstance(error, WorkerLost):
            row = failed_row({}, WorkerLost(f"{error}, though tried alone"))
        else:  # a fault of vidpipe or of a store, not of the item: worth another try later
            row = {
                "status": "failed",
                "error_class": type(error).__name__,
                "error_message": str(error),
                "is_transient": True,
            }
        self._record(item, row)

    def _record(self, item: Item, row: Row) -> None:
        """Buffers an item's row, unless its failure may pass and tries are left."""
        row = dict(row)
        may_pass = bool(row.pop("is_transient", False)) and row["status"] == "failed"
        tally = self.report.of(item["ingest_date"])
        if row["status"] == "failed":
            self.report.total.failed += 1
            tally.failed += 1
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
        self.buffer.append(
            row
            | {column: item[column] for column in self.stage.table.key_columns}
            | {
                "stage_version": self.stage.version,
                "limits_digest": self.stage.limits_digest,
                "ingest_date": item["ingest_date"],
            }
        )

    def _commit(self) -> None:
        self.committed_at = time.perf_counter()
        if not self.buffer:
            return
        self.lake.append(self.stage.table, self.buffer)
        self.attempts.finish([self.stage.key_text(row) for row in self.buffer])
        self.buffer = []

    def _advance(self, count: int) -> None:
        self.done += count
        self._tell()

    def _tell(self) -> None:
        if self.progress is not None:
            self.progress(self.stage.name, self.done, self.to_do)


class _Attempts:
    """The stage's rows of `vidpipe_ops.attempts`."""

    def __init__(self, connection: Connection[Any], stage: Stage, run_id: str | None) -> None:
        self.connection = connection
        self.stage = stage
        self.run_id = run_id
        self.open: set[str] = set()

    @property
    def _identity(self) -> dict[str, Any]:
        return {
            "stage": self.stage.name,
            "version": self.stage.version,
            "limits": self.stage.limits_digest,
        }

    def run_deaths(self) -> Counter[str]:
        """Times that a run ended while it held an item, by item key."""
        rows = self.connection.execute(
            "select item_key, tries - failures from vidpipe_ops.attempts"
            " where stage = %(stage)s and stage_version = %(version)s"
            " and limits_digest = %(limits)s and tries > failures",
            self._identity,
        ).fetchall()
        return Counter(dict(rows))

    def recorded(self) -> set[str]:
        """Keys of items with a try on record, under whatever limits."""
        rows = self.connection.execute(
            "select item_key from vidpipe_ops.attempts"
            " where stage = %(stage)s and stage_version = %(version)s",
            self._identity,
        ).fetchall()
        return {key for (key,) in rows}

    def begin(self, items: Sequence[Item]) -> None:
        """Counts a try of each item, before it is handed to a worker."""
        keys = [self.stage.key_text(item) for item in items]
        fresh = [key for key in keys if key not in self.open]  # a second try within this run
        self.open.update(fresh)
        self.connection.execute(
            "insert into vidpipe_ops.attempts as a"
            " (stage, stage_version, item_key, limits_digest, tries, run_id)"
            " select %(stage)s, %(version)s, key, %(limits)s, 1, %(run_id)s"
            " from unnest(%(keys)s::text[]) as key"
            " on conflict (stage, stage_version, item_key, limits_digest) do update"
            " set tries = a.tries + 1, run_id = excluded.run_id, started_at = now()",
            self._identity | {"keys": fresh, "run_id": self.run_id},
        )

    def failed(self, item: Item, error: str) -> int:
        """Records a failure that may pass and returns how many there were."""
        key = self.stage.key_text(item)
        self.open.discard(key)
        row = self.connection.execute(
            "update vidpipe_ops.attempts set failures = failures + 1, last_error = %(error)s"
            " where stage = %(stage)s and stage_version = %(version)s"
            " and limits_digest = %(limits)s and item_key = %(key)s returning failures",
            self._identity | {"key": key, "error": error.replace("\0", "")},
        ).fetchone()
        return int(row[0]) if row else 1

    def finish(self, keys: Sequence[str]) -> None:
        """Forgets items that have a published outcome."""
        self.open.difference_update(keys)
        self.connection.execute(
            "delete from vidpipe_ops.attempts where stage = %(stage)s"
            " and stage_version = %(version)s and item_key = any(%(keys)s)",
            self._identity | {"keys": list(keys)},
        )

    def withdraw(self) -> None:
        """Takes back tries without an outcome: the run stops, but it did not die of them."""
        if self.open:
            self.connection.execute(
                "update vidpipe_ops.attempts set tries = tries - 1"
                " where stage = %(stage)s and stage_version = %(version)s"
                " and limits_digest = %(limits)s and item_key = any(%(keys)s)",
                self._identity | {"keys": list(self.open)},
            )
            self.open.clear()


@contextmanager
def _claimed(
    connection: Connection[Any], stage: Stage, items: list[Item]
) -> Iterator[tuple[list[Item], list[Item]]]:
    """Claims items for this session: those claimed, and those that another run holds."""
    names = [f"{stage.name}/{stage.version}/{stage.key_text(item)}" for item in items]
    with claims(connection, names) as taken:
        yield (
            [item for item, is_mine in zip(items, taken, strict=True) if is_mine],
            [item for item, is_mine in zip(items, taken, strict=True) if not is_mine],
        )


def _batches(items: Sequence[Item], size: int) -> Iterator[list[Item]]:
    for start in range(0, len(items), size):
        yield list(items[start : start + size])
