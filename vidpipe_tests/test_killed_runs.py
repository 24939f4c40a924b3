"""`vidpipe run` as a process of its own, killed at random moments and started twice at once.

Whatever happened on the way, an undisturbed run afterwards must leave what an undisturbed run in
another home leaves: nothing missing, nothing twice, nobody blamed.

Only the run and its workers are killed. The embedded server is not part of the run's process group,
except while its cluster is being made.
"""

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from vidpipe.settings import load_settings
from vidpipe.stores.database import connect, dagster_database_url
from vidpipe.stores.embedded import server as embedded_server
from vidpipe.stores.lake import FOOTAGE_PRINTS, OUTCOME, TABLES, Lake
from vidpipe_tests.installation import age
from vidpipe_tests.short_videos import write_short_videos

pytestmark = pytest.mark.timeout(1800)

RUN_TIMEOUT_S = 600
LEAST_COSINE = 0.99999
FIRST_CLIPS = 2

# What analysts see, in an order of its own; times of processing and places of files differ.
STATEMENTS = {
    "videos": "select video_id, platform, account, posted_at, ingest_date, description, hashtags,"
    " url, content_sha256, upload_id, is_damaged, removed_at, metadata_source"
    " from vidpipe.videos order by video_id",
    "contents": "select * from vidpipe.contents order by content_sha256",
    "keyframes": "select content_sha256, segment, frame_index, timestamp_s, keyframe_sha256,"
    " sharpness, brightness, entropy, colour_variance, colour_distance, is_low_information"
    " from vidpipe.keyframes order by content_sha256, segment",
    "ocr_lines": "select keyframe_sha256, line_no, text, accepted from vidpipe.ocr_lines"
    " order by keyframe_sha256, line_no",
    "failures": "select stage, upload_id, status, sentence from vidpipe.video_failures"
    " order by stage, upload_id",
}
VECTORS = {
    "frames": "select keyframe_sha256, embedding from vidpipe.frame_embeddings",
    "contents": "select content_sha256, embedding from vidpipe.content_embeddings",
    "texts": "select video_id || kind || text_sha256, embedding from vidpipe.text_embeddings",
}


@dataclass(frozen=True)
class Home:
    """A home of its own with an uploads folder, and `vidpipe run` on it."""

    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def uploads(self) -> Path:
        return self.folder / "uploads"

    def receive(self, clips: list[Path], source: Path) -> None:
        """Copies uploads with their sidecars and times."""
        for clip in clips:
            for file in (clip, clip.with_suffix(".json")):
                if file.exists():
                    target = self.uploads / file.relative_to(source)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(file, target)

    def start(self) -> subprocess.Popen[bytes]:
        """Starts a run in a process group of its own."""
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("VIDPIPE_") and name != "DAGSTER_HOME"
        } | {"VIDPIPE_HOME": str(self.home), "VIDPIPE_WORKERS": "2"}
        command = "from vidpipe.cli import main; main()"
        arguments = ["run", "--uploads", str(self.uploads), "--demo-models", "--json"]
        self.uploads.mkdir(parents=True, exist_ok=True)
        with (self.folder / "log.txt").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-c", command, *arguments],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )

    def finish(self, run: subprocess.Popen[bytes]) -> dict[str, Any]:
        """Waits for a run that must succeed and returns its summary."""
        output, _ = run.communicate(timeout=RUN_TIMEOUT_S)
        log = (self.folder / "log.txt").read_text(encoding="utf-8", errors="replace")
        assert run.returncode == 0, f"{output.decode()}\n{log[-3000:]}"
        summary: dict[str, Any] = json.loads(output)
        return summary

    def run(self) -> dict[str, Any]:
        return self.finish(self.start())

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        with connect(load_settings(home=self.home), autocommit=True) as connection:
            return connection.execute(statement).fetchall()

    def run_statuses(self) -> list[str]:
        import psycopg

        url = dagster_database_url(load_settings(home=self.home))
        with psycopg.connect(url) as connection:
            rows = connection.execute("select status from runs").fetchall()
        return [status for (status,) in rows]

    def stop(self) -> None:
        embedded_server.stop(self.home)


def kill(run: subprocess.Popen[bytes]) -> bool:
    """Kills a run with its workers; False when it had ended before."""
    if run.poll() is not None:
        run.communicate()
        return False
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    return True


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rendered uploads that all homes receive."""
    folder = tmp_path_factory.mktemp("source") / "uploads"
    rendered = write_short_videos(folder, 6)
    for number, clip in enumerate(rendered * 2):  # other bytes, the same pictures
        copy = clip.path.with_name(f"copy_{number}.mp4")
        copy.write_bytes(clip.path.read_bytes() + b"\0" * (number + 1))
    for path in folder.rglob("*.*"):
        age(path)
    return folder


@pytest.fixture(scope="module")
def clips(source: Path) -> list[Path]:
    return sorted(source.rglob("*.mp4"))


@dataclass(frozen=True)
class Undisturbed:
    """A home whose only run was left in peace, and how long a run without work takes (s)."""

    home: Home
    startup_s: float
    work_s: float


@pytest.fixture(scope="module")
def undisturbed(
    source: Path, clips: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Undisturbed]:
    home = Home(tmp_path_factory.mktemp("undisturbed"))
    home.receive(clips, source)
    try:
        first = home.run()
        began = time.monotonic()
        assert home.run()["dates"] == []
        yield Undisturbed(home, time.monotonic() - began, first["seconds"])
    finally:
        home.stop()


def test_runs_killed_at_random_moments_leave_what_an_undisturbed_run_leaves(
    undisturbed: Undisturbed, source: Path, clips: list[Path], tmp_path: Path
) -> None:
    check_kills(undisturbed, source, clips, tmp_path, kills=4, seed=3)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_runs_killed_twenty_times_leave_what_an_undisturbed_run_leaves(
    undisturbed: Undisturbed, source: Path, clips: list[Path], tmp_path: Path
) -> None:
    check_kills(undisturbed, source, clips, tmp_path, kills=20, seed=4)


def test_two_runs_at_once_leave_what_one_run_leaves(
    undisturbed: Undisturbed, source: Path, clips: list[Path], tmp_path: Path
) -> None:
    home = Home(tmp_path)
    home.receive(clips, source)
    try:
        runs = [home.start(), home.start()]
        for run in runs:
            home.finish(run)
        assert_same(home, undisturbed.home)
    finally:
        home.stop()


def check_kills(
    undisturbed: Undisturbed,
    source: Path,
    clips: list[Path],
    folder: Path,
    *,
    kills: int,
    seed: int,
) -> None:
    """Kills runs, the first while its server is made, while uploads arrive; then compares.

    Kills are spread over start-up and work. Uploads arrive between them, so that most runs have
    work to do.
    """
    chance = random.Random(seed)
    home = Home(folder)
    waiting = chance.sample(clips, len(clips))
    home.receive([waiting.pop() for _ in range(FIRST_CLIPS)], source)
    killed = 0
    is_done = False
    try:
        while killed < kills:
            run = home.start()
            if killed == 0:
                while not (home.home / "postgres").exists() and run.poll() is None:
                    time.sleep(0.01)
                time.sleep(chance.uniform(0, 2))
            else:
                work_s = 0 if is_done else undisturbed.work_s / 3
                time.sleep(chance.uniform(0.2, 0.9 * undisturbed.startup_s + work_s))
            was_killed = kill(run)
            killed += was_killed
            is_done = not waiting and (is_done or not was_killed)
            later = len(clips) * (kills - killed) // kills
            arriving = max(len(waiting) - later, 0 if was_killed else min(1, len(waiting)))
            home.receive([waiting.pop() for _ in range(arriving)], source)
        home.receive(waiting, source)
        home.run()
        assert home.run()["dates"] == [], "the final run left something undone"
        assert_same(home, undisturbed.home)
    finally:
        home.stop()


def assert_same(home: Home, other: Home) -> None:
    """Both homes hold the same keys, texts, frames, hashes and vectors, each once."""
    for name, statement in STATEMENTS.items():
        assert home.query(statement) == other.query(statement), name
    for name, statement in VECTORS.items():
        assert_same_vectors(home.query(statement), other.query(statement), name)
    assert footage_prints(home) == footage_prints(other)
    for table in TABLES:
        rows = Lake(str(home.home / "lake")).scan(table).select([*table.key, *OUTCOME]).collect()
        assert rows.select([*table.key, "stage_version"]).is_unique().all(), table.name
        assert rows.filter(pl.col("error_class") == "WorkerLost").is_empty()
    assert images(home) == images(other)
    assert home.query("select item_key, tries, failures from vidpipe_ops.attempts") == []
    assert set(home.run_statuses()) <= {"SUCCESS", "FAILURE"}


def assert_same_vectors(
    ours: list[tuple[Any, ...]], theirs: list[tuple[Any, ...]], name: str
) -> None:
    assert len(ours) == len({key for key, _ in ours})
    expected = {key: as_vector(vector) for key, vector in theirs}
    assert expected
    assert {key for key, _ in ours} == expected.keys(), name
    for key, vector in ours:
        assert float(as_vector(vector) @ expected[key]) >= LEAST_COSINE, f"{name} {key}"


def as_vector(value: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    vector = np.asarray(value.to_list() if hasattr(value, "to_list") else value, np.float64)
    return vector / np.linalg.norm(vector)


def footage_prints(home: Home) -> dict[str, Any]:
    rows = Lake(str(home.home / "lake")).scan(FOOTAGE_PRINTS)
    return dict(rows.select("content_sha256", "footage_print").collect().iter_rows())


def images(home: Home) -> set[str]:
    """Names of the stored keyframes; each must hold the bytes that it is named after."""
    media = home.home / "media"
    names = set()
    for path in media.rglob("*"):
        if path.is_file():
            assert hashlib.sha256(path.read_bytes()).hexdigest() == path.stem
            names.add(str(path.relative_to(media)))
    return names
