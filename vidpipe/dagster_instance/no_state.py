"""No state of definitions.

Belongs here: telling Dagster so without asking a database.
Does not: the definitions (vidpipe.definitions).
"""

from pathlib import Path
from typing import Any, Self

from dagster import DagsterInstance, Field
from dagster._core.storage.defs_state import DefsStateStorage
from dagster._serdes import ConfigurableClass, ConfigurableClassData


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
