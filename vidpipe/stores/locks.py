"""The advisory locks of PostgreSQL that vidpipe takes: what each is for, and how it is taken.

Belongs here: one table of all keys, taking a lock, claiming items.
Does not: locks of files (vidpipe.stores.embedded), locks of rows and tables.

| lock             | held for    | taken by                                                       |
|------------------|-------------|----------------------------------------------------------------|
| `UPGRADE`        | session     | an upgrade of the schema, around all its transactions          |
| claims of items  | session     | a stage, on the items that it computes                         |
| lock of a run    | session     | the process of a run, from before its start until it ends      |
| `TOPIC_MAKING`   | session     | a topic run from reading the corpus to its report; erasing     |
| `FOOTAGE`        | session     | comparing footage, from reading to writing matches; erasing    |
| `UPLOADS`        | transaction | registering a listing, erasing uploads, restoring the registry |
| `PUBLICATION`    | session     | a publication from reading the lake to its last date           |
| `PUBLISH`        | transaction | a published date, emptying, a restore, words that are cut anew |
| `MODELS`         | transaction | registering, activating, dropping a model, swapping its tables |
| `TOPIC_RUNS`     | transaction | storing a topic run; `vidpipe.promote_topic_run` of `sql/`     |
| `DAGSTER_TABLES` | transaction | opening Dagster's storage, in Dagster's own database           |

Who needs several takes them in the order of this table, or two would wait for each other for ever.
Erasing holds `TOPIC_MAKING` and `FOOTAGE` while it takes `UPLOADS` and, after that is free again,
`PUBLICATION`; a publication holds that while it takes `PUBLISH`, and within it `MODELS`, for each
date; a restore takes the last two; a topic run holds `TOPIC_MAKING` while it takes `TOPIC_RUNS`.
The others are taken alone. Claims are tried, never waited for, and nothing else is taken while they
are held. The lock of a run has a connection of its own (vidpipe.stores.kept_lock) and is shared:
nobody waits for it.

Everybody may take such locks in a new database, and would hold up runs: an upgrade leaves their
functions to vidpipe's login (vidpipe.stores.closing).

A key must never change: two versions of vidpipe may work on one database, and functions of `sql/`
take locks by the same keys.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psycopg import Connection


@dataclass(frozen=True)
class SessionLock:
    """A lock that outlives transactions; the server frees it when the connection ends."""

    key: int

    @contextmanager
    def held(self, connection: "Connection[Any]") -> Iterator[None]:
        """Waits for the lock and holds it inside the block.

        Args:
            connection: autocommit, or in no transaction that has failed when the block ends.
        """
        connection.execute("select pg_advisory_lock(%s)", [self.key])
        try:
            yield
        finally:
            if not connection.closed:
                connection.execute("select pg_advisory_unlock(%s)", [self.key])


@dataclass(frozen=True)
class TransactionLock:
    """A lock that ends with the transaction in which it is taken."""

    key: int

    def take(self, connection: "Connection[Any]") -> None:
        """Waits for the lock; it is held until the transaction under way ends."""
        connection.execute("select pg_advisory_xact_lock(%s)", [self.key])


@dataclass(frozen=True)
class SharedLock:
    """A lock that any number of sessions hold at once; free when the last of them has ended."""

    name: str

    def take(self, connection: "Connection[Any]") -> None:
        """Holds the lock until the connection ends."""
        connection.execute("select pg_advisory_lock_shared(hashtextextended(%s, 0))", [self.name])

    def is_free(self, connection: "Connection[Any]") -> bool:
        """Whether no session holds the lock at this moment.

        Args:
            connection: autocommit.
        """
        taken = connection.execute(
            "select pg_try_advisory_lock(hashtextextended(%s, 0))", [self.name]
        ).fetchone()
        is_free = taken is not None and bool(taken[0])
        if is_free:
            connection.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", [self.name])
        return is_free


UPGRADE = SessionLock(0x7669645F75706772)  # "vid_upgr"
TOPIC_MAKING = SessionLock(-2921098356901363105)  # hashtextextended('vidpipe/making_topics', 0)
FOOTAGE = SessionLock(-3912928179130919804)  # hashtextextended('vidpipe/footage', 0)
UPLOADS = TransactionLock(0x76695F75706C6F61)  # "vi_uploa"
PUBLICATION = SessionLock(-3937706668533079817)  # hashtextextended('vidpipe/publication', 0)
PUBLISH = TransactionLock(0x7669645F7075626C)  # "vid_publ"
MODELS = TransactionLock(0x7669645F6D6F646C)  # "vid_modl"
TOPIC_RUNS = TransactionLock(634946495)  # hashtext('vidpipe.topic_runs')
DAGSTER_TABLES = TransactionLock(7_401_884_216)


def run_lock(run_id: str) -> SharedLock:
    """The lock that the process of a Dagster run holds for as long as it lives."""
    return SharedLock(f"vidpipe/run/{run_id}")


@contextmanager
def claims(connection: "Connection[Any]", names: Sequence[str]) -> Iterator[list[bool]]:
    """Claims what nobody else has claimed, without waiting, and holds it inside the block.

    The server frees the claims of a session that is killed. The key of a claim is the 64-bit hash
    of its name; two names that share one are not claimed by two sessions at once, which only costs
    time.

    Args:
        connection: autocommit.
        names: one for each claim; whoever gives the same name claims the same thing.

    Yields:
        Whether each of the names is claimed, in their order.
    """
    rows = connection.execute(
        "select pg_try_advisory_lock(hashtextextended(name, 0))"
        " from unnest(%s::text[]) with ordinality as t (name, position) order by position",
        [list(names)],
    ).fetchall()
    taken = [bool(claimed) for (claimed,) in rows]
    try:
        yield taken
    finally:
        if not connection.closed:
            connection.execute(
                "select pg_advisory_unlock(hashtextextended(name, 0))"
                " from unnest(%s::text[]) as name",
                [[name for name, claimed in zip(names, taken, strict=True) if claimed]],
            )
