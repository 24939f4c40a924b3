"""A shortcoming of a server: what is missing, and the SQL that mends it.

Belongs here: the form of a finding, and asking one row of a server.
Does not: the rules (the modules beside this one).
"""

from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg import Connection, sql


@dataclass(frozen=True)
class Shortcoming:
    """Something that a server lacks.

    Attributes:
        what: what is missing and what cannot be done without it, in one sentence.
        blocks: whether vidpipe cannot work at all without it.
        statements: SQL for an administrator; empty where SQL does not help.
        database: where that SQL is to be run.
    """

    what: str
    blocks: bool
    statements: tuple[str, ...] = ()
    database: str = "postgres"


def one_row(connection: Connection[Any], query: LiteralString, *values: object) -> tuple[Any, ...]:
    """The row that a query gives."""
    row: tuple[Any, ...] | None = connection.execute(query, values).fetchone()
    assert row is not None
    return row


def statement_with(text: LiteralString, *names: str) -> str:
    """A statement with names, quoted where they need it."""
    return sql.SQL(text).format(*map(sql.Identifier, names)).as_string()


def is_superuser(connection: Connection[Any]) -> bool:
    """Whether the login may do everything."""
    [superuser] = one_row(connection, "select rolsuper from pg_roles where rolname = current_user")
    return bool(superuser)
