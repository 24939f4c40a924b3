"""Claims: what one run computes, no other computes at the same time."""

import threading
from dataclasses import replace
from datetime import date
from typing import Any

from psycopg import Connection

from vidpipe.pipeline.claims import claimed
from vidpipe.pipeline.contract import Stage, StageReport
from vidpipe.settings import Settings
from vidpipe.stores.database import connect
from vidpipe.stores.lake import Lake
from vidpipe_tests.pipeline.misbehaving_runs import compute, items, statuses, tried


def test_an_item_is_claimed_by_one_run_and_free_when_that_is_done(
    stage: Stage, connection: Connection[Any], upgraded_database_settings: Settings
) -> None:
    first, second, third = items(None, None, None)
    with connect(upgraded_database_settings, autocommit=True) as other:
        with claimed(connection, stage, [first, second]) as of_one_run:
            assert of_one_run == ([first, second], [])
            with claimed(other, stage, [second, third]) as of_the_other:
                assert of_the_other == ([third], [second])
        with claimed(other, stage, [second, third]) as later:
            assert later == ([second, third], [])


def test_another_version_of_a_stage_claims_its_own_items(
    stage: Stage, connection: Connection[Any], upgraded_database_settings: Settings
) -> None:
    work = items(None)
    with (
        connect(upgraded_database_settings, autocommit=True) as other,
        claimed(connection, stage, work),
        claimed(other, replace(stage, version="v2"), work) as of_the_other,
    ):
        assert of_the_other == (work, [])


def test_two_runs_at_once_compute_each_key_once(
    stage: Stage, lake: Lake, upgraded_database_settings: Settings
) -> None:
    reports: list[StageReport] = []

    def run(day: date) -> None:
        with connect(upgraded_database_settings, autocommit=True) as connection:
            work = items(*["slow"] * 8, day=day)
            reports.append(compute(replace(stage, batch_size=2), work, lake, connection))

    threads = [threading.Thread(target=run, args=[date(2026, 11, day)]) for day in (2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(tried(stage)) == [f"{number:02}" for number in range(8)]
    assert sum(report.total.new for report in reports) == 8
    assert sum(report.total.skipped for report in reports) == 8
    assert len(statuses(lake, stage)) == 8
