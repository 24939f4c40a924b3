"""Which verdicts are right, and where the source lies in a frame."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidpipe.reuse.editing.placement import Placement
from vidpipe.reuse.editing.truth import Truth
from vidpipe.reuse.matches import Verdict

WHOLE = (0.0, 0.0, 1.0, 1.0)
TRUTH = Truth(
    edits=("none",),
    source_duration_s=10.0,
    copy_duration_s=10.0,
    copy_black_s=0.0,
    source_start_s=0.0,
    source_end_s=10.0,
    copy_start_s=0.0,
    copy_end_s=10.0,
    speed=1.0,
    is_mirrored=False,
    source_box=WHOLE,
    copy_box=WHOLE,
    width_px=480,
    height_px=270,
    fps=30.0,
)


@pytest.mark.parametrize(
    ("source_end_s", "copy_duration_s", "verdicts"),
    [
        (10.0, 10.0, {Verdict.NEAR_DUPLICATE}),
        (5.0, 5.0, {Verdict.CLIP_OF}),
        (10.0, 20.0, {Verdict.CONTAINS}),
        (4.0, 30.0, {Verdict.SHARES_FOOTAGE}),
        (8.0, 8.0, {Verdict.NEAR_DUPLICATE, Verdict.CLIP_OF}),
        (10.0, 12.4, {Verdict.NEAR_DUPLICATE, Verdict.CONTAINS}),
    ],
)
def test_the_verdict_follows_from_what_is_covered(
    source_end_s: float, copy_duration_s: float, verdicts: set[Verdict]
) -> None:
    truth = replace(
        TRUTH,
        source_end_s=source_end_s,
        copy_end_s=source_end_s,
        copy_duration_s=copy_duration_s,
    )
    assert truth.verdicts == verdicts


def test_black_before_the_footage_counts_neither_way() -> None:
    truth = replace(TRUTH, copy_start_s=5.0, copy_end_s=15.0, copy_duration_s=15.0, copy_black_s=5)
    assert truth.verdicts == {Verdict.NEAR_DUPLICATE}


@given(
    left=st.integers(0, 100),
    top=st.integers(0, 60),
    is_mirrored=st.booleans(),
    scale=st.sampled_from([0.5, 1.0, 1.5]),
)
def test_a_crop_on_a_canvas_shows_the_part_that_was_cut(
    left: int, top: int, is_mirrored: bool, scale: float
) -> None:
    start = Placement.whole(400, 240)
    cropped = (start.mirrored() if is_mirrored else start).cropped(left, top, 300, 180)
    placed = cropped.scaled(round(300 * scale), round(180 * scale)).on_canvas(600, 400, 40, 70)
    x0 = (400 - left - 300) / 400 if is_mirrored else left / 400
    assert placed.source_box == pytest.approx((x0, top / 240, x0 + 0.75, top / 240 + 0.75))
    assert placed.copy_box == pytest.approx(
        (40 / 600, 70 / 400, (40 + 300 * scale) / 600, (70 + 180 * scale) / 400)
    )
