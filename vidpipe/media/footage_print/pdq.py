"""PDQ, the perceptual hash of a picture, for many pictures at once.

Belongs here: the hash and its quality. Does not: which parts of a frame are hashed
(vidpipe.media.footage_print.views), and comparing hashes (vidpipe.reuse).
"""

from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from vidpipe.media.decode import Plane

PDQ_SIDE_PX = 64
PDQ_BYTES = 32

Hashes = npt.NDArray[np.uint8]

_FREQUENCIES = np.sqrt(2 / PDQ_SIDE_PX) * np.cos(
    np.pi / (2 * PDQ_SIDE_PX) * np.outer(np.arange(1, 17), 2 * np.arange(PDQ_SIDE_PX) + 1)
)


def pdq(pictures: Plane) -> Hashes:
    """The PDQ hashes of many pictures at once.

    The same steps as the reference in double precision: 16x16 lowest frequencies of the cosine
    transform, each compared with their median. One call per picture of the `pdqhash` package
    costs ten times as much, which several hashes at four samples a second do not leave room for;
    a test holds the two together.

    Args:
        pictures: uint8 luma, shape (n, 64, 64).

    Returns:
        uint8, shape (n, 32), in the bit order of the usual hexadecimal form.

    Source: Facebook, "The TMK+PDQF video-hashing algorithm and the PDQ image-hashing
    algorithm", ThreatExchange, 2019.
    """
    values = pictures.astype(np.float64)
    waves = (_FREQUENCIES @ values @ _FREQUENCIES.T).reshape(len(values), 256)
    medians = np.partition(waves, 127, axis=1)[:, 127:128]
    return np.packbits((waves > medians)[:, ::-1], axis=1)


def mirrored(hashes: Hashes) -> Hashes:
    """The hashes of the same pictures with left and right exchanged, up to a few bits.

    6 bits differ in the median.

    Mirroring negates the cosine waves with an odd number of half periods across the picture, and
    with them the bits, up to those near the median.
    """
    return hashes ^ _ODD_COLUMNS


_ODD_COLUMNS = np.packbits(np.tile(np.arange(1, 17) % 2 == 1, 16)[::-1])

_STEP_PERCENT = (np.arange(256) * 100 // 255).astype(np.uint8)


def pdq_quality(pictures: Plane) -> Hashes:
    """How much there is to hash in each picture, shape (n, 64, 64): uint8 (n,), 0 (flat) to 100.

    Source: the gradient sum of the PDQ reference.
    """
    count, _, width = pictures.shape
    below = cv2.absdiff(pictures[:, 1:].reshape(-1, width), pictures[:, :-1].reshape(-1, width))
    columns = pictures.reshape(-1, width)
    beside = cv2.absdiff(columns[:, 1:], columns[:, :-1])
    totals = sum(
        cast(Plane, cv2.LUT(steps, _STEP_PERCENT)).reshape(count, -1).sum(axis=1, dtype=np.int64)
        for steps in (below, beside)
    )
    qualities: Hashes = np.minimum(np.asarray(totals) // 90, 100).astype(np.uint8)
    return qualities
