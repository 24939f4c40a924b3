"""The account_topics asset: a week in a run, and what the UI shows of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from dagster import DagsterInstance

from vidpipe.definitions import build_defs
from vidpipe.settings import Settings
from vidpipe_tests.installation import Installation
from vidpipe_tests.topics.corpora import WEEK, corpus_of_accounts, ingest


@pytest.fixture
def installation(upgraded_database_settings: Settings, tmp_path: Path) -> Iterator[Installation]:
    with DagsterInstance.ephemeral() as instance:
        yield Installation.make(upgraded_database_settings, tmp_path, instance)


def test_a_week_is_clustered_once_and_shown(installation: Installation) -> None:
    job = build_defs(installation.stores).resolve_job_def("cluster_topics")
    with installation.connect() as connection:
        ingest(connection, corpus_of_accounts())
    shown = []
    for _ in range(2):
        result = job.execute_in_process(
            instance=installation.instance, partition_key=WEEK.isoformat()
        )
        (event,) = result.get_asset_materialization_events()
        shown.append({name: one.value for name, one in event.materialization.metadata.items()})
    first, second = shown
    assert (first["status"], first["topics"], first["contents"]) == ("made", 4, 43)
    assert "tank" in str(first["largest_topics"])
    assert "silhouette" in str(first["thresholds"])
    assert first["bertopic_model"] == str(first["report"]).removesuffix(".html")
    assert (second["status"], second["run_no"]) == ("unchanged", first["run_no"])


def test_an_empty_database_is_named_and_no_failure(installation: Installation) -> None:
    job = build_defs(installation.stores).resolve_job_def("cluster_topics")
    result = job.execute_in_process(instance=installation.instance, partition_key=WEEK.isoformat())
    (event,) = result.get_asset_materialization_events()
    assert event.materialization.metadata["status"].value == "empty"
    assert event.materialization.metadata["notes"].value == ["nothing is indexed yet"]
