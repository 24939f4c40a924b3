"""Verdicts, coverage and guessed edits; gates in words; odds."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidpipe.reuse.comparison.alignment import Alignment
from vidpipe.reuse.comparison.gates import GATES, MOST_EXPECTED, refused_by
from vidpipe.reuse.comparison.geometry import FrameMap
from vidpipe.reuse.comparison.lines import Line
from vidpipe.reuse.comparison.odds import Odds, surety
from vidpipe.reuse.comparison.pictures import Likeness
from vidpipe.reuse.comparison.verdicts import COVERED, coverage, guessed_edits, verdict_of
from vidpipe.reuse.footage import Footage, View
from vidpipe.reuse.matches import Segment, Verdict
from vidpipe_tests.reuse.made_up_matches import stretch

WHOLE = (0.0, 0.0, 1.0, 1.0)
CLEAR = Likeness(motion=0.97, likeness=0.97, moving=0.6, moving_likeness=0.97, phases=12.0)
shares = st.floats(0, 1)
times = st.floats(0, 10)


def footage(seconds: float, dark: tuple[float, float] = (0, 0)) -> Footage:
    """Footage with four samples a second that are all unlike; a stretch of it may be dark."""
    times_s = np.arange(0, seconds, 0.25, dtype=np.float64)
    hashes = np.random.default_rng(1).integers(0, 256, (len(times_s), 32), dtype=np.uint8)
    is_dark = (times_s >= dark[0]) & (times_s < dark[1])
    return Footage("x", times_s, seconds, 1.0, {"full": View(WHOLE, hashes)}, ~is_dark, b"", ())


def alignment(pictures: Likeness = CLEAR, samples: int = 30, cells: int = 0) -> Alignment:
    numbers = np.arange(samples)
    still = FrameMap(1, 0, 1, 0)
    return Alignment(Line(1.0, 0.0), still, numbers, numbers, None, 40.0, cells, pictures)


def test_coverage_counts_what_is_shown_and_not_what_is_dark() -> None:
    plain, dark = footage(10), footage(10, dark=(0, 5))
    assert coverage(plain, [(0, 5)]) == pytest.approx(0.5)
    assert coverage(dark, [(0, 5)]) == 0
    assert coverage(dark, [(5, 10)]) == 1
    assert coverage(footage(2, dark=(0, 2)), [(0, 2)]) == 0


@given(st.lists(st.tuples(times, times).map(sorted), max_size=4))
def test_coverage_is_a_share_and_overlaps_count_once(stretches: list[list[float]]) -> None:
    told = [(start, end) for start, end in stretches]
    covered = coverage(footage(10), told)
    assert 0 <= covered <= 1
    assert coverage(footage(10), told * 2) == covered
    assert coverage(footage(10), [*told, (0, 10)]) == 1


@given(shares, shares)
def test_a_verdict_read_from_the_other_side_is_the_mirrored_one(one: float, other: float) -> None:
    verdict = verdict_of(one, other)
    assert verdict.is_copy
    assert verdict_of(other, one) is verdict.mirrored_roles


def test_verdicts_follow_from_what_is_covered() -> None:
    assert verdict_of(COVERED, COVERED) is Verdict.NEAR_DUPLICATE
    assert verdict_of(COVERED, 0.1) is Verdict.CLIP_OF
    assert verdict_of(0.1, COVERED) is Verdict.CONTAINS
    assert verdict_of(0.5, 0.5) is Verdict.SHARES_FOOTAGE


def whole(a: tuple[float, float], b: tuple[float, float]) -> Segment:
    return replace(stretch(a, b), a_box=WHOLE, b_box=WHOLE)


def test_edits_are_told_by_what_differs() -> None:
    ten = footage(10)
    same = whole((0, 10), (0, 10))
    assert guessed_edits(ten, ten, [same]) == ()
    assert guessed_edits(ten, ten, [replace(same, is_mirrored=True)]) == ("mirrored",)
    part = (0.2, 0.2, 0.8, 0.8)
    assert guessed_edits(ten, ten, [replace(same, b_box=part)]) == ("cropped",)
    assert guessed_edits(ten, ten, [replace(same, a_box=part, b_box=part)]) == ("laid out",)
    assert guessed_edits(footage(5), ten, [whole((0, 5), (0, 10))]) == ("slower",)
    assert guessed_edits(ten, footage(5), [whole((0, 10), (0, 5))]) == ("faster",)
    assert "trimmed" in guessed_edits(footage(5), ten, [whole((0, 5), (3, 8))])
    assert "joined" in guessed_edits(ten, ten, [whole((4, 10), (4, 10))])


def test_a_clear_stretch_passes_every_gate_and_each_gate_refuses_in_words() -> None:
    assert refused_by(alignment(), Odds()) is None
    refused = {
        GATES[0].name: alignment(samples=2),
        GATES[1].name: alignment(replace(CLEAR, motion=0.1)),
        GATES[2].name: alignment(replace(CLEAR, moving_likeness=0.1)),
    }
    for name, one in refused.items():
        why = refused_by(one, Odds())
        assert why is not None
        assert why.startswith(f"{name}: ")
        assert "less than" in why


def test_what_chance_does_as_well_is_refused_with_how_often() -> None:
    one = alignment()
    why = refused_by(one, Odds(pairs=1e300, share=1.0))
    assert why is not None
    assert "by chance" in why
    assert str(MOST_EXPECTED) in why


@given(st.floats(0, 1e3), st.floats(0, 1e3))
def test_the_surer_the_rarer(one: float, other: float) -> None:
    odds = Odds()
    less, more = sorted([one, other])
    assert odds.expected(less) >= odds.expected(more) >= 0
    assert odds.expected(0) == pytest.approx(odds.pairs * odds.share)
    assert Odds(pairs=2 * odds.pairs).expected(less) == pytest.approx(2 * odds.expected(less))


@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(1, 200), st.integers(0, 64))
def test_surety_is_finite_and_rises_with_what_agrees(
    motion: float, likeness: float, phases: float, cells: int
) -> None:
    plain = Likeness(motion, likeness, 0.5, likeness, phases)
    found = surety(plain, 1.0, cells)
    assert np.isfinite(found)
    assert surety(replace(plain, motion=1.0), 1.0, cells) >= found
    assert surety(replace(plain, moving_likeness=1.0), 1.0, cells) >= found
    assert surety(plain, 1.0, 64) >= found
    assert surety(plain, 1.5, cells) <= found


def test_nothing_alike_is_worth_nothing() -> None:
    assert surety(Likeness(0.0, 0.0, 0.0, 0.0, 1.0), 1.0, 0) == 0
    assert surety(Likeness(-0.9, -0.9, 0.5, -0.9, 9.0), 1.0, 0) == 0
