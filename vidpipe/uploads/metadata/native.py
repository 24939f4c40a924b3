"""The native format: `<stem>.json` with the fields as vidpipe calls them.

Belongs here: which fields it has; rows of a manifest have the same.
Does not: making sense of a field's value (vidpipe.uploads.metadata.fields).
"""

from collections.abc import Mapping
from typing import Any

from vidpipe.uploads.metadata.fields import (
    Fields,
    read_line,
    read_tags,
    read_text,
    read_time,
    read_url,
)
from vidpipe.uploads.metadata.json_sidecar import DocumentKind


def native_fields(document: Mapping[str, Any]) -> Fields:
    """The fields of a native document, or of a manifest's row."""
    fields = Fields()
    fields.platform = read_line(document, "platform", fields.problems)
    fields.id = read_line(document, "id", fields.problems)
    fields.account = read_line(document, "account", fields.problems)
    fields.posted_at = read_time(document, "posted_at", fields.problems)
    fields.description = read_text(document, "description", fields.problems)
    fields.hashtags = read_tags(document, "hashtags", fields.problems)
    fields.url = read_url(document, "url", fields.problems)
    return fields


NATIVE_DOCUMENT = DocumentKind(
    source="native",
    recognises=lambda _document: True,
    fields_of=lambda document, _upload_id: native_fields(document),
)
