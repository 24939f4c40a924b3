"""Dagster's own storage, resolved from vidpipe's settings; named in `dagster.yaml`.

Belongs here: which database and which folders a Dagster instance of vidpipe uses.
Does not: the tables that people query (`vidpipe.stores`), run queue and retries (`dagster.yaml`).

`dagster.yaml` cannot do this by itself: it can neither derive a database's name and driver nor
start the embedded server, and `{env: …}` with an unset variable ends every dagster command. With
these classes a plain `dagster dev -w workspace.yaml` and `vidpipe up` use the same instance.
"""

import re
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Self

import sqlalchemy
from dagster import Field
from dagster._core.execution.compute_logs import redirect_to_file
from dagster._core.storage.compute_log_manager import CapturedLogContext, ComputeIOType
from dagster._core.storage.local_compute_log_manager import (
    IO_TYPE_EXTENSION,
    LocalComputeLogManager,
)
from dagster._core.storage.root import LocalArtifactStorage
from dagster._serdes import ConfigurableClassData
from dagster._utils import touch_file
from dagster_postgres import DagsterPostgresStorage
from sqlalchemy.pool import NullPool

from vidpipe.dagster_instance.run_locks import LockedRuns
from vidpipe.stores import locks


class VidpipeStorage(DagsterPostgresStorage):
    """Runs, events and schedules in the database `<name>_dagster` beside vidpipe's own.

    With `VIDPIPE_DATABASE_URL` on that server, else on the embedded one, which is started.
    """

    def __init__(self, postgres_url: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(postgres_url=postgres_url, inst_data=inst_data)
        self._run_storage = LockedRuns(postgres_url)

    @classmethod
    def config_type(cls) -> dict[str, Field]:
        """Nothing to configure: everything comes from `VIDPIPE_*` settings."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        """Connect; on the first use Dagster's tables are created.

        Raises:
            DatabaseError: the server cannot be reached or started.
        """
        del config_value
        url = sqlalchemy_url(_database_url())
        with _alone(url):
            return cls(postgres_url=url, inst_data=inst_data)

    # Records for Dagster versions that knew no unified storage. They would name the plain
    # PostgreSQL classes together with this class's empty configuration.
    @property
    def event_storage_data(self) -> None:
        """None: there is no stand-alone event log storage."""

    @property
    def run_storage_data(self) -> None:
        """None: there is no stand-alone run storage."""

    @property
    def schedule_storage_data(self) -> None:
        """None: there is no stand-alone schedule storage."""


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
    from vidpipe.settings import load_settings

    return load_settings().home.expanduser().absolute() / "dagster"


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


def _database_url() -> str:
    from vidpipe.settings import load_settings
    from vidpipe.stores.database import dagster_database_url

    return dagster_database_url(load_settings())
