"""Documents as programs write them, after their documented formats; names and ids are made up.

Every function takes `**changes` of the document's fields and gives a new document.
"""

import csv
import io
import json
import lzma
from collections.abc import Iterable, Mapping
from typing import Any

Document = dict[str, Any]

TIKTOK_TIME = 1793635200  # 2026-11-02 16:00:00 UTC
COLLECTED_MS = 1793721600_000


def tiktok_item(post_id: str = "7400000000000000001", **changes: Any) -> Document:
    """A video as TikTok's web pages describe it."""
    return {
        "id": post_id,
        "desc": "Slow food on the square #SlowFoodWeek @piazza.daily",
        "createTime": TIKTOK_TIME,
        "author": {
            "id": "6800000000000000001",
            "uniqueId": "anna.market",
            "nickname": "Anna at the Market",
            "secUid": "MS4wLjABAAAAmadeup",
        },
        "textLanguage": "en",
        "textExtra": [
            {"hashtagName": "SlowFoodWeek", "start": 24, "end": 37},
            {"hashtagName": "", "userUniqueId": "piazza.daily"},
        ],
        "challenges": [{"id": "1", "title": "slowfoodweek"}, {"id": "2", "title": "piazza"}],
        "music": {"id": "7300000000000000009", "title": "original sound - anna"},
        "stats": {"diggCount": 12, "shareCount": 3, "commentCount": 4, "playCount": 1200},
        "statsV2": {"diggCount": "12", "shareCount": "3", "commentCount": "4", "playCount": "1234"},
        "duetInfo": {"duetFromId": "0"},
        "video": {"duration": 9, "playAddr": "https://v16.tiktok.test/a"},
    } | changes


def instagram_node(shortcode: str = "DAbC-deF_01", **changes: Any) -> Document:
    """A post as Instagram's graph describes it."""
    return {
        "__typename": "GraphVideo",
        "id": "3300000000000000001",
        "shortcode": shortcode,
        "is_video": True,
        "owner": {"id": "99000001", "username": "piazza_daily", "full_name": "Piazza Daily"},
        "taken_at_timestamp": 1793635200,
        "edge_media_to_caption": {"edges": [{"node": {"text": "Bread at noon #piazza"}}]},
        "edge_media_preview_like": {"count": 55},
        "edge_media_to_comment": {"count": 6},
        "video_view_count": 700,
        "clips_music_attribution_info": {"audio_id": "555000111", "song_name": "Bells"},
    } | changes


def instagram_sidecar(shortcode: str = "DAbC-deF_02", **changes: Any) -> Document:
    """A post of three media, of which the second is a picture, as the graph describes it."""
    kinds = ("GraphVideo", "GraphImage", "GraphVideo")
    children = [
        {"node": {"id": f"330000000000000010{n}", "shortcode": f"child{n}", "__typename": kind}}
        for n, kind in enumerate(kinds, start=1)
    ]
    own = {"__typename": "GraphSidecar", "edge_sidecar_to_children": {"edges": children}}
    return instagram_node(shortcode, **{"id": "3300000000000000100", **own, **changes})


def instagram_item(code: str = "DAbC-deF_03", **changes: Any) -> Document:
    """A post of two clips as Instagram's apps describe it."""
    return {
        "id": "3300000000000000200_99000001",
        "pk": "3300000000000000200",
        "code": code,
        "media_type": 8,
        "taken_at": 1793635200,
        "user": {"pk": "99000001", "username": "piazza_daily", "full_name": "Piazza Daily"},
        "caption": {"text": "Two views of the square #piazza"},
        "like_count": 77,
        "comment_count": 8,
        "play_count": 900,
        "carousel_media": [
            {"pk": "3300000000000000201", "id": "3300000000000000201_99000001", "media_type": 2},
            {"pk": "3300000000000000202", "id": "3300000000000000202_99000001", "media_type": 2},
        ],
    } | changes


def tweet_item(post_id: str = "1900000000000000001", **legacy: Any) -> Document:
    """A post as X describes it; changes are of its `legacy` part."""
    user = {
        "rest_id": "44000001",
        "core": {"screen_name": "market_anna", "name": "Anna"},
    }
    return {
        "__typename": "Tweet",
        "rest_id": post_id,
        "core": {"user_results": {"result": user}},
        "views": {"count": "4321"},
        "legacy": {
            "id_str": post_id,
            "user_id_str": "44000001",
            "created_at": "Mon Nov 02 16:00:00 +0000 2026",
            "full_text": "Cheese &amp; bread #market @piazza_daily https://t.co/abc123",
            "lang": "en",
            "favorite_count": 21,
            "retweet_count": 5,
            "reply_count": 2,
            "entities": {
                "hashtags": [{"text": "market"}],
                "user_mentions": [{"screen_name": "piazza_daily", "id_str": "1"}],
            },
            "extended_entities": {"media": [{"id_str": "1899999999999999991", "type": "video"}]},
        }
        | legacy,
    }


def gallery_dl_tweet(number: int = 1, count: int = 2, **changes: Any) -> Document:
    """gallery-dl's file of one of the media of a post on X."""
    author = {"id": 44000001, "name": "market_anna", "nick": "Anna", "followers_count": 9}
    return {
        "category": "twitter",
        "subcategory": "tweet",
        "tweet_id": 1900000000000000001,
        "retweet_id": 0,
        "quote_id": 0,
        "reply_id": 1899999999999999000,
        "conversation_id": 1899999999999999000,
        "date": "2026-11-02 16:00:00",
        "author": author,
        "user": author,
        "lang": "en",
        "content": "Cheese & bread #market",
        "hashtags": ["market"],
        "mentions": [{"id": 1, "name": "piazza_daily", "nick": "Piazza"}],
        "favorite_count": 21,
        "retweet_count": 5,
        "reply_count": 2,
        "view_count": 4321,
        "media_id": 1899999999999999990 + number,
        "num": number,
        "count": count,
        "filename": "aBcDeF",
        "extension": "mp4",
        "type": "video",
    } | changes


def gallery_dl_instagram(number: int = 2, **changes: Any) -> Document:
    """gallery-dl's file of one of three media of a post on Instagram."""
    return {
        "category": "instagram",
        "subcategory": "posts",
        "post_id": "3300000000000000100",
        "post_shortcode": "DAbC-deF_02",
        "post_url": "https://www.instagram.com/p/DAbC-deF_02/",
        "owner_id": "99000001",
        "username": "piazza_daily",
        "fullname": "Piazza Daily",
        "user": {"id": "1", "username": "somebody_who_looked"},
        "post_date": "2026-11-02 16:00:00",
        "date": "2026-11-02 16:00:00",
        "description": "Bread at noon #piazza",
        "tags": ["#piazza"],
        "likes": 55,
        "liked": False,
        "media_id": f"330000000000000010{number}",
        "shortcode": f"child{number}",
        "num": number,
        "count": 3,
        "filename": "x",
        "extension": "mp4",
    } | changes


def gallery_dl_tiktok(post_id: str = "7400000000000000001", **changes: Any) -> Document:
    """gallery-dl's file of a video of TikTok."""
    own = {
        "category": "tiktok",
        "subcategory": "user",
        "user": "anna.market",
        "date": "2026-11-02 16:00:00",
        "title": "Slow food on the square #SlowFoodWeek @piazza.daily",
        "num": 0,
        "file_id": "",
        "filename": "x",
        "extension": "mp4",
    }
    return tiktok_item(post_id) | own | changes


def instaloader(node: Mapping[str, Any], node_type: str = "Post") -> Document:
    """A metadata file of instaloader."""
    return {"node": dict(node), "instaloader": {"version": "4.14.1", "node_type": node_type}}


def zeeschuimer_line(item: Mapping[str, Any], platform: str, **changes: Any) -> Document:
    """A line of Zeeschuimer's export."""
    return {
        "nav_index": "1:1:1",
        "item_id": item.get("id"),
        "timestamp_collected": COLLECTED_MS,
        "source_platform": platform,
        "source_platform_url": f"https://www.{platform}/",
        "source_url": f"https://www.{platform}/api/",
        "user_agent": "Mozilla/5.0",
        "data": dict(item),
    } | changes


def four_cat_item(item: Mapping[str, Any], platform: str) -> Document:
    """The same line as 4CAT writes it into a dataset of its own."""
    line = zeeschuimer_line(item, platform)
    data: Document = line.pop("data")
    return data | {"__import_meta": line}


def four_cat_tiktok_row(post_id: str = "7400000000000000001", **changes: Any) -> Document:
    """A row of a dataset of 4CAT's data source for TikTok."""
    return {
        "collected_from_url": "https://www.tiktok.com/",
        "id": post_id,
        "thread_id": post_id,
        "author": "anna.market",
        "author_full": "Anna at the Market",
        "author_id": "6800000000000000001",
        "author_followers": "900",
        "body": "Slow food on the square #SlowFoodWeek",
        "timestamp": "2026-11-02 16:00:00",
        "unix_timestamp": "1793635200",
        "is_duet": "no",
        "music_name": "original sound - anna",
        "music_id": "7300000000000000009",
        "video_url": "https://v16.tiktok.test/a",
        "tiktok_url": f"https://www.tiktok.com/@anna.market/video/{post_id}",
        "likes": "12",
        "comments": "4",
        "shares": "3",
        "plays": "1234",
        "hashtags": "SlowFoodWeek,piazza",
        "challenges": "SlowFoodWeek",
    } | changes


def four_cat_downloads(files: Mapping[str, tuple[str, list[str]]]) -> Document:
    """The list of a download folder as 4CAT wrote it before 2026, by address: file, posts."""
    return {
        url: {
            "from_dataset": "0123456789abcdef",
            "success": True,
            "retry": True,
            "post_ids": posts,
            "downloader": "direct_link",
            "files": [{"filename": name, "metadata": {}, "success": True}],
        }
        for url, (name, posts) in files.items()
    }


def four_cat_archive(files: Mapping[str, tuple[str, list[str]]]) -> Document:
    """The same list as 4CAT writes it since."""
    return {
        "schema_version": 1,
        "from_dataset": "0123456789abcdef",
        "processor_type": "video-downloader",
        "software_version": "abc",
        "software_source": "https://github.com/",
        "items": {
            name: {"filename": name, "post_ids": posts, "url": url}
            for url, (name, posts) in files.items()
        },
        "failures": [{"post_ids": ["9"], "reason": "error"}],
    }


def as_json(document: Any) -> bytes:
    """A document as programs write it, indented."""
    return json.dumps(document, indent=4, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def as_ndjson(documents: Iterable[Any]) -> bytes:
    """Documents, one a line."""
    return b"".join(json.dumps(document).encode() + b"\n" for document in documents)


def as_xz(document: Any) -> bytes:
    """A document, packed as instaloader does."""
    return lzma.compress(json.dumps(document, separators=(",", ":")).encode())


def as_csv(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Rows as 4CAT writes a dataset."""
    listed = list(rows)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(listed[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(listed)
    return text.getvalue().encode("utf-8", "replace")
