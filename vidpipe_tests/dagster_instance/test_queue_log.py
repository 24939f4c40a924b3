"""The run queue says each thing once."""

import logging

import pytest
from dagster._daemon.daemon import get_default_daemon_logger
from dagster._daemon.run_coordinator.queued_run_coordinator_daemon import (
    QueuedRunCoordinatorDaemon,
)

from vidpipe.dagster_instance import queue_log
from vidpipe.dagster_instance.queue_log import QUEUE_LOGGER, SaidOnce, say_once

WAITS = "Priority sorting and checking tag concurrency limits for queued runs."
FULL = "2 runs are currently in progress. Maximum is 2, won't launch more."


def passed(said_once: SaidOnce, *lines: str) -> list[str]:
    records = [logging.makeLogRecord({"msg": line}) for line in lines]
    return [record.msg for record in records if said_once.filter(record)]


def test_lines_that_come_again_and_again_are_said_once() -> None:
    said_once = SaidOnce()
    assert passed(said_once, WAITS, FULL, WAITS, FULL, WAITS) == [WAITS, FULL]
    assert passed(said_once, "Launched 1 runs.", WAITS) == ["Launched 1 runs."]


def test_what_still_holds_after_a_while_is_said_again(monkeypatch: pytest.MonkeyPatch) -> None:
    said_once = SaidOnce()
    assert passed(said_once, FULL) == [FULL]
    monkeypatch.setattr(queue_log, "SAID_AGAIN_AFTER_S", 0.0)
    assert passed(said_once, FULL) == [FULL]


def test_the_logger_is_the_one_of_the_run_queue() -> None:
    logger = get_default_daemon_logger(QueuedRunCoordinatorDaemon.__name__)
    assert logger.name == QUEUE_LOGGER
    before = len(logger.filters)
    say_once()
    say_once()
    assert len(logger.filters) <= before + 1, "however many instances a process opens"
    assert any(isinstance(one, SaidOnce) for one in logger.filters)
