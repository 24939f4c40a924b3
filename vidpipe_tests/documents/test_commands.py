"""Every command that a document shows can be typed today, and every command is shown somewhere.

Command lines are parsed as the command line would, options and values included, without running
them. A line of a shell block that no rule here knows fails: then nobody would notice when it rots.
"""

import re
import shlex
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import click
import pytest

from vidpipe.cli import main
from vidpipe.cli.bench import available
from vidpipe.settings import Settings
from vidpipe_tests.documents.generated import PAGES, all_commands
from vidpipe_tests.documents.markdown import (
    CHECKOUT,
    Block,
    blocks,
    code_words,
    command_lines,
    documents,
    name_of,
)

SHELL_BLOCKS = [block for document in documents() for block in blocks(document, "sh")]
WRITTEN_BY_HAND = [document for document in documents() if document not in PAGES]
ELSEWHERE = ("pip install ", "cd ", "psql ", "git clone ", ". .venv/bin/activate")
"""Starts of lines that call what is not vidpipe's."""

AWS = re.compile(r"AWS_[A-Z_]+")
VARIABLE = re.compile(r"\bVIDPIPE_[A-Z_]+\b")


class CannotBeTyped(Exception):
    """What a document shows would be refused."""


def check_line(line: str) -> None:
    """Refuses a line of a shell block that could not be typed.

    Raises:
        CannotBeTyped: the message says why.
    """
    words = shlex.split(line, comments=True)
    name = words[0].removeprefix(".venv/bin/")
    if name == "vidpipe":
        check_command(words[1:])
    elif name == "make":
        check_targets(words[1:])
    elif name == "export":
        check_variables(words[1:])
    elif words[:2] == [words[0], "-m"] and name == "python":
        check_module(words[2:])
    elif words != ["dagster", "dev", "-w", "workspace.yaml"] and not line.startswith(ELSEWHERE):
        raise CannotBeTyped(f"no rule knows {line!r}")


def check_command(words: list[str]) -> None:
    """Parses the words after `vidpipe` as its command line does."""
    command: click.Command = main
    path = "vidpipe"
    context = click.Context(command, info_name=path)
    while isinstance(command, click.Group):
        if not words:
            raise CannotBeTyped(f"{path} is a group of commands, not a command")
        name, *words = words
        if name in ("--help", "--version"):
            return
        below = command.get_command(context, name)
        if below is None:
            raise CannotBeTyped(f"{path} has no command {name}")
        command, path = below, f"{path} {name}"
    try:
        parsed = command.make_context(path, list(words), parent=context)
    except click.UsageError as error:
        raise CannotBeTyped(f"{path}: {error.format_message()}") from error
    if path == "vidpipe bench":
        unknown = {name.replace("-", "_") for name in parsed.params["names"]} - set(available())
        if unknown:
            raise CannotBeTyped(f"there is no benchmark {', '.join(unknown)}")


def check_targets(targets: list[str]) -> None:
    """Refuses targets that the Makefile lacks."""
    known = re.findall(r"^([\w-]+):", (CHECKOUT / "Makefile").read_text("utf-8"), re.M)
    for target in targets:
        if target not in known:
            raise CannotBeTyped(f"the Makefile has no target {target}")


def check_variables(assignments: list[str]) -> None:
    """Refuses variables that are neither a setting nor one of AWS."""
    for assignment in assignments:
        name = assignment.partition("=")[0]
        is_setting = name.removeprefix("VIDPIPE_").lower() in Settings.model_fields
        if not (name.startswith("VIDPIPE_") and is_setting) and not AWS.fullmatch(name):
            raise CannotBeTyped(f"{name} is no setting")


def check_module(words: list[str]) -> None:
    """Refuses a module that cannot be found."""
    name = words[0]
    if find_spec(name) is None:
        raise CannotBeTyped(f"there is no module {name}")


def problems(lines: Iterator[str]) -> list[str]:
    """What cannot be typed, with the reason."""
    found = []
    for line in lines:
        try:
            check_line(line)
        except CannotBeTyped as problem:
            found.append(f"{line}: {problem}")
    return found


@pytest.mark.parametrize("block", SHELL_BLOCKS, ids=str)
def test_every_line_of_a_shell_block_can_be_typed(block: Block) -> None:
    assert problems(command_lines(block)) == []


@pytest.mark.parametrize("document", documents(), ids=name_of)
def test_every_command_within_a_sentence_can_be_typed(document: Path) -> None:
    ours = re.compile(r"(?:(?:\.venv/bin/)?vidpipe|make|python -m) .+|dagster dev .+")
    shown = [word for word in code_words(document) if ours.fullmatch(word)]
    named = {path for path, _ in all_commands()}  # without what it takes, it is only named
    assert problems(line for line in shown if line not in named) == []


@pytest.mark.parametrize("document", documents(), ids=name_of)
def test_every_variable_that_is_named_is_a_setting(document: Path) -> None:
    named = set(VARIABLE.findall(document.read_text("utf-8")))
    assert named <= {f"VIDPIPE_{name.upper()}" for name in Settings.model_fields}


def test_every_command_is_explained_in_a_document_that_people_wrote() -> None:
    text = "\n".join(document.read_text("utf-8") for document in WRITTEN_BY_HAND)
    commands = [path for path, one in all_commands() if not isinstance(one, click.Group)]
    assert len(commands) > 20
    assert [path for path in commands if not re.search(rf"\b{path}\b(?!-)", text)] == []


def test_every_target_of_the_makefile_is_explained() -> None:
    text = "\n".join(document.read_text("utf-8") for document in WRITTEN_BY_HAND)
    makefile = (CHECKOUT / "Makefile").read_text("utf-8")
    [targets] = re.findall(r"^\.PHONY: (.*)$", makefile, re.M)
    assert [one for one in targets.split() if not re.search(rf"\bmake {one}\b(?!-)", text)] == []


def test_every_shell_block_says_that_it_is_one() -> None:
    unmarked = [block for document in documents() for block in blocks(document, "")]
    assert [str(one) for one in unmarked if re.search(r"^\W*(vidpipe|make) ", one.text, re.M)] == []


@pytest.mark.parametrize(
    "line",
    [
        "vidpipe serch tank",
        "vidpipe search tank --colour red",
        "vidpipe search -k many",
        "vidpipe search tank --method best",
        "vidpipe db",
        "vidpipe db url --role king",
        "vidpipe topics promote",
        "vidpipe topics promote first",
        "vidpipe bench everything",
        "make tea",
        "export VIDPIPE_HOUSE=/tmp",
        "python -m benchmarks.nothing",
        "rm -rf /",
    ],
)
def test_a_line_that_would_be_refused_is_found(line: str) -> None:
    with pytest.raises(CannotBeTyped):
        check_line(line)
