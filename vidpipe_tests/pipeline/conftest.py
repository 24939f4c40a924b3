"""A stage of made-up work with a real lake and PostgreSQL, for the tests of this room."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from vidpipe.pipeline.contract import Stage
from vidpipe.settings import Settings
from vidpipe.stores.database import connect
from vidpipe.stores.lake import OCR_TEXT, Lake
from vidpipe_tests.pipeline.stage_workers import MisbehavingReader


@pytest.fixture
def connection(upgraded_database_settings: Settings) -> Iterator[Connection[Any]]:
    with connect(upgraded_database_settings, autocommit=True) as connection:
        yield connection


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(
        OCR_TEXT,
        version="v1",
        worker=MisbehavingReader(tmp_path / "diary.txt"),
        limits={"max_attempts": 2},
        batch_size=3,
        workers=2,
        load_timeout_s=1.0,
        item_timeout_s=1.0,
    )
