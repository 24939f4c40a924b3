"""The environment that vidpipe's processes share: CLI, web server, daemon and runs.

Belongs here: options that become environment variables, because Dagster starts processes of its own
that must see the same settings. Does not: what the settings mean (vidpipe.settings).
"""

import os
import tempfile
from pathlib import Path

from vidpipe.errors import SettingsError
from vidpipe.models.bundled_pair import demo_pair
from vidpipe.packaged import packaged
from vidpipe.settings import Settings, load_settings
from vidpipe.stores.schema_upgrade import upgrade


def prepare_environment(*, uploads: str | None = None, demo_models: bool = False) -> Settings:
    """Sets `VIDPIPE_*` and `DAGSTER_HOME` for this process and its children.

    Relative paths become absolute here, once: Dagster's processes run in other folders.

    Raises:
        SettingsError: a setting is malformed, or `uploads` is a folder that does not exist.
    """
    home = load_settings().home.absolute()
    os.environ["VIDPIPE_HOME"] = str(home)
    if uploads and "://" not in uploads and not Path(uploads).expanduser().is_dir():
        raise SettingsError(f"--uploads {uploads} is no folder; give one that exists, or a URL")
    location = uploads or os.environ.get("VIDPIPE_UPLOADS_URL")
    if location:
        os.environ["VIDPIPE_UPLOADS_URL"] = location if "://" in location else _absolute(location)
    if demo_models:
        use_demo_models()
    dagster_home = home / "dagster"
    dagster_home.mkdir(parents=True, exist_ok=True)
    _write_whole(dagster_home / "dagster.yaml", packaged("dagster.yaml").read_bytes())
    os.environ["DAGSTER_HOME"] = str(dagster_home)
    return load_settings()


def upgraded_settings() -> Settings:
    """The settings of an installation, whose schema is brought up to date."""
    settings = load_settings()
    upgrade(settings)
    return settings


def _write_whole(path: Path, data: bytes) -> None:
    """Writes a file that another process may read at any moment.

    A run that reads `dagster.yaml` half written keeps its history in files instead of PostgreSQL.
    """
    if path.is_file() and path.read_bytes() == data:
        return
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(data)
    Path(file.name).replace(path)


def use_demo_models() -> None:
    """Points the model settings at the demo pair that travels with vidpipe."""
    image, text = demo_pair()
    os.environ["VIDPIPE_CLIP_IMAGE_MODEL"] = str(image)
    os.environ["VIDPIPE_CLIP_TEXT_MODEL"] = str(text)


def _absolute(location: str) -> str:
    return str(Path(location).expanduser().absolute())
