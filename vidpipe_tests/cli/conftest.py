"""Installations that commands are called for: without a database, empty, upgraded, with a model."""

from pathlib import Path

import pytest

from vidpipe.models.clip_weights import model_identity
from vidpipe.settings import Settings, load_settings
from vidpipe.stores.database import connect
from vidpipe.stores.model_registry import activate, ensure_model
from vidpipe_tests.cli.command_line import CommandLine
from vidpipe_tests.installation import demo_environment


@pytest.fixture
def vidpipe(tmp_path: Path) -> CommandLine:
    """Without a database: for what must fail before one is needed."""
    url = "postgresql://nobody@127.0.0.1:9/nowhere"
    return CommandLine(tmp_path, {"VIDPIPE_HOME": "home", "VIDPIPE_DATABASE_URL": url})


@pytest.fixture
def empty(database_url: str, tmp_path: Path) -> CommandLine:
    """With a database in which nothing is, not even a schema."""
    return CommandLine(tmp_path, {"VIDPIPE_HOME": "home", "VIDPIPE_DATABASE_URL": database_url})


@pytest.fixture(scope="module")
def installed(
    module_database_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> CommandLine:
    """With the demo models and an upgraded database; nothing is uploaded."""
    folder = tmp_path_factory.mktemp("installed")
    (folder / "uploads").mkdir()
    return CommandLine(folder, demo_environment(module_database_settings, folder / "home"))


@pytest.fixture(scope="module")
def indexed(installed: CommandLine) -> CommandLine:
    """The same with an active model: searches reach the models and find nothing."""
    own = {k.removeprefix("VIDPIPE_").lower(): v for k, v in installed.environment.items()}
    settings = load_settings(**own)
    with connect(settings, autocommit=True) as connection:
        model = model_identity(settings)
        ensure_model(connection, model)
        activate(connection, model.model_id)
    return installed
