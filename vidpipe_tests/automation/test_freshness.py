"""Freshness: what has waited for long turns red, also where nothing runs; a quiet day does not."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from dagster import (
    AssetCheckEvaluation,
    AssetKey,
    AssetObservation,
    DagsterInstance,
    build_sensor_context,
)

from vidpipe.automation.freshness import TOPICS, UPLOADS, topics_verdict, uploads_verdict
from vidpipe.automation.partitions import last_ended_week, monday
from vidpipe.automation.sensors import uploads_sensor
from vidpipe.definitions import build_defs
from vidpipe.publication.transaction import publish_rows
from vidpipe.resources import Stores
from vidpipe.settings import Settings
from vidpipe.topics.run import make_run
from vidpipe.uploads.registry.pending_dates import MadeOf, uploads_digests
from vidpipe_tests.installation import Installation, age
from vidpipe_tests.publication.published_rows import date_rows
from vidpipe_tests.topics.corpora import corpus_of_accounts, ingest, posts

DAY = datetime(2025, 3, 3, tzinfo=UTC).date()


@pytest.fixture
def installation(upgraded_database_settings: Settings, tmp_path: Path) -> Iterator[Installation]:
    with DagsterInstance.local_temp(str(tmp_path)) as instance:
        yield Installation.make(upgraded_database_settings, tmp_path, instance)


def upload(installation: Installation, name: str) -> None:
    path = installation.uploads / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"no video yet")
    age(path)


def tick(installation: Installation) -> list[Any]:
    """What the sensor tells Dagster, and that Dagster has taken it as the daemon would."""
    stores = installation.stores
    found = uploads_sensor.evaluate_tick(
        build_sensor_context(
            instance=installation.instance,
            instance_ref=installation.instance.get_ref(),
            resources={"stores": stores},
            repository_def=build_defs(stores).get_repository_def(),
        )
    )
    for event in found.asset_events:
        installation.instance.report_runless_asset_event(event)
    return list(found.asset_events)


def told(events: list[Any]) -> dict[str, bool]:
    """Which of the checks of freshness passed, of those that an event tells of."""
    evaluations = [one for one in events if isinstance(one, AssetCheckEvaluation)]
    names = (UPLOADS.name, TOPICS.name)
    return {one.check_name: one.passed for one in evaluations if one.check_name in names}


def let_wait(installation: Installation, hours: float) -> None:
    with installation.connect() as connection:
        connection.execute(
            "update vidpipe_ops.uploads set changed_at = changed_at - %s", [timedelta(hours=hours)]
        )


def publish(installation: Installation, uploads_digest: str | None = None) -> None:
    """Takes the date to PostgreSQL as it stands."""
    with installation.connect() as connection:
        model = installation.pipeline.model
        publish_rows(
            connection,
            date_rows([], ingest_date=DAY, model=model),
            ingest_date=DAY,
            model=model,
            made_of=MadeOf(uploads_digest or uploads_digests(connection, [DAY])[DAY], "whatever"),
        )


def test_an_upload_that_waits_turns_the_check_red_though_nothing_runs(
    installation: Installation,
) -> None:
    upload(installation, f"{DAY}/a/one.mp4")
    assert told(tick(installation)) == {UPLOADS.name: True, TOPICS.name: True}
    let_wait(installation, installation.settings.fresh_within_h + 1)
    [event] = [one for one in tick(installation) if isinstance(one, AssetCheckEvaluation)]
    assert (event.check_name, event.passed) == (UPLOADS.name, False)
    [named] = event.metadata["dates"].value  # type: ignore[misc]
    assert str(named).startswith(f"{DAY}: 1 since ")
    assert told(tick(installation)) == {}, "it is told once"
    publish(installation)
    assert told(tick(installation)) == {UPLOADS.name: True}


def test_a_quiet_weekend_and_other_settings_make_nobody_wait(installation: Installation) -> None:
    upload(installation, f"{DAY}/a/one.mp4")
    installation.register()
    publish(installation)
    let_wait(installation, 1000)
    with installation.connect() as connection:
        assert uploads_verdict(connection, installation.stores).passed


def test_an_upload_that_a_publication_missed_waits_too(installation: Installation) -> None:
    """It was registered while the run was under way: the date is published, but incomplete."""
    upload(installation, f"{DAY}/a/one.mp4")
    installation.register()
    publish(installation, uploads_digest="incomplete")
    let_wait(installation, 1000)
    with installation.connect() as connection:
        verdict = uploads_verdict(connection, installation.stores)
    assert (verdict.passed, verdict.metadata["waiting_uploads"]) == (False, 1)


def test_posts_of_a_week_that_has_ended_wait_for_topics_until_a_run_reads_them(
    installation: Installation,
) -> None:
    now = datetime.now(UTC)
    week = last_ended_week(now.date())
    began = datetime.combine(monday(now.date()), datetime.min.time(), UTC)
    hours = (now - began) / timedelta(hours=1) - 5
    if hours <= 0:
        pytest.skip("the schedule is not due yet on this Monday")
    impatient = installation.settings.model_copy(update={"fresh_within_h": hours / 2})
    patient = installation.settings.model_copy(update={"fresh_within_h": hours + 1})
    with installation.connect() as connection:
        assert topics_verdict(connection, Stores(impatient)).passed, (
            "an empty database waits for nothing"
        )
        given = corpus_of_accounts()
        ingest(connection, given, day=week)
        ingest(connection, posts("cat", 3, account="today"), day=now.date())
        connection.execute("update vidpipe_ops.seen_videos set seen_at = seen_at - interval '8 d'")
        verdict = topics_verdict(connection, Stores(impatient))
        assert (verdict.passed, verdict.metadata["waiting_posts"]) == (False, len(given))
        assert topics_verdict(connection, Stores(patient)).passed, "the run is not late yet"
        made = make_run(installation.settings, week)
        assert made.status == "made"
        assert topics_verdict(connection, Stores(impatient)).passed


def test_the_registrys_figures_are_observed_when_they_change(installation: Installation) -> None:
    def observed() -> list[AssetObservation]:
        return [one for one in tick(installation) if isinstance(one, AssetObservation)]

    [first] = observed()
    assert first.asset_key == AssetKey("uploads")
    assert first.metadata["uploads"].value == 0
    assert observed() == []
    upload(installation, f"{DAY}/a/one.mp4")
    upload(installation, "2999-01-01/later.mp4")
    [second] = observed()
    figures = {name: value.value for name, value in second.metadata.items()}
    assert figures == {
        "url": installation.settings.uploads_url,
        "uploads": 1,
        "bytes": len(b"no video yet"),
        "ingest_dates": 1,
        "removed": 0,
        "held": 1,
        "waiting": 0,
        "side_files": 0,
    }
    assert observed() == []
