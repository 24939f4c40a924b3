"""Pending dates grouped into runs."""

from datetime import date, timedelta

from vidpipe.automation.pending_ingest import LARGEST_GAP, date_ranges

DAY = date(2026, 3, 1)


def test_dates_that_are_near_are_one_run_and_far_ones_are_runs_of_their_own() -> None:
    near, far = DAY + LARGEST_GAP, DAY + 2 * LARGEST_GAP + timedelta(days=1)
    assert date_ranges([far, DAY, near, DAY]) == [(DAY, near), (far, far)]


def test_no_date_is_no_run() -> None:
    assert date_ranges([]) == []
