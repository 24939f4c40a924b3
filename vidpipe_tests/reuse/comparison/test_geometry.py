"""Maps between two frames: what goes there comes back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidpipe.reuse.comparison.geometry import (
    FrameMap,
    area,
    common_box,
    map_of_boxes,
)
from vidpipe.reuse.footage import FrameBox

WHOLE_FRAME: FrameBox = (0.0, 0.0, 1.0, 1.0)
shares = st.floats(0, 1)
scales = st.floats(0.2, 5)


@st.composite
def boxes(draw: st.DrawFn) -> FrameBox:
    left, top = draw(st.floats(0, 0.7)), draw(st.floats(0, 0.7))
    return left, top, left + draw(st.floats(0.05, 0.3)), top + draw(st.floats(0.05, 0.3))


@st.composite
def maps(draw: st.DrawFn) -> FrameMap:
    x_scale = draw(scales) * draw(st.sampled_from([-1, 1]))
    return FrameMap(x_scale, draw(st.floats(-2, 2)), draw(scales), draw(st.floats(-2, 2)))


def near(box: FrameBox) -> object:
    return pytest.approx(box, abs=1e-6)


@given(maps(), boxes())
def test_a_box_comes_back_through_the_inverse(to_b: FrameMap, box: FrameBox) -> None:
    assert to_b.inverse.box(to_b.box(box)) == near(box)
    assert to_b.inverse.is_mirrored == to_b.is_mirrored


@given(maps(), boxes())
def test_a_mapped_box_keeps_its_corners_in_order_and_grows_by_the_scales(
    to_b: FrameMap, box: FrameBox
) -> None:
    mapped = to_b.box(box)
    assert mapped[0] < mapped[2]
    assert mapped[1] < mapped[3]
    assert area(mapped) == pytest.approx(abs(to_b.x_scale) * to_b.y_scale * area(box))


@given(boxes(), boxes(), st.booleans())
def test_the_map_of_two_boxes_lays_one_on_the_other(
    a_box: FrameBox, b_box: FrameBox, is_mirrored: bool
) -> None:
    to_b = map_of_boxes(a_box, b_box, is_mirrored=is_mirrored)
    assert to_b.box(a_box) == near(b_box)
    assert to_b.is_mirrored == is_mirrored
    left_edge = to_b.x_scale * a_box[0] + to_b.x_shift
    assert left_edge == pytest.approx(b_box[2] if is_mirrored else b_box[0], abs=1e-6)


@given(boxes(), boxes(), maps())
def test_the_common_part_lies_in_both_boxes(
    a_box: FrameBox, b_box: FrameBox, to_b: FrameMap
) -> None:
    part = common_box(a_box, b_box, to_b)
    if part is None:
        back = to_b.inverse.box(b_box)
        assert min(a_box[2], back[2]) <= max(a_box[0], back[0]) or min(a_box[3], back[3]) <= max(
            a_box[1], back[1]
        )
        return
    for inner, outer in ((part, a_box), (to_b.box(part), b_box)):
        assert inner[0] >= outer[0] - 1e-6
        assert inner[1] >= outer[1] - 1e-6
        assert inner[2] <= outer[2] + 1e-6
        assert inner[3] <= outer[3] + 1e-6


@given(maps(), boxes())
def test_no_change_moves_nothing_and_growing_keeps_the_centre(
    to_b: FrameMap, within: FrameBox
) -> None:
    still = to_b.moved(within, np.zeros(4))
    assert still.box(WHOLE_FRAME) == near(to_b.box(WHOLE_FRAME))
    centre = ((within[0] + within[2]) / 2, (within[1] + within[3]) / 2) * 2
    grown = to_b.moved(within, np.array([0.1, -0.1, 0, 0]))
    a_centre = to_b.inverse.box(centre)
    assert grown.box(a_centre) == near(centre)


@given(maps(), boxes(), st.floats(-0.3, 0.3), st.floats(-0.3, 0.3))
def test_a_shift_is_told_in_shares_of_the_box(
    to_b: FrameMap, within: FrameBox, across: float, down: float
) -> None:
    moved = to_b.moved(within, np.array([0, 0, across, down]))
    assert moved.x_shift - to_b.x_shift == pytest.approx(across * (within[2] - within[0]))
    assert moved.y_shift - to_b.y_shift == pytest.approx(down * (within[3] - within[1]))


def test_frames_that_have_nothing_in_common_say_so() -> None:
    beside = FrameMap(1, 2, 1, 0)
    assert common_box(WHOLE_FRAME, WHOLE_FRAME, beside) is None
    assert area((0.5, 0.5, 0.5, 0.9)) == 0
