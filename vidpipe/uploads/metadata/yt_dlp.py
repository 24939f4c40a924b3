"""The info files of yt-dlp: `<stem>.info.json`.

Belongs here: which of their many fields say what.
Does not: making sense of a field's value (vidpipe.uploads.metadata.fields).
"""

from collections.abc import Mapping
from typing import Any

from vidpipe.uploads.metadata.fields import (
    Fields,
    first_of,
    read_line,
    read_tags,
    read_text,
    read_time,
    read_url,
)
from vidpipe.uploads.metadata.json_sidecar import DocumentKind


def yt_dlp_fields(document: Mapping[str, Any]) -> Fields:
    """The fields of an info file; a title that the description lacks is put before it."""
    fields = Fields()
    problems = fields.problems
    fields.platform = first_of(document, ("extractor_key", "extractor"), read_line, problems)
    fields.id = read_line(document, "id", problems)
    accounts = ("uploader", "uploader_id", "channel", "channel_id", "creator")
    fields.account = first_of(document, accounts, read_line, problems)
    times = ("timestamp", "release_timestamp", "upload_date", "release_date")
    fields.posted_at = first_of(document, times, read_time, problems)
    title, description = (
        read_text(document, "title", problems),
        read_text(document, "description", problems),
    )
    repeated = not title or title.rstrip(". …") in description
    fields.description = description if repeated else f"{title}\n\n{description}".strip()
    fields.hashtags = read_tags(document, "tags", problems)
    fields.url = first_of(document, ("webpage_url", "original_url"), read_url, problems)
    return fields


YT_DLP_DOCUMENT = DocumentKind(
    source="yt-dlp",
    recognises=lambda document: "extractor_key" in document or "extractor" in document,
    fields_of=lambda document, _upload_id: yt_dlp_fields(document),
)
