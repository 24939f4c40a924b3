"""Info files of yt-dlp as its extractors of several platforms fill them; ids and names are made up.

Source of the fields: the extractors of yt-dlp 2026.10.26.
"""

from typing import Any

Document = dict[str, Any]


def youtube(**changes: Any) -> Document:
    """A video with a stable channel id, a handle with @, and keywords."""
    return {
        "id": "Ab000000001",
        "extractor": "youtube",
        "extractor_key": "Youtube",
        "title": "Market day",
        "description": "Stalls at noon",
        "uploader": "Market Diary",
        "uploader_id": "@marketdiary",
        "uploader_url": "https://www.youtube.com/@marketdiary",
        "channel": "Market Diary",
        "channel_id": "UC0000000000000000000001",
        "channel_url": "https://www.youtube.com/channel/UC0000000000000000000001",
        "timestamp": 1793635200,
        "upload_date": "20261102",
        "tags": ["market"],
        "language": "en",
        "view_count": 1000,
        "like_count": 20,
        "comment_count": 3,
        "epoch": 1793721600,
        "playlist_id": "PL123",
        "playlist_index": 7,
        "webpage_url": "https://www.youtube.com/watch?v=Ab000000001",
    } | changes


def tiktok(**changes: Any) -> Document:
    """A video whose title and description are its caption, without a list of hashtags."""
    caption = "sunset slice #SlowFoodWeek with @pizza.oven"
    return {
        "id": "7400000000000000001",
        "extractor": "TikTok",
        "extractor_key": "TikTok",
        "title": caption,
        "description": caption,
        "uploader": "slice_sample",
        "uploader_id": "690001",
        "uploader_url": "https://www.tiktok.com/@slice_sample",
        "channel": "Slice Sample",
        "channel_id": "MS4wLjABAAAAmadeup",
        "timestamp": 1793635200,
        "track": "original sound",
        "artists": ["Slice Sample"],
        "repost_count": 4,
        "epoch": 1793721600,
        "webpage_url": "https://www.tiktok.com/@slice_sample/video/7400000000000000001",
    } | changes


def twitter(media_id: str = "1840000000000000644", **changes: Any) -> Document:
    """One of the media of a post, whose own id is `display_id`."""
    return {
        "id": media_id,
        "display_id": "1840000000000000744",
        "extractor": "twitter",
        "extractor_key": "Twitter",
        "title": "Port Watch - Ferry delayed again",
        "description": "Ferry delayed again https://t.co/AbCdEf0123",
        "uploader": "Port Watch",
        "uploader_id": "portwatch",
        "uploader_url": "https://twitter.com/portwatch",
        "channel_id": "1200000000000000001",
        "timestamp": 1793635200,
        "tags": [],
        "webpage_url": "https://twitter.com/portwatch/status/1840000000000000744",
    } | changes


def instagram(media_id: str = "BQ0dTpOhuHT", index: int = 2, **changes: Any) -> Document:
    """One of the media of a carousel, which is a playlist to yt-dlp."""
    return {
        "id": media_id,
        "extractor": "Instagram",
        "extractor_key": "Instagram",
        "title": "Video by piazza_daily",
        "description": "Bread at noon #piazza",
        "uploader": "Piazza Daily",
        "uploader_id": "99000001",
        "channel": "piazza_daily",
        "timestamp": 1793635200,
        "playlist_id": "BQ0eAlwhDrw",
        "playlist_index": index,
        "webpage_url": "https://www.instagram.com/p/BQ0eAlwhDrw/",
    } | changes


def reddit(**changes: Any) -> Document:
    """A post whose file has an id of its own, in a community."""
    return {
        "id": "zv89llsvexdz",
        "display_id": "6rrwyj",
        "extractor": "Reddit",
        "extractor_key": "Reddit",
        "title": "A quiet morning",
        "uploader": "made_up_user",
        "channel_id": "videos",
        "timestamp": 1793635200.0,
        "webpage_url": "https://www.reddit.com/r/videos/comments/6rrwyj/a_quiet_morning/",
    } | changes


def telegram(channel: str = "port_news", **changes: Any) -> Document:
    """A message, which has a number within its channel."""
    return {
        "id": "613",
        "extractor": "telegram:embed",
        "extractor_key": "TelegramEmbed",
        "title": "Ferry delayed",
        "description": "Ferry delayed",
        "channel": "Port News",
        "channel_id": channel,
        "timestamp": 1793635200,
        "webpage_url": f"https://t.me/{channel}/613?single=True",
    } | changes
