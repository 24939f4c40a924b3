"""Where `sql/`, `dagster.yaml` and `workspace.yaml` are: in the wheel, or in a checkout."""

from importlib.resources import files
from pathlib import Path


def packaged(name: str) -> Path:
    """Path of a file or folder that travels with vidpipe.

    Raises:
        FileNotFoundError: the installation lacks it.
    """
    package = Path(str(files("vidpipe")))
    for candidate in (package / name, package.parent / name):
        if candidate.exists():
            return candidate
    raise FileNotFoundError(f"{name} is missing from the vidpipe installation; reinstall vidpipe")
