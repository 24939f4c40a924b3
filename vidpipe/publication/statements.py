"""Pieces of SQL that merging plain tables and loading vectors share.

Belongs here: comparing rows (t) of a published table with staged ones (s), and counting rows.
Does not: a whole change of a table (vidpipe.publication.merging, vidpipe.publication.vectors).
"""

from collections.abc import Sequence

import psycopg
from psycopg import sql


def column_list(columns: Sequence[str], alias: str | None = None) -> sql.Composed:
    """The columns, quoted and separated by commas, of the table with that alias if one is given."""
    return sql.SQL(", ").join(
        sql.Identifier(alias, column) if alias else sql.Identifier(column) for column in columns
    )


def same_key(key: Sequence[str]) -> sql.Composed:
    """The condition that rows t and s have the same key."""
    return sql.SQL(" and ").join(
        sql.SQL("t.{0} = s.{0}").format(sql.Identifier(column)) for column in key
    )


def count(connection: psycopg.Connection, query: sql.Composed) -> int:
    """The number that a query returns."""
    row = connection.execute(query).fetchone()
    return int(row[0]) if row is not None else 0


def estimated_rows(connection: psycopg.Connection, target: sql.Identifier) -> int:
    """Rows of a table as of its last ANALYZE or index build."""
    return count(
        connection,
        sql.SQL(
            "select greatest(reltuples, 0)::bigint from pg_class where oid = {}::regclass"
        ).format(sql.Literal(target.as_string(connection))),
    )
