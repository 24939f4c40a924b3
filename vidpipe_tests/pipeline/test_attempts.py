"""Attempts: what a run leaves written down of the items that it holds."""

from dataclasses import replace
from typing import Any

import pytest
from psycopg import Connection

from vidpipe.pipeline.attempts import Attempts
from vidpipe.pipeline.contract import Stage
from vidpipe_tests.pipeline.misbehaving_runs import items, open_attempts


@pytest.fixture
def attempts(stage: Stage, connection: Connection[Any]) -> Attempts:
    return Attempts(connection, stage, run_id="a run")


def test_a_run_that_dies_leaves_the_items_that_it_held(
    attempts: Attempts, stage: Stage, connection: Connection[Any]
) -> None:
    work = items(None, None)
    attempts.begin(work)
    attempts.begin(work[:1])  # its batch is tried again within the run: that is one try
    assert Attempts(connection, stage, run_id="the next run").run_deaths() == {"00": 1, "01": 1}


def test_a_failure_that_may_pass_is_no_death_and_failures_add_up(attempts: Attempts) -> None:
    [item] = items(None)
    for expected in (1, 2):
        attempts.begin([item])
        assert attempts.failed(item, "the bucket said\0 nothing") == expected
    assert attempts.run_deaths() == {}
    assert attempts.recorded() == {"00"}


def test_a_published_item_is_forgotten_under_all_limits(
    attempts: Attempts, stage: Stage, connection: Connection[Any]
) -> None:
    raised = Attempts(connection, replace(stage, limits={"max_attempts": 9}), run_id=None)
    attempts.begin(items(None))
    raised.begin(items(None))
    assert raised.run_deaths() == {"00": 1}
    raised.finish(["00"])
    assert open_attempts(connection) == []


def test_a_run_that_stops_takes_back_what_it_did_not_finish(
    attempts: Attempts, connection: Connection[Any]
) -> None:
    first, second = items(None, None)
    attempts.begin([first, second])
    attempts.failed(first, "not just now")
    attempts.withdraw()
    assert attempts.run_deaths() == {}
    assert open_attempts(connection) == [("00", 1, 1), ("01", 0, 0)]
