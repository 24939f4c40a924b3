"""Stage workers whose items misbehave on purpose, for tests of the incremental loop."""

import os
import signal
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from vidpipe.errors import ItemUnavailable, StoreError, UploadRejected
from vidpipe.pipeline.contract import BatchFunction, Item, Row, StageWorker, failed_row, ok_row
from vidpipe.pipeline.engine import BatchOutcome, Engine


@dataclass(frozen=True)
class MisbehavingReader:
    """Answers an OCR row per item, and does what an item's `order` says before.

    Every item that is tried leaves a line in `diary`: what was tried, by which process.
    """

    diary: Path

    def open(self) -> BatchFunction:
        def read(items: list[Item]) -> list[Row]:
            return [self._read(item) for item in items]

        return read

    def _read(self, item: Item) -> Row:
        key = {"keyframe_sha256": item["keyframe_sha256"]}
        with self.diary.open("a", encoding="utf-8") as diary:
            diary.write(f"{item['keyframe_sha256']} {os.getpid()}\n")
        match item.get("order"):
            case "die":
                os.kill(os.getpid(), signal.SIGKILL)
            case "hang":
                time.sleep(3600)
            case "take the run down":
                os.kill(os.getppid(), signal.SIGKILL)
            case "raise":
                raise ValueError("a fault of vidpipe")
            case "lose the store":
                raise StoreError("the bucket is gone")
            case "reject":
                return failed_row(key, UploadRejected("it is empty"))
            case "unavailable":
                return failed_row(key, ItemUnavailable("the bucket did not answer"))
            case "slow":
                time.sleep(0.5)
        return ok_row(key) | {"lines": []}

    def tried(self) -> list[str]:
        """Items in the order in which they were tried."""
        if not self.diary.exists():
            return []
        return [line.split()[0] for line in self.diary.read_text(encoding="utf-8").splitlines()]


@dataclass(frozen=True)
class SabotagedWorker:
    """A real stage's worker that first does what `orders` say of an item's upload.

    Attributes:
        worker: the real one.
        orders: pairs of an `upload_id` and an order: "die", "hang" or "devour memory".
    """

    worker: StageWorker
    orders: tuple[tuple[str, str], ...]

    def open(self) -> BatchFunction:
        compute, orders = self.worker.open(), dict(self.orders)

        def obey_first(items: list[Item]) -> list[Row]:
            for item in items:
                match orders.get(item["upload_id"]):
                    case "die":
                        os.kill(os.getpid(), signal.SIGSEGV)
                    case "hang":
                        time.sleep(3600)
                    case "devour memory":
                        bytearray(2**46)
            return compute(items)

        return obey_first


@dataclass(frozen=True)
class SabotagingEngine:
    """An engine that lets some uploads misbehave in some stages, and waits less for answers.

    Attributes:
        engine: where the work really runs.
        orders: of `SabotagedWorker`, by the class of the worker that shall misbehave.
        timeout_s: given to a batch of a sabotaged stage.
    """

    engine: Engine
    orders: Mapping[type, tuple[tuple[str, str], ...]]
    timeout_s: float

    def run(
        self,
        worker: StageWorker,
        batches: Iterable[list[Item]],
        *,
        workers: int,
        timeout_s: float,
        ahead: int = 1,
    ) -> Iterator[BatchOutcome]:
        orders = self.orders.get(type(worker))
        if orders is not None:
            worker, timeout_s = SabotagedWorker(worker, orders), self.timeout_s
        return self.engine.run(worker, batches, workers=workers, timeout_s=timeout_s, ahead=ahead)
