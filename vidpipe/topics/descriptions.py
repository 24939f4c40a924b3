"""What posters write of their videos, placed beside what the videos look like.

Belongs here: whether descriptions can be believed, and mixing them with looks.
Does not: the space of looks itself (space.py), hashtags (hashtags.py), words (naming.py).

A CLIP pair puts texts and images into one space, so a description in any language lies near videos
of its subject. It also names the hour, the weather and the place, and nobody has to write what is
seen. So descriptions count by how often one lies nearer to its own video than to others: not at all
where that is chance. Directions in which descriptions differ from their own videos are damped as
those are in which frames of one video differ.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vidpipe.topics.space import (
    FEW_VIDEOS,
    Labels,
    Space,
    Vectors,
    subject_space,
    unit_rows,
    within_covariance,
)

MOST_WEIGHT = 0.5  # of descriptions that can be believed wholly, against looks


@dataclass(frozen=True)
class Described:
    """How descriptions are placed.

    Attributes:
        typical: what descriptions have in common, float32, shape (dimensions,).
        trust: how far they are believed, 0 to 1.
    """

    typical: Vectors
    trust: float

    def mix(self, space: Space, looks: Vectors, descriptions: Vectors) -> Vectors:
        """Looks and descriptions of videos as unit rows, of the shape of `looks`.

        Args:
            space: the space in which both are placed.
            looks: unit rows.
            descriptions: vectors by the model; rows of zeros for videos without description.
        """
        has_text = descriptions.any(axis=1)
        if self.trust == 0 or not has_text.any():
            return looks
        weight = MOST_WEIGHT * self.trust
        mixed = looks.copy()
        said = unit_rows((descriptions[has_text] - self.typical) @ space.axes)
        mixed[has_text] = unit_rows((1 - weight) * looks[has_text] + weight * said)
        return mixed


def described_space(
    means: Vectors, frames: Vectors, owners: Labels, descriptions: Vectors
) -> tuple[Space, Described]:
    """The space of subjects, and how descriptions are placed in it.

    Args:
        means: mean vector of each video, shape (videos, dimensions).
        frames: keyframe vectors, shape (frames, dimensions).
        owners: row of `means` that each frame belongs to, shape (frames,).
        descriptions: of the videos, shape (videos, dimensions); zeros where there is none.
    """
    within = within_covariance(frames - means[owners])
    space = subject_space(means, within)
    has_text = descriptions.any(axis=1)
    texts = descriptions[has_text]
    count = len(texts)
    if not count:
        return space, Described(np.zeros(means.shape[1], np.float32), 0.0)
    typical = (texts.mean(axis=0) * count / (count + FEW_VIDEOS)).astype(np.float32)
    said = unit_rows((texts - typical) @ space.axes)
    trust = _trust(said, space.place(means[has_text]))
    if trust > 0:
        apart = _apart(texts - texts.mean(axis=0), (means - means.mean(axis=0))[has_text])
        share = trust * np.trace(within) / max(float(np.trace(apart)), 1e-12)
        space = subject_space(means, within + share * apart)
    return space, Described(typical, trust)


def _trust(said: Vectors, looks: Vectors) -> float:
    """How far descriptions tell their own video from others: 0 is chance, 1 is always."""
    nearness = said @ looks.T
    others = len(said) - 1
    if others < 1:
        return 0.0
    nearer = (nearness < np.diag(nearness)[:, None]).sum(axis=1) / others
    few = len(said) / (len(said) + FEW_VIDEOS)
    return max(0.0, float(2 * nearer.mean() - 1)) * few


def _apart(texts: Vectors, looks: Vectors) -> NDArray[np.float64]:
    """Covariance of the differences between descriptions and looks of the same videos."""
    scale = np.sqrt(np.square(looks).sum() / max(float(np.square(texts).sum()), 1e-12))
    return within_covariance(texts * scale - looks)
