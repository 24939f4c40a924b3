"""Folders as people have them, whoever downloaded the videos: every post is found, none is lost.

The tests of this module share one installation and run in order.
"""

import itertools
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from dagster import DagsterInstance

from vidpipe.pipeline.upload_check import check_folder
from vidpipe.settings import Settings
from vidpipe.stores.schema_upgrade import upgrade
from vidpipe_tests.clips import audio_only_clip, tiny_clip
from vidpipe_tests.installation import Installation, age, assert_accounted
from vidpipe_tests.uploads import left_by

CASES = Path(__file__).parents[2] / "shared" / "cases"
PROGRAMS = (left_by.gallery_dl, left_by.instaloader, left_by.four_cat, left_by.zeeschuimer)
DOWNLOADS = "2026-11-06"
CASES_DAY = "2026-11-20"


def clip_writer() -> left_by.WriteClip:
    """Writes clips that all show something else."""
    numbers = itertools.count()
    return lambda path: tiny_clip(path, seconds=0.5, seed=next(numbers))


@pytest.fixture(scope="module")
def installation(
    module_database_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """What five programs and the shared cases leave, taken to PostgreSQL in one run."""
    folder = tmp_path_factory.mktemp("people")
    with DagsterInstance.ephemeral() as instance:
        made = Installation.make(module_database_settings, folder, instance)
        write_clip = clip_writer()
        for number, leave in enumerate(PROGRAMS, start=2):
            leave(made.uploads / f"2026-11-{number:02}", write_clip)
        leave_downloads(made.uploads / DOWNLOADS, write_clip)
        if CASES.is_dir():
            shutil.copytree(CASES, made.uploads / CASES_DAY, copy_function=shutil.copyfile)
            make_large_info(made.uploads / CASES_DAY / "large_info_json")
        for path in made.uploads.rglob("*"):
            if path.is_file():
                age(path)
        made.run()
        yield made


def leave_downloads(folder: Path, write_clip: left_by.WriteClip) -> None:
    """What yt-dlp leaves: merged and unmerged streams, side files, a channel that was renamed."""
    folder.mkdir(parents=True)
    for name, title in (("Old Name", "old"), ("New Name", "new")):
        document = {
            "id": "Ab00000000q1",
            "extractor_key": "Youtube",
            "title": "Stalls",
            "description": "Stalls #market",
            "uploader": name,
            "channel": name,
            "uploader_id": "@stalls",
            "channel_id": "UC0000000000000000000001",
            "timestamp": 0,
            "upload_date": "20261101",
            "view_count": 1200,
            "webpage_url": "https://www.youtube.com/watch?v=Ab00000000q1",
            "epoch": 1_793_000_000 + (title == "new"),
        }
        write_clip(folder / f"{title}.mp4")
        (folder / f"{title}.info.json").write_text(json.dumps(document))
    whole = {
        "id": "Ab00000000r2",
        "extractor_key": "Youtube",
        "title": "Ride",
        "webpage_url": "https://www.youtube.com/watch?v=Ab00000000r2",
    }
    (folder / "Ride [Ab00000000r2].info.json").write_text(json.dumps(whole))
    write_clip(folder / "Ride [Ab00000000r2].f137.mp4")
    audio_only_clip(folder / "sound.mp4").rename(folder / "Ride [Ab00000000r2].f140.m4a")
    audio_only_clip(folder / "podcast.mp4")
    write_clip(folder / "clip.mp4").rename(folder / "videoplayback")  # type: ignore[attr-defined]
    for name, data in {
        "old.en.vtt": b"WEBVTT\n",
        "old.webp": b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        "new.live_chat.json": b'{"replayChatItemAction": {}}\n',
        ".DS_Store": b"\x00\x00\x00\x01Bud1",
        "later.mp4.part": b"\x00\x00\x00\x18ftypisom",
    }.items():
        (folder / name).write_bytes(data)


def make_large_info(folder: Path) -> None:
    """The info file that the case's own script writes: 18 MB of comments."""
    comments = [{"id": f"Ugx{n}", "text": "synthetic comment " * 12} for n in range(80_000)]
    document = {
        "id": "Ab000000c14",
        "extractor_key": "Youtube",
        "title": "Popular",
        "description": "half the town came",
        "uploader": "Town TV",
        "uploader_id": "@towntv",
        "timestamp": 1730001400,
        "tags": ["concert"],
        "webpage_url": "https://www.youtube.com/watch?v=Ab000000c14",
        "comments": comments,
    }
    (folder / "Popular [Ab000000c14].info.json").write_text(json.dumps(document))


def videos(installation: Installation, folder: str) -> dict[str, dict[str, Any]]:
    """The videos whose current file lies in a folder, by their ids."""
    rows = installation.query(
        "select to_jsonb(v) || to_jsonb(c) from vidpipe.videos as v"
        " inner join vidpipe.contents as c using (content_sha256) where v.upload_id like %s",
        f"{folder}/%",
    )
    return {row["video_id"]: row for (row,) in rows}


def outcomes(installation: Installation, folder: str) -> dict[str, str]:
    """What became of the files of a folder, by their names."""
    rows = installation.query(
        "select upload_id, outcome from vidpipe.upload_outcomes where upload_id like %s",
        f"{folder}/%",
    )
    return {upload_id.rpartition("/")[2]: outcome for upload_id, outcome in rows}


def case(name: str) -> str:
    if not CASES.is_dir():
        pytest.skip("there is no folder ../shared/cases")
    return f"{CASES_DAY}/{name}"


@pytest.mark.parametrize("leave", PROGRAMS)
def test_every_video_of_a_program_would_be_shown_as_the_post_that_it_is(
    tmp_path: Path,
    database_settings: Settings,
    leave: Callable[[Path, left_by.WriteClip], dict[str, left_by.Left]],
) -> None:
    left = leave(tmp_path, clip_writer())
    checked = {one.path: one for one in check_folder(str(tmp_path), database_settings).files}
    assert {path for path, one in checked.items() if one.outcome != "side_file"} == left.keys()
    for path, right in left.items():
        found = checked[path]
        assert found.post is not None
        assert (found.outcome, found.metadata_source) == ("shown", right.source)
        for name in ("post_id", "account_id", "account", "hashtags", "media_number", "posted_at"):
            wanted = getattr(right, name)
            assert found.post[name] == (list(wanted) if isinstance(wanted, tuple) else wanted), path


def test_files_and_their_outcomes_are_as_many(
    installation: Installation,
) -> None:
    assert_accounted(installation)


def test_downloads_of_yt_dlp_are_posts_versions_and_side_files(
    installation: Installation,
) -> None:
    found = videos(installation, DOWNLOADS)
    stalls = found.pop("youtube:Ab00000000q1")
    assert stalls["upload_id"] == f"{DOWNLOADS}/new.mp4"
    assert (stalls["account_id"], stalls["account"]) == ("UC0000000000000000000001", "@stalls")
    assert (stalls["account_name"], stalls["account_source"]) == ("New Name", "id")
    assert (stalls["hashtags"], stalls["views"]) == (["market"], 1200)
    assert stalls["posted_at"].startswith("2026-11-01T00:00:00")
    assert stalls["posted_at_precision"] == "day"
    assert stalls["description"] == "Stalls #market"
    ride = found.pop("youtube:Ab00000000r2")
    assert ride["upload_id"].endswith(".f137.mp4")
    [(_, bare)] = found.items()
    assert bare["upload_id"] == f"{DOWNLOADS}/videoplayback"
    assert outcomes(installation, DOWNLOADS) == {
        "new.mp4": "shown",
        "old.mp4": "version",
        "Ride%20%5BAb00000000r2%5D.f137.mp4": "shown",
        "Ride%20%5BAb00000000r2%5D.f140.m4a": "no_video",
        "Ride%20%5BAb00000000r2%5D.info.json": "side_file",
        "podcast.mp4": "no_video",
        "videoplayback": "shown",
        "later.mp4.part": "held",
        **dict.fromkeys(
            (
                "old.info.json",
                "new.info.json",
                "old.en.vtt",
                "old.webp",
                "new.live_chat.json",
                ".DS_Store",
            ),
            "side_file",
        ),
    }
    [(names,)] = installation.query(
        "select names from vidpipe.accounts where account_id = 'UC0000000000000000000001'"
    )
    assert {one["account_name"] for one in names} == {"Old Name", "New Name"}


def test_what_is_no_video_is_no_failure(
    installation: Installation,
) -> None:
    assert installation.query("select sentence from vidpipe.video_failures") == []
    [(reason,)] = installation.query(
        "select reason from vidpipe.upload_outcomes where upload_id like '%%podcast.mp4'"
    )
    assert "sound and no video" in reason


def test_a_folder_can_be_explained_before_anything_is_taken_in(
    installation: Installation,
) -> None:
    found = check_folder(str(installation.uploads), installation.settings)
    counted = Counter(
        outcome for (outcome,) in installation.query("select outcome from vidpipe.upload_outcomes")
    )
    assert found.counts == counted
    shown = {one.video_id for one in found.files if one.outcome == "shown"}
    assert shown == {one for (one,) in installation.query("select video_id from vidpipe.videos")}


def test_two_clips_of_one_post_are_two_videos(
    installation: Installation,
) -> None:
    found = videos(installation, case("one_post_two_clips"))
    assert set(found) == {"x:1840000000000000005", "x:1840000000000000005#2"}
    assert {row["post_id"] for row in found.values()} == {"x:1840000000000000005"}


def test_generic_ids_are_told_apart_by_the_page(
    installation: Installation,
) -> None:
    assert set(videos(installation, case("generic_ids"))) == {
        "https://north.example.org/live/master.m3u8",
        "https://south.example.org/live/master.m3u8",
    }


def test_a_renamed_channel_is_one_account_and_its_post_one_video(
    installation: Installation,
) -> None:
    [(video_id, row)] = videos(installation, case("renamed_channel")).items()
    assert video_id == "youtube:Ab00000000r1"
    assert row["upload_id"].endswith("fetch1.mp4")
    assert outcomes(installation, case("renamed_channel"))["fetch0.mp4"] == "version"
    [(names,)] = installation.query(
        "select names from vidpipe.accounts where account_id = 'UC00000000000000000000r1'"
    )
    assert {one["account_name"] for one in names} == {"Market Diary", "Market Diary Official"}


def test_kept_parts_are_side_files_and_unmerged_ones_posts(
    installation: Installation,
) -> None:
    found = videos(installation, case("kept_parts"))
    assert set(found) == {"youtube:Ab000000c15", "youtube:Ab000000d15"}
    assert found["youtube:Ab000000c15"]["upload_id"].endswith("%5BAb000000c15%5D.mp4")
    assert all(row["hashtags"] == ["ride"] for row in found.values())


@pytest.mark.parametrize(
    ("name", "description", "hashtags"),
    [
        ("x_title", "Ferry delayed again https://t.co/AbCdEf0123", []),
        (
            "tiktok_image_and_hashtags",
            "sunset slice #SlowFoodWeek #piazza",
            ["SlowFoodWeek", "piazza"],
        ),
        ("large_info_json", "Popular\n\nhalf the town came", ["concert"]),
    ],
)
def test_texts_are_there_once_and_hashtags_come_out_of_them(
    installation: Installation,
    name: str,
    description: str,
    hashtags: list[str],
) -> None:
    [row] = videos(installation, case(name)).values()
    assert (row["description"], row["hashtags"]) == (description, hashtags)


@pytest.mark.parametrize("name", ["youtube_side_files", "camera_side_files"])
def test_side_files_are_no_failures(installation: Installation, name: str) -> None:
    found = Counter(outcomes(installation, case(name)).values())
    assert found["shown"] == 1
    assert set(found) == {"shown", "side_file"}


def test_a_clock_that_jumps_lasts_as_long_as_it_is_shown(
    installation: Installation,
) -> None:
    [row] = videos(installation, case("clock_jump")).values()
    assert row["duration_s"] == pytest.approx(12, abs=0.2)
    times = [
        time
        for (time,) in installation.query(
            "select timestamp_s from vidpipe.keyframes where content_sha256 = %s",
            row["content_sha256"],
        )
    ]
    assert {int(time // 4) for time in times} == {0, 1, 2}
    assert max(times) < 12


# -- the accounting identity ----------------------------------------------------------------------


def random_uploads(folder: Path, count: int, seed: int) -> None:
    """Uploads with random names, ids, clips and side files, some of them broken, in four days."""
    random = Random(seed)
    contents = [tiny_clip(folder / f"{n}.mp4", seconds=0.4, seed=n).read_bytes() for n in range(12)]
    contents += [audio_only_clip(folder / "s.mp4").read_bytes(), b"", b"\x00\x9e noise", b"<html>"]
    for path in folder.glob("*.mp4"):
        path.unlink()
    names = [*"abcdefgh", "ü b", "a.f137", "b.f140", "x.temp", "c.mp4", ".d", "e #1 %"]
    suffixes = [".mp4", ".webm", ".MKV", "", ".part", ".image", ".f315", ".m4a", ".jpg", ".ts"]
    for _ in range(count):
        place = folder / f"2026-11-{random.randint(2, 5):02}" / random.choice(["", "u1", "u2"])
        place.mkdir(parents=True, exist_ok=True)
        stem = random.choice(names) + random.choice(["", "", "_1", f"_{random.randint(0, 99)}"])
        upload = place / (stem + random.choice(suffixes))
        upload.write_bytes(random.choice(contents))
        say_something_of(upload, random)


def say_something_of(upload: Path, random: Random) -> None:
    """Writes a metadata file of a random kind beside an upload, or none."""
    post_id = str(random.randint(1, 25))
    account = random.choice(["anna", "ben", ""])
    info = {"id": post_id, "extractor_key": random.choice(["Tube", "Generic"]), "uploader": account}
    info |= {"uploader_id": f"UC{account}", "webpage_url": f"https://tube.org/{account}/{post_id}"}
    native: dict[str, Any] = {"id": post_id, "platform": "tube", "account": account}
    native |= {"media_number": random.choice([None, 1, 2, 3])}
    match random.randint(0, 6):
        case 0:
            upload.with_suffix(".info.json").write_text(json.dumps(info))
        case 1:
            upload.with_suffix(".json").write_text(json.dumps(native))
        case 2:
            upload.with_suffix(".json").write_text("{broken")
        case 3:
            row = json.dumps({**native, "file": upload.name})
            with (upload.parent / "manifest.ndjson").open("a") as manifest:
                manifest.write(row + "\n")
        case 4:
            upload.with_suffix(".en.vtt").write_text("WEBVTT\n")


@pytest.mark.parametrize("count", [120, pytest.param(500, marks=pytest.mark.slow)])
def test_of_random_uploads_none_is_lost(
    database_settings: Settings, tmp_path: Path, count: int
) -> None:
    upgrade(database_settings)
    with DagsterInstance.ephemeral() as instance:
        installation = Installation.make(database_settings, tmp_path, instance)
        random_uploads(installation.uploads, count, seed=12)
        paths = [path for path in installation.uploads.rglob("*") if path.is_file()]
        for path in paths:
            age(path)
        installation.run()
        assert_accounted(installation)
        every_version = "select upload_id from vidpipe.video_versions"
        before = set(installation.query(every_version))
        for path in paths[::9]:  # some go, and what they stood for is shown by what is left
            path.unlink()
        for _ in range(2):
            installation.register()
        installation.materialize(installation.pending())
        assert_accounted(installation)
        assert before <= set(installation.query(every_version))
        lost = installation.query(
            "select video_id from vidpipe.video_versions where removed_at is null"
            " except select video_id from vidpipe.videos where removed_at is null"
        )
        assert lost == []
