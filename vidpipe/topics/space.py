"""The spaces in which videos are compared: looks and hashtags as one unit vector.

Belongs here: fitting and applying them. Does not: clustering (clustering.py), reading (corpus.py).

Two things are done to CLIP vectors, because nearness of their plain means follows settings and
states as much as subjects:

- over a whole corpus, what changes *within* videos is damped: frames of one video show one subject
  in several settings and states, so directions in which they differ say little of the subject.
  (Within-class covariance normalisation with videos as classes: Hatch, Kajarekar and Stolcke,
  "Within-class covariance normalization for SVM-based speaker recognition", Interspeech 2006.)
- within one account, only what changes within *topics* of the corpus is kept: those are the
  settings and scenes that a topic comes in, and not what is peculiar to the account's subject.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Labels = NDArray[np.int64]

RIDGE = 0.2  # share of the mean variance within videos; directions without any are not blown up
AXES = 64
SETTING_AXES = 16
FEW_VIDEOS = 10  # number of videos whose mean is half taken away: it is what they are about


@dataclass(frozen=True)
class Space:
    """An affine map to unit vectors.

    Attributes:
        mean: float32, shape (dimensions,).
        axes: float32, shape (dimensions, axes).
    """

    mean: Vectors
    axes: Vectors

    def place(self, vectors: Vectors) -> Vectors:
        """Unit vectors, float32, shape (videos, axes), of vectors of shape (videos, dimensions)."""
        return unit_rows((vectors - self.mean) @ self.axes)


def subject_space(means: Vectors, within: NDArray[np.float64]) -> Space:
    """The space of subjects.

    Args:
        means: mean vector of each video, shape (videos, dimensions).
        within: covariance of what changes within videos, shape (dimensions, dimensions).
    """
    centre = _centre(means)
    variances, directions = np.linalg.eigh(within)
    variances = np.maximum(variances, 0)
    floor = RIDGE * variances.mean()
    if floor > 0:
        whiten = (directions / np.sqrt(variances + floor)) @ directions.T
    else:
        whiten = np.eye(means.shape[1])
    damped = (means - centre) @ whiten
    _, axes = _principal(damped)
    return Space(_f32(centre), _f32(whiten @ axes[:, -AXES:]))


def within_covariance(differences: Vectors) -> NDArray[np.float64]:
    """Covariance about 0 of differences, shape (dimensions, dimensions)."""
    exact = differences.astype(np.float64)
    covariance: NDArray[np.float64] = exact.T @ exact / max(1, len(exact))
    return covariance


def setting_axes(within_topics: Vectors) -> Vectors:
    """The directions of settings, shape (dimensions, axes).

    Args:
        within_topics: videos less the mean of their topic, shape (videos, dimensions); with few,
            all directions count.
    """
    if len(within_topics) <= SETTING_AXES:
        return np.eye(within_topics.shape[1], dtype=np.float32)
    return _f32(_principal(within_topics)[1][:, -SETTING_AXES:])


def setting_space(means: Vectors, axes: Vectors) -> Space:
    """The space of settings of one account's videos.

    Args:
        means: mean vectors of the account's videos, shape (videos, dimensions).
        axes: directions of settings in the corpus.
    """
    return Space(_f32(_centre(means)), axes)


def unit_rows(vectors: Any) -> Vectors:
    """Rows of length 1; a row of zeros stays."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return _f32(vectors / np.where(lengths > 0, lengths, 1))


def blend(looks: Vectors, words: Vectors, weight: float) -> Vectors:
    """One unit vector of two, so that its cosine is the weighted mean of theirs.

    Args:
        looks: unit rows.
        words: unit rows, or zeros for videos without words.
        weight: weight of the words, 0 to 1.
    """
    parts = [np.sqrt(1 - weight) * looks, np.sqrt(weight) * words]
    return unit_rows(np.concatenate(parts, axis=1))


def _centre(means: Vectors) -> NDArray[np.float64]:
    videos = len(means)
    centre: NDArray[np.float64] = means.mean(axis=0, dtype=np.float64)
    return centre * videos / (videos + FEW_VIDEOS)


def _principal(rows: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Variances, ascending, and their directions (columns)."""
    variances, directions = np.linalg.eigh(within_covariance(rows))
    return np.maximum(variances, 0), directions


def _f32(values: Any) -> Vectors:
    return np.asarray(values, np.float32)
