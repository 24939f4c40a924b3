"""What the user's PostgreSQL server lacks, all of it at once: `vidpipe db check`.

Belongs here: reaching as much of the server as the login can, and asking the rules there.
Does not: the rules (vidpipe.stores.requirements). It changes nothing, neither there nor here.
"""

from collections.abc import Iterator
from contextlib import closing

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import PGconn, Ping

from vidpipe.errors import DatabaseError
from vidpipe.settings import Settings
from vidpipe.stores.database import connect_url, database_url, said, shown, with_login
from vidpipe.stores.requirements import inside, server
from vidpipe.stores.requirements.server import DAGSTER_SUFFIX
from vidpipe.stores.requirements.shortcoming import Shortcoming

# Databases that every server has; where vidpipe's own is missing, the server is asked from there.
ALWAYS_THERE = ("postgres", "template1")


def shortcomings(settings: Settings) -> list[Shortcoming]:
    """What the server in VIDPIPE_DATABASE_URL lacks, what blocks vidpipe first.

    Nothing is asked where that is not set: the embedded server has what it needs.

    Raises:
        SettingsError: VIDPIPE_DATABASE_URL is not a PostgreSQL URL.
    """
    if settings.database_url is None:
        return []
    found = dict.fromkeys(_found(database_url(settings)))
    return sorted(found, key=lambda one: not one.blocks)


def _found(url: str) -> Iterator[Shortcoming]:
    name = str(conninfo_to_dict(url)["dbname"])
    try:
        connection = connect_url(url, autocommit=True)
    except DatabaseError as error:
        yield from _found_from_elsewhere(url, name, _reason(error))
        return
    with closing(connection):
        yield from server.of_server(connection, name)
        yield from inside.of_database(connection)
        yield from server.of_companions(connection, name)
    yield from _found_in_dagster(with_login(url, database=name + DAGSTER_SUFFIX))


def _found_from_elsewhere(url: str, name: str, reason: str) -> Iterator[Shortcoming]:
    """What can be told of a server whose database of vidpipe cannot be entered."""
    for other in ALWAYS_THERE:
        try:
            connection = connect_url(with_login(url, database=other), autocommit=True)
        except DatabaseError:
            continue
        with closing(connection):
            found = server.of_server(connection, name)
            companions = server.of_companions(connection, name)
        if not any(one.blocks for one in found):
            yield Shortcoming(f"database {name} cannot be entered: {reason}", blocks=True)
        yield from [*found, *companions]
        yield from _found_in_dagster(with_login(url, database=name + DAGSTER_SUFFIX))
        return
    login = str(conninfo_to_dict(url).get("user") or "")
    if PGconn.ping(url.encode()) == Ping.OK:
        yield server.refused_login(login, name, reason)
    else:
        yield Shortcoming(
            f"PostgreSQL at {shown(url)} cannot be reached: {reason}; see that it runs, that it"
            " takes connections from here, and that host and port are those of"
            " VIDPIPE_DATABASE_URL",
            blocks=True,
        )


def _found_in_dagster(url: str) -> Iterator[Shortcoming]:
    """What Dagster's database lacks; that it is missing is told by the server's rules."""
    try:
        connection = connect_url(url, autocommit=True)
    except DatabaseError:
        return
    with closing(connection):
        yield from inside.of_dagster_database(connection)


def _reason(error: DatabaseError) -> str:
    """What the server, or the way to it, said."""
    return said(error.__cause__) if isinstance(error.__cause__, psycopg.Error) else str(error)
