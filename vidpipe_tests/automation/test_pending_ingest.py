"""Pending dates grouped into runs."""

from datetime import date, timedelta

from vidpipe.automation.pending_ingest import MOST_DONE_BETWEEN, date_ranges

DAYS = [date(2026, 3, 1) + timedelta(days=17 * number) for number in range(3 * MOST_DONE_BETWEEN)]


def ranges(*pending: date, done: list[date] = DAYS) -> list[tuple[date, date]]:
    return date_ranges(DAYS, pending=set(pending), done=set(done) - set(pending))


def test_pending_neighbours_are_one_run_however_many_days_lie_between_them() -> None:
    assert ranges(*DAYS) == [(DAYS[0], DAYS[-1])]


def test_a_run_spans_a_few_dates_that_are_done_and_not_many() -> None:
    near, far = DAYS[MOST_DONE_BETWEEN + 1], DAYS[-1]
    assert ranges(far, DAYS[0], near) == [(DAYS[0], near), (far, far)]


def test_no_run_spans_a_date_that_is_neither_pending_nor_done() -> None:
    """It was made under other settings, and a run would make it anew."""
    between = [DAYS[1]]
    assert ranges(DAYS[0], DAYS[2], done=between) == [(DAYS[0], DAYS[2])], (
        "a date that is done does not part them"
    )
    assert ranges(DAYS[0], DAYS[2], done=[DAYS[3]]) == [(DAYS[0], DAYS[0]), (DAYS[2], DAYS[2])]


def test_no_date_is_no_run() -> None:
    assert ranges() == []
