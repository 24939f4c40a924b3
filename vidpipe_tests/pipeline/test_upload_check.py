"""Explaining a folder: what is odd there."""

from pathlib import Path

from vidpipe.pipeline.upload_check import check_folder
from vidpipe.settings import load_settings
from vidpipe_tests.clips import tiny_clip


def test_metadata_that_speak_of_no_video_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "uploads"
    for name in ("listed", "misspelt"):
        tiny_clip(folder / name / "one.mp4", seconds=0.5)
        row = f"{'one' if name == 'listed' else 'on'}.mp4,7,tube\n"
        (folder / name / "manifest.csv").write_text("file,id,platform\n" + row)
    (folder / "One [Ab000000001].info.json").write_text('{"id": "Ab000000001"}')
    found = check_folder(str(folder), load_settings(home=tmp_path / "home", workers=1))
    odd = "\n".join(found.odd)
    assert "1 uploads have metadata files beside them that do not speak of them" in odd
    assert "misspelt/one.mp4, beside misspelt/manifest.csv" in odd
    assert "One [Ab000000001].info.json looks like metadata" in odd
    assert sum(found.counts.values()) == 5
