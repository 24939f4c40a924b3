"""Rules on what everybody who may log in can do: take locks, write large objects, enter databases.

Belongs here: which rights of `public` are too many, the SQL that takes them away, and telling where
vidpipe's login may not run it.
Does not: taking them away (vidpipe.stores.closing), what readers are granted (`sql/roles`).

Every login may call most functions of PostgreSQL. Who holds an advisory lock that vidpipe takes
makes a run wait for ever, and large objects and messages to the log fill the disk. The functions
belong to the server's superuser, who alone can take them from everybody.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from psycopg import Connection, sql

from vidpipe.stores.requirements.shortcoming import Shortcoming, one_row, statement_with

# Functions of pg_catalog that only vidpipe's login shall call.
CLOSED = (
    "^(pg_advisory_|pg_try_advisory_|lo_|loread$|lowrite$|pg_logical_emit_message$"
    "|pg_export_snapshot$)"
)
LOCKING = "^(pg_advisory_|pg_try_advisory_)"
# Roles that may end sessions of other logins, and see for how long these have worked.
LIMITING_ROLES = ("pg_signal_backend", "pg_read_all_stats")


def open_functions(connection: Connection[Any]) -> list[str]:
    """Functions that everybody may call in the connected database, and only vidpipe should."""
    rows = connection.execute(
        "select p.oid::regprocedure::text from pg_proc as p"
        " where p.oid::regprocedure::text = any(%s)"
        " and has_function_privilege('public', p.oid, 'execute') order by 1",
        [_named(connection)],
    ).fetchall()
    return [function for (function,) in rows]


def _named(connection: Connection[Any]) -> list[str]:
    """The same functions, whoever may call them."""
    rows = connection.execute(
        "select p.oid::regprocedure::text from pg_proc as p"
        " where p.pronamespace = 'pg_catalog'::regnamespace and p.proname ~ %s order by 1",
        [CLOSED],
    ).fetchall()
    return [function for (function,) in rows]


def may_close_functions(connection: Connection[Any]) -> bool:
    """Whether the login may take functions of PostgreSQL from everybody."""
    [may] = one_row(
        connection,
        "select bool_and(pg_has_role(current_user, p.proowner, 'usage')) from pg_proc as p"
        " where p.pronamespace = 'pg_catalog'::regnamespace and p.proname ~ %s",
        CLOSED,
    )
    return bool(may)


def statements_closing_functions(functions: Sequence[str], logins: Iterable[str]) -> list[str]:
    """SQL that leaves functions to some logins."""
    listed = sql.SQL(", ".join(functions))  # as the server wrote them
    closing = sql.SQL("revoke execute on function {} from public").format(listed)
    granting = sql.SQL("grant execute on function {} to {}")
    return [
        closing.as_string(),
        *(granting.format(listed, sql.Identifier(login)).as_string() for login in logins),
    ]


def of_functions(connection: Connection[Any]) -> Iterator[Shortcoming]:
    """That only vidpipe's login takes locks and writes large objects in the connected database."""
    name, login = connection.info.dbname, connection.info.user
    functions = open_functions(connection)
    if functions and not may_close_functions(connection):
        yield Shortcoming(
            f"everybody who may enter database {name} may take vidpipe's own locks there, which"
            " holds up runs and topics, and write large objects; only a superuser can forbid it",
            False,
            tuple(statements_closing_functions(functions, [login])),
            name,
        )
    [may_lock] = one_row(
        connection,
        "select bool_and(has_function_privilege(p.oid, 'execute')) from pg_proc as p"
        " where p.pronamespace = 'pg_catalog'::regnamespace and p.proname ~ %s",
        LOCKING,
    )
    if not may_lock:
        yield Shortcoming(
            f"login {login} may not take locks in database {name}",
            True,
            tuple(statements_closing_functions(_named(connection), [login])),
            name,
        )


def of_limits(connection: Connection[Any]) -> Iterator[Shortcoming]:
    """That the login can end what readers and analysts let run for too long."""
    login = connection.info.user
    [lacking] = one_row(
        connection,
        "select array(select r from unnest(%s::text[]) as r"
        " where not pg_has_role(current_user, r, 'usage'))",
        list(LIMITING_ROLES),
    )
    if lacking:
        yield Shortcoming(
            f"login {login} may not end statements of other logins: a reader who switches off the"
            " timeouts of their login is not stopped",
            False,
            tuple(statement_with("grant {} to {}", role, login) for role in lacking),
        )


def open_databases(connection: Connection[Any], names: Iterable[str]) -> list[str]:
    """Those of some databases which the login owns and everybody may enter."""
    rows = connection.execute(
        "select d.datname from pg_database as d where d.datname = any(%s)"
        " and pg_has_role(current_user, d.datdba, 'usage')"
        " and (has_database_privilege('public', d.oid, 'connect')"
        " or has_database_privilege('public', d.oid, 'temporary')) order by 1",
        [list(names)],
    ).fetchall()
    return [name for (name,) in rows]


def is_open_and_foreign(connection: Connection[Any], name: str) -> bool:
    """Whether everybody may enter a database, and the login cannot change that."""
    row = connection.execute(
        "select has_database_privilege('public', d.oid, 'connect')"
        " and not pg_has_role(current_user, d.datdba, 'usage')"
        " from pg_database as d where d.datname = %s",
        [name],
    ).fetchone()
    return row is not None and bool(row[0])


def statement_closing_database(name: str) -> str:
    """SQL that lets nobody but the owner, and who is granted it, enter a database."""
    return statement_with("revoke connect, temporary on database {} from public", name)
