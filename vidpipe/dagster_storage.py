"""Dagster's own storage, resolved from vidpipe's settings; named in `dagster.yaml`.

Belongs here: which database and which folders a Dagster instance of vidpipe uses.
Does not: the tables that people query (`vidpipe.stores`), run queue and retries (`dagster.yaml`).

`dagster.yaml` cannot do this by itself: it can neither derive a database's name and driver nor
start the embedded server, and `{env: …}` with an unset variable ends every dagster command. With
these classes a plain `dagster dev -w workspace.yaml` and `vidpipe up` use the same instance.
"""

import sys
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Self

import psutil
from dagster import DagsterEvent, DagsterEventType, Field
from dagster._core.execution.compute_logs import redirect_to_file
from dagster._core.storage.base_storage import DagsterStorage
from dagster._core.storage.compute_log_manager import CapturedLogContext, ComputeIOType
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
    PostgresEventLogStorage,
    PostgresRunStorage,
    PostgresScheduleStorage,
)
from dagster_shared.ipc import send_interrupt

from vidpipe.dagster_instance.database import DagsterDatabase, KeptConnections
from vidpipe.dagster_instance.queue_log import say_once
from vidpipe.processes import all_alive, dagster_dev
from vidpipe.settings import load_settings

SERVICES_LOOKED_AT_EVERY_S = 1.0


class _Runs(KeptConnections, PostgresRunStorage):
    def handle_run_event(
        self, run_id: str, event: DagsterEvent, update_timestamp: datetime | None = None
    ) -> None:
        """Keeps what an event says of a run; only the process that executes it sends RUN_START."""
        if event.event_type == DagsterEventType.RUN_START and (services := dagster_dev()):
            threading.Thread(target=_end_with, args=[services], daemon=True).start()
        super().handle_run_event(run_id, event, update_timestamp)


class _Events(KeptConnections, PostgresEventLogStorage):
    pass


class _Schedules(KeptConnections, PostgresScheduleStorage):
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
        say_once()
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


def _end_with(services: Sequence[psutil.Process]) -> None:
    """Interrupts this process, which executes a run, when its `dagster dev` is stopped.

    The code server waits for its runs: it and their workers would go on for hours. The run is
    called failed because it was interrupted, and a later daemon tries it again.
    """
    while all_alive(services):
        time.sleep(SERVICES_LOOKED_AT_EVERY_S)
    send_interrupt()
