"""Well-known sites: their platform by an address, and the address of a post's page.

Belongs here: hosts and patterns of pages.
Does not: ids of posts (vidpipe.uploads.post_ids) or cleaning addresses that somebody wrote
(vidpipe.uploads.metadata.fields).
"""

import re
from urllib.parse import quote, urlsplit

_PLATFORMS = {
    "tiktok.com": "tiktok",
    "douyin.com": "douyin",
    "instagram.com": "instagram",
    "threads.net": "threads",
    "threads.com": "threads",
    "twitter.com": "twitter",
    "x.com": "twitter",
    "facebook.com": "facebook",
    "youtube.com": "youtube",
    "youtu.be": "youtube",
    "reddit.com": "reddit",
    "redd.it": "reddit",
    "bsky.app": "bluesky",
    "t.me": "telegram",
    "vimeo.com": "vimeo",
    "dailymotion.com": "dailymotion",
    "twitch.tv": "twitch",
    "rumble.com": "rumble",
    "bitchute.com": "bitchute",
    "odysee.com": "odysee",
    "vk.com": "vk",
    "tumblr.com": "tumblr",
    "pinterest.com": "pinterest",
    "linkedin.com": "linkedin",
    "imgur.com": "imgur",
    "9gag.com": "9gag",
    "gab.com": "gab",
    "parler.com": "parler",
    "truthsocial.com": "truthsocial",
    "xiaohongshu.com": "xiaohongshu",
    "rednote.com": "xiaohongshu",
    "bilibili.com": "bilibili",
}

# Where sites keep the media of posts; these addresses are no pages.
_MEDIA_PLATFORMS = {
    "cdninstagram.com": "instagram",
    "twimg.com": "twitter",
    "tiktokcdn.com": "tiktok",
    "tiktokcdn-us.com": "tiktok",
    "tiktokv.com": "tiktok",
}
_MEDIA_HOST_OF_TIKTOK = re.compile(r"v\d+[a-z0-9-]*\.tiktok\.com")

# {handle} and {id} of a post; without a handle the second pattern counts, where there is one.
_PAGES = {
    "tiktok": ("https://www.tiktok.com/@{handle}/video/{id}", None),
    "douyin": ("https://www.douyin.com/video/{id}", "https://www.douyin.com/video/{id}"),
    "instagram": ("https://www.instagram.com/p/{id}/", "https://www.instagram.com/p/{id}/"),
    "threads": ("https://www.threads.net/@{handle}/post/{id}", None),
    "twitter": ("https://x.com/{handle}/status/{id}", "https://x.com/i/status/{id}"),
    "bluesky": ("https://bsky.app/profile/{handle}/post/{id}", None),
    "youtube": ("https://www.youtube.com/watch?v={id}", "https://www.youtube.com/watch?v={id}"),
    "reddit": ("https://www.reddit.com/comments/{id}/", "https://www.reddit.com/comments/{id}/"),
}


def platform_of_host(host: str) -> str | None:
    """The platform of a host such as `www.tiktok.com`, as yt-dlp calls it; None: not a known one.

    Source: the `source_platform` of Zeeschuimer, the extractor keys of yt-dlp.
    """
    labels = host.lower().rstrip(".").split(".")
    return _PLATFORMS.get(".".join(labels[-2:]))


def platform_of_url(url: str | None) -> str | None:
    """The platform that an address belongs to; None when it is not a known one."""
    return platform_of_media(url) or platform_of_host(_host(url))


def platform_of_media(url: str | None) -> str | None:
    """The platform whose posts' media an address is one of; None: it is a page, or another's."""
    host = _host(url)
    if _MEDIA_HOST_OF_TIKTOK.fullmatch(host):
        return "tiktok"
    return _MEDIA_PLATFORMS.get(".".join(host.split(".")[-2:]))


def _host(url: str | None) -> str:
    try:
        return (urlsplit(url or "").hostname or "").lower()
    except ValueError:
        return ""


def page_url(platform: str | None, handle: str | None, post_id: str | None) -> str | None:
    """The address of a post's page, for the sites whose pages are known by handle and id."""
    with_handle, without = _PAGES.get(platform or "", (None, None))
    pattern = with_handle if handle else without
    if pattern is None or not post_id:
        return None
    return pattern.format(handle=quote(handle or "", safe=""), id=quote(post_id, safe=""))
