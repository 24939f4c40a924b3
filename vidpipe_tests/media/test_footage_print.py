"""The footage print: samples, views, hashes, thumbnails, keypoints and their packed size."""

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pdqhash
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidpipe.media.footage_print import FootagePrint
from vidpipe.media.footage_print.pdq import mirrored, pdq, pdq_quality
from vidpipe.media.footage_print.thumbnails import pack_thumbnails, unpack_thumbnails
from vidpipe.media.footage_print.views import content_box
from vidpipe.media.limits import Limits
from vidpipe.media.summarise import SummaryOptions, summarise
from vidpipe_tests.clips import COLOURS, black_clip, shots, tiny_clip, write_clip


def print_of(path: Path) -> FootagePrint:
    return summarise(path, Limits(), SummaryOptions()).footage_print


def hashes_of(footage: FootagePrint, view: str = "full") -> bytes:
    [found] = [one.hashes for one in footage.views if one.name == view]
    return found


def box_of(footage: FootagePrint, view: str = "full") -> list[float]:
    """A view's box, px in the upright frame."""
    [found] = [one.box for one in footage.views if one.name == view]
    sides = (footage.width_px, footage.height_px) * 2
    return [round(edge * side) for edge, side in zip(found, sides, strict=True)]


def distances(one: bytes, other: bytes) -> list[int]:
    """Differing bits of each pair of hashes."""
    pairs = [np.frombuffer(packed, np.uint8).reshape(-1, 32) for packed in (one, other)]
    count = min(len(hashes) for hashes in pairs)
    return [int(n) for n in np.unpackbits(pairs[0][:count] ^ pairs[1][:count], axis=1).sum(axis=1)]


@given(st.integers(0, 2**32 - 1), st.sampled_from([4, 8, 16, 33, 64]))
def test_hashes_and_qualities_are_those_of_the_pdq_reference(seed: int, detail: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (detail, detail), dtype=np.uint8)
    picture = np.asarray(cv2.resize(noise, (64, 64), interpolation=cv2.INTER_CUBIC), np.uint8)
    bits, quality = pdqhash.compute(np.repeat(picture[..., None], 3, axis=2))
    assert int((np.unpackbits(pdq(picture[None])[0]) != bits).sum()) <= 2
    assert int(pdq_quality(picture[None])[0]) == quality


def test_samples_are_four_a_second_with_every_field_of_one_length(tmp_path: Path) -> None:
    footage = print_of(tiny_clip(tmp_path / "clip.mp4", seconds=5, fps=24))
    count = len(footage.timestamps_s)
    assert count == 20
    assert footage.timestamps_s == pytest.approx([number / 4 for number in range(20)], abs=1 / 24)
    assert {len(view.hashes) for view in footage.views} == {32 * count}
    assert len(footage.quality) == len(footage.is_low_information) == count
    assert (footage.thumbnail_width_px, footage.thumbnail_height_px) == (40, 40)
    thumbnails = unpack_thumbnails(footage.thumbnails)
    assert len(thumbnails) == count


def test_samples_of_uneven_frames_keep_their_order(tmp_path: Path) -> None:
    footage = print_of(tiny_clip(tmp_path / "vfr.mp4", seconds=4, timestamps="variable"))
    assert all(early < late for early, late in pairwise(footage.timestamps_s))


def test_a_minute_takes_at_most_a_hundred_and_twenty_kilobytes(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    noisy = (rng.integers(0, 256, (96, 160, 3), dtype=np.uint8) for _ in range(20 * 8))
    footage = print_of(write_clip(tmp_path / "noise.mp4", noisy, fps=8))
    packed = [*(view.hashes for view in footage.views), footage.quality, footage.is_low_information]
    size = sum(map(len, packed)) + len(footage.thumbnails) + 4 * len(footage.timestamps_s)
    assert size * 3 <= 120_000  # twenty seconds of the least compressible pictures there are


def test_bars_are_cropped_so_that_a_letterboxed_copy_hashes_alike(tmp_path: Path) -> None:
    pictures = list(shots(36, (160, 96), COLOURS, seed=5))
    boxed = [np.pad(picture, ((40, 40), (0, 0), (0, 0))) for picture in pictures]
    plain = print_of(write_clip(tmp_path / "plain.mp4", pictures))
    copy = print_of(write_clip(tmp_path / "boxed.mp4", boxed))
    assert box_of(plain) == [0, 0, 160, 96]
    left, top, right, bottom = box_of(copy)
    assert (left, right) == (0, 160)
    assert abs(top - 40) <= 2
    assert abs(bottom - 136) <= 2
    assert max(distances(hashes_of(plain), hashes_of(copy))) <= 31


def test_a_copy_cut_at_its_edges_matches_a_central_hash(tmp_path: Path) -> None:
    pictures = list(shots(36, (320, 180), COLOURS, seed=7))
    cut = [picture[18:162, 32:288] for picture in pictures]
    plain = print_of(write_clip(tmp_path / "plain.mp4", pictures))
    copy = print_of(write_clip(tmp_path / "cut.mp4", cut))
    assert np.median(distances(hashes_of(plain, "centre_80"), hashes_of(copy))) <= 31
    assert np.median(distances(hashes_of(plain), hashes_of(copy))) > 60


def test_black_samples_are_marked_and_crop_nothing(tmp_path: Path) -> None:
    footage = print_of(black_clip(tmp_path / "black.mp4", seconds=2))
    assert set(footage.is_low_information) == {1}
    assert box_of(footage) == [0, 0, 160, 90]


def test_a_turned_copy_has_the_hashes_of_what_is_seen(tmp_path: Path) -> None:
    upright = print_of(tiny_clip(tmp_path / "upright.mp4", seconds=2, size=(160, 96)))
    turned = print_of(tiny_clip(tmp_path / "turned.mp4", seconds=2, size=(96, 160), rotation=90))
    assert max(distances(hashes_of(upright), hashes_of(turned))) <= 31


def test_hashes_can_be_made_again_from_thumbnails(tmp_path: Path) -> None:
    footage = print_of(tiny_clip(tmp_path / "clip.mp4", seconds=4, size=(320, 180), seed=9))
    assert (footage.thumbnail_width_px, footage.thumbnail_height_px) == (40, 40)
    thumbnails = unpack_thumbnails(footage.thumbnails)
    grown = np.stack([cv2.resize(thumbnail, (64, 64)) for thumbnail in thumbnails])
    assert np.median(distances(hashes_of(footage), pdq(grown.astype(np.uint8)).tobytes())) <= 31


def test_thumbnails_come_back_in_order_from_several_sheets() -> None:
    levels = (np.arange(300) % 256).astype(np.uint8)
    thumbnails = np.ones((300, 40, 40), np.uint8) * levels[:, None, None]
    packed = pack_thumbnails(thumbnails[:256]) + pack_thumbnails(thumbnails[256:])
    found = unpack_thumbnails(packed)
    assert found.shape == thumbnails.shape
    assert np.abs(found.mean(axis=(1, 2)) - levels).max() <= 2


def test_a_flat_picture_is_not_cropped_away() -> None:
    flat = np.full((90, 160), 90, np.uint8)
    assert content_box(flat, flat, flat.shape) == (0, 0, 160, 90)


@given(st.integers(0, 2**32 - 1))
def test_a_mirrored_hash_is_nearly_that_of_the_mirrored_picture(seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (16, 16), dtype=np.uint8)
    picture = np.asarray(cv2.resize(noise, (64, 64), interpolation=cv2.INTER_CUBIC), np.uint8)
    [plain], [turned] = pdq(picture[None]), pdq(picture[None, :, ::-1])
    assert int(np.unpackbits(mirrored(plain) ^ turned).sum()) <= 31


def test_a_window_in_a_still_frame_is_a_view_of_its_own(tmp_path: Path) -> None:
    pictures = list(shots(36, (160, 96), COLOURS, seed=5))
    frame = np.random.default_rng(1).integers(0, 256, (216, 320, 3), dtype=np.uint8)
    framed = []
    for picture in pictures:
        framed.append(frame.copy())
        framed[-1][70:166, 90:250] = picture
    plain = print_of(write_clip(tmp_path / "plain.mp4", pictures))
    copy = print_of(write_clip(tmp_path / "framed.mp4", framed))
    assert np.abs(np.subtract(box_of(copy, "motion"), [90, 70, 250, 166])).max() <= 4
    assert np.median(distances(hashes_of(plain), hashes_of(copy, "motion"))) <= 31


def test_keypoints_are_spread_and_take_at_most_five_kilobytes_a_keyframe(tmp_path: Path) -> None:
    footage = print_of(tiny_clip(tmp_path / "clip.mp4", seconds=5, size=(320, 180)))
    assert [len(one.points) // 4 for one in footage.keyframes] == [
        len(one.descriptors) // 32 for one in footage.keyframes
    ]
    assert 0 < max(len(one.points + one.descriptors) for one in footage.keyframes) <= 5_000
