"""Claims: two runs never compute one item at once.

Belongs here: which items a run has claimed, and how a claim is named.
Does not: how PostgreSQL keeps a claim (vidpipe.stores.locks), waiting for other runs
(vidpipe.pipeline.loop).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Connection

from vidpipe.pipeline.contract import Item, Stage
from vidpipe.stores.locks import claims

# A default PostgreSQL holds 6,400 locks for all its sessions.
CLAIMED_AT_ONCE = 512


@contextmanager
def claimed(
    connection: Connection[Any], stage: Stage, items: list[Item]
) -> Iterator[tuple[list[Item], list[Item]]]:
    """Claims items inside the block; yields those claimed, and those that another run holds."""
    names = [f"{stage.name}/{stage.version}/{stage.key_text(item)}" for item in items]
    with claims(connection, names) as taken:
        yield (
            [item for item, is_mine in zip(items, taken, strict=True) if is_mine],
            [item for item, is_mine in zip(items, taken, strict=True) if not is_mine],
        )
