"""What posters write counts as far as it tells their videos from others."""

import numpy as np

from vidpipe.topics.descriptions import Described, described_space
from vidpipe.topics.space import Vectors, unit_rows

DIMENSIONS = 32
SUBJECTS = np.repeat(np.arange(8), 6)
MODALITY = 8  # an axis on which all texts lie apart from all images


def near(subjects: np.ndarray, noise: float, seed: int) -> Vectors:
    rng = np.random.default_rng(seed)
    rows = np.eye(DIMENSIONS)[subjects] + rng.normal(0, noise, (len(subjects), DIMENSIONS))
    return unit_rows(rows)


def fitted(descriptions: Vectors) -> tuple[Vectors, Described]:
    """Places of videos of three frames, and how their descriptions count."""
    owners = np.repeat(np.arange(len(SUBJECTS)), 3)
    frames = near(SUBJECTS[owners], 0.25, 1)
    means = np.array([frames[owners == row].mean(axis=0) for row in range(len(SUBJECTS))])
    space, described = described_space(means, frames, owners, descriptions)
    return described.mix(space, space.place(means), descriptions), described


def told_apart(places: Vectors) -> float:
    """How much nearer videos of one subject are than those of two."""
    nearness = places @ places.T
    is_same = SUBJECTS[:, None] == SUBJECTS[None]
    others = ~np.eye(len(SUBJECTS), dtype=bool)
    return float(nearness[is_same & others].mean() - nearness[~is_same].mean())


def texts(subjects: np.ndarray) -> Vectors:
    said = near(subjects, 0.15, 2)
    said[:, MODALITY] += 2
    return unit_rows(said)


def test_descriptions_of_what_is_seen_bring_videos_of_a_subject_together() -> None:
    plain, without = fitted(np.zeros((len(SUBJECTS), DIMENSIONS), np.float32))
    mixed, described = fitted(texts(SUBJECTS))
    assert without.trust == 0
    assert described.trust > 0.5
    assert told_apart(mixed) > told_apart(plain)
    assert np.allclose(np.linalg.norm(mixed, axis=1), 1, atol=1e-5)


def test_descriptions_of_anything_else_count_next_to_nothing() -> None:
    plain, _ = fitted(np.zeros((len(SUBJECTS), DIMENSIONS), np.float32))
    mixed, described = fitted(texts(np.random.default_rng(4).permutation(SUBJECTS)))
    assert described.trust < 0.2
    assert told_apart(mixed) > 0.8 * told_apart(plain)


def test_a_video_without_description_lies_where_its_looks_do() -> None:
    some = texts(SUBJECTS)
    some[::2] = 0
    owners = np.repeat(np.arange(len(SUBJECTS)), 3)
    frames = near(SUBJECTS[owners], 0.25, 1)
    means = np.array([frames[owners == row].mean(axis=0) for row in range(len(SUBJECTS))])
    space, described = described_space(means, frames, owners, some)
    looks = space.place(means)
    mixed = described.mix(space, looks, some)
    assert np.array_equal(mixed[::2], looks[::2])
    assert not np.allclose(mixed[1::2], looks[1::2])
