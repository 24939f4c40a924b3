"""`vidpipe db`: what cannot be saved or put back is named, and what is there is shown."""

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
