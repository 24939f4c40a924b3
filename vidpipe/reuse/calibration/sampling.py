"""Which contents a calibration edits, and which contents are strangers to one another.

Belongs here: reading that from PostgreSQL. Does not: reading uploads
(vidpipe.reuse.calibration.workers).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import psycopg


@dataclass(frozen=True)
class Sampled:
    """A content that may be edited, and an upload that holds its bytes."""

    content: str
    upload_id: str


def sampled_contents(
    connection: psycopg.Connection, known: Collection[str], rng: np.random.Generator
) -> list[Sampled]:
    """All contents that may be edited, in random order: compared ones whose upload is there.

    Static and short ones cannot be compared, and are left out.

    Args:
        connection: to an upgraded database.
        known: contents whose prints the index holds.
        rng: another state gives another order.
    """
    rows = connection.execute(
        "select distinct on (c.content_sha256) c.content_sha256, u.upload_id"
        " from vidpipe.footage_contents as c"
        " inner join vidpipe.videos as v on c.content_sha256 = v.content_sha256"
        " inner join vidpipe_ops.uploads as u on v.upload_id = u.upload_id"
        " where c.outcome = 'compared' and u.removed_at is null and u.fingerprint is not null"
        ' order by c.content_sha256, u.upload_id collate "C"'
    ).fetchall()
    found = [Sampled(content, upload_id) for content, upload_id in rows if content in known]
    return [found[int(index)] for index in rng.permutation(len(found))]


def compared_contents(connection: psycopg.Connection) -> list[str]:
    """All contents that were compared with one another, in order."""
    rows = connection.execute(
        "select content_sha256 from vidpipe.footage_contents where outcome = 'compared' order by 1"
    ).fetchall()
    return [content for (content,) in rows]


class Strangers:
    """Tells contents apart that have nothing to do with each other, not even a common match."""

    def __init__(self, connection: psycopg.Connection) -> None:
        """Reads all matches, whatever their verdict."""
        self._partners: dict[str, set[str]] = {}
        for a, b in connection.execute(
            "select content_a, content_b from vidpipe.footage_matches"
        ).fetchall():
            self._partners.setdefault(a, set()).add(b)
            self._partners.setdefault(b, set()).add(a)

    def are(self, a: str, b: str) -> bool:
        """Whether two contents are strangers."""
        own, others = self._partners.get(a, set()), self._partners.get(b, set())
        return a != b and b not in own and own.isdisjoint(others)

    def of(self, content: str, among: Sequence[str]) -> list[str]:
        """The strangers of a content among some."""
        return [other for other in among if self.are(content, other)]
