"""`vidpipe run`: what is missing is told before any video is decoded."""

from pathlib import Path

import pytest

from vidpipe_tests.cli.command_line import CommandLine
from vidpipe_tests.clips import tiny_clip
from vidpipe_tests.installation import age


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
