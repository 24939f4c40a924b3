"""A footage print as arrays, ready to be compared.

Belongs here: unpacking what the lake holds, and what a video says about its own pictures.
Does not: making prints (vidpipe.media.footage_print), comparing two (vidpipe.reuse.comparison).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from vidpipe.errors import StoreError
from vidpipe.media.footage_print.keypoints import unpacked_points
from vidpipe.media.footage_print.pdq import PDQ_BYTES, Hashes
from vidpipe.media.footage_print.thumbnails import unpack_thumbnails

Floats = npt.NDArray[np.float64]
Signs = npt.NDArray[np.float32]
FrameBox = tuple[float, float, float, float]

WHOLE: FrameBox = (0.0, 0.0, 1.0, 1.0)
LONGEST_S = 1e6
"""No video has a later sample."""
LEAST_QUALITY = 12
"""Samples of a lower PDQ quality have too little in them to be told apart."""
SAME_PICTURE_BITS = 40
"""Hashes of one video that differ in fewer bits show, more or less, the same picture."""
LEAST_SAMPLES = 5
"""A content with fewer usable samples is too short to be compared."""
LEAST_NOVELTY = 1.5
"""A content whose samples are worth fewer different pictures than this does not move."""


@dataclass(frozen=True, eq=False)
class View:
    """A part of the frame with its hash in every sample."""

    box: FrameBox
    hashes: Hashes


@dataclass(frozen=True, eq=False)
class KeyframeFeatures:
    """ORB points of one keyframe: shares of the frame (n, 2), and descriptors (n, 32)."""

    time_s: float
    points: Floats
    descriptors: Hashes


@dataclass(frozen=True, eq=False)
class Footage:
    """One content's print.

    Attributes:
        content: its `content_sha256`, or what a file from outside is called.
        times_s: when the samples are shown (s), shape (n,).
        end_s: when the video ends (s).
        aspect: width of the upright frame by its height.
        views: the hashed parts of the frame, by name; `full` is among them.
        is_usable: samples that are neither dark nor flat, shape (n,).
        packed_thumbnails: JPEG sheets.
        keyframes: keypoints; none in prints of before they were kept.
    """

    content: str
    times_s: Floats
    end_s: float
    aspect: float
    views: dict[str, View]
    is_usable: npt.NDArray[np.bool_]
    packed_thumbnails: bytes
    keyframes: tuple[KeyframeFeatures, ...]

    def __len__(self) -> int:
        return len(self.times_s)

    @cached_property
    def thumbnails(self) -> npt.NDArray[np.uint8]:
        """Luma of the `full` view, shape (n, 40, 40).

        Raises:
            StoreError: they are damaged.
        """
        try:
            thumbnails = unpack_thumbnails(self.packed_thumbnails)
        except StoreError as error:
            raise damaged(self.content, "its thumbnails cannot be read") from error
        if len(thumbnails) != len(self):
            raise damaged(self.content, f"{len(self)} samples, but {len(thumbnails)} thumbnails")
        return thumbnails

    @cached_property
    def keypoint_signs(self) -> Signs:
        """The bits of all keyframes' descriptors as -1 and 1, shape (points, 256)."""
        parts = [frame.descriptors for frame in self.keyframes]
        return signs_of(np.concatenate([np.zeros((0, PDQ_BYTES), np.uint8), *parts]))

    @cached_property
    def step_s(self) -> float:
        """The usual time between two samples (s)."""
        steps = np.diff(self.times_s)
        steps = steps[steps > 0]
        return float(np.median(steps)) if steps.size else USUAL_STEP_S

    @cached_property
    def novelty(self) -> Floats:
        """How much each sample is worth, shape (n,): 1 for a picture that is shown once.

        A picture that stands for a minute is one picture: its samples share a worth of 1. Samples
        that are dark or flat are worth nothing. Of long videos each sample is compared with every
        second, third ... one, which stands for those beside it.
        """
        worth = np.zeros(len(self))
        usable = np.flatnonzero(self.is_usable)
        signs = signs_of(self.views["full"].hashes[usable])
        stride = max(1, -(-len(usable) // MOST_COMPARED))
        others = signs[::stride]
        for start in range(0, len(usable), BLOCK):
            block = signs[start : start + BLOCK]
            bits = (256 - block @ others.T) / 2
            alike = np.clip((SAME_PICTURE_BITS - bits) / SAME_PICTURE_BITS, 0, 1)
            # A sample is always alike to itself, and may not be among the others.
            is_among = (np.arange(start, start + len(block)) % stride == 0).astype(np.float32)
            sums = 1 + stride * (alike.sum(axis=1) - is_among)
            worth[usable[start : start + BLOCK]] = 1 / sums
        return worth

    @property
    def is_too_short(self) -> bool:
        """Whether there are too few pictures to compare."""
        return int(self.is_usable.sum()) < LEAST_SAMPLES

    @property
    def is_static(self) -> bool:
        """Whether nothing moves: its pictures cannot tell whether it is a copy."""
        return float(self.novelty.sum()) < LEAST_NOVELTY

    @cached_property
    def shown_s(self) -> Floats:
        """How long each usable sample stands (s), shape (n,); 0 for dark and flat ones."""
        ends = np.append(self.times_s[1:], self.end_s)
        longest = 4 * self.step_s
        return np.where(self.is_usable, np.clip(ends - self.times_s, 0, longest), 0.0)


BLOCK = 512
MOST_COMPARED = 4096
USUAL_STEP_S = 0.25


def signs_of(hashes: Hashes) -> Signs:
    """Bits as -1 and 1: uint8 (n, 32) to float32 (n, 256)."""
    bits = np.unpackbits(hashes, axis=1).astype(np.float32)
    return 2 * bits - 1


def footage_of_print(content: str, value: Mapping[str, Any]) -> Footage:
    """The arrays of a print, as the lake or `dataclasses.asdict` holds it.

    Raises:
        StoreError: the print is damaged. Thumbnails are unpacked, and checked, when they are asked
            for.
    """
    try:
        footage = _unpacked(content, value)
        _check(footage)
    except KeyError as error:
        raise damaged(content, f"{error} is missing") from error
    except (ValueError, TypeError) as error:
        raise damaged(content, str(error)) from error
    return footage


def damaged(content: str, why: str) -> StoreError:
    """The error that names a content with a damaged print, and what to do."""
    return StoreError(
        f"the footage print of {content} is damaged ({why}): make it anew with vidpipe refresh "
        f"--force --stage keyframes --item {content}"
    )


def _unpacked(content: str, value: Mapping[str, Any]) -> Footage:
    quality = np.frombuffer(value["quality"], np.uint8)
    is_dark = np.frombuffer(value["is_low_information"], np.uint8) > 0
    times = np.asarray(value["timestamps_s"], np.float64)
    return Footage(
        content=content,
        times_s=times,
        end_s=_end_s(times, value["end_s"]),
        aspect=value["width_px"] / max(1, value["height_px"]) or 1.0,
        views={
            view["name"]: View(tuple(view["box"]), _hashes(view["hashes"]))
            for view in value["views"]
        }
        or {"full": View(WHOLE, _hashes(b""))},
        is_usable=~is_dark & (quality >= LEAST_QUALITY),
        packed_thumbnails=value["thumbnails"],
        keyframes=tuple(
            KeyframeFeatures(
                frame["timestamp_s"],
                unpacked_points(frame["points"]),
                _hashes(frame["descriptors"]),
            )
            for frame in value["keyframes"]
        ),
    )


def _check(footage: Footage) -> None:
    """Raises ValueError, which says what is wrong, where parts of a print do not fit."""
    times, views = footage.times_s, footage.views
    if not (np.isfinite(times).all() and np.isfinite(footage.end_s)):
        raise ValueError("a time is no number")
    if times.size and not 0 <= times.min() <= times.max() <= LONGEST_S:
        raise ValueError(f"times lie between {times.min():.4g} and {times.max():.4g} s")
    if (np.diff(times) < 0).any():
        raise ValueError("times go back")
    if len(footage.is_usable) != len(times):
        raise ValueError(f"{len(times)} samples, but {len(footage.is_usable)} qualities")
    if "full" not in views:
        raise ValueError("the full view is missing")
    for name, view in views.items():
        if len(view.hashes) != len(times):
            raise ValueError(f"{len(times)} samples, but {len(view.hashes)} hashes of {name}")
        if len(view.box) != len(WHOLE) or not np.isfinite(view.box).all():
            raise ValueError(f"the box of {name} is {view.box}")
    for frame in footage.keyframes:
        if not np.isfinite(frame.time_s):
            raise ValueError("the time of a keyframe is no number")
        if len(frame.points) != len(frame.descriptors):
            raise ValueError(f"{len(frame.points)} keypoints, {len(frame.descriptors)} descriptors")


def print_of_track(track: Mapping[str, Any], width_px: int, height_px: int) -> dict[str, Any]:
    """A hash track, which vidpipe kept before footage prints, in the form of a print: it has fewer
    views, and no keypoints.

    Args:
        track: the lake's value.
        width_px, height_px: size of the upright frame, in which the track tells its crop.
    """
    sides = (width_px, height_px, width_px, height_px)
    crop = [edge / max(1, side) for edge, side in zip(track["crop"] or [], sides, strict=False)]
    hashed = ((1.0, "full", "pdq_full"), (0.9, "centre_90", "pdq_90"), (0.8, "centre_80", "pdq_80"))
    kept = ("sample_rate_hz", "timestamps_s", "quality", "is_low_information", "thumbnails")
    return {name: track[name] for name in kept} | {
        "end_s": None,
        "width_px": width_px,
        "height_px": height_px,
        "views": [
            {
                "name": name,
                "box": _central(crop, share) if len(crop) == len(WHOLE) else [],
                "hashes": track[column],
            }
            for share, name, column in hashed
        ],
        "keyframes": [],
    }


def _central(box: list[float], share: float) -> FrameBox:
    left, top, right, bottom = box
    across, down = (right - left) * (1 - share) / 2, (bottom - top) * (1 - share) / 2
    return left + across, top + down, right - across, bottom - down


def _end_s(times: Floats, last_s: float | None) -> float:
    """The end of a video whose last frame begins at `last_s`, if known."""
    if not times.size:
        return 0.0
    step = float(np.median(np.diff(times))) if times.size > 1 else 0.0
    return max(last_s or 0.0, float(times[-1])) + (min(step, 0.04) if last_s else step)


def _hashes(packed: bytes) -> Hashes:
    return np.frombuffer(packed, np.uint8).reshape(-1, PDQ_BYTES)
