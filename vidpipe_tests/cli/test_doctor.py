"""`vidpipe doctor`: everything at once, an exit code for scripts, and nothing left behind."""

import json
from pathlib import Path

from vidpipe.models.bundled_pair import demo_pair
from vidpipe_tests.cli.command_line import CommandLine


def test_a_host_that_can_run_vidpipe_is_told_so_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "uploads").mkdir()
    vidpipe = CommandLine(tmp_path, {"VIDPIPE_HOME": "home"})
    ended = vidpipe("doctor", "--demo-models", "--uploads", "uploads")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.splitlines()[-1].startswith("this host can run vidpipe: 0 errors, ")
    assert "warning  CLIP models: the demo models are set" in ended.stdout
    assert sorted(tmp_path.iterdir()) == [tmp_path / "uploads"]
    assert list((tmp_path / "uploads").iterdir()) == []


def test_everything_that_is_missing_is_said_at_once_with_its_remedy(vidpipe: CommandLine) -> None:
    image, _ = demo_pair()
    ended = vidpipe(
        "doctor",
        VIDPIPE_HOME="/proc/vidpipe",
        VIDPIPE_UPLOADS_URL="/no/such/uploads",
        VIDPIPE_CLIP_IMAGE_MODEL=str(image.parent),
        VIDPIPE_CLIP_TEXT_MODEL="/no/such/model",
    )
    assert ended.returncode == 1
    assert "Traceback" not in ended.stdout + ended.stderr
    lines = ended.stdout.splitlines()
    wrong = {line.split(maxsplit=1)[1].split(":")[0] for line in lines if line.startswith("ERROR")}
    places = {"VIDPIPE_HOME", "lake", "media", "uploads"}
    assert wrong == {*places, "database", "CLIP models"}
    assert lines[-1].startswith("this host cannot run vidpipe yet: 7 errors, ")


def test_scripts_read_one_json_document(vidpipe: CommandLine) -> None:
    ended = vidpipe("doctor", "--json", "--demo-models")
    assert ended.returncode == 1, "the database of this test does not answer"
    document = json.loads(ended.stdout)
    assert document["can_run"] is False
    [database] = [one for one in document["findings"] if one["check"] == "database"]
    assert database["level"] == "error"
    assert "127.0.0.1:9/nowhere cannot be reached" in database["what"]
    assert "nobody" not in database["what"]


def test_settings_that_are_malformed_end_it_with_all_of_them(vidpipe: CommandLine) -> None:
    message = vidpipe.error("doctor", VIDPIPE_WORKERS="many", VIDPIPE_START_DATE="soon")
    assert "VIDPIPE_WORKERS" in message
    assert "VIDPIPE_START_DATE" in message
