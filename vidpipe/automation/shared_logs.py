"""What steps print, kept where all hosts can read it; named in `deploy/dagster.yaml`.

Belongs here: moving captured output to the media store and back. Does not: capturing it
(vidpipe.dagster_storage), where the media store is (vidpipe.settings).
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import obstore
from dagster import Field
from dagster._core.instance import DagsterInstance
from dagster._core.storage.cloud_storage_compute_log_manager import (
    CloudStorageComputeLogManager,
    PollingComputeLogSubscriptionManager,
)
from dagster._core.storage.compute_log_manager import CapturedLogSubscription, ComputeIOType
from dagster._core.storage.local_compute_log_manager import IO_TYPE_EXTENSION
from dagster._serdes import ConfigurableClass, ConfigurableClassData
from obstore.exceptions import BaseError
from obstore.store import ObjectStore

from vidpipe.dagster_storage import VidpipeComputeLogs, dagster_folder
from vidpipe.settings import load_settings
from vidpipe.stores.media_store import open_store

FOLDER = "run_logs"  # in the media store
UPLOAD_EVERY_S = 15  # of a step that runs, for those who watch it from another host

log = logging.getLogger(__name__)


class VidpipeSharedLogs(CloudStorageComputeLogManager[DagsterInstance], ConfigurableClass):
    """What steps print: written on the host of the run, then kept in the media store.

    A store that cannot be reached costs the output, never the step: what was printed stays on the
    host of the run, under `VIDPIPE_HOME/dagster/logs`.
    """

    def __init__(self, inst_data: ConfigurableClassData | None = None) -> None:
        self._inst_data = inst_data
        self._local = VidpipeComputeLogs(base_dir=str(dagster_folder() / "logs"))
        self._subscriptions = PollingComputeLogSubscriptionManager(self)  # type: ignore[no-untyped-call]

    @property
    def inst_data(self) -> ConfigurableClassData | None:
        """How Dagster finds this class again."""
        return self._inst_data

    @classmethod
    def config_type(cls) -> dict[str, Field]:
        """Nothing to configure: everything comes from `VIDPIPE_*` settings."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        """The store is opened when something is first written or read."""
        del config_value
        return cls(inst_data)

    @property
    def local_manager(self) -> VidpipeComputeLogs:
        """Where output is captured, and where output of other hosts is read from."""
        return self._local

    @property
    def upload_interval(self) -> int:
        """Seconds between copies of what a running step has printed so far."""
        return UPLOAD_EVERY_S

    def upload_to_cloud_storage(
        self, log_key: Sequence[str], io_type: ComputeIOType, partial: bool = False
    ) -> None:
        """Copies what was printed to the media store; so far, if `partial`."""
        local = Path(self._local.get_captured_local_path(log_key, IO_TYPE_EXTENSION[io_type]))
        printed = local.read_bytes() if local.exists() else b""
        if printed or not partial:
            obstore.put(self._store, _name(log_key, io_type, partial), printed)

    def download_from_cloud_storage(
        self, log_key: Sequence[str], io_type: ComputeIOType, partial: bool = False
    ) -> None:
        """Copies what a step printed on another host to this one."""
        extension = IO_TYPE_EXTENSION[io_type]
        local = Path(self._local.get_captured_local_path(log_key, extension, partial=partial))
        local.parent.mkdir(parents=True, exist_ok=True)
        local.write_bytes(obstore.get(self._store, _name(log_key, io_type, partial)).bytes())

    def cloud_storage_has_logs(
        self, log_key: Sequence[str], io_type: ComputeIOType, partial: bool = False
    ) -> bool:
        """Whether the media store has what a step printed."""
        try:
            obstore.head(self._store, _name(log_key, io_type, partial))
        except FileNotFoundError:
            return False
        return True

    def on_progress(self, log_key: Sequence[str]) -> None:
        """Copies what a running step has printed so far."""
        with _told():
            super().on_progress(log_key)  # type: ignore[no-untyped-call]

    def _on_capture_complete(self, log_key: Sequence[str]) -> None:
        with _told():
            super()._on_capture_complete(log_key)

    def delete_logs(
        self, log_key: Sequence[str] | None = None, prefix: Sequence[str] | None = None
    ) -> None:
        """Erases what one step, or all steps below a prefix, printed."""
        self._local.delete_logs(log_key, prefix)
        if log_key:
            names = [_name(log_key, kind, part) for kind in ComputeIOType for part in (False, True)]
        else:
            names = self._names_below(prefix or [])
        for name in names:
            try:
                obstore.delete(self._store, name)
            except FileNotFoundError:
                continue

    def get_log_keys_for_log_key_prefix(
        self, log_key_prefix: Sequence[str], io_type: ComputeIOType
    ) -> Sequence[list[str]]:
        """Keys of the steps below a prefix that printed something."""
        suffix = f".{IO_TYPE_EXTENSION[io_type]}"
        names = [Path(name) for name in self._names_below(log_key_prefix)]
        return [[*log_key_prefix, name.stem] for name in names if name.suffix == suffix]

    def display_path_for_type(self, log_key: Sequence[str], io_type: ComputeIOType) -> str:
        """Where the media store has it, for people."""
        return f"{load_settings().media}/{_name(log_key, io_type)}"

    def download_url_for_type(self, log_key: Sequence[str], io_type: ComputeIOType) -> str:
        """An address of the web server itself: a browser need not reach the media store."""
        url = self._local.get_captured_log_download_url(log_key, io_type)  # type: ignore[no-untyped-call]
        return str(url)

    def on_subscribe(self, subscription: CapturedLogSubscription) -> None:
        """Lets a page that shows a running step be told of what it prints."""
        self._subscriptions.add_subscription(subscription)

    def on_unsubscribe(self, subscription: CapturedLogSubscription) -> None:
        """Ends that."""
        self._subscriptions.remove_subscription(subscription)

    def dispose(self) -> None:
        """Ends the thread that looks for new output."""
        self._subscriptions.dispose()
        super().dispose()  # type: ignore[no-untyped-call]

    @cached_property
    def _store(self) -> ObjectStore:
        return open_store(load_settings().media)

    def _names_below(self, prefix: Sequence[str]) -> list[str]:
        found = obstore.list(self._store, "/".join((FOLDER, *prefix)))
        return [entry["path"] for part in found for entry in part]


def _name(log_key: Sequence[str], io_type: ComputeIOType, partial: bool = False) -> str:
    suffix = ".partial" if partial else ""
    return "/".join((FOLDER, *log_key)) + f".{IO_TYPE_EXTENSION[io_type]}{suffix}"


@contextmanager
def _told() -> Iterator[None]:
    """Turns a failure of the media store into a line of the log."""
    try:
        yield
    except (BaseError, OSError) as error:
        log.warning("what a step printed stays on the host of the run: %s", error)
