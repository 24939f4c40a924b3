"""The command line as a whole: help, and errors as one line."""

import click
import pytest

from vidpipe.cli import main
from vidpipe_tests.cli.command_line import CommandLine, commands

MENTIONED = {
    "": ["VIDPIPE_*", "run", "search", "status", "up", "down", "forget"],
    "up": ["--port", "3000", "--host", "login", "--uploads", "--demo-models", "SIGTERM"],
    "down": ["VIDPIPE_HOME"],
    "run": ["--uploads", "VIDPIPE_UPLOADS_URL", "s3://", "--demo-models", "--json"],
    "demo": ["--videos", "--port"],
    "demo-world": ["--out", "--seed", "--videos", "--weeks", "--workers"],
    "status": ["waiting", "failed", "--json"],
    "search": [
        "[TEXT]...",
        "--image",
        "--add",
        "--subtract",
        "--words",
        "--video",
        "--saved",
        "--platform",
        "--account",
        "--hashtag",
        "--from",
        "--to",
        "--ingested-from",
        "--ingested-to",
        "--method",
        "--cutoff",
        "--explain",
        "--all-posts",
        "--versions",
        "-k",
        "--sheet",
        "--interactive",
        "--json",
    ],
    "evaluate": ["QUERIES", "YAML", "--judged", "--calibrate", "--model", "--json"],
    "model": ["list", "activate", "drop"],
    "model list": ["cover", "--json"],
    "model activate": ["MODEL", "--incomplete", "99 %"],
    "model drop": ["MODEL", "--yes", "lake"],
    "judge": ["QUERY", "-k", "right"],
    "query": ["save", "list", "embed", "remove"],
    "query save": [
        "NAME",
        "[TEXT]",
        "--video",
        "--image",
        "--cutoff",
        "--watch",
        "--note",
        "--replace",
    ],
    "forget": ["VIDEO|ACCOUNT", "--yes", "for good"],
    "bench": ["ratios", "--json"],
    "db": ["check", "upgrade", "status", "url", "rebuild", "backup", "restore", "grant-reader"],
    "db check": ["--json", "SQL", "changes nothing", "exit code"],
    "db upgrade": ["live database"],
    "db url": ["--role", "reader"],
    "db rebuild": ["lake", "no video is decoded"],
    "db backup": ["PATH"],
    "db restore": ["PATH"],
    "db grant-reader": ["NAME", "read"],
    "db grant-analyst": ["NAME", "queries"],
}


@pytest.mark.parametrize("path", commands(main))
def test_help_says_what_a_command_does_and_takes(path: str) -> None:
    command = commands(main)[path]
    context = click.Context(command, info_name=f"vidpipe {path}".strip(), **main.context_settings)
    text = command.get_help(context)
    assert text.startswith("Usage: vidpipe")
    assert len(command.get_short_help_str()) > 20
    for parameter in command.get_params(context):
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{path} {parameter.name}"
    flat = " ".join(text.split())
    assert [word for word in MENTIONED.get(path, []) if word not in flat] == []


def test_every_command_of_the_help_test_exists() -> None:
    assert set(MENTIONED) <= set(commands(main))


def test_help_and_version_need_no_settings_and_leave_nothing_behind(vidpipe: CommandLine) -> None:
    for arguments in (["--help"], ["run", "-h"], ["db", "--help"], ["--version"]):
        ended = vidpipe(*arguments, VIDPIPE_WORKERS="many")
        assert ended.returncode == 0, ended.stderr
        assert "vidpipe" in ended.stdout
    assert list(vidpipe.folder.iterdir()) == []


def test_malformed_settings_are_all_named(vidpipe: CommandLine) -> None:
    message = vidpipe.error("status", VIDPIPE_WORKERS="many", VIDPIPE_START_DATE="soon")
    assert "VIDPIPE_WORKERS: " in message
    assert "VIDPIPE_START_DATE: " in message


def test_an_unreachable_database_is_named_without_its_password(vidpipe: CommandLine) -> None:
    url = "postgresql://somebody:topsecret@127.0.0.1:9/videos"
    message = vidpipe.error("status", VIDPIPE_DATABASE_URL=url)
    assert "127.0.0.1:9" in message
    assert "VIDPIPE_DATABASE_URL" in message
    assert "topsecret" not in message
