"""Results that are made anew, where something comes in between: kills, other settings, other dates.

Each test has an installation of its own, with a video on each of three dates.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from dagster import DagsterInstance

from vidpipe.automation.pending_ingest import ingest_days
from vidpipe.automation.recompute_config import REFRESH_JOB
from vidpipe.definitions import build_defs
from vidpipe.errors import UnknownName
from vidpipe.pipeline.loop import run_stage
from vidpipe.pipeline.recompute import dates_of_items
from vidpipe.settings import Settings
from vidpipe.uploads.registry.pending_dates import published_otherwise
from vidpipe_tests.automation.test_checks import check, failing_dates
from vidpipe_tests.installation import Installation, age
from vidpipe_tests.test_changed_settings import STAGES, frames, made, upload

FIRST, SECOND, THIRD = DAYS = (date(2025, 3, 3), date(2025, 3, 4), date(2025, 3, 10))


@pytest.fixture
def installation(upgraded_database_settings: Settings, tmp_path: Path) -> Iterator[Installation]:
    with DagsterInstance.ephemeral() as instance:
        own = Installation.make(upgraded_database_settings, tmp_path, instance)
        own = own.under(keyframes_per_video=3)
        for seed, day in enumerate(DAYS):
            upload(own, f"{day}/{seed}.mp4", seed)
        broken = own.uploads / f"{SECOND}/broken.mp4"
        broken.write_bytes(bytes(5_000))
        age(broken)
        own.run()
        yield own


def as_noted_by_earlier_vidpipe(installation: Installation) -> None:
    """One digest of versions and limits, also of a day between two dates that has no uploads."""
    installation.query(
        "with noted as (update vidpipe_ops.published_dates set limits_digest = null,"
        " versions_digest = %s returning 1)"
        " insert into vidpipe_ops.published_dates (ingest_date, uploads_digest, versions_digest)"
        " values ('2025-03-06', '', %s) returning 1",
        *[installation.pipeline.versions_digest] * 2,
    )


def test_what_was_withdrawn_and_not_made_anew_is_not_taken_from_other_settings(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = installation.under(keyframes_per_video=2)
    assert two.refresh(DAYS).success
    with monkeypatch.context() as patch:

        def killed(stage, *args, **more):  # type: ignore[no-untyped-def]
            assert stage.name != "keyframes", "killed"
            return run_stage(stage, *args, **more)

        patch.setattr("vidpipe.pipeline.stages.run_stage", killed)
        assert not two.materialize([FIRST], {"keyframes": {"force": True}}).success
    assert two.pending() == [FIRST]
    assert made(two.run()) == {"keyframes": 1}
    assert frames(two)["0.mp4"] == 2
    assert two.outdated().dates == []
    assert made(two.materialize(DAYS)) == {}, "what was asked for is made once"


def test_dates_published_under_other_settings_are_compared_with_nothing(
    installation: Installation,
) -> None:
    two = installation.under(keyframes_per_video=2)
    assert two.refresh([FIRST, SECOND]).success
    for now in (two, installation):
        assert failing_dates(check(now, "pgvector_index", "rows_equal_the_lake")) == []
    with installation.connect() as connection:
        assert published_otherwise(connection, two.pipeline.in_force) == {THIRD}
        assert published_otherwise(connection, installation.pipeline.in_force) == {FIRST, SECOND}
    upload(two, f"{THIRD}/new.mp4", 7)
    two.run()
    assert two.outdated().dates == [THIRD], "one video of two is of before"
    with installation.connect() as connection:
        assert published_otherwise(connection, two.pipeline.in_force) == set()
    assert failing_dates(check(two, "pgvector_index", "rows_equal_the_lake")) == []


def test_dates_of_an_earlier_vidpipe_are_judged_by_settings_and_limits_apart(
    installation: Installation, tmp_path: Path
) -> None:
    as_noted_by_earlier_vidpipe(installation)
    without = installation.under(clip_image_model=str(tmp_path / "gone"))
    assert without.pending() == [], "a missing model is no reason to try failures again"
    assert installation.pending() == []
    assert installation.under(keyframes_per_video=2).pending() == []
    other_limit = installation.under(max_upload_bytes=4_000)
    assert other_limit.pending() == [SECOND]
    work = other_limit.outdated()
    assert work.dates == list(DAYS), "such a vidpipe made no footage prints"
    assert work.items == {}, "here they are, and a limit is no setting that results depend on"


def test_days_without_uploads_are_never_made_under_other_settings(
    installation: Installation,
) -> None:
    as_noted_by_earlier_vidpipe(installation)
    two = installation.under(keyframes_per_video=2)
    assert two.outdated().dates == list(DAYS)
    assert two.refresh(DAYS).success
    assert two.outdated().dates == []


def test_only_the_named_stages_are_made_anew(installation: Installation) -> None:
    two = installation.under(keyframes_per_video=2)
    job = build_defs(two.stores).resolve_job_def(REFRESH_JOB)
    asked = {"raw_videos": {"refresh": True, "force": True, "reason": "read metadata again"}}
    ingest_days(job, installation.instance, two.stores, [FIRST], asked, between=0)
    assert two.outdated().items["keyframes"] == 3, "nothing was decoded"
    as_shown = {stage: {"reason": "launched as the launchpad shows it"} for stage in STAGES}
    ingest_days(job, installation.instance, two.stores, [FIRST], as_shown, between=0)
    assert two.outdated().items["keyframes"] == 2


def test_named_items_are_looked_for_on_all_dates_together(installation: Installation) -> None:
    items = [f"{FIRST}/0.mp4", f"{THIRD}/2.mp4"]
    with installation.connect() as connection:
        session = installation.session(connection)
        snapshot = installation.pipeline.snapshot(session, DAYS)
        assert dates_of_items(snapshot, items[:1]) == [FIRST]
        assert dates_of_items(snapshot, items) == [FIRST, THIRD]
        with pytest.raises(UnknownName):
            dates_of_items(snapshot, [*items, "no-such-thing"])
