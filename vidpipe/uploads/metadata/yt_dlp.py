"""The info files of yt-dlp: `<stem>.info.json`.

Belongs here: which of their many fields say what.
Does not: which post and which account it is (vidpipe.uploads.metadata.yt_dlp_posts and
yt_dlp_accounts), or making sense of a field's value (vidpipe.uploads.metadata.fields).
"""

from collections.abc import Mapping
from typing import Any

from vidpipe.uploads.metadata.fields import (
    Fields,
    first_of,
    read_count,
    read_language,
    read_line,
    read_post_time,
    read_tags,
    read_text,
    read_time,
    read_url,
)
from vidpipe.uploads.metadata.json_sidecar import DocumentKind
from vidpipe.uploads.metadata.titles import one_text
from vidpipe.uploads.metadata.yt_dlp_accounts import read_account
from vidpipe.uploads.metadata.yt_dlp_posts import read_post

_TIMES = ("timestamp", "release_timestamp", "upload_date", "release_date")
# Their extractors put other things than hashtags into `tags`.
_WITHOUT_TAGS = ("bluesky",)
# What TikTok calls a sound that has no name of its own.
_NAMELESS_SOUND = "original sound"


def yt_dlp_fields(document: Mapping[str, Any]) -> Fields:
    """The fields of an info file; a title that the description lacks is put before it."""
    fields = Fields()
    problems = fields.problems
    fields.platform = first_of(document, ("extractor_key", "extractor"), read_line, problems)
    platform = fields.platform or ""
    read_post(fields, document, platform)
    read_account(fields, document, platform)
    read_post_time(fields, document, _TIMES)
    _read_text(fields, document)
    if platform.casefold() not in _WITHOUT_TAGS:
        fields.hashtags = read_tags(document, "tags", problems)
    fields.url = first_of(document, ("webpage_url", "original_url"), read_url, problems)
    fields.language = read_language(document, "language", [])  # some extractors write a name
    _read_sound(fields, document)
    _read_counts(fields, document)
    return fields


def _read_text(fields: Fields, document: Mapping[str, Any]) -> None:
    names = [fields.account, (fields.account or "").removeprefix("@"), fields.account_name]
    names += [read_line(document, name, []) for name in ("uploader", "channel", "uploader_id")]
    fields.description = one_text(
        read_text(document, "title", fields.problems),
        read_text(document, "description", fields.problems),
        names=[name for name in names if name],
        post_id=read_line(document, "id", []),
    )


def _read_sound(fields: Fields, document: Mapping[str, Any]) -> None:
    fields.sound_id = read_line(document, "track_id", fields.problems)
    fields.sound_title = read_line(document, "track", fields.problems)
    artists = document.get("artists")
    known = {"artists": artists[0] if isinstance(artists, list) and artists else None}
    artist = first_of({**document, **known}, ("artists", "artist"), read_line, fields.problems)
    if fields.sound_title == _NAMELESS_SOUND and artist:
        fields.sound_title = f"{_NAMELESS_SOUND} - {artist}"


def _read_counts(fields: Fields, document: Mapping[str, Any]) -> None:
    """Sets the counts and, where there is one, when they were read: as the file was written."""
    problems = fields.problems
    fields.views = read_count(document, "view_count", problems)
    fields.likes = read_count(document, "like_count", problems)
    fields.reposts = read_count(document, "repost_count", problems)
    fields.comments = read_count(document, "comment_count", problems)
    if any(
        count is not None for count in (fields.views, fields.likes, fields.reposts, fields.comments)
    ):
        fields.engagement_read_at = read_time(document, "epoch", problems)


def _refusal(document: Mapping[str, Any]) -> str | None:
    """Why an info file speaks of no upload: it is that of a playlist."""
    is_playlist = document.get("_type") in ("playlist", "multi_video") and not document.get("ext")
    return "describes a playlist, not a video" if is_playlist else None


YT_DLP_DOCUMENT = DocumentKind(
    source="yt-dlp",
    recognises=lambda document: "extractor_key" in document or "extractor" in document,
    fields_of=lambda document, _upload_id: yt_dlp_fields(document),
    refusal=_refusal,
)
