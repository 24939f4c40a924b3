"""A connection to a database that nothing was published to."""

from collections.abc import Iterator

import psycopg
import pytest

from vidpipe.settings import Settings
from vidpipe.stores.database import connect


@pytest.fixture
def connection(upgraded_database_settings: Settings) -> Iterator[psycopg.Connection]:
    with connect(upgraded_database_settings, autocommit=True) as opened:
        yield opened
