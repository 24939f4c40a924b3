"""Dagster's own storage and launcher, resolved from vidpipe's settings; named in `dagster.yaml`.

Belongs here: which database and which folders a Dagster instance of vidpipe uses, and how it knows
whether the process of a run still lives.
Does not: the tables that people query (`vidpipe.stores`), run queue and retries (`dagster.yaml`).

`dagster.yaml` cannot do this by itself: it can neither derive a database's name and driver nor
start the embedded server, and `{env: …}` with an unset variable ends every dagster command. With
these classes a plain `dagster dev -w workspace.yaml` and `vidpipe up` use the same instance.

Dagster's own launcher cannot tell when the process of a run and the code server that watches it end
together: such a run stayed "started" for ever and kept its place in the queue. Here the process
that executes a run holds a lock of the database before the run is called started, and until it
ends; the launcher asks for that lock. That works across hosts and containers, where process ids
mean nothing, and for runs that no launcher started (`vidpipe run`, `dagster job execute`).
"""

import contextlib
import multiprocessing
import re
import sys
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar, Self

import sqlalchemy
from dagster import DagsterEvent, DagsterEventType, DagsterRun, DagsterRunStatus, Field
from dagster._core.execution.compute_logs import redirect_to_file
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, WorkerStatus
from dagster._core.storage.compute_log_manager import CapturedLogContext, ComputeIOType
from dagster._core.storage.local_compute_log_manager import (
    IO_TYPE_EXTENSION,
    LocalComputeLogManager,
)
from dagster._core.storage.root import LocalArtifactStorage
from dagster._serdes import ConfigurableClassData
from dagster._utils import touch_file
from dagster_postgres import DagsterPostgresStorage, PostgresRunStorage
from dagster_postgres.utils import DagsterPostgresException
from dagster_shared.ipc import send_interrupt
from sqlalchemy.pool import NullPool

from vidpipe.dagster_event_log import VidpipeEventLog
from vidpipe.errors import VidpipeError
from vidpipe.processes import EARLIER_RUN_TAG, is_alive
from vidpipe.stores import kept_lock, locks

# How often the process of a run looks whether it is being cancelled, and how long it waits for
# others to interrupt it.
CANCEL_LOOK_EVERY_S = 5.0
CANCEL_WITHIN_S = 10.0
ENDS_OF_RUNS = (
    DagsterEventType.RUN_SUCCESS,
    DagsterEventType.RUN_FAILURE,
    DagsterEventType.RUN_CANCELED,
)
# Longer than a process needs to take its lock again after a restart of the database.
LOST_AFTER_S = 60.0


class VidpipeRunStorage(PostgresRunStorage):
    """Dagster's runs; a process that starts one holds its lock and hears when it is cancelled."""

    def __init__(self, postgres_url: str) -> None:
        super().__init__(postgres_url)
        self._executed_here: set[str] = set()

    def handle_run_event(
        self, run_id: str, event: DagsterEvent, update_timestamp: datetime | None = None
    ) -> None:
        """Keeps what an event says of a run; only the process that executes it sends RUN_START."""
        if event.event_type == DagsterEventType.RUN_START:
            from vidpipe.settings import load_settings

            kept_lock.keep(load_settings(), locks.run_lock(run_id))
            self._executed_here.add(run_id)
            Thread(target=self._end_when_cancelled, args=[run_id], daemon=True).start()
        super().handle_run_event(run_id, event, update_timestamp)
        if event.event_type in ENDS_OF_RUNS:
            self._executed_here.discard(run_id)
            kept_lock.release(locks.run_lock(run_id))

    def _end_when_cancelled(self, run_id: str) -> None:
        """Interrupts this process once, when its run is being cancelled and nobody else does it.

        A code server passes a cancellation on to the runs that it started; no one does for a run
        in a process of its own, or after that server died: the run would be called cancelled and
        go on.
        """
        since = None
        while since is None or time.monotonic() - since < CANCEL_WITHIN_S:
            time.sleep(CANCEL_LOOK_EVERY_S)
            if run_id not in self._executed_here:
                return
            server = multiprocessing.parent_process()
            with contextlib.suppress(sqlalchemy.exc.SQLAlchemyError, DagsterPostgresException):
                run = self._get_run_by_id(run_id)
                is_cancelled = run is not None and run.status is DagsterRunStatus.CANCELING
                if not is_cancelled or (server is not None and server.is_alive()):
                    since = None
                elif since is None:
                    since = time.monotonic()
        send_interrupt()


class VidpipeStorage(DagsterPostgresStorage):
    """Runs, events and schedules in the database `<name>_dagster` beside vidpipe's own.

    With `VIDPIPE_DATABASE_URL` on that server, else on the embedded one, which is started.
    """

    def __init__(self, postgres_url: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(postgres_url=postgres_url, inst_data=inst_data)
        self._run_storage = VidpipeRunStorage(postgres_url)
        self._event_log_storage = VidpipeEventLog(postgres_url)

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


class VidpipeRunLauncher(DefaultRunLauncher):
    """Dagster's own launcher, which also tells run monitoring when the process of a run is gone.

    Run monitoring then fails the run, and it is retried as `run_retries` says.
    """

    def __init__(self, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(inst_data)
        self._free_since: dict[str, float] = {}

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Yes, by the lock of the run."""
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Failed when nobody held the lock of a started run for LOST_AFTER_S of looking.

        Raises:
            DatabaseError: the server cannot be reached; monitoring logs it and looks again later.
        """
        from vidpipe.settings import load_settings

        run_id = run.run_id
        try:
            is_free = kept_lock.is_free(load_settings(), locks.run_lock(run_id))
        except VidpipeError:
            # A process that lives takes its lock again, but not before the server is back.
            self._free_since.clear()
            raise
        # The process of a run that an earlier vidpipe started may outlive an upgrade on this host.
        if not is_free or is_alive(run.tags.get(EARLIER_RUN_TAG, "")):
            self._free_since.pop(run_id, None)
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        free_s = time.monotonic() - self._free_since.setdefault(run_id, time.monotonic())
        if free_s < LOST_AFTER_S:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        del self._free_since[run_id]
        return CheckRunHealthResult(
            WorkerStatus.FAILED,
            "its process ended without a word (killed, or its machine or container stopped); what "
            "it had finished is kept",
        )


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
