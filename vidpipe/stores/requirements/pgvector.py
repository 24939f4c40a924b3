"""Rules on pgvector: that it is there and new enough, or that the login may make it so.

Belongs here: its versions on a server and who may create or update it.
Does not: doing so (vidpipe.stores.schema_upgrade).
"""

from collections.abc import Iterator
from typing import Any

from psycopg import Connection

from vidpipe.stores.requirements.shortcoming import Shortcoming, is_superuser, one_row

MIN_PGVECTOR = (0, 8, 4)
CREATE_EXTENSION = "create extension vector with schema public"


def needed_pgvector() -> str:
    """The oldest version of pgvector that will do, as people write it."""
    return ".".join(str(part) for part in MIN_PGVECTOR)


def pgvector_versions(connection: Connection[Any]) -> tuple[str | None, str | None, bool]:
    """The version of pgvector in this database, the newest that can be, and who may make it.

    Returns:
        The installed version or None; the newest available one or None; whether only a superuser
        may create that one.
    """
    [installed] = one_row(
        connection, "select (select extversion from pg_extension where extname = 'vector')"
    )
    newest = connection.execute(
        "select version, superuser and not trusted from pg_available_extension_versions"
        " where name = 'vector' order by string_to_array(version, '.')::int[] desc limit 1"
    ).fetchone()
    return (installed, None, True) if newest is None else (installed, newest[0], bool(newest[1]))


def version_numbers(version: str | None) -> tuple[int, ...]:
    """A version as numbers that can be compared; none is older than all."""
    return tuple(int(part) for part in (version or "0").split(".") if part.isdigit())


def lacking_pgvector(connection: Connection[Any]) -> Iterator[Shortcoming]:
    """That pgvector is there and new enough, or that the login may make it so."""
    name, login, needed = connection.info.dbname, connection.info.user, needed_pgvector()
    installed, available, is_for_superusers = pgvector_versions(connection)
    if installed is None and available is None:
        yield Shortcoming(
            "the server has no pgvector: install the package for its PostgreSQL version (pgvector"
            f" {needed} or newer), then create the extension in database {name}",
            True,
            (CREATE_EXTENSION,),
            name,
        )
    elif version_numbers(available or installed) < MIN_PGVECTOR:
        yield Shortcoming(
            f"the server has pgvector {available or installed}; vidpipe needs {needed} or newer:"
            " install the package for its PostgreSQL version",
            True,
            ("alter extension vector update",) if installed else (),
            name,
        )
    elif is_superuser(connection):
        return
    elif installed is None and is_for_superusers:
        yield extension_to_create(login, name)
    elif installed is not None and version_numbers(installed) < MIN_PGVECTOR:
        yield Shortcoming(
            f"database {name} has pgvector {installed}; vidpipe needs {needed} or newer, and login"
            f" {login} may not update it: ask a superuser to do so there once",
            True,
            ("alter extension vector update",),
            name,
        )


def extension_to_create(login: str, name: str) -> Shortcoming:
    return Shortcoming(
        f"database {name} has no extension vector (pgvector), and login {login} may not create"
        " it: ask a superuser to do so there once",
        True,
        (CREATE_EXTENSION,),
        name,
    )
