"""One ingest that the tests of all daily assets look at; it takes seconds, as models load."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from dagster import DagsterInstance

from vidpipe.settings import load_settings
from vidpipe_tests.assets.ingested import Ingested, write_uploads
from vidpipe_tests.conftest import fresh_database
from vidpipe_tests.installation import Installation


@pytest.fixture(scope="package")
def ingested(
    embedded_home: Path, upgraded_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ingested]:
    """Two uploads of two dates, taken to PostgreSQL; tests change nothing of it."""
    folder = tmp_path_factory.mktemp("ingested")
    for url in fresh_database(embedded_home, template=upgraded_template):
        settings = load_settings(home=folder / "home", database_url=url)
        with DagsterInstance.ephemeral() as instance:
            installation = Installation.make(settings, folder, instance)
            write_uploads(installation.uploads)
            yield Ingested(installation, installation.run())
