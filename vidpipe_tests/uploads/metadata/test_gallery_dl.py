"""Metadata files of gallery-dl."""

from datetime import UTC, datetime
from typing import Any

import pytest

from vidpipe.uploads.metadata.precedence import FoundMetadata
from vidpipe_tests.uploads.metadata import written
from vidpipe_tests.uploads.metadata.sidecars import found, sidecar

MINIMAL = {
    "subcategory": "post",
    "filename": "x",
    "extension": "mp4",
    "date": "2026-11-02 16:00:00",
}


def read(document: dict[str, Any]) -> FoundMetadata:
    """What a file beside the upload says."""
    return found(sidecar("gallery-dl", document))


def test_a_post_on_x_is_understood() -> None:
    result = read(written.gallery_dl_tweet())
    metadata = result.metadata
    assert (result.source, result.error) == ("gallery-dl", None)
    assert metadata.video_id == "twitter:1900000000000000001"
    assert (metadata.media_key, metadata.media_number) == ("1899999999999999991", 1)
    assert (metadata.account_id, metadata.account) == ("44000001", "market_anna")
    assert (metadata.account_name, metadata.account_source) == ("Anna", "id")
    assert metadata.posted_at == datetime(2026, 11, 2, 16, tzinfo=UTC)
    assert metadata.description == "Cheese & bread #market"
    assert (metadata.hashtags, metadata.mentions) == (("market",), ("piazza_daily",))
    assert metadata.url == "https://x.com/market_anna/status/1900000000000000001"
    assert metadata.language == "en"
    counts = (metadata.views, metadata.likes, metadata.reposts, metadata.comments)
    assert counts == (4321, 21, 5, 2)
    assert metadata.reply_to == "twitter:1899999999999999000"
    assert (metadata.repost_of, metadata.quote_of) == (None, None)


def test_the_only_file_of_a_post_needs_no_number() -> None:
    metadata = read(written.gallery_dl_tweet(count=1)).metadata
    assert (metadata.media_key, metadata.media_number) == (None, None)


def test_a_retweet_is_a_post_of_the_retweeter() -> None:
    user = {"id": 45, "name": "fan", "nick": "A Fan"}
    metadata = read(written.gallery_dl_tweet(retweet_id=1800000000000000001, user=user)).metadata
    assert (metadata.account_id, metadata.account) == ("45", "fan")
    assert metadata.repost_of == "twitter:1800000000000000001"


def test_an_original_that_was_reached_by_a_retweet_is_no_repost() -> None:
    user = {"id": 45, "name": "fan", "nick": "A Fan"}
    metadata = read(written.gallery_dl_tweet(retweet_id=1900000000000000001, user=user)).metadata
    assert (metadata.account_id, metadata.repost_of) == ("44000001", None)


def test_a_post_that_is_quoted_quotes_nothing() -> None:
    metadata = read(written.gallery_dl_tweet(quote_id=1950000000000000001)).metadata
    assert metadata.quote_of is None


def test_a_carousel_of_instagram_is_one_post_of_its_owner() -> None:
    metadata = read(written.gallery_dl_instagram(3)).metadata
    assert metadata.video_id == "instagram:DAbC-deF_02"
    assert (metadata.media_key, metadata.media_number) == ("3300000000000000103", 3)
    assert (metadata.account_id, metadata.account) == ("99000001", "piazza_daily")
    assert metadata.account_name == "Piazza Daily"
    assert metadata.url == "https://www.instagram.com/p/DAbC-deF_02/"
    assert metadata.likes == 55


def test_two_stories_of_one_account_are_two_posts() -> None:
    stories = [
        written.gallery_dl_instagram(
            1,
            subcategory="stories",
            post_id="99000001",
            post_shortcode="F5s",
            post_url="https://www.instagram.com/stories/piazza_daily/",
            shortcode=code,
            date=f"2026-11-0{day} 10:00:00",
        )
        for day, code in ((1, "DStory_1"), (2, "DStory_2"))
    ]
    posts = [read(story).metadata for story in stories]
    assert [post.video_id for post in posts] == ["instagram:DStory_1", "instagram:DStory_2"]
    assert [post.posted_at.day for post in posts] == [1, 2]
    assert posts[0].media_key is None


def test_the_name_on_facebook_is_no_handle_and_its_files_are_posts() -> None:
    document = {
        **MINIMAL,
        "category": "facebook",
        "id": "1234567890",
        "user_id": "100001",
        "username": "Anna Rossi",
        "caption": "At the market",
        "title": "Photos of Anna",
        "num": 3,
    }
    metadata = read(document | {"title": ""}).metadata
    assert (metadata.video_id, metadata.account_id) == ("facebook:1234567890", "100001")
    assert (metadata.account_name, metadata.account_source) == ("Anna Rossi", "id")
    assert (metadata.media_key, metadata.description) == (None, "At the market")


def test_a_post_on_bluesky_is_understood() -> None:
    document = {
        **MINIMAL,
        "category": "bluesky",
        "post_id": "3kabc",
        "uri": "at://did:plc:abc/app.bsky.feed.post/3kabc",
        "author": {"did": "did:plc:abc", "handle": "anna.bsky.social", "displayName": "Anna"},
        "text": "Bread #market",
        "description": "an alternative text",
        "hashtags": ["market"],
        "langs": ["it"],
        "likeCount": 3,
        "repostCount": 1,
        "replyCount": 0,
        "reply": {"parent": {"uri": "at://did:plc:xyz/app.bsky.feed.post/3kother"}},
        "num": 1,
        "count": 1,
    }
    metadata = read(document).metadata
    assert (metadata.video_id, metadata.account_id) == ("bluesky:3kabc", "did:plc:abc")
    assert (metadata.account, metadata.account_name) == ("anna.bsky.social", "Anna")
    assert (metadata.description, metadata.language) == ("Bread #market", "it")
    assert (metadata.likes, metadata.reposts, metadata.comments) == (3, 1, 0)
    assert metadata.reply_to == "bluesky:3kother"
    assert metadata.url == "https://bsky.app/profile/anna.bsky.social/post/3kabc"


def test_a_deleted_account_of_reddit_is_unknown() -> None:
    document = {
        **MINIMAL,
        "category": "reddit",
        "id": "1abcde",
        "author": "anna_at_the_market",
        "author_fullname": "t2_1abc",
        "title": "Bread at noon",
        "selftext": "",
        "permalink": "/r/market/comments/1abcde/bread_at_noon/",
        "score": 12,
        "num_comments": 3,
    }
    metadata = read(document).metadata
    assert (metadata.video_id, metadata.account) == ("reddit:1abcde", "anna_at_the_market")
    assert metadata.account_name is None
    assert (metadata.description, metadata.likes, metadata.comments) == ("Bread at noon", 12, 3)
    assert metadata.url == "https://www.reddit.com/comments/1abcde/"
    deleted = read(document | {"author": "[deleted]"}).metadata
    assert (deleted.account, deleted.account_source) == ("alice", "folder")


def test_a_site_that_nobody_here_knows_is_read_by_the_usual_names() -> None:
    document = {
        **MINIMAL,
        "category": "newsite",
        "id": 77,
        "account": {"id": 5, "acct": "anna", "display_name": "Anna", "username": "anna"},
        "title": "The market",
        "body": "Cheese and bread",
        "tags": [{"name": "market"}, {"name": "bread"}],
        "comments": [{"text": "a list is no count"}],
        "view_count": 9,
        "url": "https://cdn.newsite.test/file.mp4",
    }
    result = read(document)
    metadata = result.metadata
    assert result.error is None
    assert (metadata.video_id, metadata.account_id) == ("newsite:77", "5")
    assert (metadata.account, metadata.account_name) == ("anna", "Anna")
    assert metadata.description == "The market\n\nCheese and bread"
    assert metadata.hashtags == ("market", "bread")
    assert (metadata.views, metadata.comments, metadata.url) == (9, None, None)


def test_a_direct_link_is_known_by_its_address() -> None:
    document = {
        "category": "directlink",
        "subcategory": "",
        "domain": "cdn.example.org",
        "path": "clips/master.mp4",
        "query": None,
        "filename": "master",
        "extension": "mp4",
    }
    metadata = read(document).metadata
    assert metadata.video_id == "https://cdn.example.org/clips/master.mp4"
    assert (metadata.platform, metadata.id) == ("local", None)


def test_what_is_known_of_an_account_speaks_for_no_upload() -> None:
    info = {"category": "twitter", "subcategory": "info", "id": 44000001, "name": "market_anna"}
    result = read(info)
    assert (result.source, result.error) == ("none", None)


def test_a_file_named_after_the_stem_is_understood_too() -> None:
    result = found(sidecar("native", written.gallery_dl_tweet()))
    assert (result.source, result.metadata.id) == ("gallery-dl", "1900000000000000001")


def test_a_native_document_with_categories_stays_native() -> None:
    document = {"category": "a", "subcategory": "b", "platform": "tube", "id": "1"}
    result = found(sidecar("native", document))
    assert (result.source, result.metadata.video_id) == ("native", "tube:1")


@pytest.mark.parametrize("document", [{"streams": [], "format": {}}, {"title": "IMG.mp4"}, {}])
def test_a_file_of_another_program_speaks_for_nobody(document: dict[str, Any]) -> None:
    manifest = sidecar("manifest", b'{"file": "one.mp4", "id": "7", "platform": "tube"}')
    result = found(sidecar("gallery-dl", document), manifest)
    assert (result.source, result.error) == ("manifest", None)
