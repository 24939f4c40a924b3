"""Inputs rebuilt from bug reports of people who collect videos, where those are at hand."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from vidpipe.uploads.metadata.precedence import FoundMetadata
from vidpipe_tests.uploads.metadata.sidecars import found, sidecar

CASES = Path(__file__).parents[4] / "shared" / "cases"
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the reported cases are not here")


def found_in(path: Path, kind: str = "yt-dlp") -> FoundMetadata:
    """What the only sidecar of a kind says that matches."""
    return found(sidecar(kind, path.read_bytes(), path.name))


def test_a_title_with_the_name_before_the_text_is_the_text_once() -> None:
    result = found_in(CASES / "x_title/x.info.json")
    metadata = result.metadata
    assert metadata.description == "Ferry delayed again https://t.co/AbCdEf0123"
    assert (metadata.hashtags, metadata.mentions, result.error) == ((), (), None)
    assert metadata.video_id == "twitter:1840000000000000744"


def test_hashtags_that_only_the_caption_has_are_found() -> None:
    result = found_in(CASES / "tiktok_image_and_hashtags/7400000000000000001.info.json")
    assert result.metadata.hashtags == ("SlowFoodWeek", "piazza")
    assert result.metadata.description == "sunset slice #SlowFoodWeek #piazza"


def test_a_renamed_channel_is_one_account() -> None:
    first, second = (
        found_in(CASES / f"renamed_channel/fetch{n}.info.json").metadata for n in (0, 1)
    )
    assert (first.video_id, first.account_id) == (second.video_id, second.account_id)
    assert (first.account_name, second.account_name) == ("Market Diary", "Market Diary Official")


def test_two_pages_of_an_unknown_site_are_two_posts_of_a_day() -> None:
    folder = CASES / "generic_ids"
    north, south = (
        found_in(folder / f"{which} report [master].info.json").metadata
        for which in ("north", "south")
    )
    assert north.video_id != south.video_id
    assert (north.posted_at_precision, south.posted_at_precision) == ("day", "day")


def test_both_clips_of_a_post_in_a_manifest_have_a_key() -> None:
    path = CASES / "one_post_two_clips/manifest.ndjson"
    manifest = sidecar("manifest", path.read_bytes())
    files = [json.loads(line)["file"] for line in path.read_text().splitlines()]
    clips = [found(manifest, upload_id=f"2026-11-02/alice/{file}").metadata for file in files]
    assert [clip.media_key for clip in clips] == files
    assert len({clip.video_id for clip in clips}) == 1


def test_an_info_file_of_18_mb_is_read(tmp_path: Path) -> None:
    script = shutil.copy(CASES / "large_info_json/make_info_json.py", tmp_path)
    subprocess.run([sys.executable, script], check=True, capture_output=True)
    [path] = tmp_path.glob("*.info.json")
    result = found_in(path)
    assert (result.source, result.error) == ("yt-dlp", None)
    assert result.metadata.video_id == "youtube:Ab000000c14"
    assert (result.metadata.account, result.metadata.hashtags) == ("@towntv", ("concert",))
