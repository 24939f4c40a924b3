"""A written world is whole, the same for every number of workers, or not there at all."""

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import psutil
import pytest

from vidpipe.demo import world
from vidpipe.demo.plan import Edit, PlannedAccount, WorldPlan
from vidpipe.demo.truth import truth_of
from vidpipe.demo.world import render_world, write_world
from vidpipe.errors import SettingsError
from vidpipe.search.labelled_queries import read_query_set
from vidpipe.uploads.metadata.formats import parse
from vidpipe.uploads.metadata.precedence import find_metadata
from vidpipe.uploads.sidecars import Sidecar
from vidpipe_tests.demo.planned_videos import CAPTION, copied, planned, read_video

BARE = replace(
    planned("bare one", seed=12),
    has_sidecar=False,
    posted_at=datetime(2025, 3, 4, 6, 30, tzinfo=UTC),
    path="2025-03-04/somebody/bare one.mp4",
)
ORIGINAL = planned()
PLAN = WorldPlan(
    seed=0,
    weeks=1,
    first_date=date(2025, 3, 3),
    accounts=(
        PlannedAccount("somebody", "demotube", "ordinary", "en"),
        PlannedAccount("copier", "demogram", "ring", "ms"),
    ),
    events=(),
    videos=(
        ORIGINAL,
        copied(ORIGINAL, Edit("identical"), name="same"),
        copied(ORIGINAL, Edit("mirrored"), Edit("trimmed", 0.1), name="mirrored"),
        planned("vfr", is_variable_rate=True, seed=13),
        BARE,
    ),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("demo") / "world"
    write_world(directory, PLAN, workers=2)
    return directory


def contents(directory: Path) -> dict[str, str]:
    return {
        str(file.relative_to(directory)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in directory.rglob("*")
        if file.is_file()
    }


def test_one_worker_and_two_write_the_same_bytes(tmp_path: Path, folder: Path) -> None:
    write_world(tmp_path / "again", PLAN, workers=1)
    assert contents(tmp_path / "again") == contents(folder)


def test_a_world_is_its_uploads_its_truth_its_queries_and_nothing_else(folder: Path) -> None:
    uploads = {f"uploads/{video.path}" for video in PLAN.videos}
    sidecars = {f"uploads/{one.path[:-4]}.json" for one in PLAN.videos if one.has_sidecar}
    assert uploads | sidecars <= set(contents(folder))
    others = set(contents(folder)) - uploads - sidecars
    queries = read_query_set(folder / "queries.yaml")
    pictures = {query.image for query in queries if query.image}
    assert others == {"truth.json", "queries.yaml"} | pictures
    assert list(folder.parent.iterdir()) == [folder]


def test_the_truth_is_that_of_the_plan(folder: Path) -> None:
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    assert truth == json.loads(json.dumps(truth_of(PLAN)))


def test_every_file_has_the_size_and_length_that_the_truth_says(folder: Path) -> None:
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    for told in truth["videos"]:
        found = read_video(folder / "uploads" / told["path"])
        assert found.frames.shape[1:3] == (told["height_px"], told["width_px"])
        assert found.duration_s == pytest.approx(told["duration_s"], abs=2.5 / told["fps"])


def test_sidecars_say_what_the_truth_says(folder: Path) -> None:
    for video in PLAN.videos:
        file = (folder / "uploads" / video.path).with_suffix(".json")
        assert file.exists() == video.has_sidecar
        if video.has_sidecar:
            data = file.read_bytes()
            found = find_metadata(
                "unused.mp4",
                [Sidecar("native", file.name)],
                modified_at=datetime.now(UTC),
                parsed=partial(parse, file=io.BytesIO(data)),
            )
            metadata = found.metadata
            assert found.error is None
            assert (metadata.video_id, metadata.account) == (video.video_id, video.account)
            assert metadata.posted_at == video.posted_at
            assert metadata.description == video.description
            assert metadata.hashtags == video.hashtags


def test_files_are_as_old_as_their_posts(folder: Path) -> None:
    for video in PLAN.videos:
        modified = (folder / "uploads" / video.path).stat().st_mtime
        assert datetime.fromtimestamp(modified, UTC) == video.posted_at


def test_an_identical_copy_is_byte_for_byte_its_original_and_no_other_video_is(
    folder: Path,
) -> None:
    original, same, *others = [
        (folder / "uploads" / video.path).read_bytes() for video in PLAN.videos
    ]
    assert same == original
    assert len({original, *others}) == len(PLAN.videos) - 1


def test_a_world_is_rendered_from_its_numbers(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    plan = render_world(
        tmp_path / "world",
        seed=29,
        videos=1,
        weeks=1,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(1, 1)]
    (video,) = plan.videos
    found = read_video(tmp_path / "world" / "uploads" / video.path)
    assert found.frames.shape[1:3] == video.size[::-1]


def test_an_empty_folder_is_filled_and_a_full_one_left_alone(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "empty").mkdir()
    small = replace(PLAN, videos=(ORIGINAL,))
    write_world(tmp_path / "empty", small, workers=1)
    assert (tmp_path / "empty" / "truth.json").exists()
    before = contents(folder)
    with pytest.raises(SettingsError, match="is not empty: choose a new or an empty folder"):
        write_world(folder, small)
    assert contents(folder) == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["empty"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SettingsError, match=r"file is a file"):
        write_world(tmp_path / "file", PLAN)
    with pytest.raises(SettingsError, match=r"cannot write a world to .*below: .*another folder"):
        write_world(tmp_path / "file" / "below", PLAN)
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(world, "write_queries", full_disk)
    with pytest.raises(SettingsError, match="No space left on device"):
        write_world(tmp_path / "world", replace(PLAN, videos=(ORIGINAL,)), workers=1)
    assert not list(tmp_path.iterdir())


def test_a_video_that_fails_in_a_worker_leaves_nothing_behind(tmp_path: Path) -> None:
    unreadable = planned("broken", captions=(replace(CAPTION, text="too long " * 300),))
    with pytest.raises(SettingsError, match="does not fit 320 px"):
        write_world(tmp_path / "world", replace(PLAN, videos=(ORIGINAL, unreadable)), workers=1)
    assert not list(tmp_path.iterdir())


# -- the command ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--videos", "-3"], "cannot plan -3 videos: ask for at least 1"),
        (["--videos", "0"], "cannot plan 0 videos"),
        (["--weeks", "0"], "cannot plan 0 weeks: ask for at least 1"),
        (["--seed", "-1"], "the seed -1 is negative"),
        (["--workers", "0"], "cannot draw with 0 workers"),
        (["--videos", "many"], "'many' is not a valid integer"),
    ],
)
def test_bad_numbers_end_the_command_with_a_sentence_and_write_nothing(
    tmp_path: Path, arguments: list[str], complaint: str
) -> None:
    process = start_command(tmp_path / "w", *arguments)
    out, err = process.communicate(timeout=60)
    assert process.returncode != 0
    assert complaint in err
    assert "Traceback" not in err
    assert out == ""
    assert not list(tmp_path.iterdir())


def start_command(out: Path, *arguments: str) -> subprocess.Popen[str]:
    code = "import sys; sys.argv[0] = 'vidpipe'; from vidpipe.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", code, "demo-world", "--out", str(out), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_command_tells_progress_on_stderr_and_the_result_on_stdout(tmp_path: Path) -> None:
    process = start_command(tmp_path / "w", "--seed", "29", "--videos", "1", "--weeks", "1")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert "1 of 1" in err
    assert "1 videos by 1 accounts (1 ordinary)" in out
    assert (tmp_path / "w" / "truth.json").exists()


def has_workers(process: subprocess.Popen[str], _folder: Path) -> bool:
    """Worker processes have begun: they still import what they need."""
    commands = [child.cmdline() for child in psutil.Process(process.pid).children()]
    return any("spawn_main" in " ".join(command) for command in commands)


def draws(_process: subprocess.Popen[str], folder: Path) -> bool:
    return bool(list(folder.rglob("*.mp4")))


@pytest.mark.parametrize("is_time", [has_workers, draws])
def test_ctrl_c_stops_at_once_and_leaves_nothing_behind(
    tmp_path: Path, is_time: Callable[[subprocess.Popen[str], Path], bool]
) -> None:
    process = start_command(tmp_path / "w", "--videos", "60")
    try:
        deadline = time.monotonic() + 60
        while not is_time(process, tmp_path):
            assert time.monotonic() < deadline, "no video was begun"
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.05)
        workers = psutil.Process(process.pid).children(recursive=True)
        for pid in [process.pid, *(worker.pid for worker in workers)]:  # as a terminal does
            os.kill(pid, signal.SIGINT)
        _, err = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "nothing was written" in err
    assert "Traceback" not in err
    assert not list(tmp_path.iterdir())
