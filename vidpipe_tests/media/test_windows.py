"""Windows are told by edges that stay where they are."""

from collections.abc import Mapping

import numpy as np
import pytest

from vidpipe.media.footage_print.windows import Box, Map, window_boxes

HEIGHT, WIDTH = 68, 120
BOX = (30, 12, 90, 46)
FULL = ((0.0, 1.0),)
BROKEN = ((0.0, 0.35), (0.65, 1.0))


def mean_gradients(
    box: Box, sides: Mapping[str, tuple[tuple[float, float], ...]], strength: float = 20
) -> tuple[Map, Map]:
    """Mean gradients across and down of a frame: soft everywhere, and edges along a box's sides.

    Args:
        box: left, top, right, bottom, px.
        sides: stretches of each side along which there is an edge, in shares of it.
        strength: grey levels a pixel.
    """
    rng = np.random.default_rng(3)
    across, down = (rng.uniform(2, 4, (HEIGHT, WIDTH)).astype(np.float32) for _ in range(2))
    left, top, right, bottom = box
    for side, stretches in sides.items():
        for start, end in stretches:
            rows = slice(round(top + start * (bottom - top)), round(top + end * (bottom - top)))
            columns = slice(
                round(left + start * (right - left)), round(left + end * (right - left))
            )
            if side in ("left", "right"):
                across[rows, left if side == "left" else right] += strength
            else:
                down[top if side == "top" else bottom, columns] += strength
    return across, down


def is_near(found: Box, wanted: Box) -> bool:
    return bool(np.abs(np.subtract(found, wanted)).max() <= 1)


@pytest.mark.parametrize("broken", ["left", "right", "top", "bottom"])
def test_a_window_is_found_though_one_of_its_sides_is_broken(broken: str) -> None:
    sides = dict.fromkeys(("left", "right", "top", "bottom"), FULL) | {broken: BROKEN}
    assert any(is_near(box, BOX) for box in window_boxes(*mean_gradients(BOX, sides)))


def test_a_window_at_a_border_needs_three_sides() -> None:
    box = (0, 12, 60, 46)
    sides = {"top": BROKEN, "right": FULL, "bottom": FULL}
    assert any(is_near(found, box) for found in window_boxes(*mean_gradients(box, sides)))


def test_half_of_a_layout_is_a_window() -> None:
    box = (0, 0, WIDTH, 40)
    found = window_boxes(*mean_gradients(box, {"bottom": FULL}))
    assert any(is_near(one, box) for one in found)


@pytest.mark.parametrize(
    "sides",
    [
        {},
        {"left": BROKEN, "top": BROKEN},
        {"left": FULL, "right": ((0.0, 0.4),)},
        dict.fromkeys(("left", "right", "top", "bottom"), ((0.0, 0.3),)),
    ],
)
def test_pieces_of_edges_are_no_window(sides: dict[str, tuple[tuple[float, float], ...]]) -> None:
    assert not any(is_near(box, BOX) for box in window_boxes(*mean_gradients(BOX, sides)))


def test_frames_that_are_too_small_have_none() -> None:
    tiny = np.full((15, 40), 30, np.float32)
    assert window_boxes(tiny, tiny) == []
