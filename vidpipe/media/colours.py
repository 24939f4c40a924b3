"""The prominent colours of a frame, and how two frames differ in them.

Belongs here: shrink, cluster, sort, compare.
Does not: deciding which frame to keep (vidpipe.media.keyframes).
"""

from typing import cast

import cv2
import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame

from vidpipe.media.decode import Plane, shrunk, small_chroma

PROMINENT_COLOURS = 6
CLUSTER_ROUNDS = 10
SIGNATURE_STEPS = 16

Signature = npt.NDArray[np.float32]
"""Prominent colours in CIE Lab sorted from dark to light, each repeated in proportion to its
share of the picture: shape (SIGNATURE_STEPS, 3). Row i is the colour at that quantile, so two
signatures are compared row by row."""


Labels = npt.NDArray[np.int32]


def colour_signature(frame: VideoFrame, luma: Plane) -> Signature:
    """Prominent colours of a frame.

    The picture is shrunk to at most 24 px, its pixels are clustered to `PROMINENT_COLOURS`
    (k-means that starts from equal shares of the pixels from dark to light, so it draws no
    random number), and the clusters are sorted by lightness.

    Args:
        frame: the decoded frame, for its colour planes.
        luma: its reduced, full-range luma.
    """
    return signature_of(_small_lab(luma, small_chroma(frame)))


def signature_of(pixels: npt.NDArray[np.float32]) -> Signature:
    """Signature of Lab pixels, shape (n, 3)."""
    if len(pixels) == 1:
        return np.repeat(pixels, SIGNATURE_STEPS, axis=0)
    pixels = np.ascontiguousarray(pixels[np.argsort(pixels[:, 0], kind="stable")])
    count = min(PROMINENT_COLOURS, len(pixels))
    labels = (np.arange(len(pixels)) * count // len(pixels)).astype(np.int32)[:, None]
    _, found, centres = cv2.kmeans(
        pixels,
        count,
        labels,
        (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, CLUSTER_ROUNDS, 0.5),
        1,
        cv2.KMEANS_USE_INITIAL_LABELS,
    )
    order = np.lexsort((centres[:, 2], centres[:, 1], centres[:, 0]))
    shares = np.bincount(cast(Labels, found)[:, 0], minlength=count)[order].cumsum() / len(pixels)
    quantiles = (np.arange(SIGNATURE_STEPS) + 0.5) / SIGNATURE_STEPS
    signature: Signature = centres[order[np.searchsorted(shares, quantiles)]].astype(np.float32)
    return signature


def colour_variance(signature: Signature) -> float:
    """How far the prominent colours spread around their mean, in squared Lab units."""
    spread = signature - signature.mean(axis=0)
    return float((spread * spread).sum() / len(signature))


def colour_distance(one: Signature, other: Signature) -> float:
    """Mean distance of the prominent colours of two frames, in Lab units (about 2 is just
    noticeable, 100 is black against white)."""
    return float(np.sqrt(((one - other) ** 2).sum(axis=1)).mean())


def _small_lab(luma: Plane, chroma: tuple[Plane, Plane] | None) -> npt.NDArray[np.float32]:
    if chroma is None:
        grey = shrunk(luma)
        blue = red = np.full(grey.shape, 128, np.uint8)
    else:
        blue, red = chroma
        grey = shrunk(luma)
        if grey.shape != blue.shape:
            size = (blue.shape[1], blue.shape[0])
            grey = cast(Plane, cv2.resize(grey, size, interpolation=cv2.INTER_AREA))
    rgb = cv2.cvtColor(cv2.merge([grey, red, blue]), cv2.COLOR_YCrCb2RGB)
    lab = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return cast(Signature, lab.reshape(-1, 3))
