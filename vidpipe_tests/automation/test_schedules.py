"""What the schedules request when their time comes."""

from datetime import UTC, datetime
from pathlib import Path

from dagster import RunRequest, SkipReason, build_schedule_context

from vidpipe.automation.schedules import daily_search_quality, weekly_topics
from vidpipe.resources import Stores
from vidpipe.settings import Settings, load_settings


def test_the_week_that_has_ended_is_asked_for_every_monday() -> None:
    monday = datetime(2026, 11, 23, 5, tzinfo=UTC)
    request = weekly_topics(build_schedule_context(scheduled_execution_time=monday))
    assert isinstance(request, RunRequest)
    assert request.partition_key == "2026-11-16"
    early = weekly_topics(
        build_schedule_context(scheduled_execution_time=datetime(2019, 1, 7, 5, tzinfo=UTC))
    )
    assert isinstance(early, SkipReason)


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
