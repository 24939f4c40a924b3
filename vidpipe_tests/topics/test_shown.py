"""What each frame shows, and how long."""

import numpy as np

from vidpipe.topics.clustering import OUTLIER
from vidpipe.topics.shown import seconds_shown, shown_topics
from vidpipe.topics.space import unit_rows


def frames_of(subjects: list[int]) -> np.ndarray:
    rng = np.random.default_rng(3)
    return unit_rows(np.eye(8)[subjects] + rng.normal(0, 0.1, (len(subjects), 8)))


def test_a_frame_shows_its_own_topic_whatever_the_rest_of_its_video_shows() -> None:
    subjects = [0] * 20 + [1] * 20 + [2] * 20 + [0, 0, 0, 1, 0]
    mains = np.array([0] * 20 + [1] * 20 + [2] * 20 + [0] * 5)
    assert shown_topics(frames_of(subjects), mains).tolist() == subjects


def test_a_frame_that_is_no_nearer_to_another_topic_shows_its_videos_own() -> None:
    subjects = [0] * 20 + [1] * 20
    between = unit_rows(np.array([[0.9, 1, 0, 0, 0, 0, 0, 0]], np.float32))
    frames = np.concatenate([frames_of(subjects), between])
    mains = np.array([*subjects, 0])
    assert shown_topics(frames, mains)[-1] == 0


def test_frames_of_videos_in_no_topic_show_one_only_where_it_is_near() -> None:
    subjects = [0] * 20 + [1] * 20 + [0, 5]
    mains = np.array([0] * 20 + [1] * 20 + [OUTLIER, OUTLIER])
    shown = shown_topics(frames_of(subjects), mains)
    assert shown[-2:].tolist() == [0, OUTLIER]
    only = np.array([0, 0, OUTLIER])
    assert shown_topics(frames_of([0, 0, 3]), only).tolist() == only.tolist()


def test_a_frame_stands_for_the_seconds_that_are_nearest_to_it() -> None:
    times = np.array([1, 3, 8, 2], np.float32)
    seconds = seconds_shown(times, np.array([0, 0, 0, 1]), np.array([10, 4], np.float32))
    assert seconds.tolist() == [2, 3.5, 4.5, 4]
    assert seconds_shown(times[:0], np.zeros(0, np.int64), np.zeros(0, np.float32)).tolist() == []
