"""The hash track: samples, crop, hashes, thumbnails and their packed size."""

import struct
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pdqhash
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidpipe.media.hash_track import (
    HashTrack,
    content_box,
    pack_thumbnails,
    pdq,
    pdq_quality,
)
from vidpipe.media.limits import Limits
from vidpipe.media.summarise import SummaryOptions, summarise
from vidpipe_tests.clips import COLOURS, black_clip, shots, tiny_clip, write_clip


def track_of(path: Path) -> HashTrack:
    return summarise(path, Limits(), SummaryOptions()).hash_track


def unpacked(packed: bytes) -> npt.NDArray[np.uint8]:
    """The thumbnails of a track, read as `pack_thumbnails` describes its sheets: (n, 40, 40)."""
    sheets = []
    while packed:
        count, length = struct.unpack_from("<II", packed)
        data = np.frombuffer(packed, np.uint8, length, offset=8)
        picture = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
        rows, columns = picture.shape[0] // 40, picture.shape[1] // 40
        sheet = picture.reshape(rows, 40, columns, 40).swapaxes(1, 2)
        sheets.append(sheet.reshape(-1, 40, 40)[:count])
        packed = packed[8 + length :]
    return np.concatenate(sheets)


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
    track = track_of(tiny_clip(tmp_path / "clip.mp4", seconds=5, fps=24))
    count = len(track.timestamps_s)
    assert count == 20
    assert track.timestamps_s == pytest.approx([number / 4 for number in range(20)], abs=1 / 24)
    assert len(track.pdq_full) == len(track.pdq_90) == len(track.pdq_80) == 32 * count
    assert len(track.quality) == len(track.is_low_information) == count
    assert (track.thumbnail_width_px, track.thumbnail_height_px) == (40, 40)
    thumbnails = unpacked(track.thumbnails)
    assert len(thumbnails) == count


def test_samples_of_uneven_frames_keep_their_order(tmp_path: Path) -> None:
    track = track_of(tiny_clip(tmp_path / "vfr.mp4", seconds=4, timestamps="variable"))
    assert all(early < late for early, late in pairwise(track.timestamps_s))


def test_a_minute_takes_at_most_a_hundred_kilobytes(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    noisy = (rng.integers(0, 256, (96, 160, 3), dtype=np.uint8) for _ in range(20 * 8))
    track = track_of(write_clip(tmp_path / "noise.mp4", noisy, fps=8))
    packed = (track.pdq_full, track.pdq_90, track.pdq_80, track.quality, track.is_low_information)
    size = sum(map(len, packed)) + len(track.thumbnails) + 4 * len(track.timestamps_s)
    assert size * 3 <= 105_000  # twenty seconds of the least compressible pictures there are


def test_bars_are_cropped_so_that_a_letterboxed_copy_hashes_alike(tmp_path: Path) -> None:
    pictures = list(shots(36, (160, 96), COLOURS, seed=5))
    boxed = [np.pad(picture, ((40, 40), (0, 0), (0, 0))) for picture in pictures]
    plain = track_of(write_clip(tmp_path / "plain.mp4", pictures))
    copy = track_of(write_clip(tmp_path / "boxed.mp4", boxed))
    assert plain.crop == [0, 0, 160, 96]
    left, top, right, bottom = copy.crop
    assert (left, right) == (0, 160)
    assert abs(top - 40) <= 2
    assert abs(bottom - 136) <= 2
    assert max(distances(plain.pdq_full, copy.pdq_full)) <= 31


def test_a_copy_cut_at_its_edges_matches_a_central_hash(tmp_path: Path) -> None:
    pictures = list(shots(36, (320, 180), COLOURS, seed=7))
    cut = [picture[18:162, 32:288] for picture in pictures]
    plain = track_of(write_clip(tmp_path / "plain.mp4", pictures))
    copy = track_of(write_clip(tmp_path / "cut.mp4", cut))
    assert np.median(distances(plain.pdq_80, copy.pdq_full)) <= 31
    assert np.median(distances(plain.pdq_full, copy.pdq_full)) > 60


def test_black_samples_are_marked_and_crop_nothing(tmp_path: Path) -> None:
    track = track_of(black_clip(tmp_path / "black.mp4", seconds=2))
    assert set(track.is_low_information) == {1}
    assert track.crop == [0, 0, 160, 90]


def test_a_turned_copy_has_the_hashes_of_what_is_seen(tmp_path: Path) -> None:
    upright = track_of(tiny_clip(tmp_path / "upright.mp4", seconds=2, size=(160, 96)))
    turned = track_of(tiny_clip(tmp_path / "turned.mp4", seconds=2, size=(96, 160), rotation=90))
    assert max(distances(upright.pdq_full, turned.pdq_full)) <= 31


def test_hashes_can_be_made_again_from_thumbnails(tmp_path: Path) -> None:
    track = track_of(tiny_clip(tmp_path / "clip.mp4", seconds=4, size=(320, 180), seed=9))
    assert (track.thumbnail_width_px, track.thumbnail_height_px) == (40, 40)
    thumbnails = unpacked(track.thumbnails)
    grown = np.stack([cv2.resize(thumbnail, (64, 64)) for thumbnail in thumbnails])
    assert np.median(distances(track.pdq_full, pdq(grown.astype(np.uint8)).tobytes())) <= 31


def test_thumbnails_come_back_in_order_from_several_sheets() -> None:
    levels = (np.arange(300) % 256).astype(np.uint8)
    thumbnails = np.ones((300, 40, 40), np.uint8) * levels[:, None, None]
    packed = pack_thumbnails(thumbnails[:256]) + pack_thumbnails(thumbnails[256:])
    found = unpacked(packed)
    assert found.shape == thumbnails.shape
    assert np.abs(found.mean(axis=(1, 2)) - levels).max() <= 2


def test_a_flat_picture_is_not_cropped_away() -> None:
    flat = np.full((90, 160), 90, np.uint8)
    assert content_box(flat, flat, flat.shape) == (0, 0, 160, 90)
