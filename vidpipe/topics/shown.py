"""Which topic each frame shows, by its own looks.

Belongs here: telling topics apart by frames, and a floor below which a difference is noise.
Does not: finding the topics (clustering.py), shares of videos (fit.py).

A frame is compared with the mean frame of each topic, in the space in which topics differ most for
what they differ within (discriminant analysis: Fisher, "The use of multiple measurements in
taxonomic problems", 1936). Nothing of the frame's video is mixed in: its hashtags, its description
and its other frames would pull every frame to the topic of the whole. As frames of another scene
count for the wrong topic at first, the space is fitted again with what frames were found to show.
"""

from itertools import pairwise

import numpy as np

from vidpipe.topics.clustering import OUTLIER
from vidpipe.topics.space import RIDGE, Labels, Vectors, unit_rows, within_covariance

ROUNDS = 3
MARGIN = 0.15  # of cosine, by which a topic must be nearer than that of the whole video
LEAST = 0.5  # cosine of what shows a topic that its video is not in
LEAST_OF_OWN = 0.0  # cosine from which a frame shows the topic of its video
ROWS_AT_ONCE = 20_000
MOST_FITTED = 40_000  # frames


def shown_topics(frames: Vectors, mains: Labels) -> Labels:
    """The topic that each frame shows, or `OUTLIER`.

    Args:
        frames: vectors of frames, shape (frames, dimensions).
        mains: topic of each frame's video, or `OUTLIER`.
    """
    topics = int(mains.max(initial=OUTLIER)) + 1
    if topics < 2:  # there is nothing to tell apart
        return mains.copy()
    fitted = slice(0, MOST_FITTED)
    shown = mains.copy()
    for _ in range(ROUNDS):
        used = np.flatnonzero(shown[fitted] != OUTLIER)
        means = _means(frames[used], shown[used], topics, frames[mains != OUTLIER].mean(axis=0))
        centre, axes = _discriminant(frames[used] - means[shown[used]], means)
        shown = _nearest(frames, mains, centre, axes, unit_rows((means - centre) @ axes))
    return shown


def seconds_shown(timestamps: Vectors, owners: Labels, durations: Vectors) -> Vectors:
    """The seconds of its video that lie nearest to each frame, float32, shape (frames,).

    Args:
        timestamps: of the frames in seconds, ascending within each video.
        owners: video of each frame, ascending.
        durations: of the videos in seconds.
    """
    if not len(timestamps):
        return np.zeros(0, np.float32)
    is_first = np.diff(owners, prepend=-1) != 0
    is_last = np.append(is_first[1:], True)
    middles = (timestamps[:-1] + timestamps[1:]) / 2
    starts = np.where(is_first, 0, np.append(0, middles))
    ends = np.where(is_last, np.maximum(durations[owners], timestamps), np.append(middles, 0))
    seconds: Vectors = np.maximum(ends - starts, 1e-3).astype(np.float32)
    return seconds


def _means(frames: Vectors, shown: Labels, topics: int, otherwise: Vectors) -> Vectors:
    """Mean frame of each topic; that of all where no frame shows it any more."""
    order = np.argsort(shown, kind="stable")
    bounds = np.searchsorted(shown[order], np.arange(topics + 1))
    return np.array(
        [
            frames[order[start:end]].mean(axis=0) if end > start else otherwise
            for start, end in pairwise(bounds.tolist())
        ],
        np.float32,
    )


def _discriminant(within: Vectors, means: Vectors) -> tuple[Vectors, Vectors]:
    """The centre of the topics, and axes on which variances within them are damped."""
    variances, directions = np.linalg.eigh(within_covariance(within))
    variances = np.maximum(variances, 0)
    floor = RIDGE * variances.mean()
    centre = means.mean(axis=0)
    if floor <= 0:
        return centre, np.eye(means.shape[1], dtype=np.float32)
    axes: Vectors = (directions / np.sqrt(variances + floor)).astype(np.float32)
    return centre, axes


def _nearest(
    frames: Vectors, mains: Labels, centre: Vectors, axes: Vectors, topics: Vectors
) -> Labels:
    shown = np.full(len(frames), OUTLIER, np.int64)
    for start in range(0, len(frames), ROWS_AT_ONCE):
        block = slice(start, start + ROWS_AT_ONCE)
        nearness = unit_rows((frames[block] - centre) @ axes) @ topics.T
        every, main = np.arange(len(nearness)), mains[block]
        best = nearness.argmax(axis=1)
        most = nearness[every, best]
        own = np.where(main == OUTLIER, -1, nearness[every, main])
        is_other = (most >= LEAST) & (most > own + MARGIN)
        is_own = (main != OUTLIER) & (own >= LEAST_OF_OWN)
        shown[block] = np.where(is_other, best, np.where(is_own, main, OUTLIER))
    return shown
