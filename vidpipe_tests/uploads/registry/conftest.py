"""Fixtures of tests about the registry: listings of real folders, and a real PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from vidpipe.settings import Settings
from vidpipe.stores.database import connect
from vidpipe_tests.uploads.registry.world import World


@pytest.fixture
def world(tmp_path: Path, upgraded_database_settings: Settings) -> Iterator[World]:
    root = tmp_path / "uploads"
    root.mkdir()
    with connect(upgraded_database_settings, autocommit=True) as connection:
        yield World(root, connection, upgraded_database_settings)
