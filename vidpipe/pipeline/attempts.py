"""Tries of items, written down before the work: `vidpipe_ops.attempts`.

Belongs here: counting tries and failures, and forgetting them.
Does not: deciding what a count means (vidpipe.pipeline.loop), which items a run may work on
(vidpipe.pipeline.claims).

A row stands for an item without a published outcome. Its tries minus its failures are the runs that
ended while they held the item, or the run that holds it now.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from vidpipe.pipeline.contract import Item, Stage


class Attempts:
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

    def ask(self, keys: Sequence[str]) -> None:
        """Has items tried, by whichever run comes first, although results of before may be there.

        No try is counted yet.
        """
        self.connection.execute(
            "insert into vidpipe_ops.attempts"
            " (stage, stage_version, item_key, limits_digest, run_id)"
            " select %(stage)s, %(version)s, key, %(limits)s, %(run_id)s"
            " from unnest(%(keys)s::text[]) as key on conflict do nothing",
            self._identity | {"keys": list(keys), "run_id": self.run_id},
        )

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
