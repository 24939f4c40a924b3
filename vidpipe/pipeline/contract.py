"""What stages, workers, engines and the loop agree on: items in, one row for each of them out.

Belongs here: the types of both, a worker's interface, the columns that all rows share, what a stage
is made of, and the report of what was done for it.
Does not: which stages there are (vidpipe.pipeline.stages), what they compute
(vidpipe.pipeline.workers), where (vidpipe.pipeline.engine), and when (vidpipe.pipeline.loop).
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from vidpipe.errors import ItemError

if TYPE_CHECKING:  # worker processes import this module, and have no use for the lake
    from vidpipe.stores.lake import LakeTable

Item = dict[str, Any]
"""What a worker is given: the key columns of its stage's table and whatever else it needs."""
Row = dict[str, Any]
"""What a worker answers: key, shared columns (`ok_row`, `failed_row`) and the stage's results."""
BESIDE = "beside"
"""Where a row carries another: the one of the stage beside, made in the same pass over the item."""
BatchFunction = Callable[[list[Item]], list[Row]]
"""Answers one row for each item of a batch, in any order."""


class StageWorker(Protocol):
    """A picklable and hashable description of a stage's work."""

    def open(self) -> BatchFunction:
        """Loads models and opens stores; called once in every worker process."""
        ...


def ok_row(key: Mapping[str, Any]) -> Row:
    """Returns the row of an item that was processed, without its results."""
    return {
        **key,
        "status": "ok",
        "error_class": None,
        "error_message": None,
        "is_transient": False,
    }


def failed_row(key: Mapping[str, Any], error: Exception) -> Row:
    """Returns the row of an item that failed.

    `is_transient` tells whether another try may succeed. An error that is no `ItemError` is a fault
    of vidpipe or of a store, not of the item, and worth another try later.
    """
    return {
        **key,
        "status": "failed",
        "error_class": type(error).__name__,
        "error_message": str(error),
        "is_transient": error.is_transient if isinstance(error, ItemError) else True,
    }


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
        beside: a stage with the same key whose rows this one's workers make, too, under BESIDE.
    """

    table: "LakeTable"
    version: str
    worker: StageWorker
    limits: Mapping[str, Any]
    batch_size: int
    workers: int
    load_timeout_s: float
    item_timeout_s: float
    beside: "Stage | None" = None

    @property
    def name(self) -> str:
        return self.table.name

    @property
    def limits_digest(self) -> str:
        return digest(self.limits)

    @property
    def code_version(self) -> str:
        """Version of all that its workers make."""
        if self.beside is None:
            return self.version
        return digest({one.name: one.version for one in (self, self.beside)})

    def key_text(self, item: Mapping[str, Any]) -> str:
        """The item's key as one string."""
        return "/".join(str(item[column]) for column in self.table.key_columns)


def published_row(stage: Stage, item: Item, row: Row) -> Row:
    """A worker's row as the lake takes it: with the item's key and what tells how it was made."""
    return (
        {name: value for name, value in row.items() if name != "is_transient"}
        | {column: item[column] for column in stage.table.key_columns}
        | {
            "stage_version": stage.version,
            "limits_digest": stage.limits_digest,
            "ingest_date": item["ingest_date"],
        }
    )


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

    `failed` counts items that failed in this call, and `failures` says of each what was wrong;
    `pending` counts those that will be tried again.
    """

    stage: str
    version: str
    total: Tally = field(default_factory=Tally)
    by_date: dict[date, Tally] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    pending: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Items computed per second; 0 when nothing was."""
        computed = self.total.new + self.total.failed
        return computed / self.seconds if computed and self.seconds else 0.0

    def of(self, day: date) -> Tally:
        return self.by_date.setdefault(day, Tally())


def failure_sentence(subject: str, stage: str, message: str) -> str:
    """What `vidpipe.video_failures` says of an item that failed, before it is published there."""
    if message.startswith(f"{subject} "):
        message = f"it {message.removeprefix(subject).lstrip()}"
    return f"{subject} failed at {stage}: {message.removeprefix(f'{subject}: ')}"


def digest(parts: Mapping[str, Any]) -> str:
    """Twelve hexadecimal digits that change when any of the parts does."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
