"""Pending dates grouped into runs."""

from datetime import date, timedelta

from vidpipe.automation.pending_ingest import MOST_BETWEEN, date_ranges

DAYS = [date(2026, 3, 1) + timedelta(days=17 * number) for number in range(3 * MOST_BETWEEN)]


def test_pending_neighbours_are_one_run_however_many_days_lie_between_them() -> None:
    assert date_ranges(DAYS, DAYS) == [(DAYS[0], DAYS[-1])]


def test_a_run_spans_a_few_other_dates_and_not_many() -> None:
    near, far = DAYS[MOST_BETWEEN + 1], DAYS[-1]
    assert date_ranges(DAYS, [far, DAYS[0], near]) == [(DAYS[0], near), (far, far)]


def test_a_run_of_chosen_dates_spans_no_other() -> None:
    wanted = [DAYS[0], DAYS[1], DAYS[3]]
    assert date_ranges(DAYS, wanted, 0) == [(DAYS[0], DAYS[1]), (DAYS[3], DAYS[3])]


def test_no_date_is_no_run() -> None:
    assert date_ranges(DAYS, []) == []
