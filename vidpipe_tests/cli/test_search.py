"""`vidpipe search`: what cannot be asked is refused, and one line after another is answered."""

from pathlib import Path

import pytest

from vidpipe.cli.search import is_ending
from vidpipe_tests.cli.command_line import CommandLine


def test_a_search_with_nothing_to_search_by_is_refused(vidpipe: CommandLine) -> None:
    for arguments in (["search"], ["search", "  "]):
        assert "--image" in vidpipe.error(*arguments)
    assert "-k 0" in vidpipe.error("search", "boats", "-k", "0")


def test_a_picture_that_is_not_there_is_named(vidpipe: CommandLine) -> None:
    message = vidpipe.error("search", "--image", "gone.jpg")
    assert message.startswith("gone.jpg cannot be read: ")


def test_a_picture_that_is_none_is_refused(indexed: CommandLine, tmp_path: Path) -> None:
    text = tmp_path / "text.jpg"
    text.write_text("this is no picture")
    message = indexed.error("search", "--image", str(text))
    assert message.startswith(f"{text} is no picture to search by: ")
    assert " at 0x" not in message, "nothing of our own memory"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["search", "--video", "nobody"], 'there is no video "nobody"'),
        (["search", "--saved", "nobody"], 'there is no saved query "nobody"'),
        (["search", "--saved", "a", "boats"], 'there is no saved query "a"'),
        (["search", "--video", "a", "--add", "boats"], 'there is no video "a" with a vector'),
        (["search", "boats", "--subtract", ""], "--add and --subtract take words"),
        (["search", "boats", "--add", "helmet*0"], "a weight must be a number above 0"),
        (["search", "boats", "--add", "fire*x"], "'x' is no number; write \"fire*0.5\""),
        (["search", "boats", "--account", "nobody"], "no account is called 'nobody'"),
        (["search", "--interactive", "--account", "a"], "--interactive stands alone"),
        (["search", "--words", "--video", "a"], "--words looks for the words"),
        (["search", "boats", "--words", "--method", "sum"], "leave --words out"),
        (["search", "boats", "--from", "2026-02-02", "--to", "2026-02-01"], "nothing is posted"),
        (["search", "boats", "-k", "1000000"], "-k 1000000: give a number from 1 to 1000"),
    ],
)
def test_what_cannot_be_searched_is_refused(
    indexed: CommandLine, arguments: list[str], message: str
) -> None:
    assert message in indexed.error(*arguments)


def test_a_search_on_an_empty_installation_says_what_comes_first(empty: CommandLine) -> None:
    assert "vidpipe run" in empty.error("search", "boats")


def test_an_interactive_search_shows_its_options_and_ends_when_it_is_told_to(
    indexed: CommandLine,
) -> None:
    ended = indexed("search", "--interactive", stdin="help\n  QUIT \nboats --json\n")
    assert "--subtract" in ended.stdout
    assert "[]" not in ended.stdout, "nothing is searched after the end"
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("line", ["quit", "Exit", " q\n", "quit  "])
def test_a_line_that_ends_is_no_search_and_one_with_more_words_is(line: str) -> None:
    assert is_ending(line)
    for search in ("quit smoking", "--add quit", "'quit'", "exits"):
        assert not is_ending(search)


def test_the_help_of_an_interactive_search_promises_what_it_takes(vidpipe: CommandLine) -> None:
    told = " ".join(vidpipe("search", "--help").stdout.split())
    assert "any option above but --interactive and --demo-models" in told
    assert "--interactive, which stands alone," in told
    assert "quit or exit ends it" in told


def test_each_line_of_an_interactive_search_is_answered(indexed: CommandLine) -> None:
    lines = [
        "a boat --add 'the sea*0.5' --json",
        "",
        "--image gone.jpg",
        "boats --cutoff 7",
        "boats --nonsense",
        "'a boat",
        "boats --interactive",
        "boats",
    ]
    ended = indexed("search", "--interactive", stdin="\n".join(lines))
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == "[]\nnothing found\n"
    told = ended.stderr.splitlines()
    for error, part in zip(told, ("gone.jpg", "7", "--nonsense", "quote", "once"), strict=True):
        assert error.startswith("Error: ")
        assert part in error
