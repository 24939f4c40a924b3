"""The native format: `<stem>.json` with the fields as vidpipe calls them.

Belongs here: which fields it has; rows of a manifest have the same.
Does not: making sense of a field's value (vidpipe.uploads.metadata.fields).
"""

from collections.abc import Mapping
from typing import Any

from vidpipe.uploads.metadata.fields import (
    Fields,
    read_count,
    read_handles,
    read_id,
    read_language,
    read_line,
    read_media_number,
    read_post_time,
    read_tags,
    read_text,
    read_time,
    read_url,
)
from vidpipe.uploads.metadata.json_sidecar import DocumentKind
from vidpipe.uploads.post_ids import names_a_post, post_id_of

# `language` alone tells of no post: transcripts have it, too.
_FIELDS_OF_A_POST = """
id platform media_key media_number account_id account account_name posted_at description hashtags
mentions url sound_id sound_title views likes reposts comments engagement_read_at reply_to repost_of
quote_of
"""
_TELLING_FIELDS = frozenset(_FIELDS_OF_A_POST.split())


def native_fields(document: Mapping[str, Any]) -> Fields:
    """The fields of a native document, or of a manifest's row."""
    fields = Fields()
    problems = fields.problems
    fields.platform = read_line(document, "platform", problems)
    fields.id = read_id(document, "id", problems)
    fields.media_key = read_id(document, "media_key", problems)
    fields.media_number = read_media_number(document, "media_number", problems)
    fields.account_id = read_id(document, "account_id", problems)
    fields.account = read_line(document, "account", problems)
    fields.account_name = read_line(document, "account_name", problems)
    read_post_time(fields, document, ["posted_at"])
    fields.description = read_text(document, "description", problems)
    fields.hashtags = read_tags(document, "hashtags", problems)
    fields.mentions = read_handles(document, "mentions", problems)
    fields.url = read_url(document, "url", problems)
    fields.language = read_language(document, "language", problems)
    fields.sound_id = read_id(document, "sound_id", problems)
    fields.sound_title = read_line(document, "sound_title", problems)
    fields.views = read_count(document, "views", problems)
    fields.likes = read_count(document, "likes", problems)
    fields.reposts = read_count(document, "reposts", problems)
    fields.comments = read_count(document, "comments", problems)
    fields.engagement_read_at = read_time(document, "engagement_read_at", problems)
    fields.reply_to = _read_post(document, "reply_to", fields)
    fields.repost_of = _read_post(document, "repost_of", fields)
    fields.quote_of = _read_post(document, "quote_of", fields)
    return fields


def _read_post(document: Mapping[str, Any], name: str, fields: Fields) -> str | None:
    """Another post as `platform:id`; an id alone is one of the same platform."""
    value = read_id(document, name, fields.problems)
    if value is None or ":" in value:
        return value
    if not names_a_post(value):
        return None
    if fields.platform is None:
        fields.problems.append(f"{name} is an id without a platform; write platform:id")
        return None
    return post_id_of(fields.platform.lower(), value, None, value)


def _refusal(document: Mapping[str, Any]) -> str | None:
    """Why an object says nothing of an upload: it is another program's, such as a transcript.

    Taken for a sidecar, it would silence the metadata that lie beside it.
    """
    is_other = _TELLING_FIELDS.isdisjoint(document)
    return "has none of the fields that tell of a post (id, platform, …)" if is_other else None


NATIVE_DOCUMENT = DocumentKind(
    source="native",
    recognises=lambda _document: True,
    fields_of=lambda document, _upload_id: native_fields(document),
    refusal=_refusal,
)
