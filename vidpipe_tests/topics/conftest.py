"""Fixtures of topic runs: an upgraded database whose media store is a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from vidpipe.settings import Settings
from vidpipe.stores.database import connect


@pytest.fixture
def settings(upgraded_database_settings: Settings, tmp_path: Path) -> Settings:
    """Settings with a database and a media store of the test's own."""
    return upgraded_database_settings.model_copy(update={"media_url": str(tmp_path)})


@pytest.fixture
def connection(settings: Settings) -> Iterator[psycopg.Connection]:
    """A connection to that database, autocommit."""
    with connect(settings, autocommit=True) as opened:
        yield opened
