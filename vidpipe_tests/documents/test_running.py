"""Commands of the documents are run, not only parsed.

Lines that only look run on an installation without uploads. The pages on searching and the tutorial
are run from top to bottom; that takes minutes, so those tests are slow.
"""

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from vidpipe.cli import main
from vidpipe.search.labelled_queries import LabelledQuery, RelevantStretch, write_query_set
from vidpipe.settings import Settings
from vidpipe_tests.clips import tiny_clip
from vidpipe_tests.documents.markdown import CHECKOUT, Block, blocks, command_lines, documents
from vidpipe_tests.installation import age, demo_environment

LOOKS = re.compile(r"vidpipe (status|topics list|db (status|url|upgrade|backup))\b.*")
LOOKING = sorted(
    {
        line.partition("#")[0].strip()
        for document in documents()
        for block in blocks(document, "sh")
        for line in command_lines(block)
        if LOOKS.fullmatch(line)
    }
)
SEARCHING = CHECKOUT / "docs" / "searching.md"
TUTORIAL = CHECKOUT / "docs" / "tutorial.md"
LEFT_OUT = (
    "make setup",
    ". .venv/bin/activate",
    "vidpipe up",  # waits for Ctrl-C
    "vidpipe run --uploads FOLDER",
    'vidpipe search "what you are looking for"',
    "vidpipe demo-world",
)
"""Starts of the tutorial's lines that are for readers only, or tried elsewhere."""

NAMES = re.compile(r"demo(?:tube|gram):\w+|\b[a-z]+(?:_[a-z0-9]+)+\b")
"""Ids of videos and names of accounts, as outputs of the tutorial show them."""


@dataclass
class Shell:
    """A folder and an environment that lines are typed in."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __call__(self, line: str, *, stdin: str = "") -> str:
        """Standard output of a line; it has to succeed."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("VIDPIPE_", "DAGS"))}
        inherited["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{inherited['PATH']}"
        ended = subprocess.run(
            ["bash", "-c", line],
            cwd=self.folder,
            env=inherited | {"COLUMNS": "200"} | self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, f"{line}\n{ended.stdout}\n{ended.stderr}"
        return ended.stdout

    def export(self, line: str) -> None:
        """Takes over the variables of an `export` line."""
        for name, value in re.findall(r"(\w+)=(\S+)", line):
            self.environment[name] = value.replace("$PWD", str(self.folder))


@pytest.fixture(scope="module")
def shell(module_database_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """An installation with the demo models; nothing is uploaded."""
    folder = tmp_path_factory.mktemp("shell")
    return Shell(folder, demo_environment(module_database_settings, folder / "home"))


@pytest.mark.parametrize("line", LOOKING)
def test_a_command_that_only_looks_runs(shell: Shell, line: str) -> None:
    shell(line)


def test_there_are_commands_that_only_look() -> None:
    assert len(LOOKING) >= 5


@pytest.mark.slow
def test_every_line_of_the_page_on_searching_runs(shell: Shell) -> None:
    """On one post of alice's, with the files and the saved query that the page speaks of."""
    upload = tiny_clip(shell.folder / "uploads" / "2026-11-03" / "alice" / "one.mp4")
    post = '{"platform": "tiktok", "id": "123", "account": "alice", "description": "a tank"}'
    upload.with_suffix(".json").write_text(post)
    for path in (upload, upload.with_suffix(".json")):
        age(path)
    shell("vidpipe run --uploads uploads")
    frame = next((shell.folder / "home" / "media").rglob("*.jpg"))
    shutil.copy(frame, shell.folder / "speaker.jpg")
    answer = (RelevantStretch("tiktok:123", 0.0, 1.0),)
    query = LabelledQuery("q1", "text", answer, text="a tank", language="en")
    write_query_set(shell.folder / "queries.yaml", [query])
    lines = [line for block in blocks(SEARCHING, "sh") for line in command_lines(block)]
    assert len(lines) > 15
    with pytest.MonkeyPatch.context() as patch:
        # In this process: a process each would load the models each time.
        patch.chdir(shell.folder)
        patch.setenv("DAGSTER_HOME", str(shell.folder / "home" / "dagster"))
        for name, value in shell.environment.items():
            patch.setenv(name, value)
        typed('vidpipe query save tanks "a tank"')
        for line in lines:
            if "query remove" not in line:  # what follows on the page asks for it
                patch.setattr(sys, "stdin", io.StringIO("q\n"))
                typed(line.replace("query save", "query save --replace"))


def typed(line: str) -> None:
    """Runs a command within this process; an error of it is raised."""
    main.main(shlex.split(line, comments=True)[1:], standalone_mode=False)


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    folder = tmp_path_factory.mktemp("tutorial")
    shell = Shell(folder)
    yield shell
    shell("vidpipe down")


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_the_tutorial_runs_and_finds_what_it_shows(tutorial: Shell) -> None:
    url, output = "", ""
    for block in blocks(TUTORIAL, "sh", "sql", "text"):
        if block.language == "sql":
            output = asked(url, block)
        elif block.language == "text":
            shown = set(NAMES.findall(block.text))
            assert shown - set(NAMES.findall(output)) == set(), f"{block}: {output}"
        else:
            for line in command_lines(block):
                if line.startswith("export "):
                    tutorial.export(line)
                elif not line.startswith(LEFT_OUT):
                    output = tutorial(line)
                if "--role reader" in line:
                    url = output.strip()


def asked(url: str, block: Block) -> str:
    """What a query finds, as text; it has to find something."""
    with psycopg.connect(url) as connection:
        cursor = connection.execute(block.text.strip().removesuffix(";").encode())
        rows = cursor.fetchall()
        assert rows, block
        names = [column.name for column in cursor.description or ()]
    return "\n".join(" ".join(map(str, row)) for row in [names, *rows])
