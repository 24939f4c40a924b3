"""Galleries of stills, and how far a search gets in them without a model."""

import io

import numpy as np
import pytest
from PIL import Image

from vidpipe.demo.compositions import compositions, difference
from vidpipe.demo.gallery import (
    FRAME_SIZES_PX,
    coarse_pixels,
    colour_histogram,
    draw_compositions,
    draw_pairs,
    recall_at_1,
    render_stills,
    subject_oracle_recall,
)
from vidpipe.demo.scene import render_still
from vidpipe.errors import SettingsError

GALLERY = 200


def test_compositions_of_a_gallery_are_distinct_and_of_one_split() -> None:
    for split in ("seen", "unseen"):
        drawn = draw_compositions(split, GALLERY, seed=1)
        assert len(set(drawn)) == GALLERY
        assert {one.split for one in drawn} == {split}
        assert drawn == draw_compositions(split, GALLERY, seed=1)
        assert drawn != draw_compositions(split, GALLERY, seed=2)


def test_pairs_differ_in_one_attribute_and_share_no_composition() -> None:
    pairs = draw_pairs("unseen", 100, seed=1)
    assert len({one for pair in pairs for one in pair}) == 200
    assert {difference(*pair) for pair in pairs} == {"subject", "state", "place", "time", "weather"}
    assert {one.split for pair in pairs for one in pair} == {"unseen"}


@pytest.mark.parametrize("count", [0, -3, 10**6])
def test_a_gallery_that_cannot_be_drawn_is_refused(count: int) -> None:
    with pytest.raises(SettingsError, match=f"cannot draw {count} compositions"):
        draw_compositions("unseen", count, seed=0)


def test_more_pairs_than_there_are_is_refused() -> None:
    with pytest.raises(SettingsError, match="cannot draw 100000 pairs of neighbours"):
        draw_pairs("unseen", 100_000, seed=0)


def test_every_subject_can_be_drawn_everywhere() -> None:
    """One composition of each subject, state and place; every time and weather now and then."""
    shuffled = np.random.default_rng(0).permutation(len(compositions()))
    known = [compositions()[index] for index in shuffled]
    drawn = {(one.subject, one.state, one.place): one for one in known}
    brightness: dict[str, list[float]] = {"day": [], "night": []}
    for seed, one in enumerate(sorted(drawn.values())):
        picture = render_still(one, (96, 72), seed)
        assert picture.shape == (72, 96, 3)
        assert picture.dtype == np.uint8
        assert picture.std() > 3, one
        brightness[one.time].append(picture.mean())
    assert len(drawn) > 900
    assert np.mean(brightness["day"]) > 1.3 * np.mean(brightness["night"])


def test_a_still_is_decided_by_its_seed_and_has_the_size_asked_for() -> None:
    one = compositions("unseen")[100]
    for size in FRAME_SIZES_PX:
        first = render_still(one, size, 5)
        assert first.shape == (size[1], size[0], 3)
        assert (first == render_still(one, size, 5)).all()
        assert (first != render_still(one, size, 6)).mean() > 0.5


def test_stills_are_jpegs_of_all_shapes() -> None:
    stills = render_stills(draw_compositions("seen", 6, seed=3), seed=4)
    sizes = []
    for still in stills:
        with Image.open(io.BytesIO(still)) as image:
            assert image.format == "JPEG"
            sizes.append(image.size)
    assert set(sizes) == set(FRAME_SIZES_PX)


def test_the_world_is_not_too_easy() -> None:
    """Neither 8x8 pixels nor colours nor the subject alone find the other rendering."""
    pixels: list[float] = []
    colours: list[float] = []
    oracle: list[float] = []
    for seed in (50, 51):
        shown = draw_compositions("unseen", GALLERY, seed)
        stills, others = render_stills(shown, seed), render_stills(shown, seed + 100)
        for found, simple in ((pixels, coarse_pixels), (colours, colour_histogram)):
            known, asked = (np.stack([simple(one) for one in which]) for which in (stills, others))
            assert recall_at_1(known @ known.T) == 1
            found.append(recall_at_1(asked @ known.T))
        oracle.append(subject_oracle_recall(shown))
    assert np.mean(pixels) <= 0.30
    assert np.mean(colours) <= 0.30
    assert np.mean(oracle) <= 0.35


def test_recall_counts_rows_that_find_their_own() -> None:
    scores = np.array([[0.9, 0.1, 0.0], [0.8, 0.7, 0.1], [0.0, 0.1, 0.2]])
    assert recall_at_1(scores) == pytest.approx(2 / 3)
    assert recall_at_1(scores, [0, 0, 0]) == pytest.approx(2 / 3)
    assert recall_at_1(scores, [1, 1, 1]) == 0
