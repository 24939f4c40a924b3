"""Hashtags as vectors."""

import numpy as np

from vidpipe.topics.hashtags import HashtagSpace, filled_in
from vidpipe.topics.space import unit_rows


def looks(*subjects: str) -> np.ndarray:
    """Places of videos that look like their subjects."""
    named = sorted(set(subjects))
    axes = np.eye(max(2, len(named)), dtype=np.float32)
    rng = np.random.default_rng(1)
    rows = np.array([axes[named.index(subject)] for subject in subjects])
    return unit_rows(rows + rng.normal(0, 0.05, rows.shape))


def test_rare_hashtags_weigh_more_than_those_of_everybody() -> None:
    hashtags = [["fyp", "Tank"], ["fyp", "tank"], ["fyp", "cat"], ["fyp"], []]
    placed = HashtagSpace.of(hashtags, looks("tank", "tank", "cat", "dog", "cat")).place(hashtags)
    likeness = placed @ placed.T
    assert likeness[0, 1] > 0.99
    assert likeness[0, 2] < 0.3
    assert not placed[4].any()


def test_hashtags_that_stand_on_anything_weigh_nothing() -> None:
    subjects = ["tank", "cat", "boat", "dog"] * 8
    generic = ("viral", "foryou", "trending")
    hashtags = [[subject, generic[n % 3]] for n, subject in enumerate(subjects)]
    space = HashtagSpace.of(hashtags, looks(*subjects))
    assert [space.rarity[tag] for tag in generic] == [0, 0, 0]
    assert min(space.rarity[subject] for subject in subjects) > 1
    only_generic = HashtagSpace.of([tags[1:] for tags in hashtags], looks(*subjects))
    assert not only_generic.place([["viral"], ["foryou", "trending"]]).any()


def test_a_hashtag_has_the_same_direction_in_every_space() -> None:
    one = HashtagSpace.of([["a"], ["b"]], looks("x", "y"))
    other = HashtagSpace.of([["c"], ["a"], ["c"]], looks("x", "y", "x"))
    assert np.allclose(one.place([["a"]]), other.place([["a"]]))
    assert HashtagSpace.of([], np.zeros((0, 2), np.float32)).rarity == {}


def test_videos_without_hashtags_get_those_of_what_they_look_like() -> None:
    space = HashtagSpace.of([["tank"], ["cat"]], looks("tank", "cat"))
    words = space.place([["tank"], ["cat"], []])
    places = np.array([[1, 0], [0, 1], [0.9, 0.1]], np.float32)
    filled = filled_in(np.repeat(words, [5, 5, 1], axis=0), np.repeat(places, [5, 5, 1], axis=0))
    assert filled[-1] @ words[0] > 0.99
    nothing = np.zeros_like(words)
    assert np.array_equal(filled_in(nothing, places), nothing)
