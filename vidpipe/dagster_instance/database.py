"""Dagster's own database: where it is, its tables, and the connections that are kept to it.

Belongs here: connecting when something is first asked, and not before.
Does not: what stands in its tables (Dagster), nor which classes use it (vidpipe.dagster_storage).
"""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg2
import sqlalchemy
from dagster_postgres import DagsterPostgresStorage
from dagster_postgres.utils import create_pg_engine, set_pg_statement_timeout
from sqlalchemy.pool import NullPool

from vidpipe.settings import Settings
from vidpipe.stores import locks
from vidpipe.stores.database import dagster_database_url

SCHEME = "postgresql+psycopg2://"  # the address follows when a connection is wanted
KEPT_CONNECTIONS = 3


class DagsterDatabase:
    """Dagster's own database: found, and made with its tables, when the first connection is wanted.

    Loading the code location or listing assets opens an instance, too, and must not start a server.
    Connections are kept: by default Dagster opens one for every event. One that broke while it was
    kept is replaced. Nothing forks while it holds connections: runs and steps are spawned.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings.model_copy(update={"home": settings.home.absolute()})
        self._lock = threading.Lock()
        self._url: str | None = None
        self._has_tables = False
        self._statement_timeout_ms = 0
        self.engine = create_pg_engine(
            SCHEME,
            creator=self._connect,
            isolation_level="AUTOCOMMIT",
            pool_size=KEPT_CONNECTIONS,
            max_overflow=-1,
            pool_pre_ping=True,
        )

    def limit_statements(self, timeout_ms: int) -> None:
        """Lets no statement of later connections take longer."""
        self._statement_timeout_ms = timeout_ms
        self.engine.dispose()

    def _connect(self) -> Any:
        """A connection of psycopg2.

        Raises:
            DatabaseError: the server cannot be reached or started.
        """
        connection = self._reached()
        if self._statement_timeout_ms:
            set_pg_statement_timeout(connection, self._statement_timeout_ms)
        return connection

    def _reached(self) -> Any:
        """A connection to where the database was last; where it is gone, it is found anew."""
        if self._url is not None:
            with suppress(psycopg2.OperationalError):
                return psycopg2.connect(self._url)
        with self._lock:
            url = dagster_database_url(self._settings)
            if not self._has_tables:
                with _alone(sqlalchemy_url(url)):
                    DagsterPostgresStorage(sqlalchemy_url(url))
                self._has_tables = True
            self._url = url  # other threads may go there now that it has its tables
            return psycopg2.connect(url)


class KeptConnections:
    """A storage of Dagster's that takes its connections from a `DagsterDatabase`."""

    def __init__(self, database: DagsterDatabase) -> None:
        super().__init__(SCHEME, should_autocreate_tables=False)  # type: ignore[call-arg]
        self._database = database
        self._engine = database.engine

    def optimize_for_webserver(
        self, statement_timeout: int, pool_recycle: int, max_overflow: int
    ) -> None:
        """Limits statements; connections are kept anyway."""
        del pool_recycle, max_overflow
        self._database.limit_statements(statement_timeout)

    def dispose(self) -> None:
        """Closes what is kept; the storage can still be used."""
        super().dispose()  # type: ignore[misc]
        self._database.engine.dispose()


def sqlalchemy_url(url: str) -> str:
    """The same database for SQLAlchemy, through psycopg2.

    SQLAlchemy 2.1 takes psycopg 3 for a bare `postgresql://`, and dagster-postgres then fails on
    `NOTIFY run_events, $1`.
    """
    return re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql+psycopg2://", url)


@contextmanager
def _alone(url: str) -> Iterator[None]:
    """Hold a lock of that database: Dagster cannot create its tables twice at the same time."""
    engine = sqlalchemy.create_engine(url, poolclass=NullPool)
    with engine.connect() as connection, connection.begin():
        key = locks.DAGSTER_TABLES.key
        connection.execute(sqlalchemy.select(sqlalchemy.func.pg_advisory_xact_lock(key)))
        yield
