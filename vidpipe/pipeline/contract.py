"""What stages, workers and engines agree on: items in, one row for each of them out.

Belongs here: the types of both, a stage worker's interface, the columns that all rows share.
Does not: what a stage computes (vidpipe.pipeline.workers), where it runs (vidpipe.pipeline.engine),
what becomes of the rows (vidpipe.pipeline.loop).
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from vidpipe.errors import ItemError

Item = dict[str, Any]
"""What a worker is given: the key columns of its stage's table and whatever else it needs."""
Row = dict[str, Any]
"""What a worker answers: key, shared columns (`ok_row`, `failed_row`) and the stage's results."""
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
