"""Parts of a copy follow each other, show what there is, and miss the grid of samples."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidpipe.reuse.editing.timetable import (
    Beheaded,
    LeadIn,
    Paced,
    Surrounded,
    TimeStep,
    Trimmed,
    is_on_grid,
    source_part,
    timetable,
)

shares = st.floats(0.05, 1)
cuts = st.one_of(
    st.builds(Trimmed, st.floats(0, 0.95), shares), st.builds(Beheaded, st.floats(0, 1))
)
pieces = st.lists(st.tuples(st.integers(1, 3), st.floats(0, 2), st.floats(0.5, 6)), max_size=3).map(
    tuple
)
around = st.one_of(st.builds(LeadIn, st.floats(0.5, 3)), st.builds(Surrounded, pieces, pieces))


@given(
    cut=cuts,
    speed=st.sampled_from([0.8, 1.0, 1.25, 1.5]),
    rest=st.lists(around, max_size=2),
    duration_s=st.floats(1.5, 90),
)
def test_parts_are_contiguous_and_off_the_grid(
    cut: TimeStep, speed: float, rest: list[TimeStep], duration_s: float
) -> None:
    parts = timetable([cut, Paced(speed), *rest], duration_s)
    assert parts[0].start_s == 0
    for one, following in pairwise(parts):
        assert one.end_s == pytest.approx(following.start_s)
    shown = source_part(parts)
    assert shown.speed == pytest.approx(speed)
    assert shown.footage_start_s >= 0
    assert shown.footage_s(shown.end_s) <= duration_s + 1e-6
    assert shown.end_s > shown.start_s
    assert not is_on_grid(shown.start_s - shown.footage_start_s / speed)
    assert shown.start_s == 0 or not is_on_grid(shown.start_s)
    assert shown.footage_start_s == 0 or not is_on_grid(shown.footage_start_s)


def test_a_piece_before_the_source_delays_it_and_one_behind_does_not() -> None:
    before, behind = (1, 0.4, 2.6), (2, 0.0, 3.3)
    parts = timetable([Beheaded(0.1), Surrounded((before,), (behind,))], 8.0)
    assert [part.footage for part in parts] == [1, 0, 2]
    assert parts[1].start_s == pytest.approx(2.6)
    assert parts[0].footage_s(1.0) == pytest.approx(1.4)
    assert parts[2].end_s - parts[2].start_s == pytest.approx(3.3)
