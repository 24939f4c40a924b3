"""README is kept true: its settings table and its commands are those of the code."""

import re
from pathlib import Path
from typing import Any

import click
import pytest

from vidpipe.cli import main
from vidpipe.settings import Settings

CHECKOUT = Path(__file__).parents[1]
README = CHECKOUT / "README.md"


def settings_table() -> str:
    """The settings as README shows them."""
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "" if field.is_required() or field.default is None else _shown(field.default)
        lines.append(f"| `VIDPIPE_{name.upper()}` | {default} | {field.description} |")
    return "\n".join(lines)


def _shown(default: Any) -> str:
    return f"`{default}`" if "Undefined" not in repr(default) else ""


def test_the_settings_table_is_that_of_the_code() -> None:
    found = re.search(r"<!-- settings -->\n(.*?)\n?<!-- /settings -->", README.read_text(), re.S)
    assert found is not None
    assert found[1].strip() == settings_table(), f"README should show:\n{settings_table()}"


def test_every_command_is_in_the_readme() -> None:
    text = README.read_text()
    for name, command in main.commands.items():
        if isinstance(command, click.Group):
            for part in command.commands:
                assert part in text, f"README does not mention `vidpipe {name} {part}`"
        assert f"vidpipe {name}" in text, f"README does not mention `vidpipe {name}`"


@pytest.mark.parametrize(
    "target", ["demo", "test", "check", "format", "bench", "test-slow", "demo-models"]
)
def test_every_make_target_of_the_readme_exists(target: str) -> None:
    assert f"\n{target}:" in (CHECKOUT / "Makefile").read_text()
    assert f"make {target}" in README.read_text()


def test_every_linked_file_exists() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README.read_text())
    assert links
    assert [link for link in links if not (CHECKOUT / link).exists()] == []
