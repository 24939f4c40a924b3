"""Topics from week to week: kept, new, split, merged, gone."""

import numpy as np

from vidpipe.topics.lineage import Known, lineage


def known(letters: str, axis: int = 0) -> Known:
    centre = np.zeros(4, np.float32)
    centre[axis] = 1
    return Known(frozenset(letters), centre)


def told(
    previous: dict[int, Known], topics: list[Known]
) -> list[tuple[str, int | None, int | None]]:
    return [(one.event, one.group, one.previous) for one in lineage(previous, topics)]


def test_a_topic_with_most_of_its_contents_is_kept_and_a_stranger_is_new() -> None:
    previous = {7: known("abcd"), 9: known("klmn", 1)}
    topics = [known("klmnxy", 1), known("abcz"), known("pqr", 2)]
    assert told(previous, topics) == [("kept", 0, 9), ("kept", 1, 7), ("new", 2, None)]


def test_a_split_topic_goes_on_in_its_larger_part() -> None:
    steps = told({7: known("abcdefgh")}, [known("gh"), known("abcdef")])
    assert steps == [("split", 0, 7), ("kept", 1, 7)]


def test_merged_and_gone_topics_are_told_apart() -> None:
    previous = {1: known("abcdef"), 2: known("klm", 1), 3: known("xyz", 2)}
    steps = told(previous, [known("abcdefklm"), known("opq", 3)])
    assert steps == [("kept", 0, 1), ("new", 1, None), ("merged", 0, 2), ("gone", None, 3)]


def test_what_only_one_run_has_read_says_nothing() -> None:
    (step,) = lineage({1: known("abcd")}, [known("abcd" + "0123456789")])
    assert (step.event, step.overlap, step.contents) == ("kept", 1.0, 4)


def test_a_topic_whose_videos_were_all_replaced_is_known_by_its_centre() -> None:
    assert told({5: known("abc", 1)}, [known("xyz", 1)]) == [("kept", 0, 5)]
    assert told({5: known("abc", 1)}, [known("xyz", 2)]) == [("new", 0, None), ("gone", None, 5)]


def test_vectors_of_another_model_are_not_compared() -> None:
    other = Known(frozenset("abc"), np.ones(9, np.float32))
    assert told({5: known("abc")}, [other]) == [("kept", 0, 5)]


def test_the_first_run_has_new_topics_only() -> None:
    assert told({}, [known("abc")]) == [("new", 0, None)]
    assert told({4: known("abc")}, []) == [("gone", None, 4)]
