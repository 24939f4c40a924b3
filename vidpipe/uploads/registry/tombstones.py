"""Tombstones: what was erased with `vidpipe forget` and never comes back.

Belongs here: leaving tombstones, and telling what they stand for.
Does not: erasing what a post left in other stores (vidpipe.erasure).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from vidpipe.stores import locks


@dataclass(frozen=True)
class Forgotten:
    """What must not come back: digests of contents, and names of accounts."""

    contents: frozenset[str]
    accounts: frozenset[str]


def forget(
    connection: Connection[Any],
    *,
    uploads: Iterable[str] = (),
    contents: Iterable[str] = (),
    accounts: Iterable[str] = (),
) -> None:
    """Erases uploads from the registry and leaves tombstones.

    A file of a forgotten upload_id is never registered again, whatever its bytes. Contents and
    accounts are known only once a file is read: readers ask `forgotten`.
    """
    subjects = {"upload": uploads, "content": contents, "account": accounts}
    pairs = [(kind, subject) for kind, found in subjects.items() for subject in found]
    with connection.transaction():
        locks.UPLOADS.take(connection)
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into vidpipe_ops.tombstones (kind, subject) values (%s, %s) "
                "on conflict do nothing",
                pairs,
            )
            cursor.execute(
                "delete from vidpipe_ops.uploads where upload_id = any(%s)",
                [[subject for kind, subject in pairs if kind == "upload"]],
            )


def forgotten(connection: Connection[Any]) -> Forgotten:
    """Contents and accounts that must not be published again."""
    rows = connection.execute(
        "select kind, subject from vidpipe_ops.tombstones where kind <> 'upload'"
    ).fetchall()
    return Forgotten(
        contents=frozenset(subject for kind, subject in rows if kind == "content"),
        accounts=frozenset(subject for kind, subject in rows if kind == "account"),
    )
