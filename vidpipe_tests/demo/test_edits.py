"""Each edit does to pictures, time and truth what its name says."""

from dataclasses import replace

import numpy as np
import pytest

from vidpipe.demo.edits import cut_of, edited
from vidpipe.demo.plan import Edit, PlannedCaption, PlannedVideo
from vidpipe.demo.video import frames
from vidpipe_tests.demo.planned_videos import CAPTION, copied, planned

FRAME_S = 1 / 20


@pytest.fixture(scope="module")
def original() -> PlannedVideo:
    return planned(captions=(CAPTION,))


@pytest.fixture(scope="module")
def source(original: PlannedVideo) -> list[np.ndarray]:
    return [picture for _, picture in frames(original)]


def pictures(original: PlannedVideo, copy: PlannedVideo) -> list[np.ndarray]:
    return [picture for _, picture in frames(copy, original)]


def each(*edits: Edit) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("edit", edits, ids=lambda edit: edit.kind)


@each(Edit("re_encoded", 36), Edit("identical"))
def test_a_re_encoded_or_identical_copy_has_the_same_pictures(
    original: PlannedVideo, source: list[np.ndarray], edit: Edit
) -> None:
    assert np.array_equal(pictures(original, copied(original, edit)), source)


def test_a_mirrored_copy_is_the_other_way_round(
    original: PlannedVideo, source: list[np.ndarray]
) -> None:
    found = pictures(original, copied(original, Edit("mirrored")))
    assert np.array_equal(found, [picture[:, ::-1] for picture in source])


def test_a_grey_copy_has_no_colours_and_the_same_brightness(
    original: PlannedVideo, source: list[np.ndarray]
) -> None:
    for grey, picture in zip(
        pictures(original, copied(original, Edit("grey"))), source, strict=True
    ):
        assert (grey == grey[..., :1]).all()
        luma = picture @ np.array([0.299, 0.587, 0.114])
        assert np.abs(luma - grey[..., 0]).max() <= 1


def test_a_cropped_copy_is_the_middle(original: PlannedVideo, source: list[np.ndarray]) -> None:
    copy = copied(original, Edit("cropped", 0.1))
    assert copy.size == (256, 144)
    expected = [picture[18:-18, 32:-32] for picture in source]
    assert np.array_equal(pictures(original, copy), expected)


@pytest.mark.parametrize(
    ("size", "size_after"), [((320, 180), (320, 240)), ((180, 320), (240, 320))]
)
def test_a_letterboxed_copy_has_black_bars_along_its_longer_sides(
    size: tuple[int, int], size_after: tuple[int, int]
) -> None:
    video = planned(size=size)
    copy = copied(video, Edit("letterboxed", 4 / 3))
    assert copy.size == size_after
    top, left = (size_after[1] - size[1]) // 2, (size_after[0] - size[0]) // 2
    for (_, found), (_, picture) in zip(frames(copy, video), frames(video), strict=True):
        inside = np.zeros(found.shape, bool)
        inside[top : top + size[1], left : left + size[0]] = True
        assert np.array_equal(found[inside].reshape(picture.shape), picture)
        assert not found[~inside].any()


def test_a_resized_copy_is_smaller_and_looks_the_same(
    original: PlannedVideo, source: list[np.ndarray]
) -> None:
    copy = copied(original, Edit("resized", 0.5))
    assert copy.size == (160, 90)
    for found, picture in zip(pictures(original, copy), source, strict=True):
        blocks = picture.reshape(90, 2, 160, 2, 3).mean(axis=(1, 3))
        assert np.abs(found - blocks).max() <= 1


def test_a_logo_covers_an_upper_corner_and_nothing_else(
    original: PlannedVideo, source: list[np.ndarray]
) -> None:
    copy = copied(original, Edit("logo", 0.2))
    changed = np.zeros((180, 320), bool)
    for found, picture in zip(pictures(original, copy), source, strict=True):
        changed |= (found != picture).any(axis=2)
    rows, columns = np.nonzero(changed)
    assert rows.max() < 0.3 * 180
    assert columns.max() < 0.3 * 180 or columns.min() > 320 - 0.3 * 180
    assert changed.sum() > 0.6 * (0.2 * 180) ** 2


def test_an_overlay_covers_the_edge_that_the_footage_left_free(
    original: PlannedVideo, source: list[np.ndarray]
) -> None:
    added = PlannedCaption(0, 4, "Share this", "en", "black_on_bright", 0.12, "top", is_added=True)
    copy = copied(original, Edit("caption_overlay"))
    copy = replace(copy, captions=(*copy.captions, added))
    for found, picture in zip(pictures(original, copy), source, strict=True):
        rows = np.nonzero((found != picture).any(axis=(1, 2)))[0]
        assert rows.min() > 0
        assert rows.max() < 90


def test_a_trimmed_copy_lacks_both_ends_and_its_times_begin_later(
    original: PlannedVideo, source: list[np.ndarray]
) -> None:
    copy = copied(original, Edit("trimmed", 0.2))
    assert np.array_equal(pictures(original, copy), source[16:64])
    assert copy.duration_s == pytest.approx(2.4)
    assert [shot.start_s for shot in copy.shots] == pytest.approx([0, 1.2])
    assert [shot.end_s for shot in copy.shots] == pytest.approx([1.2, 2.4])
    assert (copy.black_lead_in_s, copy.black_lead_out_s) == (0, 0)
    assert copy.captions[0].start_s == pytest.approx(0.2)
    blur, static = copy.shots[0].blur, copy.shots[1].static
    assert blur is not None
    assert static is not None
    assert blur.start_s == pytest.approx(0.7)
    assert static.end_s == pytest.approx(2.4)


def test_what_lies_wholly_in_a_trimmed_end_is_not_in_the_truth(original: PlannedVideo) -> None:
    early = replace(CAPTION, start_s=0.5, end_s=0.7)
    assert edited(replace(original, captions=(early,)), [Edit("trimmed", 0.2)]).captions == ()


def test_a_sped_up_copy_shows_everything_sooner(
    original: PlannedVideo, source: list[np.ndarray]
) -> None:
    copy = copied(original, Edit("sped_up", 1.25))
    assert copy.duration_s == pytest.approx(3.2)
    assert [shot.start_s for shot in copy.shots] == pytest.approx([0.4, 1.6])
    assert copy.captions[0].end_s == pytest.approx(1.6)
    found = pictures(original, copy)
    assert len(found) == 64
    for number in (0, 10, 31, 63):
        assert np.array_equal(found[number], source[int(number * 1.25 + 1e-6)])
    black = [number for number, picture in enumerate(found) if not picture.any()]
    assert black == [*range(8), *range(56, 64)]


def test_captions_are_told_to_be_spoilt_where_edits_mirror_or_crop(original: PlannedVideo) -> None:
    for edit in (Edit("mirrored"), Edit("cropped", 0.1), Edit("grey"), Edit("resized", 0.7)):
        (caption,) = edited(original, [edit]).captions
        assert caption.is_whole == (edit.kind in ("grey", "resized"))


def test_edits_add_up_in_whatever_order_they_are_named(original: PlannedVideo) -> None:
    edits = [
        Edit("sped_up", 1.5),
        Edit("resized", 0.7),
        Edit("letterboxed", 1.3),
        Edit("trimmed", 0.1),
    ]
    one, other = copied(original, *edits), copied(original, *reversed(edits))
    found = pictures(original, one)
    assert np.array_equal(found, pictures(original, other))
    assert {picture.shape for picture in found} == {(one.size[1], one.size[0], 3)}
    assert len(found) == pytest.approx(one.duration_s / FRAME_S, abs=1)
    cut = cut_of(original, edits)
    assert cut.source_s(cut.moved(2.0)) == pytest.approx(2.0)
    assert one.shots[1].start_s == pytest.approx((2.0 - 0.4) / 1.5)
