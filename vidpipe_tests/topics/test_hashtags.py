"""Hashtags as vectors, and words that name topics, in any script."""

from dataclasses import replace

import numpy as np

from vidpipe.topics.corpus import Corpus, Post
from vidpipe.topics.hashtags import HashtagSpace, filled_in
from vidpipe.topics.naming import TopicWords, label_of, tokens


def test_rare_hashtags_weigh_more_than_those_of_everybody() -> None:
    hashtags = [["fyp", "Tank"], ["fyp", "tank"], ["fyp", "cat"], ["fyp"], []]
    placed = HashtagSpace.of(hashtags).place(hashtags)
    likeness = placed @ placed.T
    assert likeness[0, 1] > 0.99
    assert likeness[0, 2] < 0.3
    assert not placed[4].any()


def test_a_hashtag_has_the_same_direction_in_every_space() -> None:
    one, other = HashtagSpace.of([["a"], ["b"]]), HashtagSpace.of([["c"], ["a"], ["c"]])
    assert np.allclose(one.place([["a"]]), other.place([["a"]]))
    assert HashtagSpace.of([]).place([["new"]]).any()


def test_videos_without_hashtags_get_those_of_what_they_look_like() -> None:
    words = HashtagSpace.of([["tank"], ["cat"]]).place([["tank"], ["cat"], []])
    looks = np.array([[1, 0], [0, 1], [0.9, 0.1]], np.float32)
    filled = filled_in(np.repeat(words, [5, 5, 1], axis=0), np.repeat(looks, [5, 5, 1], axis=0))
    assert filled[-1] @ words[0] > 0.99
    nothing = np.zeros_like(words)
    assert np.array_equal(filled_in(nothing, looks), nothing)


def test_tokens_are_words_of_any_script() -> None:
    assert tokens("A burning TANK, 2026 in the_street!") == ["burning", "tank", "in", "the_street"]
    assert tokens("जलती हुई बस") == ["जलती", "हुई", "बस"]
    assert tokens("坦克在街上") == ["坦克", "克在", "在街", "街上"]
    assert tokens("🙂 7 x") == []


def words_of(given: Corpus, *topics: list[int]) -> list[list[str]]:
    """The most telling words of topics with these contents, one post each."""
    rows = [np.array(topic) for topic in topics]
    telling = TopicWords(given).most_telling([(one, one) for one in rows])
    return [[word for word, _ in words] for words in telling]


def corpus(*descriptions: str) -> Corpus:
    count = len(descriptions)
    posts = tuple(
        Post(f"a:{n}", "p", "alice", None, n, text, ()) for n, text in enumerate(descriptions)
    )
    frames = np.eye(count, 4, dtype=np.float32)
    names = tuple(f"c{n}" for n in range(count))
    return Corpus(names, names, np.arange(count), frames, frames, posts, ("",) * count, {})


def test_topics_are_named_by_what_sets_them_apart() -> None:
    given = corpus("the tank burns", "the tank", "the cat sleeps", "the cat")
    tank, cat = words_of(given, [0, 1], [2, 3])
    assert tank.index("tank") < tank.index("the")
    assert "cat" in cat
    assert "tank" not in cat


def test_a_long_description_hides_no_hashtag() -> None:
    plain = corpus("wind " * 3_000, "rain")
    posts = tuple(
        replace(post, hashtags=(tag,))
        for post, tag in zip(plain.posts, ("storm", "flood"), strict=True)
    )
    first, second = words_of(replace(plain, posts=posts), [0], [1])
    assert {"storm", "wind"} <= set(first)
    assert set(second) == {"flood", "rain"}


def test_videos_without_any_text_have_no_words() -> None:
    assert words_of(corpus("", "7 🙂"), [0, 1]) == [[]]
    assert words_of(corpus("tank", "tank"), [0, 1]) == [["tank"]]
    assert label_of((), 12) == "topic 12"
    assert label_of(("a", "b", "c", "d"), 12) == "a · b · c"
