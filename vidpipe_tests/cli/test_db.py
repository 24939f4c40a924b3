"""`vidpipe db`: what cannot be saved or put back is named, and what is there is shown."""

import json
from pathlib import Path

import pytest

from vidpipe_tests.cli.command_line import CommandLine


def test_a_database_without_a_schema_says_how_to_make_it(empty: CommandLine) -> None:
    assert "the schema is missing" in empty("db", "status").stdout
    assert empty("db", "upgrade").stdout.startswith("applied: ")
    assert empty("db", "upgrade").stdout == "the schema was up to date\n"
    told = empty("db", "status").stdout
    assert "vidpipe.videos" in told
    assert "missing" not in told


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["db", "restore", "gone.zip"], "gone.zip"),
        (["db", "backup", "no/such/folder/saved.zip"], "no/such/folder"),
    ],
)
def test_a_backup_that_cannot_be_read_or_written_is_named(
    installed: CommandLine, arguments: list[str], named: str
) -> None:
    assert named in installed.error(*arguments)


def test_the_list_of_what_is_missing_ends_in_its_exit_code(empty: CommandLine) -> None:
    fit = empty("db", "check")
    assert fit.returncode == 0
    assert "has all that vidpipe needs" in fit.stdout
    url = empty.environment["VIDPIPE_DATABASE_URL"]
    gone = empty("db", "check", VIDPIPE_DATABASE_URL=f"{url}_gone")
    assert gone.returncode == 1
    assert "missing: database " in gone.stdout
    assert 'create database "' in gone.stdout
    as_document = empty("db", "check", "--json", VIDPIPE_DATABASE_URL=f"{url}_gone")
    assert as_document.returncode == 1
    assert json.loads(as_document.stdout)["missing"][0]["blocks"] is True
    assert list(empty.folder.iterdir()) == [], "and nothing was made by looking"


def test_without_a_server_of_your_own_nothing_can_be_missing(tmp_path: Path) -> None:
    ended = CommandLine(tmp_path, {"VIDPIPE_HOME": "home"})("db", "check")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "VIDPIPE_DATABASE_URL is not set" in ended.stdout
    assert list(tmp_path.iterdir()) == [], "and no server was made by looking"
