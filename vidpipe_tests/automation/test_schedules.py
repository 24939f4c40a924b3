"""What the schedules request when their time comes."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from dagster import DagsterInstance, RunRequest, SkipReason, build_schedule_context

from vidpipe.automation.schedules import daily_search_quality, weekly_topics
from vidpipe.resources import Stores
from vidpipe.settings import Settings, load_settings
from vidpipe_tests.installation import Installation, age


@pytest.fixture
def installation(upgraded_database_settings: Settings, tmp_path: Path) -> Iterator[Installation]:
    with DagsterInstance.local_temp(str(tmp_path)) as instance:
        yield Installation.make(upgraded_database_settings, tmp_path, instance)


def test_the_week_that_has_ended_is_asked_for_every_monday(installation: Installation) -> None:
    """Also a quiet week: posts of it may have been removed, and vectors made since."""
    upload = installation.uploads / "2025-03-05/a/one.mp4"
    upload.parent.mkdir(parents=True)
    upload.write_bytes(b"no video yet")
    age(upload)
    installation.register()

    def tick(monday: datetime) -> object:
        return weekly_topics(
            build_schedule_context(
                instance=installation.instance,
                resources={"stores": installation.stores},
                scheduled_execution_time=monday,
            )
        )

    request = tick(datetime(2026, 11, 23, 5, tzinfo=UTC))
    assert isinstance(request, RunRequest)
    assert request.partition_key == "2026-11-16"
    assert installation.instance.has_dynamic_partition("week", "2026-11-16")
    early = tick(datetime(2025, 3, 3, 5, tzinfo=UTC))
    assert isinstance(early, SkipReason)
    assert "nothing was ingested before" in str(early.skip_message)


def test_search_is_measured_every_night_where_there_are_queries(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, query_set=tmp_path / "queries.yaml")
    night = datetime(2026, 11, 2, 4, tzinfo=UTC)

    def tick(settings: Settings) -> object:
        return daily_search_quality(
            build_schedule_context(
                resources={"stores": Stores(settings)}, scheduled_execution_time=night
            )
        )

    assert isinstance(tick(settings), RunRequest)
    skipped = tick(settings.model_copy(update={"query_set": None}))
    assert isinstance(skipped, SkipReason)
    assert "VIDPIPE_QUERY_SET" in str(skipped.skip_message)
