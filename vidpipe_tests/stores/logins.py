"""Logins of readers and analysts that a test module makes and drops: they belong to the server."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import sql

from vidpipe.settings import Settings
from vidpipe.stores.database import connect
from vidpipe.stores.roles import grant_analyst, grant_reader


@contextmanager
def people(
    settings: Settings, *, readers: str = "", analysts: str = "", dropped_by: Settings | None = None
) -> Iterator[dict[str, str]]:
    """URLs of logins by their names, which are given with spaces between them.

    Args:
        settings: settings of the login that makes them.
        readers: names of readers.
        analysts: names of analysts.
        dropped_by: settings of the login that drops them; None for the one that makes them.
    """
    urls = {name: grant_reader(settings, name) for name in readers.split()}
    urls |= {name: grant_analyst(settings, name) for name in analysts.split()}
    try:
        yield urls
    finally:
        with connect(dropped_by or settings, autocommit=True) as connection:
            for name in urls:
                login = sql.Identifier(name)
                connection.execute(sql.SQL("drop owned by {}").format(login))
                connection.execute(sql.SQL("drop role {}").format(login))
