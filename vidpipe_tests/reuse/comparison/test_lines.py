"""Lines of equal footage: the best stretch of a row, the nearest sample, offsets and speeds."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from vidpipe.reuse.comparison.hashes import Matrix, matrix
from vidpipe.reuse.comparison.lines import (
    Line,
    best_runs,
    lines_of,
    nearest_samples,
    samples_along,
    times_of,
)
from vidpipe.reuse.footage import Floats, Footage, View

WHOLE = (0.0, 0.0, 1.0, 1.0)
numbers = st.floats(-3, 3, allow_nan=False)


def footage(content: str, seed: int, times: Floats, pictures: Floats | None = None) -> Footage:
    """Footage of which each sample shows a picture of its own: those of one seed are alike."""
    rng = np.random.default_rng(seed)
    hashes = rng.integers(0, 256, (400, 32), dtype=np.uint8)
    shown = np.arange(len(times)) if pictures is None else np.round(pictures).astype(int)
    return Footage(
        content=content,
        times_s=times,
        end_s=float(times[-1]) + 0.25,
        aspect=1.0,
        views={"full": View(WHOLE, hashes[shown])},
        is_usable=np.ones(len(times), bool),
        packed_thumbnails=b"",
        keyframes=(),
    )


def seconds(count: int) -> Floats:
    return np.arange(count, dtype=np.float64) * 0.25


@settings(max_examples=200)
@given(
    arrays.arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(1, 12)), elements=numbers)
)
def test_the_best_run_has_the_largest_sum_of_all_stretches(values: Floats) -> None:
    for row, run in zip(values, best_runs(values), strict=True):
        sums = [
            row[start:end].sum()
            for start in range(len(row) + 1)
            for end in range(start, len(row) + 1)
        ]
        assert run.score == pytest.approx(max(sums), abs=1e-9)
        assert run.score == pytest.approx(row[run.start : run.end].sum(), abs=1e-9)
        assert 0 <= run.start <= run.end <= len(row)


def test_a_row_of_losses_has_an_empty_run() -> None:
    [run] = best_runs(-np.ones((1, 5)))
    assert (run.start, run.end, run.score) == (0, 0, 0.0)


@given(
    st.lists(st.floats(0, 100), min_size=1, max_size=12).map(sorted),
    st.lists(st.floats(-10, 110), min_size=1, max_size=12),
)
def test_the_nearest_sample_is_the_nearest(times: list[float], wanted: list[float]) -> None:
    found = nearest_samples(np.array(times), np.array(wanted))
    for number, time in zip(found, wanted, strict=True):
        assert abs(times[number] - time) == pytest.approx(min(abs(one - time) for one in times))


@pytest.mark.parametrize("offset_s", [-3.0, 0.0, 2.5])
def test_the_offset_of_a_copy_is_the_most_promising_line(offset_s: float) -> None:
    shift = round(offset_s / 0.25)
    first, last = max(0, -shift), 40
    a = footage("a", 1, seconds(last))
    b = footage("b", 1, seconds(last + shift), np.arange(last + shift, dtype=np.float64) - shift)
    best = lines_of(a, b, matrix(a, b))[0]
    assert best.speed == pytest.approx(1.0)
    assert best.offset_s == pytest.approx(offset_s)
    i, j = samples_along(a, b, best)
    assert (j - i == shift).all()
    assert i[0] == first


def test_a_copy_at_another_pace_is_found_along_its_line() -> None:
    a = footage("a", 2, seconds(80))
    b = footage("b", 2, seconds(50), np.arange(50, dtype=np.float64) * 1.5)
    best = lines_of(a, b, matrix(a, b))[0]
    assert best.speed == pytest.approx(1 / 1.5, rel=0.05)
    assert abs(best.offset_s) <= 0.5


def test_other_footage_has_hardly_a_line() -> None:
    a, b = footage("a", 3, seconds(60)), footage("b", 4, seconds(60))
    assert lines_of(a, b, matrix(a, b)) == []


def test_what_is_taken_is_not_found_again() -> None:
    a = footage("a", 5, seconds(60))
    b = footage("b", 5, seconds(60))
    points = matrix(a, b)
    everything = np.arange(60)
    assert lines_of(a, b, points.without([(everything, everything)])) == []
    half = points.without([(everything[:30], everything[:30])])
    i, _ = samples_along(a, b, lines_of(a, b, half)[0])
    assert len(i) == 60
    assert isinstance(half, Matrix)
    assert (half.values[:30, :30] == -1).all()
    assert (half.values[30:, 30:] == points.values[30:, 30:]).all()


def test_samples_that_are_dark_or_have_no_partner_in_time_stand_on_no_line() -> None:
    a, b = footage("a", 6, seconds(20)), footage("b", 6, seconds(10))
    dark = np.ones(10, bool)
    dark[3] = False
    i, j = samples_along(a, replace(b, is_usable=dark), Line(1.0, 0.0))
    assert i.tolist() == j.tolist() == [0, 1, 2, 4, 5, 6, 7, 8, 9]


def test_a_long_video_is_thinned_out_to_a_bounded_matrix() -> None:
    a, b = footage("a", 7, seconds(400)), footage("b", 7, seconds(400))
    moments = np.arange(8000, dtype=np.float64)
    long = footage("long", 7, moments * 0.25, moments % 400)
    points = matrix(long, long)
    assert points.values.size <= 1_600_000
    assert matrix(a, b).values.shape == (400, 400)


def test_a_stretch_ends_with_its_last_sample_or_the_video() -> None:
    a = footage("a", 8, seconds(10))
    assert times_of(np.arange(2, 6), a) == (0.5, 1.5)
    assert times_of(np.arange(2, 10), a) == (0.5, 2.5)
