"""Words that name topics, in any script and language."""

from collections.abc import Sequence

import numpy as np

from vidpipe.topics.corpus import Corpus, Post
from vidpipe.topics.function_words import function_words, languages
from vidpipe.topics.naming import TopicWords, label_of
from vidpipe.topics.tokens import tokens


def corpus(
    descriptions: Sequence[str],
    hashtags: Sequence[Sequence[str]] = (),
    read: Sequence[str] = (),
    language: str | None = None,
) -> Corpus:
    """One post of each content."""
    count = len(descriptions)
    posts = tuple(
        Post(f"a:{n}", "p", "alice", None, n, text, tuple(tags), language)
        for n, (text, tags) in enumerate(zip(descriptions, hashtags or [()] * count, strict=True))
    )
    frames = np.eye(count, 4, dtype=np.float32)
    names = tuple(f"c{n}" for n in range(count))
    return Corpus(
        contents=names,
        keyframes=names,
        owners=np.arange(count),
        frames=frames,
        seconds=np.ones(count, np.float32),
        means=frames,
        descriptions=np.zeros_like(frames),
        posts=posts,
        read=tuple(read or [""] * count),
        handles={},
    )


def words_of(given: Corpus, *topics: Sequence[int]) -> list[list[str]]:
    """The words of topics with these contents, one post each."""
    rows = [np.array(topic) for topic in topics]
    telling = TopicWords(given).most_telling([(one, one) for one in rows])
    return [[word for word, _ in words] for words in telling]


def test_tokens_are_whole_words_of_any_script() -> None:
    assert tokens("A burning TANK, 2026 in the_street!") == ["burning", "tank", "in", "the_street"]
    assert tokens("जलती हुई बस") == ["जलती", "हुई", "बस"]
    assert tokens("直升机在海边的夜晚飞行") == ["直升机", "海边", "夜晚", "飞行"]
    assert tokens("雪の中で燃えているバス") == ["雪", "燃える", "バス"]
    assert tokens("T72坦克") == ["t72", "坦克"]
    assert tokens("l’électricité") == ["électricité"]
    assert tokens("🙂 7 x") == []


def test_a_language_is_what_the_platform_says_or_what_function_words_tell() -> None:
    texts = ["a truck in the harbour", "kereta kebal yang terbakar di pantai", "जलती बस में है"]
    assert languages(texts, [None, "ms-MY", None]) == ["en", "ms", "hi"]
    assert languages(["坦克在街上", "これは戦車です", "tank"], [None] * 3) == ["zh", "ja", None]
    assert languages(["la guerra en el mar"], [None]) == ["es"]
    assert {"pada", "di", "yang", "adalah"} <= function_words("ms")
    assert "fire" not in function_words("en")
    assert "kereta" not in function_words("ms")


def test_topics_are_named_by_what_sets_them_apart_and_never_by_function_words() -> None:
    tank, cat = words_of(
        corpus(["the tank from there", "the tank", "from the cat", "the cat"]), [0, 1], [2, 3]
    )
    assert tank == ["tank"]
    assert cat == ["cat"]
    assert words_of(
        corpus(["kereta pada pantai di sana"] * 3 + ["bas pada jalan di sana"] * 3, language="ms"),
        range(3),
        range(3, 6),
    )[0] == ["kereta", "pantai"]


def test_a_typical_word_goes_before_one_that_a_single_chatty_post_repeats() -> None:
    chatty = "wow " * 200
    texts = [f"tank {chatty}", "tank", "tank", "cat", "cat", "cat"]
    assert words_of(corpus(texts, language="en"), range(3), range(3, 6)) == [["tank"], ["cat"]]


def test_hashtags_are_shown_as_such_and_generic_ones_name_nothing() -> None:
    tags = [["tank", "fyp"], ["tank", "viral"], ["tank", "fyp"]]
    tags += [["cat", "fyp"], ["cat", "viral"], ["cat", "fyp"]]
    tank, cat = words_of(corpus(["tank"] * 3 + ["cat"] * 3, tags), range(3), range(3, 6))
    assert (tank, cat) == (["#tank"], ["#cat"]), "a word beside the same hashtag says nothing more"


def test_a_label_has_one_language_that_of_most_posts() -> None:
    tanks = ["जलता टैंक है"] * 3 + ["a burning tank in the rain"] * 2
    cats = ["सोती बिल्ली है"] * 3 + ["a sleeping cat in the rain"] * 2
    tank, cat = words_of(corpus([*tanks, *cats]), range(5), range(5, 10))
    assert tank == ["जलता टैंक"], "words that always stand side by side are one phrase"
    assert cat == ["सोती बिल्ली"]


def test_words_that_ocr_glued_name_nothing() -> None:
    read = ["road closed", "ROADCLOSED", "road closed", "masakairsebelum", "masakairsebelum", ""]
    named = words_of(
        corpus(["road", "closed", "road", "", "", ""], read=read), range(3), range(3, 6)
    )
    assert all("roadclosed" not in words and "masakairsebelum" not in words for words in named)


def test_words_that_stand_everywhere_name_nothing() -> None:
    texts = ["video tank", "video tank", "video cat", "video cat"]
    assert words_of(corpus(texts, language="en"), [0, 1], [2, 3]) == [["tank"], ["cat"]]


def test_videos_without_any_text_have_no_words() -> None:
    assert words_of(corpus(["", "7 🙂"]), [0, 1]) == [[]]
    assert words_of(corpus(["tank", "tank"]), [0, 1]) == [["tank"]]
    assert label_of((), 12) == "topic 12"
    assert label_of(("a", "b", "c", "d"), 12) == "a · b · c"
