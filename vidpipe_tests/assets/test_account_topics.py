"""The account_topics asset: weeks in a run, what the UI shows of them, and what is checked."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from dagster import DagsterInstance, ExecuteInProcessResult, TableSchema

from vidpipe.automation.partitions import keep_weeks
from vidpipe.automation.pending_ingest import RANGE_END_TAG, RANGE_START_TAG
from vidpipe.definitions import build_defs
from vidpipe.settings import Settings
from vidpipe_tests.installation import Installation
from vidpipe_tests.topics.corpora import WEEK, corpus_of_accounts, ingest, posts

NEXT, AFTER = WEEK + timedelta(days=7), WEEK + timedelta(days=14)


@pytest.fixture
def installation(upgraded_database_settings: Settings, tmp_path: Path) -> Iterator[Installation]:
    with DagsterInstance.ephemeral() as instance:
        yield Installation.make(upgraded_database_settings, tmp_path, instance)


def cluster(installation: Installation, first: date, last: date) -> ExecuteInProcessResult:
    """The topics of all weeks from the first to the last, in one run."""
    weeks = [first + timedelta(days=days) for days in range(0, (last - first).days + 1, 7)]
    keep_weeks(installation.instance, weeks)
    result = (
        build_defs(installation.stores)
        .resolve_job_def("cluster_topics")
        .execute_in_process(
            instance=installation.instance,
            tags={RANGE_START_TAG: first.isoformat(), RANGE_END_TAG: last.isoformat()},
        )
    )
    assert result.success
    return result


def shown(result: ExecuteInProcessResult) -> dict[str, dict[str, Any]]:
    return {
        str(event.partition): {
            name: one.value for name, one in event.materialization.metadata.items()
        }
        for event in result.get_asset_materialization_events()
    }


def judged(result: ExecuteInProcessResult) -> dict[tuple[str | None, str], bool]:
    return {
        (one.partition, one.asset_check_key.name): one.passed
        for one in result.get_asset_check_evaluations()
    }


def test_a_week_is_clustered_once_and_shown(installation: Installation) -> None:
    with installation.connect() as connection:
        ingest(connection, corpus_of_accounts())
    first, second = (shown(cluster(installation, WEEK, WEEK))[WEEK.isoformat()] for _ in range(2))
    assert (first["status"], first["topics"], first["contents"]) == ("made", 4, 43)
    assert "tank" in str(first["largest_topics"])
    assert "silhouette" in str(first["thresholds"])
    assert first["bertopic_model"] == str(first["report"]).removesuffix(".html")
    assert (second["status"], second["run_no"]) == ("unchanged", first["run_no"])
    [(rows,)] = installation.query("select count(*) from vidpipe.topics")
    assert first["dagster/partition_row_count"] == second["dagster/partition_row_count"] == rows
    assert isinstance(first["dagster/column_schema"], TableSchema)
    assert {column.name for column in first["dagster/column_schema"].columns} >= {"topic_id"}


def test_many_weeks_are_one_run_in_order_and_quiet_weeks_stop_early(
    installation: Installation,
) -> None:
    with installation.connect() as connection:
        ingest(connection, corpus_of_accounts())
        ingest(connection, posts("boat", 6, account="late"), day=AFTER)
    result = cluster(installation, WEEK, AFTER)
    statuses = {week: one["status"] for week, one in shown(result).items()}
    assert statuses == {
        WEEK.isoformat(): "made",
        NEXT.isoformat(): "unchanged",
        AFTER.isoformat(): "made",
    }
    runs = installation.query("select week, is_current from vidpipe.topic_runs order by run_no")
    assert runs == [(WEEK, False), (AFTER, True)]
    names = {"model_covers_the_corpus", "few_contents_are_in_no_topic", "lineage_is_kept"}
    verdicts = judged(result)
    assert {name for week, name in verdicts if week == AFTER.isoformat()} == names
    assert all(verdicts.values()), verdicts


def test_a_week_whose_topics_broke_off_or_left_much_out_is_warned_of(
    installation: Installation,
) -> None:
    with installation.connect() as connection:
        ingest(connection, corpus_of_accounts())
        ingest(connection, posts("boat", 6, account="late"), day=NEXT)
        cluster(installation, WEEK, NEXT)
        connection.execute(
            "update vidpipe.topic_runs set outlier_share = 0.9 where week = %s", [NEXT]
        )
        connection.execute(
            "delete from vidpipe.topic_lineage where topic_id = (select min(topic_id)"
            " from vidpipe.topic_lineage)"
        )
    verdicts = judged(cluster(installation, WEEK, NEXT))
    first, second = WEEK.isoformat(), NEXT.isoformat()
    assert verdicts[first, "few_contents_are_in_no_topic"]
    assert not verdicts[second, "few_contents_are_in_no_topic"]
    assert verdicts[first, "lineage_is_kept"]
    assert not verdicts[second, "lineage_is_kept"]


def test_an_empty_database_is_named_and_no_failure(installation: Installation) -> None:
    [metadata] = shown(cluster(installation, WEEK, WEEK)).values()
    assert metadata["status"] == "empty"
    assert metadata["notes"] == ["nothing is indexed yet"]
