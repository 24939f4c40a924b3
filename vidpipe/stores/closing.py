"""Taking from everybody what only vidpipe shall do: its locks, large objects, its databases.

Belongs here: running the SQL of the rules, where the login may.
Does not: the rules (vidpipe.stores.requirements.everybody).

It is done with every upgrade, and costs two look-ups when there is nothing to do: a database that
was restored, or made anew, has PostgreSQL's own rights again.
"""

import logging
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import Connection

from vidpipe.stores.requirements.everybody import (
    may_close_functions,
    open_databases,
    open_functions,
    statement_closing_database,
    statements_closing_functions,
)
from vidpipe.stores.requirements.server import DAGSTER_SUFFIX, GROUPS
from vidpipe.stores.requirements.shortcoming import statement_with

log = logging.getLogger(__name__)


def close_to_everybody(connection: Connection[Any]) -> None:
    """Leaves the connected database, and Dagster's beside it, to vidpipe and those who are granted.

    Where the login may not do so, a warning says what remains open.

    Args:
        connection: autocommit, to a database with vidpipe's schema.
    """
    name = connection.info.dbname
    if functions := open_functions(connection):
        if may_close_functions(connection):
            for statement in statements_closing_functions(functions, _logins_at_work(connection)):
                connection.execute(statement.encode())
        else:
            log.warning(
                "everybody who may enter database %s may take vidpipe's own locks there and write"
                " large objects: `vidpipe db check` has the SQL with which a superuser forbids it",
                name,
            )
    close_databases(connection, [name, name + DAGSTER_SUFFIX])


def close_databases(connection: Connection[Any], names: Iterable[str]) -> None:
    """Lets nobody enter databases of the login, or make temporary tables there, unless granted.

    The groups of readers and analysts go on entering the connected one.

    Args:
        connection: autocommit.
        names: databases of the server; those that the login does not own stay as they are.
    """
    for name in open_databases(connection, names):
        if name == connection.info.dbname:
            for group in _existing(connection, GROUPS):
                granting = statement_with("grant connect on database {} to {}", name, group)
                with suppress(psycopg.errors.InternalError_):
                    connection.execute(granting.encode())
        with suppress(psycopg.errors.InternalError_):  # another process was doing the same
            connection.execute(statement_closing_database(name).encode())


def all_databases(connection: Connection[Any]) -> list[str]:
    """Names of all databases of the server that can be entered."""
    rows = connection.execute("select datname from pg_database where datallowconn").fetchall()
    return [name for (name,) in rows]


def _logins_at_work(connection: Connection[Any]) -> list[str]:
    """Roles that vidpipe works as: this login, the owners of the database and of the schema."""
    rows = connection.execute(
        "select current_user::text"
        " union select pg_get_userbyid(datdba)::text from pg_database"
        " where datname = current_database()"
        " union select pg_get_userbyid(nspowner)::text from pg_namespace where nspname = 'vidpipe'"
    ).fetchall()
    return [login for (login,) in rows]


def _existing(connection: Connection[Any], roles: Iterable[str]) -> list[str]:
    rows = connection.execute(
        "select rolname from pg_roles where rolname = any(%s)", [list(roles)]
    ).fetchall()
    return [role for (role,) in rows]
