"""Lists of posts by Zeeschuimer, and the same as 4CAT keeps them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

from vidpipe.uploads.metadata.precedence import FoundMetadata
from vidpipe_tests.uploads.metadata import written
from vidpipe_tests.uploads.metadata.sidecars import found, sidecar

ID = "7400000000000000001"
COLLECTED_AT = datetime.fromtimestamp(written.COLLECTED_MS / 1000, UTC)


def read(lines: Iterable[Any], name: str) -> FoundMetadata:
    """What a list says of an upload of this name."""
    posts = sidecar("post-list", written.as_ndjson(lines))
    return found(posts, upload_id=f"2026-11-02/alice/{name}")


def test_a_post_on_tiktok_is_understood() -> None:
    result = read([written.zeeschuimer_line(written.tiktok_item(), "tiktok.com")], f"{ID}.mp4")
    metadata = result.metadata
    assert (result.source, result.error) == ("zeeschuimer", None)
    assert metadata.video_id == f"tiktok:{ID}"
    assert (metadata.account_id, metadata.account) == ("6800000000000000001", "anna.market")
    assert metadata.account_name == "Anna at the Market"
    assert metadata.posted_at == datetime(2026, 11, 2, 16, tzinfo=UTC)
    assert metadata.description == "Slow food on the square #SlowFoodWeek @piazza.daily"
    assert metadata.hashtags == ("SlowFoodWeek", "piazza")  # not slowfoodweek again
    assert metadata.mentions == ("piazza.daily",)
    assert metadata.language == "en"
    assert (metadata.sound_id, metadata.sound_title) == (
        "7300000000000000009",
        "original sound - anna",
    )
    counts = (metadata.views, metadata.likes, metadata.reposts, metadata.comments)
    assert counts == (1234, 12, 3, 4)
    assert metadata.engagement_read_at == COLLECTED_AT
    assert metadata.url == f"https://www.tiktok.com/@anna.market/video/{ID}"
    assert metadata.quote_of is None


def test_an_author_may_be_a_string_and_a_duet_answers_a_post() -> None:
    item = written.tiktok_item(
        author="anna.market",
        authorId="6800000000000000001",
        nickname="Anna",
        duetInfo={"duetFromId": "7399999999999999999"},
        textLanguage="un",
    )
    metadata = read([written.zeeschuimer_line(item, "tiktok.com")], f"{ID}.mp4").metadata
    assert (metadata.account_id, metadata.account) == ("6800000000000000001", "anna.market")
    assert metadata.account_name == "Anna"
    assert (metadata.quote_of, metadata.language) == ("tiktok:7399999999999999999", None)


@pytest.mark.parametrize(
    "name",
    [
        f"{ID}.mp4",
        f"anna.market_{ID}.mp4",
        f"2026-11-02 Slow food [{ID}].mp4",
        f"@anna.market_video_{ID}_v2-final.mp4",
        f"tiktok-{ID}",
        f"caf%C3%A9 {ID}.mp4",
    ],
)
def test_a_file_is_found_by_the_id_in_its_name(name: str) -> None:
    lines = [
        written.zeeschuimer_line(written.tiktok_item(post_id), "tiktok.com")
        for post_id in (ID, "7400000000000000002", "11")
    ]
    assert read(lines, name).metadata.id == ID


@pytest.mark.parametrize("name", [f"{ID}9.mp4", f"x{ID}.mp4", "2026-11-02.mp4", "clip 11.mp4"])
def test_a_name_that_only_contains_an_id_is_another_post(name: str) -> None:
    lines = [
        written.zeeschuimer_line(written.tiktok_item(post_id), "tiktok.com")
        for post_id in (ID, "11")
    ]
    result = read(lines, name)
    assert (result.source, result.error) == ("none", None)


@pytest.mark.parametrize(
    ("name", "key", "number"),
    [
        ("DAbC-deF_03_2.mp4", "3300000000000000202", 2),
        ("3300000000000000201.mp4", "3300000000000000201", 1),
        ("piazza_daily DAbC-deF_03-1.mp4", "3300000000000000201", 1),
        ("DAbC-deF_03.mp4", None, None),
        ("DAbC-deF_03_7.mp4", "7", 7),
    ],
)
def test_clips_of_a_post_on_instagram_are_told_apart(
    name: str, key: str | None, number: int | None
) -> None:
    lines = [written.zeeschuimer_line(written.instagram_item(), "instagram.com")]
    metadata = read(lines, name).metadata
    assert metadata.video_id == "instagram:DAbC-deF_03"
    assert (metadata.media_key, metadata.media_number) == (key, number)


def test_two_files_of_a_post_of_unknown_media_are_two_clips() -> None:
    item = written.instagram_item(carousel_media=None)
    lines = [written.zeeschuimer_line(item, "instagram.com")]
    keys = [read(lines, f"DAbC-deF_03_{n}.mp4").metadata.media_key for n in (1, 2)]
    assert keys == [None, "2"]


def test_a_post_on_instagram_by_the_graph_is_understood() -> None:
    lines = [written.zeeschuimer_line(written.instagram_node(), "instagram.com")]
    metadata = read(lines, "3300000000000000001.mp4").metadata
    assert (metadata.video_id, metadata.account) == ("instagram:DAbC-deF_01", "piazza_daily")
    assert (metadata.likes, metadata.engagement_read_at) == (55, COLLECTED_AT)


def test_likes_that_are_hidden_are_not_counted() -> None:
    item = written.instagram_item(like_and_view_counts_disabled=True)
    lines = [written.zeeschuimer_line(item, "instagram.com")]
    metadata = read(lines, "DAbC-deF_03.mp4").metadata
    assert (metadata.likes, metadata.views, metadata.comments) == (None, None, 8)


def test_a_post_on_x_is_understood() -> None:
    item = written.tweet_item(
        in_reply_to_status_id_str="1899999999999999000",
        quoted_status_id_str="1899999999999999111",
        retweeted_status_result={"result": {"rest_id": "1899999999999999222"}},
    )
    for platform in ("twitter.com", "x.com"):
        lines = [written.zeeschuimer_line(item, platform, item_id="1900000000000000001")]
        metadata = read(lines, "1900000000000000001.mp4").metadata
        assert metadata.video_id == "twitter:1900000000000000001"
        assert (metadata.account_id, metadata.account) == ("44000001", "market_anna")
        assert metadata.posted_at == datetime(2026, 11, 2, 16, tzinfo=UTC)
        assert metadata.description == "Cheese & bread #market @piazza_daily"
        assert (metadata.hashtags, metadata.mentions) == (("market",), ("piazza_daily",))
        assert (metadata.views, metadata.likes) == (4321, 21)
        relations = (metadata.reply_to, metadata.quote_of, metadata.repost_of)
        assert relations == tuple(f"twitter:1899999999999999{end}" for end in ("000", "111", "222"))


def test_an_id_that_javascript_rounded_is_no_name_of_the_post() -> None:
    item = written.tweet_item() | {"id": 1900000000000000000}
    lines = [written.zeeschuimer_line(item, "x.com", item_id=1900000000000000000)]
    assert read(lines, "1900000000000000000.mp4").source == "none"
    assert read(lines, "1900000000000000001.mp4").metadata.id == "1900000000000000001"


def test_a_post_on_x_of_2022_is_understood() -> None:
    item = written.tweet_item() | {
        "type": "adaptive",
        "id": 1900000000000000001,
        "user": {"id_str": "44000001", "screen_name": "market_anna", "name": "Anna"},
    }
    del item["rest_id"], item["core"]
    lines = [written.zeeschuimer_line(item, "twitter.com")]
    metadata = read(lines, "1900000000000000001.mp4").metadata
    assert (metadata.id, metadata.account) == ("1900000000000000001", "market_anna")


def test_sites_that_share_a_layout_keep_their_names() -> None:
    threads = written.zeeschuimer_line(written.instagram_item(), "threads.net")
    douyin = {
        "aweme_id": "7500000000000000001",
        "desc": "bread",
        "create_time": written.TIKTOK_TIME,
        "author": {"uid": "1", "unique_id": "anna", "nickname": "Anna"},
        "statistics": {"play_count": 5},
    }
    line = written.zeeschuimer_line(douyin, "douyin.com", item_id="7500000000000000001")
    assert read([threads], "DAbC-deF_03.mp4").metadata.platform == "threads"
    metadata = read([line], "7500000000000000001.mp4").metadata
    assert (metadata.video_id, metadata.views) == ("douyin:7500000000000000001", 5)
    other = written.zeeschuimer_line({"id": "a1b2c3d", "title": "bread"}, "9gag.com")
    metadata = read([other], "a1b2c3d.mp4").metadata
    assert (metadata.video_id, metadata.description) == ("9gag:a1b2c3d", "bread")


def test_the_last_line_about_a_post_counts_but_not_a_part_of_it() -> None:
    lines = [
        written.zeeschuimer_line(written.instagram_item(like_count=1), "instagram.com"),
        written.zeeschuimer_line(written.instagram_item(like_count=2), "instagram.com"),
        written.zeeschuimer_line(
            {"code": "DAbC-deF_03", "pk": "1", "_zs_partial": True}, "instagram.com"
        ),
    ]
    metadata = read(lines, "DAbC-deF_03.mp4").metadata
    assert (metadata.likes, metadata.account) == (2, "piazza_daily")


def test_a_comment_is_no_post() -> None:
    comment = {"id": ID, "aweme_id": "7", "text": "nice"}
    result = read([written.zeeschuimer_line(comment, "tiktok.com-comments")], f"{ID}.mp4")
    assert (result.source, result.error) == ("none", None)


def test_4cat_keeps_the_same_lines_in_its_own_way() -> None:
    wrapped = written.four_cat_item(written.tiktok_item(), "tiktok.com")
    result = read([wrapped], f"{ID}.mp4")
    assert (result.source, result.metadata.video_id) == ("4cat", f"tiktok:{ID}")
    assert result.metadata.engagement_read_at == COLLECTED_AT
    for line in (written.tiktok_item(), written.four_cat_tiktok_row()):
        result = read([line], f"{ID}.mp4")
        assert (result.source, result.metadata.video_id) == ("4cat", f"tiktok:{ID}")


def test_one_list_of_all_files_by_gallery_dl_is_understood() -> None:
    lines = [written.gallery_dl_tweet(1), written.gallery_dl_tweet(2)]
    for number in (1, 2):
        result = read(lines, f"1900000000000000001_{number}.mp4")
        assert (result.source, result.metadata.media_number) == ("gallery-dl", number)
        assert result.metadata.media_key == f"189999999999999999{number}"


def test_a_damaged_line_harms_only_posts_without_a_good_one() -> None:
    good = written.as_ndjson([written.zeeschuimer_line(written.tiktok_item(), "tiktok.com")])
    posts = sidecar("post-list", good + b'\n{"source_platform": "tiktok.com", "data": {"id": \n')
    assert found(posts, upload_id=f"a/{ID}.mp4").error is None
    other = found(posts, upload_id="a/7400000000000000002.mp4")
    assert other.source == "none"
    assert "posts.ndjson has 1 lines that are not posts" in (other.error or "")
    assert "line 3" in (other.error or "")


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b'{"note": "mine"}\n', b"not json\n", b"[1]\n", b"\xff\xfe\x00"]
)
def test_a_list_of_something_else_speaks_for_nobody(data: bytes) -> None:
    result = found(sidecar("post-list", data))
    assert (result.source, result.error) == ("none", None)


def test_a_name_of_many_parts_is_searched_quickly() -> None:
    lines = [written.zeeschuimer_line(written.tiktok_item(), "tiktok.com")]
    assert read(lines, "_".join("ab" for _ in range(85))).source == "none"
