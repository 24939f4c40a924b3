"""`vidpipe uploads check` at the terminal."""

import json
from pathlib import Path

from vidpipe_tests.cli.command_line import CommandLine
from vidpipe_tests.clips import audio_only_clip, tiny_clip


def test_check_tells_what_each_file_is_and_leaves_nothing_behind(tmp_path: Path) -> None:
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    tiny_clip(uploads / "clip [a1].mp4", seconds=0.3)
    info = {"id": "a1", "extractor_key": "Tube", "uploader": "Anna", "timestamp": 1793635200}
    (uploads / "clip [a1].info.json").write_text(json.dumps(info))
    audio_only_clip(uploads / "talk.mp4")
    (uploads / "thumbnail.image").write_bytes(b"\xff\xd8\xff\xe0")
    (uploads / "\x1b[31mred\nname.mp4").write_bytes(b"<html>")
    before = sorted(uploads.iterdir())
    command = CommandLine(tmp_path, {"COLUMNS": "200"})
    shown = command("uploads", "check", "uploads").stdout
    assert "tube:a1" in shown
    assert "side file: picture" in shown
    assert "no video: talk.mp4 holds sound and no video" in shown
    assert "\x1b[31m" not in shown
    assert "5 files: " in shown
    found = command.document("uploads", "check", "uploads")
    assert found["counts"] == {"side_file": 2, "shown": 1, "no_video": 1, "failed": 1}
    assert sorted(uploads.iterdir()) == before
    assert not (tmp_path / ".vidpipe").exists()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    ended = CommandLine(tmp_path)("uploads", "check", "nowhere")
    assert ended.returncode == 1
    assert "nowhere cannot be listed" in ended.stderr
    assert "Traceback" not in ended.stderr
