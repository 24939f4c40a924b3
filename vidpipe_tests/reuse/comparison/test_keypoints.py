"""Maps by keypoints: the shift and scale with which one picture lies in another."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from vidpipe.media.footage_print.keypoints import described, unpacked_points
from vidpipe.reuse.comparison.geometry import map_of_boxes
from vidpipe.reuse.comparison.keypoints import keypoint_maps
from vidpipe.reuse.footage import Footage, FrameBox, KeyframeFeatures, View

Luma = np.ndarray[tuple[int, int], np.dtype[np.uint8]]
WHOLE_FRAME: FrameBox = (0.0, 0.0, 1.0, 1.0)


def scene(seed: int, size: tuple[int, int] = (480, 270)) -> Luma:
    """A picture with edges of many sizes: rectangles and discs."""
    rng = np.random.default_rng(seed)
    width, height = size
    picture = np.full((height, width), 120, np.uint8)
    for _ in range(70):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        grey, side = int(rng.integers(0, 256)), int(rng.integers(5, 40))
        if rng.random() < 0.5:
            cv2.rectangle(picture, (x, y), (x + side, y + side // 2 + 3), grey, -1)
        else:
            cv2.circle(picture, (x, y), side // 2, (grey,), -1)
    return np.asarray(picture, np.uint8)


def footage(*pictures: Luma) -> Footage:
    """Footage of which only keyframes matter."""
    height, width = pictures[0].shape
    frames = []
    for number, picture in enumerate(pictures):
        points, descriptors = described(picture)
        frames.append(
            KeyframeFeatures(float(number), unpacked_points(points.tobytes()), descriptors)
        )
    nothing = np.zeros((0, 32), np.uint8)
    return Footage(
        "x",
        np.zeros(0),
        0.0,
        width / height,
        {"full": View(WHOLE_FRAME, nothing)},
        np.zeros(0, bool),
        b"",
        tuple(frames),
    )


def cut(picture: Luma, box: FrameBox) -> Luma:
    height, width = picture.shape
    left, top, right, bottom = (
        round(edge * side) for edge, side in zip(box, (width, height) * 2, strict=True)
    )
    return picture[top:bottom, left:right]


@pytest.mark.parametrize(
    "box",
    [(0.0, 0.0, 1.0, 1.0), (0.2, 0.1, 0.8, 0.7), (0.3, 0.3, 1.0, 1.0), (0.1, 0.0, 0.6, 1.0)],
)
def test_a_crop_is_found_where_it_was_taken(box: FrameBox) -> None:
    whole = scene(1)
    [best, *_] = keypoint_maps(footage(cut(whole, box)), footage(whole))
    assert best.to_b.box(WHOLE_FRAME) == pytest.approx(box, abs=0.02)
    assert best.cells >= 5
    wanted = map_of_boxes(WHOLE_FRAME, box, is_mirrored=False)
    assert best.to_b.x_scale == pytest.approx(wanted.x_scale, rel=0.04)
    assert best.to_b.y_scale == pytest.approx(wanted.y_scale, rel=0.04)


def test_a_picture_in_a_window_of_another_is_found_there_and_back() -> None:
    whole, window = scene(2), scene(3, (640, 640))
    small = cv2.resize(whole, (384, 216), interpolation=cv2.INTER_AREA)
    window[300:516, 100:484] = small
    box = (100 / 640, 300 / 640, 484 / 640, 516 / 640)
    there = keypoint_maps(footage(whole), footage(window))[0]
    back = keypoint_maps(footage(window), footage(whole))[0]
    assert there.to_b.box(WHOLE_FRAME) == pytest.approx(box, abs=0.03)
    assert back.to_b.inverse.box(WHOLE_FRAME) == pytest.approx(box, abs=0.03)


def test_the_pair_of_keyframes_that_agrees_most_comes_first() -> None:
    found = keypoint_maps(footage(scene(4), scene(5)), footage(scene(6), scene(7), scene(5)))
    assert (found[0].a_time_s, found[0].b_time_s) == (1.0, 2.0)


def test_a_turned_picture_is_not_taken_for_reuse() -> None:
    picture = scene(8, (400, 400))
    turned = np.asarray(np.ascontiguousarray(np.rot90(picture)), np.uint8)
    assert keypoint_maps(footage(turned), footage(picture)) == []


def test_other_pictures_agree_in_few_cells() -> None:
    for seed in range(6):
        found = keypoint_maps(footage(scene(20 + seed)), footage(scene(40 + seed)))
        assert all(one.cells < 12 for one in found)


def test_pictures_without_keypoints_have_no_map() -> None:
    flat = np.full((270, 480), 90, np.uint8)
    assert keypoint_maps(footage(flat), footage(scene(9))) == []
    assert keypoint_maps(footage(scene(9)), replace(footage(flat), keyframes=())) == []


def test_points_that_lie_on_one_spot_make_no_map() -> None:
    one = footage(scene(10))
    frame = one.keyframes[0]
    spot = replace(frame, points=np.full_like(frame.points, 0.5))
    assert keypoint_maps(replace(one, keyframes=(spot,)), one) == []
    assert keypoint_maps(one, replace(one, keyframes=(spot,))) == []
