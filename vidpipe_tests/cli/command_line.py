"""Calling `vidpipe` in tests: as a process of its own, or in this one for given settings."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from click.testing import CliRunner, Result
from pydantic import SecretStr

from vidpipe.cli import main
from vidpipe.settings import Settings


@dataclass(frozen=True)
class CommandLine:
    """An installation that commands are called for, in an empty working directory."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __call__(
        self, *arguments: str, stdin: str = "", **own: str
    ) -> subprocess.CompletedProcess[str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("VIDPIPE_", "DAGS"))}
        return subprocess.run(
            [sys.executable, "-m", "vidpipe", *arguments],
            cwd=self.folder,
            env=inherited | self.environment | own,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )

    def error(self, *arguments: str, **own: str) -> str:
        """The one line with which a command fails."""
        ended = self(*arguments, **own)
        lines = ended.stderr.splitlines()
        assert ended.returncode == 1, ended
        assert len(lines) == 1, ended.stderr
        assert lines[0].startswith("Error: "), "and no traceback"
        assert ended.stdout == ""
        return lines[0].removeprefix("Error: ")

    def document(self, *arguments: str, **own: str) -> Any:
        """The one JSON document that a command prints."""
        ended = self(*arguments, "--json", **own)
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout)


def call(settings: Settings, *arguments: str, stdin: str = "") -> Result:
    """Calls a command in this process, for an installation that a test has made."""
    given = {name: getattr(settings, name) for name in settings.model_fields_set}
    environment: dict[str, str | None] = {
        f"VIDPIPE_{name.upper()}": str(
            value.get_secret_value() if isinstance(value, SecretStr) else value
        )
        for name, value in given.items()
        if value is not None
    }
    # What the command puts into the environment must not reach other tests.
    for name in ("DAGSTER_HOME", "VIDPIPE_UPLOADS_URL"):
        environment.setdefault(name, None)
    return CliRunner(env=environment).invoke(main, arguments, input=stdin)


def commands(group: click.Command, path: str = "") -> dict[str, click.Command]:
    """Every command by what is typed after `vidpipe`."""
    found = {path.strip(): group}
    for name, command in group.commands.items() if isinstance(group, click.Group) else ():
        found |= commands(command, f"{path} {name}")
    return found
