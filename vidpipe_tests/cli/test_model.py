"""`vidpipe model`: names that are no models, and the active one."""

import pytest

from vidpipe_tests.cli.command_line import CommandLine


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["model", "activate", "nobody"], "there is no model 'nobody'; registered are: 'demo-"),
        (["model", "drop", "1", "--yes"], "is active: activate another one"),
    ],
)
def test_what_is_no_model_or_in_use_is_refused(
    indexed: CommandLine, arguments: list[str], message: str
) -> None:
    assert message in indexed.error(*arguments)
