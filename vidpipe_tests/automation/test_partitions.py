"""Partitions are the registry's dates: what exists can be asked for, what is missing waits."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from dagster import DagsterInstance

from vidpipe.automation.partitions import keep_partitions, last_ended_week, monday
from vidpipe.settings import Settings
from vidpipe.uploads.registry import tombstones
from vidpipe_tests.installation import Installation, age


@pytest.fixture
def installation(upgraded_database_settings: Settings, tmp_path: Path) -> Iterator[Installation]:
    with DagsterInstance.ephemeral() as instance:
        yield Installation.make(upgraded_database_settings, tmp_path, instance)


def upload(installation: Installation, name: str) -> None:
    """A complete upload; it is only listed."""
    path = installation.uploads / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"no video")
    age(path)


def kept(installation: Installation) -> list[str]:
    """The ingest dates that are partitions after a look at the uploads."""
    installation.register()
    with installation.connect() as connection:
        keep_partitions(installation.instance, connection)
    return sorted(installation.instance.get_dynamic_partitions("ingest_date"))


def weeks(installation: Installation) -> list[str]:
    return sorted(installation.instance.get_dynamic_partitions("week"))


def test_dates_with_uploads_are_partitions_and_no_others(installation: Installation) -> None:
    assert kept(installation) == []
    assert weeks(installation) == []
    for name in ("2025-03-03/a.mp4", "2025-03-03/b.mp4", "2020-02-29/c.mp4", "2999-01-01/d.mp4"):
        upload(installation, name)
    assert kept(installation) == ["2020-02-29", "2025-03-03"], "what is held has no date yet"
    assert kept(installation) == ["2020-02-29", "2025-03-03"]


def test_weeks_with_uploads_and_the_last_one_that_has_ended_are_partitions(
    installation: Installation,
) -> None:
    upload(installation, "2025-03-05/a.mp4")
    upload(installation, "2020-02-29/b.mp4")
    kept(installation)
    ended = last_ended_week(datetime.now(UTC).date())
    assert weeks(installation) == ["2020-02-24", "2025-03-03", ended.isoformat()]
    assert all(date.fromisoformat(week).weekday() == 0 for week in weeks(installation))


def test_no_week_before_the_first_upload_is_a_partition(installation: Installation) -> None:
    today = datetime.now(UTC).date()
    upload(installation, f"{today}/a.mp4")
    kept(installation)
    assert weeks(installation) == [monday(today).isoformat()]


def test_a_date_whose_uploads_vanished_stays_and_one_that_was_erased_goes(
    installation: Installation,
) -> None:
    upload(installation, "2025-03-03/a.mp4")
    upload(installation, "2025-03-04/b.mp4")
    for number in range(8):
        upload(installation, f"2025-03-05/{number}.mp4")
    assert len(kept(installation)) == 3
    (installation.uploads / "2025-03-03/a.mp4").unlink()
    kept(installation)
    assert len(kept(installation)) == 3
    assert installation.query(
        "select present from vidpipe_ops.date_digests where ingest_date = '2025-03-03'"
    ) == [(0,)]
    with installation.connect() as connection:
        tombstones.forget(connection, uploads=["2025-03-04/b.mp4"])
    assert kept(installation) == ["2025-03-03", "2025-03-05"]
    assert "2025-03-03" in weeks(installation), "topics of a week are not its uploads' alone"


def test_a_date_that_comes_in_while_partitions_are_kept_is_not_taken_for_one_that_has_gone(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(installation, "2025-03-03/a.mp4")
    kept(installation)
    look = installation.instance.get_dynamic_partitions

    def looked_while_another_tick_registers(name: str) -> Any:
        found = look(name)
        monkeypatch.undo()
        upload(installation, "2025-03-04/b.mp4")
        kept(installation)
        return found

    monkeypatch.setattr(
        installation.instance, "get_dynamic_partitions", looked_while_another_tick_registers
    )
    with installation.connect() as connection:
        keep_partitions(installation.instance, connection)
    assert look("ingest_date") == ["2025-03-03", "2025-03-04"]


def test_the_week_that_has_ended_is_the_one_before_todays() -> None:
    sunday = date(2026, 11, 29)
    assert [last_ended_week(sunday + timedelta(days=more)) for more in (0, 1)] == [
        date(2026, 11, 16),
        date(2026, 11, 23),
    ]
