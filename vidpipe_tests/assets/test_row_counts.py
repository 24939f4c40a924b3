"""The row count that the UI shows of a partition is that of the table that the asset names."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from dagster import AssetKey, DagsterInstance

from vidpipe.automation.work_status import read_status
from vidpipe.definitions import build_defs
from vidpipe.settings import Settings
from vidpipe.stores.lake import ASSET_TABLES, KEYFRAMES, LakeTable
from vidpipe_tests.assets.ingested import FIRST, SECOND, Ingested
from vidpipe_tests.clips import COLOURS, tiny_clip
from vidpipe_tests.installation import Installation, age


@pytest.mark.parametrize("table", ASSET_TABLES, ids=lambda table: table.name)
def test_a_stage_counts_the_rows_of_its_table(ingested: Ingested, table: LakeTable) -> None:
    pipeline = ingested.installation.pipeline
    graph = build_defs(ingested.installation.stores).resolve_asset_graph()
    assert graph.get(AssetKey(table.name)).metadata["dagster/table_name"] == f"lake.{table.name}"
    rows = pipeline.lake.scan(table).collect()
    for day, metadata in ingested.shown(table.name).items():
        of_day = rows.filter(pl.col("ingest_date") == day)
        assert metadata["dagster/partition_row_count"] == of_day.height > 0
        assert metadata["rows_by_version"] == {pipeline.versions[table.name]: of_day.height}


def test_the_index_counts_the_rows_of_videos(ingested: Ingested) -> None:
    rows = dict(
        ingested.installation.query("select ingest_date, count(*) from vidpipe.videos group by 1")
    )
    shown = ingested.shown("pgvector_index")
    assert {day: one["dagster/partition_row_count"] for day, one in shown.items()} == rows


@pytest.fixture
def installation(upgraded_database_settings: Settings, tmp_path: Path) -> Iterator[Installation]:
    with DagsterInstance.ephemeral() as instance:
        yield Installation.make(upgraded_database_settings, tmp_path, instance)


def test_a_repost_is_seen_and_adds_no_row_and_a_former_version_is_told_apart(
    installation: Installation,
) -> None:
    for day in (FIRST, SECOND):
        age(tiny_clip(installation.uploads / f"{day}/a/{day}.mp4", colours=COLOURS[:2], seed=1))
    first = Ingested(installation, installation.run()).shown("keyframes")
    assert [first[day]["seen"] for day in (FIRST, SECOND)] == [1, 0]
    assert [first[day]["dagster/partition_row_count"] for day in (FIRST, SECOND)] == [1, 0]
    later = installation.under(keyframes_per_video=1)
    left = Ingested(later, later.materialize([FIRST, SECOND])).shown("keyframes")
    assert left[FIRST]["dagster/partition_row_count"] == 1, "results of other settings count"
    shown = Ingested(later, later.refresh([FIRST, SECOND])).shown("keyframes")
    versions = {installation.pipeline.keyframes.version, later.pipeline.keyframes.version}
    assert set(shown[FIRST]["rows_by_version"]) == versions
    assert shown[FIRST]["dagster/partition_row_count"] == 1
    assert later.pipeline.lake.scan(KEYFRAMES).collect().height == 2


def test_a_date_whose_uploads_all_vanished_says_so(installation: Installation) -> None:
    for day in (FIRST, SECOND):
        path = tiny_clip(installation.uploads / f"{day}/a/{day}.mp4", colours=COLOURS[:2], seed=1)
        age(path)
    installation.run()
    with installation.connect() as connection:
        connection.execute(
            "update vidpipe_ops.uploads set removed_at = now(), changed_at = now()"
            " where ingest_date = %s",
            [FIRST],
        )
    waiting = read_status(installation.instance, installation.stores).pending_dates
    assert waiting == [f"{FIRST}: all its uploads are gone"]
    shown = Ingested(installation, installation.materialize([FIRST, SECOND])).shown("raw_videos")
    assert "All 1 uploads of this date are gone" in shown[FIRST]["all_uploads_gone"]
    assert "all_uploads_gone" not in shown[SECOND]
