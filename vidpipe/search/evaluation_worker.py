"""Asking labelled queries in a worker process: the process of a Dagster run loads no model.

Belongs here: what one worker opens, a row for each query. Does not: scoring (evaluation.py).
"""

import atexit
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from vidpipe.pipeline.contract import BatchFunction, Item, Row
from vidpipe.search.labelled_queries import read_query_set
from vidpipe.settings import Settings


@dataclass(frozen=True)
class EvaluationWorker:
    """Answers items `{id}` with rows `{id, found}`: content digests, the best first.

    Attributes:
        settings: the settings of the installation.
        query_set: file of the queries.
    """

    settings: Settings
    query_set: Path

    def open(self) -> BatchFunction:
        """Connects and reads the queries; called once in a worker process."""
        from vidpipe.search.evaluation import ask
        from vidpipe.search.searcher import open_searcher

        queries = {query.id: query for query in read_query_set(self.query_set)}
        held = ExitStack()
        atexit.register(held.close)
        searcher = held.enter_context(open_searcher(self.settings))

        def answer(items: list[Item]) -> list[Row]:
            return [
                {
                    "id": item["id"],
                    "found": list(ask(searcher, queries[item["id"]], self.query_set.parent)),
                }
                for item in items
            ]

        return answer
