"""Saved queries that wait get their vectors, and what the UI shows of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from dagster import DagsterInstance

from vidpipe.definitions import build_defs
from vidpipe.publication.transaction import publish_rows
from vidpipe.settings import Settings
from vidpipe_tests.installation import Installation
from vidpipe_tests.publication.published_rows import DAY, Post, date_rows


@pytest.fixture
def installation(upgraded_database_settings: Settings, tmp_path: Path) -> Iterator[Installation]:
    """An index of one post, a query that can be embedded and one that cannot."""
    with DagsterInstance.ephemeral() as instance:
        made = Installation.make(upgraded_database_settings, tmp_path, instance)
        with made.connect() as connection:
            model = made.pipeline.model
            rows = date_rows([Post("a:1", "c1")], model=model)
            publish_rows(connection, rows, ingest_date=DAY, model=model)
            connection.execute(
                "insert into vidpipe.saved_queries (name, terms) values"
                """ ('tanks', '[{"text": "a tank"}]'), ('nonsense', '[{"video": "a:404"}]')"""
            )
        yield made


def test_the_run_makes_the_vector_and_the_name_answers(installation: Installation) -> None:
    job = build_defs(installation.stores).resolve_job_def("embed_queries")
    run = job.execute_in_process(instance=installation.instance)
    assert run.success
    [(video,)] = installation.query("select video_id from vidpipe.search_videos('tanks')")
    assert video == "a:1"
    [(told,)] = installation.query(
        "select embedding_error from vidpipe.saved_queries where name = 'nonsense'"
    )
    assert "a:404" in told
    (materialization,) = run.asset_materializations_for_node("query_embeddings")
    shown = {name: value.value for name, value in materialization.metadata.items()}
    assert (shown["embedded"], shown["refused"]) == (1, 1)
    assert shown["model"] == installation.pipeline.model.model_id
    assert "| tanks |  |" in str(shown["queries"])
    assert "| nonsense | " in str(shown["queries"])
