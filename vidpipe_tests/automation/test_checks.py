"""Every asset check fails when the data is wrong, names the date, and passes when it is right.

The tests share one installation that a real run filled; each breaks one thing, looks, and mends it.
Most checks run on their own here, as from the button in the UI: without a partition.
"""

import html
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import polars as pl
import pytest
from dagster import (
    AssetCheckEvaluation,
    AssetCheckKey,
    AssetCheckSeverity,
    AssetKey,
    DagsterInstance,
    ExecuteInProcessResult,
    MetadataValue,
)

from vidpipe.automation.checks import MIN_ANN_RECALL
from vidpipe.definitions import build_defs
from vidpipe.publication.dates import publish_dates
from vidpipe.settings import Settings
from vidpipe.stores.lake import CLIP_EMBEDDINGS, KEYFRAMES, LakeTable
from vidpipe.stores.model_registry import active_model
from vidpipe_tests.clips import COLOURS, tiny_clip
from vidpipe_tests.installation import Installation, age
from vidpipe_tests.publication.poor_index import add_random_frames, mend_index, spoil_index

GOOD, OTHER, BROKEN = date(2025, 3, 3), date(2025, 3, 4), date(2025, 3, 5)


@pytest.fixture(scope="module")
def installation(
    module_database_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """One good clip on each of two dates, and a file that is no video on a third."""
    with DagsterInstance.ephemeral() as instance:
        made = Installation.make(
            module_database_settings, tmp_path_factory.mktemp("installation"), instance
        )
        age(tiny_clip(made.uploads / f"{GOOD}/a/one.mp4", colours=COLOURS[:2], seed=1))
        age(tiny_clip(made.uploads / f"{OTHER}/a/two.mp4", colours=COLOURS[2:], seed=2))
        text = made.uploads / f"{BROKEN}/a/text.mp4"
        text.parent.mkdir(parents=True)
        text.write_text("this is no video")
        age(text)
        yield made


@pytest.fixture(scope="module")
def first_run(installation: Installation) -> ExecuteInProcessResult:
    return installation.run()


@pytest.fixture(autouse=True)
def _filled(first_run: ExecuteInProcessResult) -> None:
    assert first_run.success


@dataclass(frozen=True)
class Checked:
    """What one check said: of all that it looked at, and of each partition."""

    whole: AssetCheckEvaluation
    by_partition: dict[str, AssetCheckEvaluation]

    @property
    def passed(self) -> bool:
        return self.whole.passed

    @property
    def metadata(self) -> Mapping[str, MetadataValue]:
        return self.whole.metadata


def check(installation: Installation, asset: str, name: str) -> Checked:
    """Executes one check and nothing else, without a partition."""
    key = AssetCheckKey(AssetKey(asset), name)
    everything = build_defs(installation.stores).resolve_implicit_global_asset_job_def()
    job = everything.get_subset(asset_selection=set(), asset_check_selection={key})
    result = job.execute_in_process(
        instance=installation.instance,
        resources={"stores": installation.stores},
        raise_on_error=False,  # a blocking check that does not pass fails its step
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
    )
    assert result.get_asset_materialization_events() == []
    evaluations = result.get_asset_check_evaluations()
    assert {evaluation.asset_check_key for evaluation in evaluations} == {key}
    [whole] = [evaluation for evaluation in evaluations if evaluation.partition is None]
    return Checked(whole, {one.partition: one for one in evaluations if one.partition})


def failing_dates(checked: Checked) -> list[str]:
    found = [key for key, evaluation in checked.by_partition.items() if not evaluation.passed]
    assert checked.metadata["failing"].value == found
    assert checked.passed == (not found)
    return found


def latest(installation: Installation, asset: str, name: str) -> dict[str, str]:
    """What Dagster's storage says of a check on each partition: what the UI shows."""
    key = AssetCheckKey(AssetKey(asset), name)
    infos = installation.instance.event_log_storage.get_asset_check_partition_info([key])
    assert all(info.is_current for info in infos if info.partition_key)
    return {
        info.partition_key: info.latest_execution_status.value
        for info in infos
        if info.partition_key
    }


@contextmanager
def replaced(
    installation: Installation, table: LakeTable, of: date, change: pl.Expr | None
) -> Iterator[None]:
    """The lake's rows of a date with a changed column, or none of them; put back afterwards."""
    lake = installation.pipeline.lake
    before = lake.scan(table).filter(pl.col("ingest_date") == of).collect()

    def put(rows: pl.DataFrame) -> None:
        lake.delete(table, before[table.subject].unique().to_list())
        lake.append(table, rows.drop("committed_at").iter_rows(named=True))

    put(before.clear() if change is None else before.with_columns(change))
    try:
        yield
    finally:
        put(before)


def materialize(installation: Installation, day: date) -> ExecuteInProcessResult:
    return installation.materialize([day])


def test_every_check_passes_on_its_own_over_good_data(installation: Installation) -> None:
    keys = build_defs(installation.stores).resolve_asset_graph().asset_check_keys
    assert len(keys) >= 10
    for key in keys:
        found = check(installation, key.asset_key.to_user_string(), key.name)
        over_the_share = key.to_user_string() in (
            "raw_videos:failure_share_is_low",
            "pgvector_index:no_date_fails_a_check",  # it names that one
        )
        assert found.passed != over_the_share, key


def test_a_date_with_too_many_failures_is_named(installation: Installation) -> None:
    found = check(installation, "raw_videos", "failure_share_is_low")
    assert failing_dates(found) == [str(BROKEN)]
    assert found.by_partition[str(BROKEN)].metadata["share"].value == 1.0
    assert found.by_partition[str(BROKEN)].severity == AssetCheckSeverity.WARN
    lenient = installation.settings.model_copy(update={"failure_share_limit": 1.0})
    tolerant = Installation(lenient, installation.uploads, installation.instance)
    assert failing_dates(check(tolerant, "raw_videos", "failure_share_is_low")) == []


@pytest.mark.parametrize("table", ["contents", "keyframes", "frame_embeddings"])
def test_rows_that_postgresql_lost_are_noticed(installation: Installation, table: str) -> None:
    contents = "select content_sha256 from vidpipe.videos where ingest_date = %s"
    with installation.connect() as connection:
        if table == "frame_embeddings":
            relation, key = _model_table(installation), "keyframe_sha256"
            frames = "select keyframe_sha256 from vidpipe.keyframes where content_sha256 in"
            keys = f"{frames} ({contents})"
        else:
            relation, key, keys = table, "content_sha256", contents
        deleted = connection.execute(
            f"delete from vidpipe.{relation} where {key} in ({keys})", [OTHER]
        )
        assert deleted.rowcount > 0
        found = check(installation, "pgvector_index", "rows_equal_the_lake")
        assert failing_dates(found) == [str(OTHER)]
        sample = html.unescape(str(found.by_partition[str(OTHER)].metadata["sample"].value))
        assert f"| {OTHER} | {table} | {deleted.rowcount} | 0 |" in sample
        publish_dates(installation.pipeline, installation.session(connection), [OTHER])
    assert failing_dates(check(installation, "pgvector_index", "rows_equal_the_lake")) == []


def _model_table(installation: Installation) -> str:
    """The table behind the view `frame_embeddings`."""
    [(name,)] = installation.query(
        "select distinct table_name from information_schema.view_table_usage"
        " where view_schema = 'vidpipe' and view_name = 'frame_embeddings'"
        " and table_name like 'frame%%'"
    )
    return str(name)


def test_a_row_that_only_postgresql_holds_is_noticed(installation: Installation) -> None:
    with installation.connect() as connection:
        connection.execute(
            "insert into vidpipe.videos select (jsonb_populate_record(v,"
            """ '{"video_id": "tube:planted", "upload_id": "planted.mp4"}')).*"""
            " from vidpipe.videos as v where ingest_date = %s",
            [GOOD],
        )
        found = check(installation, "pgvector_index", "rows_equal_the_lake")
        assert failing_dates(found) == [str(GOOD)]
        publish_dates(installation.pipeline, installation.session(connection), [GOOD])
    assert failing_dates(check(installation, "pgvector_index", "rows_equal_the_lake")) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (pl.col("vector").list.eval(pl.element() * 2), "not of unit length"),
        (pl.col("vector").list.eval(pl.element() * float("nan")), "not finite"),
        (pl.col("vector").list.head(100), "dimensions"),
        (pl.lit(None, pl.List(pl.Float32)).alias("vector"), "missing"),
        (None, "missing"),
    ],
)
def test_vectors_that_are_not_good_are_named(
    installation: Installation, change: pl.Expr | None, problem: str
) -> None:
    with replaced(installation, CLIP_EMBEDDINGS, OTHER, change):
        found = check(installation, "clip_embeddings", "vectors_are_good")
        assert failing_dates(found) == [str(OTHER)]
        assert problem in str(found.by_partition[str(OTHER)].metadata["sample"].value)
    assert failing_dates(check(installation, "clip_embeddings", "vectors_are_good")) == []


def test_wrong_vectors_are_not_published(installation: Installation) -> None:
    """The check blocks: what analysts see stays as it was."""
    statement = "select keyframe_sha256, embedding::text from vidpipe.frame_embeddings order by 1"
    before = installation.query(statement)
    doubled = pl.col("vector").list.eval(pl.element() * 2)
    with replaced(installation, CLIP_EMBEDDINGS, GOOD, doubled):
        result = materialize(installation, GOOD)
    assert not result.success
    [found] = [
        one
        for one in result.get_asset_check_evaluations()
        if one.asset_check_key.name == "vectors_are_good"
    ]
    assert (found.partition, found.passed) == (str(GOOD), False)
    names = {
        event.asset_key.to_user_string()
        for event in result.get_asset_materialization_events()
        if event.asset_key is not None
    }
    assert "clip_embeddings" in names
    assert "pgvector_index" not in names
    assert installation.query(statement) == before


def test_a_content_without_keyframes_is_noticed(installation: Installation) -> None:
    with replaced(installation, KEYFRAMES, OTHER, None):
        found = check(installation, "keyframes", "every_content_has_a_keyframe")
        assert failing_dates(found) == [str(OTHER)]
    found = check(installation, "keyframes", "every_content_has_a_keyframe")
    assert failing_dates(found) == []


def test_an_index_that_finds_too_little_is_noticed(installation: Installation) -> None:
    with installation.connect() as connection:
        model = active_model(connection)
        assert model is not None
        add_random_frames(connection, model)
        try:
            assert check(installation, "pgvector_index", "ann_recall_is_high").passed
            spoil_index(connection, model)
            found = check(installation, "pgvector_index", "ann_recall_is_high")
            assert not found.passed
            recall = found.metadata["recall_at_10"].value
            assert isinstance(recall, float)
            assert recall < MIN_ANN_RECALL
        finally:
            mend_index(connection, model)
    assert check(installation, "pgvector_index", "ann_recall_is_high").passed


def test_a_listing_that_lost_all_uploads_is_noticed(installation: Installation) -> None:
    away = installation.uploads.with_name("unmounted")
    installation.uploads.rename(away)
    installation.uploads.mkdir()
    try:
        installation.register()
        found = check(installation, "raw_videos", "uploads_look_complete")
        assert not found.passed
        assert found.metadata["problems"].value
    finally:
        installation.uploads.rmdir()
        away.rename(installation.uploads)
    installation.register()
    assert check(installation, "raw_videos", "uploads_look_complete").passed


def test_a_date_whose_last_run_failed_is_listed_until_it_succeeds(
    installation: Installation,
) -> None:
    assert materialize(installation, GOOD).success
    without_model = installation.settings.model_copy(update={"clip_image_model": "/missing"})
    broken = Installation(without_model, installation.uploads, installation.instance)
    assert not materialize(broken, GOOD).success
    found = check(installation, "pgvector_index", "no_partition_failed")
    assert not found.passed
    failed = found.metadata["failed_partitions"].value
    assert isinstance(failed, list)
    [listed] = failed
    assert str(listed).startswith(f"{GOOD}: ")
    assert "pgvector_index" in str(listed)
    assert materialize(installation, GOOD).success
    assert check(installation, "pgvector_index", "no_partition_failed").passed


def test_checks_without_a_run_look_at_recent_dates_only(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vidpipe.automation.dated_checks.RECENT", 1)
    with replaced(installation, KEYFRAMES, OTHER, None):
        found = check(installation, "keyframes", "every_content_has_a_keyframe")
        assert failing_dates(found) == [], f"{BROKEN} is newer"


def test_the_warning_of_one_date_outlives_the_success_of_another(
    installation: Installation,
) -> None:
    assert installation.materialize([GOOD, BROKEN]).success, "a range: one evaluation a date"
    expected = {str(GOOD): "SUCCEEDED", str(OTHER): "SUCCEEDED", str(BROKEN): "FAILED"}
    assert latest(installation, "raw_videos", "failure_share_is_low") == expected
    assert materialize(installation, GOOD).success
    assert latest(installation, "raw_videos", "failure_share_is_low") == expected
    whole = check(installation, "pgvector_index", "no_date_fails_a_check")
    assert not whole.passed
    assert whole.metadata["failing"].value == [f"{BROKEN}: raw_videos:failure_share_is_low"]


def test_a_run_over_a_range_plans_a_check_once_and_judges_every_date(
    installation: Installation,
) -> None:
    result = installation.materialize([GOOD, BROKEN])
    planned = [
        entry.dagster_event
        for entry in installation.instance.all_logs(result.run_id)
        if entry.dagster_event and entry.dagster_event.event_type_value.endswith("PLANNED")
    ]
    dates, checks = 3, 20
    assert len(planned) == 6 * dates + checks
    dated = [one for one in result.get_asset_check_evaluations() if one.partition]
    assert len(dated) == 11 * dates
    assert all(one.target_materialization_data is not None for one in dated)


def test_a_date_that_fails_a_blocking_check_stops_the_run_and_is_the_one_that_is_named(
    installation: Installation,
) -> None:
    with replaced(installation, CLIP_EMBEDDINGS, OTHER, pl.col("vector").list.head(100)):
        assert not installation.materialize([GOOD, OTHER]).success
        assert latest(installation, "clip_embeddings", "vectors_are_good") == {
            str(GOOD): "SUCCEEDED",
            str(OTHER): "FAILED",
            str(BROKEN): "SUCCEEDED",
        }
    assert installation.materialize([GOOD, OTHER]).success
    assert set(latest(installation, "clip_embeddings", "vectors_are_good").values()) == {
        "SUCCEEDED"
    }
