"""Rules on what is inside a database: vidpipe's own, and the one of Dagster beside it.

Belongs here: rights on schemas and tables, settings of a login in a database.
Does not: what can be seen from another database (vidpipe.stores.requirements.server).
"""

from collections.abc import Iterator
from typing import Any

from psycopg import Connection

from vidpipe.stores.requirements.everybody import of_functions, of_limits
from vidpipe.stores.requirements.pgvector import lacking_pgvector
from vidpipe.stores.requirements.shortcoming import Shortcoming, one_row, statement_with

SCHEMAS = ("vidpipe", "vidpipe_ops")


def of_database(connection: Connection[Any]) -> list[Shortcoming]:
    """What the connected database lacks."""
    rules = (_read_only, lacking_pgvector, _schemas, of_functions, of_limits)
    return [one for rule in rules for one in rule(connection)]


def of_dagster_database(connection: Connection[Any]) -> list[Shortcoming]:
    """What Dagster's own database, which is connected, lacks."""
    return list(_dagster_tables(connection))


def _read_only(connection: Connection[Any]) -> Iterator[Shortcoming]:
    name, login = connection.info.dbname, connection.info.user
    [read_only] = one_row(connection, "select current_setting('default_transaction_read_only')")
    if read_only == "on":
        yield Shortcoming(
            f"transactions of login {login} in database {name} are read-only by a setting",
            True,
            (
                statement_with(
                    "alter role {} in database {} reset default_transaction_read_only", login, name
                ),
                statement_with("alter role {} reset default_transaction_read_only", login),
                statement_with("alter database {} reset default_transaction_read_only", name),
            ),
        )


def _schemas(connection: Connection[Any]) -> Iterator[Shortcoming]:
    """That what is there of vidpipe's schemas belongs to the login, and that it sees `public`."""
    name, login = connection.info.dbname, connection.info.user
    for owner in _foreign_owners(connection, SCHEMAS):
        yield Shortcoming(
            f"schemas {' and '.join(SCHEMAS)} of database {name} belong to {owner}, whose member"
            f" login {login} is not: it cannot change their tables",
            True,
            (statement_with("grant {} to {}", owner, login),),
            name,
        )
    [sees_vectors] = one_row(
        connection,
        "select coalesce(has_schema_privilege(coalesce((select extnamespace from pg_extension"
        " where extname = 'vector'), to_regnamespace('public')::oid), 'usage'), false)",
    )
    if not sees_vectors:
        yield Shortcoming(
            f"login {login} may not use the schema of database {name} that holds pgvector",
            True,
            (
                "create schema if not exists public",
                statement_with("grant usage on schema public to {}", login),
            ),
            name,
        )


def _dagster_tables(connection: Connection[Any]) -> Iterator[Shortcoming]:
    """That Dagster can make and change its tables."""
    name, login = connection.info.dbname, connection.info.user
    [may_create] = one_row(
        connection,
        "select coalesce(has_schema_privilege(to_regnamespace('public')::oid, 'create'), false)",
    )
    if not may_create:
        yield Shortcoming(
            f"login {login} may not make tables in database {name}, which Dagster keeps its runs"
            " in",
            True,
            (statement_with("alter database {} owner to {}", name, login),),
        )
    for owner in _foreign_owners(connection, ("public",), kinds="rS"):
        yield Shortcoming(
            f"tables of database {name}, which Dagster keeps its runs in, belong to {owner}, whose"
            f" member login {login} is not",
            True,
            (statement_with("grant {} to {}", owner, login),),
            name,
        )


def _foreign_owners(
    connection: Connection[Any], schemas: tuple[str, ...], kinds: str = "rSvm"
) -> list[str]:
    """Who owns these schemas' relations of some kinds, where the login is not one of them."""
    rows = connection.execute(
        "select distinct pg_get_userbyid(c.relowner) from pg_class as c"
        " inner join pg_namespace as n on c.relnamespace = n.oid"
        ' where n.nspname = any(%s) and c.relkind = any(string_to_array(%s, null)::"char"[])'
        " and not pg_has_role(current_user, c.relowner, 'usage') order by 1",
        [list(schemas), kinds],
    ).fetchall()
    return [owner for (owner,) in rows]
