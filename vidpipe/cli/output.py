"""What commands print on standard output: one JSON document, lines, tables.

Belongs here: the consoles, and how JSON is written. Does not: what is said (each group's file),
progress on standard error (progress.py).
"""

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import RenderableType


def print_json(document: Any) -> None:
    """Prints one JSON document; dates and other values become texts."""
    click.echo(json.dumps(document, indent=2, default=str))


def print_line(line: str) -> None:
    """Prints a line that is never wrapped, so that scripts can read it."""
    from rich.console import Console

    Console(highlight=False, soft_wrap=True, markup=False, emoji=False).print(line)


def print_fitted(content: "RenderableType") -> None:
    """Prints a table or a paragraph as wide as the terminal."""
    from rich.console import Console

    Console(highlight=False, markup=False, emoji=False).print(content)


def terminal_width() -> int:
    """Width of the terminal in characters; 80 where there is none."""
    from rich.console import Console

    return Console().width
