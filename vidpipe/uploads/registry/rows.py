"""Rows of PostgreSQL as the modules of the registry read them.

Belongs here: queries of exactly one row, times in UTC.
Does not: any query (the modules beside this one).
"""

from datetime import UTC, datetime
from typing import Any

from psycopg import Connection


def one_row(connection: Connection[Any], query: str, values: Any = None) -> tuple[Any, ...]:
    """The row of a query that always has one."""
    row = connection.execute(query, values).fetchone()
    assert row is not None
    return tuple(row)


def in_utc(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row with its times in UTC: psycopg gives them in the session's time zone."""
    return tuple(value.astimezone(UTC) if isinstance(value, datetime) else value for value in row)
