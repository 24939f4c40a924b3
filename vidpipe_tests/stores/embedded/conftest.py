"""Homes of embedded servers, stopped at the end of each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from vidpipe.stores.embedded import server as embedded_server


@pytest.fixture(scope="session")
def prototype(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that was initialised and stopped: tests copy it instead of running initdb."""
    home = tmp_path_factory.mktemp("prototype")
    embedded_server.start(home)
    embedded_server.stop(home)
    return home


@pytest.fixture
def home(prototype: Path, tmp_path: Path) -> Iterator[Path]:
    """A stopped home of its own; whatever runs there is stopped afterwards."""
    copied = tmp_path / "home"
    shutil.copytree(prototype, copied)
    (copied / "postgres" / "cluster" / "port").unlink()
    yield copied
    embedded_server.stop(copied)


@pytest.fixture
def new_home(tmp_path: Path) -> Iterator[Path]:
    """A home that does not exist yet; whatever runs there is stopped afterwards."""
    yield tmp_path / "new"
    embedded_server.stop(tmp_path / "new")
