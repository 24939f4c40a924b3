"""The command line: help, errors as one line, and JSON on standard output.

Commands run as processes of their own, as people and scripts call them.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import pytest

from vidpipe.cli import main
from vidpipe.models.bundled_pair import demo_pair
from vidpipe.models.clip_weights import model_identity
from vidpipe.search.labelled_queries import LabelledQuery, RelevantStretch, write_query_set
from vidpipe.settings import Settings, load_settings
from vidpipe.stores.database import connect
from vidpipe.stores.model_registry import activate, ensure_model
from vidpipe_tests.clips import tiny_clip
from vidpipe_tests.installation import age

MENTIONED = {
    "": ["VIDPIPE_*", "run", "search", "status", "up", "down", "forget"],
    "up": ["--port", "3000", "--uploads", "--demo-models"],
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
    "db": ["upgrade", "status", "url", "rebuild", "backup", "restore", "grant-reader"],
    "db upgrade": ["live database"],
    "db url": ["--role", "reader"],
    "db rebuild": ["lake", "no video is decoded"],
    "db backup": ["PATH"],
    "db restore": ["PATH"],
    "db grant-reader": ["NAME", "read"],
    "db grant-analyst": ["NAME", "queries"],
}


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
            [str(Path(sys.executable).with_name("vidpipe")), *arguments],
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


@pytest.fixture
def vidpipe(tmp_path: Path) -> CommandLine:
    """Without a database: for what must fail before one is needed."""
    url = "postgresql://nobody@127.0.0.1:9/nowhere"
    return CommandLine(tmp_path, {"VIDPIPE_HOME": "home", "VIDPIPE_DATABASE_URL": url})


@pytest.fixture
def empty(database_url: str, tmp_path: Path) -> CommandLine:
    """With a database in which nothing is, not even a schema."""
    return CommandLine(tmp_path, {"VIDPIPE_HOME": "home", "VIDPIPE_DATABASE_URL": database_url})


@pytest.fixture(scope="module")
def installed(
    module_database_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> CommandLine:
    """With the demo models and an upgraded database; nothing is uploaded."""
    folder = tmp_path_factory.mktemp("installed")
    image, text = demo_pair()
    (folder / "uploads").mkdir()
    url = module_database_settings.database_url
    assert url is not None
    return CommandLine(
        folder,
        {
            "VIDPIPE_HOME": str(folder / "home"),
            "VIDPIPE_DATABASE_URL": url.get_secret_value(),
            "VIDPIPE_CLIP_IMAGE_MODEL": str(image),
            "VIDPIPE_CLIP_TEXT_MODEL": str(text),
        },
    )


@pytest.fixture(scope="module")
def indexed(installed: CommandLine) -> CommandLine:
    """The same with an active model: searches reach the models and find nothing."""
    own = {k.removeprefix("VIDPIPE_").lower(): v for k, v in installed.environment.items()}
    settings = load_settings(**own)
    with connect(settings, autocommit=True) as connection:
        model = model_identity(settings)
        ensure_model(connection, model)
        activate(connection, model.model_id)
    return installed


# -- help -----------------------------------------------------------------------------------------


def commands(group: click.Command = main, path: str = "") -> dict[str, click.Command]:
    """Every command by what is typed after `vidpipe`."""
    found = {path.strip(): group}
    for name, command in group.commands.items() if isinstance(group, click.Group) else ():
        found |= commands(command, f"{path} {name}")
    return found


@pytest.mark.parametrize("path", commands())
def test_help_says_what_a_command_does_and_takes(path: str) -> None:
    command = commands()[path]
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
    assert set(MENTIONED) <= set(commands())


def test_help_and_version_need_no_settings_and_leave_nothing_behind(vidpipe: CommandLine) -> None:
    for arguments in (["--help"], ["run", "-h"], ["db", "--help"], ["--version"]):
        ended = vidpipe(*arguments, VIDPIPE_WORKERS="many")
        assert ended.returncode == 0, ended.stderr
        assert "vidpipe" in ended.stdout
    assert list(vidpipe.folder.iterdir()) == []


# -- errors ---------------------------------------------------------------------------------------


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


def test_an_uploads_folder_that_does_not_exist_is_refused(vidpipe: CommandLine) -> None:
    assert "no such place" in vidpipe.error("run", "--uploads", "no such place")


def test_an_uploads_url_that_cannot_be_listed_fails_the_run(installed: CommandLine) -> None:
    message = installed.error("run", VIDPIPE_UPLOADS_URL="/no/such/place")
    assert message.startswith("/no/such/place cannot be listed: ")
    assert "VIDPIPE_UPLOADS_URL" in message


def test_a_run_without_an_uploads_url_says_what_to_set(installed: CommandLine) -> None:
    message = installed.error("run")
    assert "--uploads" in message
    assert "VIDPIPE_UPLOADS_URL" in message


@pytest.mark.parametrize("setting", ["VIDPIPE_CLIP_IMAGE_MODEL", "VIDPIPE_CLIP_TEXT_MODEL"])
def test_a_missing_model_fails_before_any_decode(
    installed: CommandLine, setting: str, tmp_path: Path
) -> None:
    age(tiny_clip(tmp_path / "uploads" / "2025-03-03" / "clip.mp4"))
    own = {setting: "/no/such/model", "VIDPIPE_HOME": str(tmp_path / "home")}
    message = installed.error("run", "--uploads", str(tmp_path / "uploads"), **own)
    assert message.startswith(f"{setting}=/no/such/model ")
    assert "set it to" in message
    assert not (tmp_path / "home" / "lake").exists()
    assert not (tmp_path / "home" / "media").exists()


def test_default_models_that_no_hub_answers_for_fail_the_run(
    installed: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "uploads").mkdir()
    message = installed.error(
        "run",
        "--uploads",
        str(tmp_path / "uploads"),
        VIDPIPE_CLIP_IMAGE_MODEL="sentence-transformers/clip-ViT-B-32",
        HF_HOME=str(tmp_path / "hub"),
        HF_ENDPOINT="http://127.0.0.1:9",
    )
    assert "sentence-transformers/clip-ViT-B-32" in message
    assert "VIDPIPE_CLIP_IMAGE_MODEL" in message
    assert "--demo-models" in message


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
        (["search", "--interactive", "--account", "a"], "--interactive stands alone"),
        (["search", "boats", "--words", "--cutoff", "0.2"], "--cutoff is a cosine similarity"),
        (["search", "--words", "--image", "gone.jpg"], "--words looks for the words"),
        (["search", "boats", "--words", "--method", "sum"], "leave --words out"),
        (["search", "boats", "--from", "2026-02-02", "--to", "2026-02-01"], "nothing is posted"),
        (["search", "boats", "-k", "1000000"], "-k 1000000: give a number from 1 to 1000"),
        (["query", "save", "boats"], "give a TEXT, --image or --video"),
        (["query", "save", "boats", "boat", "--cutoff", "7"], "a cut-off is from -1 to 1"),
        (
            ["query", "save", "b", "--video", "nobody"],
            "was not saved, for it cannot be embedded: there is no video",
        ),
        (["query", "remove", "nobody"], "there is no saved query 'nobody'"),
        (["evaluate", "gone.yaml"], "gone.yaml cannot be read"),
        (["evaluate"], "give a file of QUERIES, or --judged"),
        (["evaluate", "--judged", "--calibrate"], "give a file of QUERIES, or --judged"),
        (["evaluate", "gone.yaml", "--calibrate", "--model", "1"], "leave --model out"),
        (["judge", "nobody"], 'there is no saved query "nobody"'),
        (["model", "activate", "nobody"], "there is no model 'nobody'; registered are: 'demo-"),
        (["model", "drop", "1", "--yes"], "is active: activate another one"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    indexed: CommandLine, arguments: list[str], message: str
) -> None:
    assert message in indexed.error(*arguments)


def test_a_search_on_an_empty_installation_says_what_comes_first(empty: CommandLine) -> None:
    assert "vidpipe run" in empty.error("search", "boats")
    assert "the schema is missing" in empty("db", "status").stdout


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["forget", "nobody", "--yes"], "nobody"),
        (["db", "restore", "gone.zip"], "gone.zip"),
        (["db", "backup", "no/such/folder/saved.zip"], "no/such/folder"),
        (["bench", "nothing-like-it"], "nothing-like-it"),
    ],
)
def test_what_does_not_exist_is_named(
    installed: CommandLine, arguments: list[str], named: str
) -> None:
    assert named in installed.error(*arguments)


# -- JSON -----------------------------------------------------------------------------------------


def test_run_prints_one_json_document(installed: CommandLine) -> None:
    found = installed.document("run", "--uploads", "uploads")
    assert found["ok"]
    assert found["dates"] == found["errors"] == found["failures"] == []


def test_status_prints_one_json_document(installed: CommandLine) -> None:
    found = installed.document("status")
    assert found["indexed"]["videos"] == 0
    assert found["waiting"] == found["running"] == found["pending_dates"] == []


def test_search_prints_one_json_document_and_notes_elsewhere(indexed: CommandLine) -> None:
    assert indexed.document("search", "boats") == []


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


def test_a_query_is_saved_listed_searched_and_removed(indexed: CommandLine) -> None:
    told = indexed("query", "save", "o'boats", "a boat", "--subtract", "night", "--cutoff", "0.2")
    assert "vidpipe.search_videos('o''boats', 20)" in told.stdout
    [saved] = indexed.document("query", "list")
    assert saved["terms"] == [{"text": "a boat"}, {"text": "night", "weight": -1.0}]
    assert saved["embedded_at"]
    assert indexed.document("search", "--saved", "o'boats") == []
    assert "already" in indexed.error("query", "save", "o'boats", "a boat")
    same = ("query", "save", "o'boats", "a boat", "--subtract", "night", "--replace")
    assert "saved." in indexed(*same, "--cutoff", "0.3").stdout, "its vector stays"
    assert indexed.document("query", "list")[0]["cutoff"] == pytest.approx(0.3)
    assert indexed("query", "remove", "o'boats").returncode == 0
    assert indexed.document("query", "list") == []


def test_an_evaluation_counts_queries_that_nothing_answers(
    indexed: CommandLine, tmp_path: Path
) -> None:
    path = tmp_path / "queries.yaml"
    right = (RelevantStretch("a:1", 0, 1),)
    write_query_set(path, [LabelledQuery("q1", "text", right, text="a boat")])
    found = indexed.document("evaluate", str(path))
    assert found["overall"] == {"queries": 0}
    assert found["queries"]["without_right_answer"] == 1


def test_down_says_when_nothing_ran(installed: CommandLine) -> None:
    ended = installed("down")
    assert (ended.returncode, ended.stdout) == (0, "nothing was running\n")
