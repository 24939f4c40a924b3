"""An installation that an earlier vidpipe made opens, upgrades and recomputes nothing.

`installation.tar.xz` was frozen by `freeze.py` at the commit that `FROZEN_AT` names. It is replaced
only when a stage version changes on purpose; what changes in schema or layout is held against it.

The tests of this module that take `opened` share one installation and run in order.
"""

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import psycopg
import pytest
from dagster import DagsterInstance

from vidpipe.models.bundled_pair import demo_pair
from vidpipe.pipeline.engine import BatchOutcome, LocalEngine
from vidpipe.pipeline.stages import Pipeline
from vidpipe.resources import Stores
from vidpipe.reuse.worker import ComparisonWorker
from vidpipe.settings import Settings, load_settings
from vidpipe.stores.database import database_url
from vidpipe.stores.lake import ASSET_TABLES, FOOTAGE_PRINTS, KEYFRAMES, Lake
from vidpipe.stores.schema_upgrade import pending, upgrade
from vidpipe.stores.stored_prints import read_prints
from vidpipe_tests.automation.test_checks import check, failing_dates
from vidpipe_tests.frozen.freeze import Rows, postgres_program, rows_of
from vidpipe_tests.installation import Installation, computed, demo_environment

ARCHIVE = Path(__file__).with_name("installation.tar.xz")
FROZEN_AT = "0ae5235"
DAYS = (date(2025, 3, 3), date(2025, 3, 4), date(2025, 3, 11))


class RefusingEngine:
    """An engine for installations in which nothing is left to compute.

    Footage was not compared then; hash tracks of then are, and nothing is decoded for that.
    """

    def run(self, worker: Any, *arguments: Any, **options: Any) -> Iterator[BatchOutcome]:
        if not isinstance(worker, ComparisonWorker):
            raise AssertionError("a worker would have been opened: something is computed again")
        yield from LocalEngine(2**33).run(worker, *arguments, **options)


class SettledStores(Stores):
    """The stores of an installation in which nothing is left to compute."""

    @property
    def pipeline(self) -> Pipeline:
        settings = self.settings
        return Pipeline(settings=settings, lake=Lake(settings.lake), engine=RefusingEngine())


class SettledInstallation(Installation):
    """An installation whose runs must not open a worker."""

    @property
    def stores(self) -> Stores:
        return SettledStores(self.settings)


def unpacked(folder: Path, settings: Settings) -> Settings:
    """Settings of the frozen installation, unpacked into a folder, with another database."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    image, text = demo_pair()
    return settings.model_copy(
        update={
            "home": folder / "home",
            "uploads_url": str(folder / "uploads"),
            "media_url": "media",
            "clip_image_model": str(image),
            "clip_text_model": str(text),
        }
    )


def assert_nothing_changed(settings: Settings, folder: Path) -> None:
    """Compares what is shown now with what was shown then, in the columns of then.

    Searched words are cut by the rules of today; of then are the posts that have some.
    """
    before: Rows = json.loads((folder / "expected.json").read_text("utf-8"))
    for row in before["vidpipe.video_words"]:
        del row["words"]
    assert rows_of(database_url(settings), like=before) == before


def words_as_published(connection: psycopg.Connection) -> bool:
    """Whether the searched words of all posts are what publishing them today would store."""
    row = connection.execute(
        "select bool_and(w.words = n.words and w.cut_by = vidpipe.word_rules())"
        " from vidpipe.video_words as w left join vidpipe.words_of_posts("
        "array(select video_id from vidpipe.videos)) as n using (video_id)"
    ).fetchone()
    return bool(row and row[0])


@pytest.fixture(scope="module")
def opened(
    module_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SettledInstallation]:
    """The frozen installation with its own database, as it was: not yet upgraded."""
    folder = tmp_path_factory.mktemp("frozen")
    settings = unpacked(folder, load_settings(database_url=module_database_url))
    with psycopg.connect(module_database_url, autocommit=True) as connection:
        connection.execute("create extension vector schema public")
    _psql(module_database_url, folder / "database.sql")
    with pytest.MonkeyPatch.context() as patch, DagsterInstance.ephemeral() as instance:
        patch.chdir(settings.home)  # the media URL is relative
        yield SettledInstallation(settings, folder / "uploads", instance)


def _psql(url: str, script: Path) -> None:
    options = ["--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--output", os.devnull]
    command: list[str | Path] = [postgres_program("psql"), *options, "--file", script, url]
    subprocess.run(command, check=True)


def test_an_upgrade_keeps_every_row(opened: SettledInstallation) -> None:
    upgrade(opened.settings)
    with opened.connect() as connection:
        assert pending(connection) == []
        assert words_as_published(connection)
    assert_nothing_changed(opened.settings, opened.uploads.parent)


def test_its_stage_versions_are_those_of_today(opened: SettledInstallation) -> None:
    """Where this fails, every installation computes everything anew with the next run."""
    lake, versions = Lake(opened.settings.lake), opened.pipeline.versions
    for table in ASSET_TABLES:
        held = set(lake.scan(table).select("stage_version").collect()["stage_version"])
        assert held == {versions[table.name]}, f"{table.name} was frozen at {FROZEN_AT}"


def test_a_look_at_the_uploads_finds_nothing_new(opened: SettledInstallation) -> None:
    report = opened.register()
    assert (report.new, report.changed, report.back, report.newly_missing, report.removed) == (
        (0,) * 5
    )
    assert report.held == 1
    assert opened.pending() == []


def test_a_run_over_all_dates_decodes_nothing_and_loads_no_model(
    opened: SettledInstallation,
) -> None:
    result = opened.materialize(DAYS)
    assert result.success, [event for event in result.all_events if event.is_failure]
    for table in ASSET_TABLES:
        counts = computed(result, table.name)
        assert counts["seen"] > 0
        assert counts["new"] == counts["failed"] == 0
    written = [
        event.materialization.metadata["rows_written"].value
        for event in result.get_asset_materialization_events()
        if "rows_written" in event.materialization.metadata
    ]
    assert written
    assert set(written) == {0}
    with psycopg.connect(database_url(opened.settings)) as connection:
        compared = connection.execute(
            "select from vidpipe.footage_contents where outcome = 'compared'"
        )
        assert compared.rowcount > 0
    assert_nothing_changed(opened.settings, opened.uploads.parent)


def test_its_hash_tracks_stand_for_footage_prints_until_a_refresh(
    opened: SettledInstallation,
) -> None:
    lake, version = opened.pipeline.lake, opened.pipeline.footage_prints.version
    rows = lake.scan(KEYFRAMES).filter(pl.col("status") != "failed").collect()
    found = list(read_prints(lake, version))
    assert {one.content_sha256 for one in found} == set(rows["content_sha256"])
    for one in found:
        assert one.footage_print is None
        assert one.hash_track is not None
        assert len(one.hash_track["pdq_full"]) == 32 * len(one.hash_track["timestamps_s"]) > 0
    work = opened.outdated()
    assert work.dates == list(DAYS)
    gone = 1  # an upload that was removed is not read again
    assert work.items == {FOOTAGE_PRINTS.name: rows["content_sha256"].n_unique() - gone}
    assert failing_dates(check(opened, "pgvector_index", "rows_equal_the_lake")) == []
    assert opened.pending() == []


def test_its_backup_and_its_lake_make_the_same_rows_in_a_new_database(
    database_settings: Settings, tmp_path: Path
) -> None:
    settings = unpacked(tmp_path, database_settings)
    environment = demo_environment(settings, settings.home) | {
        "VIDPIPE_UPLOADS_URL": str(settings.uploads_url),
        "VIDPIPE_MEDIA_URL": "media",
    }
    for arguments in (("restore", str(tmp_path / "backup.zip")), ("rebuild",)):
        ended = subprocess.run(
            [sys.executable, "-m", "vidpipe", "db", *arguments],
            cwd=settings.home,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
    assert_nothing_changed(settings, tmp_path)
