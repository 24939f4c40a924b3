"""The prominent colours of a frame, and how two frames differ in them.

Belongs here: shrink, cluster, sort, compare.
Does not: deciding which frame to keep (vidpipe.media.keyframes).
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

import cv2
import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame

from vidpipe.media.decode import Plane, shrunk, small_chroma

PROMINENT_COLOURS = 6
CLUSTER_ROUNDS = 3
SIGNATURE_STEPS = 16

_DIAGONAL = 0.5**0.5
_DIRECTIONS = np.array(
    [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
        [_DIAGONAL, _DIAGONAL, 0],
        [_DIAGONAL, -_DIAGONAL, 0],
        [0, _DIAGONAL, _DIAGONAL],
        [0, _DIAGONAL, -_DIAGONAL],
        [_DIAGONAL, 0, _DIAGONAL],
        [_DIAGONAL, 0, -_DIAGONAL],
    ],
    np.float32,
).T
_SHIFT_OF_ONE = (1 + 4 * _DIAGONAL) / 9
"""What a shift of all colours by one unit along an axis measures over these directions."""

_UNITS = np.array([100 / 255, 200 / 255, 200 / 255], np.float32)
"""Steps of Y'CbCr to colour units. Luma is gamma-coded, so that both spaces are close to even for
the eye and have the size of CIE Lab: lightness 0 to 100, colour -100 to 100. The frame comes in
Y'CbCr, and converting every candidate to Lab costs as much as clustering it."""

_QUANTILES = (np.arange(SIGNATURE_STEPS) + 0.5) / SIGNATURE_STEPS

Signature = npt.NDArray[np.float32]
"""Prominent colours, each repeated in proportion to its share of the picture, sorted along each of
nine directions: shape (SIGNATURE_STEPS, 9), the first three being lightness, blue and red.
Sorted along one direction only, colours of equal lightness would swap places from frame to frame
and look like a change."""

Labels = npt.NDArray[np.int32]


def colour_signature(frame: VideoFrame, luma: Plane) -> Signature:
    """The prominent colours of a frame.

    The picture is shrunk to at most 24 px, its pixels are clustered to `PROMINENT_COLOURS`
    (k-means that starts from equal shares of the pixels from dark to light, so it draws no
    random number), and the clusters are sorted.

    Args:
        frame: the decoded frame, for its colour planes.
        luma: its reduced, full-range luma.
    """
    return signature_of(_small_picture(luma, small_chroma(frame)))


def signature_of(pixels: npt.NDArray[np.float32]) -> Signature:
    """The signature of pixels in colour units, shape (n, 3), lightness first."""
    total = len(pixels)
    if total == 1:
        return _sorted(np.repeat(pixels, SIGNATURE_STEPS, axis=0))
    count = min(PROMINENT_COLOURS, total)
    _, found, centres = cv2.kmeans(
        pixels[np.argsort(pixels[:, 0], kind="stable")],
        count,
        _equal_shares(total, count).copy(),
        (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, CLUSTER_ROUNDS, 0.5),
        1,
        cv2.KMEANS_USE_INITIAL_LABELS,
    )
    shares = np.bincount(cast(Labels, found)[:, 0], minlength=count).cumsum()
    return _sorted(centres[np.searchsorted(shares, _QUANTILES * total)])


@lru_cache(maxsize=64)
def _equal_shares(total: int, count: int) -> Labels:
    return (np.arange(total) * count // total).astype(np.int32)[:, None]


def colour_variance(signature: Signature) -> float:
    """How far the prominent colours spread around their mean, in squared colour units."""
    return float(signature[:, :3].var(axis=0).sum())


def colour_distances(signature: Signature, others: Sequence[Signature]) -> list[float]:
    """How far the prominent colours of a frame lie from those of each other one, in colour units.

    A picture that changes by x units as a whole is about x away; 2 is just noticeable, 100 is
    black against white. Symmetric, and 0 for equal signatures.

    Source: the sliced Wasserstein distance (Rabin et al., "Wasserstein barycenter and its
    application to texture mixing", SSVM 2011) over nine fixed directions.
    """
    scale = signature.size * _SHIFT_OF_ONE
    return [cv2.norm(signature, other, cv2.NORM_L1) / scale for other in others]


def _sorted(colours: npt.NDArray[Any]) -> Signature:
    return cast(Signature, np.sort(colours.astype(np.float32) @ _DIRECTIONS, axis=0))


def _small_picture(luma: Plane, chroma: tuple[Plane, Plane] | None) -> npt.NDArray[np.float32]:
    grey: Plane = shrunk(luma)
    no_colour: Plane = np.full_like(grey, 128)
    blue, red = chroma or (no_colour, no_colour)
    if grey.shape != blue.shape:
        size = (blue.shape[1], blue.shape[0])
        grey = cast(Plane, cv2.resize(grey, size, interpolation=cv2.INTER_AREA))
    pixels: npt.NDArray[np.float32] = cv2.merge([grey, blue, red]).reshape(-1, 3) * _UNITS
    return pixels
