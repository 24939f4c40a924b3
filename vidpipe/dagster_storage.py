"""Dagster's own storage, resolved from vidpipe's settings; named in `dagster.yaml`.

Belongs here: which database and which folders a Dagster instance of vidpipe uses.
Does not: the tables that people query (`vidpipe.stores`), run queue and retries (`dagster.yaml`).

`dagster.yaml` cannot do this by itself: it can neither derive a database's name and driver nor
start the embedded server, and `{env: …}` with an unset variable ends every dagster command. With
these classes a plain `dagster dev -w workspace.yaml` and `vidpipe up` use the same instance.
"""

import re
import sys
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Self

import psutil
import psycopg2
import sqlalchemy
from dagster import DagsterEvent, DagsterEventType, DagsterInstance, Field
from dagster._core.execution.compute_logs import redirect_to_file
from dagster._core.storage.base_storage import DagsterStorage
from dagster._core.storage.compute_log_manager import CapturedLogContext, ComputeIOType
from dagster._core.storage.defs_state import DefsStateStorage
from dagster._core.storage.event_log import EventLogStorage
from dagster._core.storage.local_compute_log_manager import (
    IO_TYPE_EXTENSION,
    LocalComputeLogManager,
)
from dagster._core.storage.root import LocalArtifactStorage
from dagster._core.storage.runs import RunStorage
from dagster._core.storage.schedules import ScheduleStorage
from dagster._serdes import ConfigurableClass, ConfigurableClassData
from dagster._utils import touch_file
from dagster_postgres import (
    DagsterPostgresStorage,
    PostgresEventLogStorage,
    PostgresRunStorage,
    PostgresScheduleStorage,
)
from dagster_postgres.utils import create_pg_engine, set_pg_statement_timeout
from dagster_shared.ipc import send_interrupt
from sqlalchemy.pool import NullPool

from vidpipe.processes import all_alive, dagster_dev
from vidpipe.settings import Settings, load_settings
from vidpipe.stores import locks
from vidpipe.stores.database import dagster_database_url

SCHEME = "postgresql+psycopg2://"  # the address follows when a connection is wanted
KEPT_CONNECTIONS = 3
SERVICES_LOOKED_AT_EVERY_S = 1.0


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


class _Kept:
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


class _Runs(_Kept, PostgresRunStorage):
    def handle_run_event(
        self, run_id: str, event: DagsterEvent, update_timestamp: datetime | None = None
    ) -> None:
        """Keeps what an event says of a run; only the process that executes it sends RUN_START."""
        if event.event_type == DagsterEventType.RUN_START and (services := dagster_dev()):
            threading.Thread(target=_end_with, args=[services], daemon=True).start()
        super().handle_run_event(run_id, event, update_timestamp)


class _Events(_Kept, PostgresEventLogStorage):
    pass


class _Schedules(_Kept, PostgresScheduleStorage):
    pass


class VidpipeStorage(DagsterStorage, ConfigurableClass):
    """Runs, events and schedules in the database `<name>_dagster` beside vidpipe's own.

    With `VIDPIPE_DATABASE_URL` on that server, else on the embedded one, which is started at the
    first use. Opening the storage connects to nothing.
    """

    def __init__(self, inst_data: ConfigurableClassData | None = None) -> None:
        self._inst_data = inst_data
        database = DagsterDatabase(load_settings())
        self._runs, self._events = _Runs(database), _Events(database)
        self._schedules = _Schedules(database)
        super().__init__()  # type: ignore[no-untyped-call]

    @classmethod
    def config_type(cls) -> dict[str, Field]:
        """Nothing to configure: everything comes from `VIDPIPE_*` settings."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        """The storage that the settings name.

        Raises:
            SettingsError: a setting is malformed.
        """
        del config_value
        return cls(inst_data)

    @property
    def inst_data(self) -> ConfigurableClassData | None:
        """Where `dagster.yaml` names this class."""
        return self._inst_data

    @property
    def event_log_storage(self) -> EventLogStorage:
        """Events of runs, and what Dagster knows of assets."""
        return self._events

    @property
    def run_storage(self) -> RunStorage:
        """Runs, backfills, heartbeats."""
        return self._runs

    @property
    def schedule_storage(self) -> ScheduleStorage:
        """Ticks of sensors and schedules."""
        return self._schedules


class NoDefinitionsState(DefsStateStorage[DagsterInstance], ConfigurableClass):
    """vidpipe's definitions keep no state between loads.

    Dagster's own storage of such state asks the database at every load of a code location.
    """

    def __init__(self, inst_data: ConfigurableClassData | None = None) -> None:
        self._inst_data = inst_data

    @classmethod
    def config_type(cls) -> dict[str, Field]:
        """Nothing to configure."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        """Always the same."""
        del config_value
        return cls(inst_data)

    @property
    def inst_data(self) -> ConfigurableClassData | None:
        """Where `dagster.yaml` names this class."""
        return self._inst_data

    def get_latest_defs_state_info(self) -> None:
        """There is none."""

    def download_state_to_path(self, key: str, version: str, path: Path) -> None:
        """Refused: there is none."""
        raise NotImplementedError(f"vidpipe keeps no state of definitions: {key}")

    def upload_state_from_path(self, key: str, version: str, path: Path) -> None:
        """Refused: there is none."""
        raise NotImplementedError(f"vidpipe keeps no state of definitions: {key}")

    def set_latest_version(self, key: str, version: str | None) -> None:
        """Refused: there is none."""
        raise NotImplementedError(f"vidpipe keeps no state of definitions: {key}")


class VidpipeArtifactStorage(LocalArtifactStorage):
    """Dagster's local artifacts under `VIDPIPE_HOME/dagster`, wherever `dagster` was called."""

    @classmethod
    def config_type(cls) -> dict[str, Field]:
        """Nothing to configure."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        """Created when Dagster first writes."""
        del config_value
        return cls(base_dir=str(dagster_folder()), inst_data=inst_data)


class VidpipeComputeLogs(LocalComputeLogManager):
    """What steps print, kept under `VIDPIPE_HOME/dagster/logs`.

    Dagster mirrors it to the terminal through two processes a step, which answer Ctrl-C with a
    traceback each. `vidpipe run`, whose terminal shows progress, sets `mirrors` to False.
    """

    mirrors: ClassVar[bool] = True

    @classmethod
    def config_type(cls) -> dict[str, Field]:
        """Nothing to configure."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        """Created when a step first prints."""
        del config_value
        return cls(base_dir=str(dagster_folder() / "logs"), inst_data=inst_data)

    @contextmanager
    def capture_logs(self, log_key: Sequence[str]) -> Generator[CapturedLogContext, None, None]:
        """Keeps what is printed inside the block; also shows it, if `mirrors`."""
        if self.mirrors:
            with super().capture_logs(log_key) as context:
                yield context
            return
        out = self.get_captured_local_path(log_key, IO_TYPE_EXTENSION[ComputeIOType.STDOUT])
        err = self.get_captured_local_path(log_key, IO_TYPE_EXTENSION[ComputeIOType.STDERR])
        with redirect_to_file(sys.stdout, out), redirect_to_file(sys.stderr, err):
            yield CapturedLogContext(log_key)
        touch_file(self.complete_artifact_path(log_key))  # type: ignore[no-untyped-call]


def dagster_folder() -> Path:
    """Folder of Dagster's files; `vidpipe` also sets it as `DAGSTER_HOME`."""
    return load_settings().home.expanduser().absolute() / "dagster"


def sqlalchemy_url(url: str) -> str:
    """The same database for SQLAlchemy, through psycopg2.

    SQLAlchemy 2.1 takes psycopg 3 for a bare `postgresql://`, and dagster-postgres then fails on
    `NOTIFY run_events, $1`.
    """
    return re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql+psycopg2://", url)


def _end_with(services: Sequence[psutil.Process]) -> None:
    """Interrupts this process, which executes a run, when its `dagster dev` is stopped.

    The code server waits for its runs: it and their workers would go on for hours. The run is
    called failed because it was interrupted, and a later daemon tries it again.
    """
    while all_alive(services):
        time.sleep(SERVICES_LOOKED_AT_EVERY_S)
    send_interrupt()


@contextmanager
def _alone(url: str) -> Iterator[None]:
    """Hold a lock of that database: Dagster cannot create its tables twice at the same time."""
    engine = sqlalchemy.create_engine(url, poolclass=NullPool)
    with engine.connect() as connection, connection.begin():
        key = locks.DAGSTER_TABLES.key
        connection.execute(sqlalchemy.select(sqlalchemy.func.pg_advisory_xact_lock(key)))
        yield
