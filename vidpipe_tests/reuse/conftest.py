"""Fixtures of reused footage: a connection to an upgraded database with a model."""

from collections.abc import Iterator

import psycopg
import pytest

from vidpipe.settings import Settings
from vidpipe.stores.database import connect
from vidpipe.stores.model_registry import activate, ensure_model
from vidpipe_tests.publication.published_rows import MODEL


@pytest.fixture
def connection(upgraded_database_settings: Settings) -> Iterator[psycopg.Connection]:
    """Autocommit; posts can be published."""
    with connect(upgraded_database_settings, autocommit=True) as opened:
        ensure_model(opened, MODEL)
        activate(opened, MODEL.model_id)
        yield opened
