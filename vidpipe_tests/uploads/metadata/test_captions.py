"""Hashtags and mentions out of what posters wrote."""

import pytest

from vidpipe.uploads.metadata.captions import hashtags_in, mentions_in
from vidpipe_tests.uploads.metadata.sidecars import found, sidecar


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("sunset slice #SlowFoodWeek #piazza", ("SlowFoodWeek", "piazza")),
        ("#denidil#денидил", ("denidil", "денидил")),
        ("#नमस्ते #مرحبا_بالعالم, #坦克。 ＃全角", ("नमस्ते", "مرحبا_بالعالم", "坦克", "全角")),
        ("今日は#桜 #ไทยแลนด์", ("桜", "ไทยแลนด์")),
        ("#🔥 #❤️‍🔥hot #🇺🇦 #1️⃣", ("🔥", "❤️‍🔥hot", "🇺🇦", "1️⃣")),
        (
            "(#par) **#bold** 🔥#after #slow-food- ##twice",
            ("par", "bold", "after", "slow-food", "twice"),
        ),
        ("#Foo #foo #FOO", ("Foo",)),
        ("cats/#dogs #a/#b", ("dogs", "a", "b")),
    ],
)
def test_hashtags_are_found_in_any_script(text: str, tags: tuple[str, ...]) -> None:
    assert hashtags_in(text) == tags


@pytest.mark.parametrize(
    "text",
    [
        "a#b C#minor",
        "https://example.org/#fragment www.example.org/#top example.org/page#part",
        "it&#39;s number #1 or #123 or #२०२४",
        "# nothing ## #",
    ],
)
def test_numbers_and_parts_of_words_and_addresses_are_no_hashtags(text: str) -> None:
    assert hashtags_in(text) == ()


def test_mentions_are_found_where_a_handle_ends() -> None:
    text = (
        "RT @z: @alice, @b.c. (@d_e_) @aliceさん @josé @Жук .@dot ＠wide @user@host.social @ALICE"
    )
    wanted = ("z", "alice", "b.c", "d_e_", "josé", "Жук", "dot", "wide", "user@host.social")
    assert mentions_in(text) == wanted


def test_mail_and_addresses_and_numbers_mention_nobody() -> None:
    assert mentions_in("me@example.org https://x.test/@a tiktok.com/@y at @ 5 @12") == ()


def test_no_text_takes_long() -> None:
    for text in ("#" * 65_000, "#a" * 32_000, "@a." * 20_000, "a.aa" * 16_000, "a-" * 32_000):
        assert len(hashtags_in(text)) <= 1
        assert len(mentions_in(text)) <= 1


def test_a_caption_stands_in_for_lists_that_a_source_leaves_empty_only() -> None:
    document = {"description": "#a by @b", "hashtags": [], "mentions": ["@c", "d"]}
    metadata = found(sidecar("native", document)).metadata
    assert (metadata.hashtags, metadata.mentions) == (("a",), ("c", "d"))
    metadata = found(sidecar("native", document | {"hashtags": "#x", "mentions": ""})).metadata
    assert (metadata.hashtags, metadata.mentions) == (("x",), ("b",))
