"""Which post an info file of yt-dlp speaks of, and which clip of the post.

Belongs here: choosing among the ids that an info file has.
Does not: making a post's id of the platform and the id (vidpipe.uploads.post_ids).

`id` is whatever the extractor took for the video's: on X it is the media of a tweet, on Instagram
the picture of a carousel, on Reddit the file. Two clips of one post would be two posts then, and
the same post found by its address another one. The address of the page names the post.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from vidpipe.uploads.metadata.fields import Fields, read_line, read_media_number

_ADDRESSES = ("webpage_url", "original_url")
_ACCOUNTS = ("uploader", "uploader_id", "channel", "channel_id", "creator")
# Extractors of posts that are numbered within a channel, and the field that names the channel.
_NUMBERED_WITHIN = {"telegram": "channel_id", "telegramembed": "channel_id"}


def read_post(fields: Fields, document: Mapping[str, Any], platform: str) -> None:
    """Sets the post's id, and the key and place of the clip where the post may have several.

    Args:
        platform: `extractor_key` of the extractor.
    """
    problems = fields.problems
    own_id = read_line(document, "id", problems)
    page = " ".join(unquote(one) for name in _ADDRESSES if (one := _text(document, name)))
    playlist_id = read_line(document, "playlist_id", [])
    fields.id = own_id
    if own_id is not None and not _names(page, own_id):
        candidates = (_display_id(document), playlist_id)
        fields.id = next((one for one in candidates if one and _names(page, one)), own_id)
    if fields.id != own_id:
        fields.media_key = own_id
    if document.get("section_start") is not None:  # `--download-sections`: a file for each of them
        section = f"{document['section_start']}-{document.get('section_end')}"
        fields.media_key = f"{own_id} {section}"
    if fields.id is not None and fields.id == playlist_id:
        fields.media_number = read_media_number(document, "playlist_index", problems)
    channel = _NUMBERED_WITHIN.get(platform.casefold())
    if channel and fields.id and (name := read_line(document, channel, problems)):
        fields.id = f"{name}/{fields.id}"


def _display_id(document: Mapping[str, Any]) -> str | None:
    """The alternative id, unless it is a title in other letters, or the account that is live."""
    found = read_line(document, "display_id", [])
    accounts = {_text(document, name).removeprefix("@").casefold() for name in _ACCOUNTS}
    if found is None or not re.fullmatch(r"\w+", found) or found.casefold() in accounts:
        return None
    return found


def _names(page: str, found: str) -> bool:
    """Whether an address has an id in it, as a part of its own."""
    return bool(re.search(rf"(?<![\w-]){re.escape(found)}(?![\w-])", page))


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else ""
