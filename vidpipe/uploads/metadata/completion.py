"""What one file leaves open about a post, completed by another that speaks of the same post.

Belongs here: which fields go together, and that nothing that is known is replaced.
Does not: finding the other file (vidpipe.uploads.metadata.precedence).

The list of files that 4CAT downloaded knows only posts' ids; its dataset knows the rest.
"""

from dataclasses import replace
from typing import Any

from vidpipe.uploads.metadata.fields import Fields

# Taken together or not at all: half of one source and half of another would be of nobody.
_GROUPS = (
    ("platform",),
    ("account_id", "account", "account_name"),
    ("posted_at", "posted_at_precision"),
    ("description", "hashtags", "mentions", "language"),
    ("url",),
    ("sound_id", "sound_title"),
    ("views", "likes", "reposts", "comments", "engagement_read_at"),
    ("reply_to", "repost_of", "quote_of"),
)


def completed(fields: Fields, other: Fields) -> Fields:
    """The fields, with what they leave open as another source of the same post says it."""
    missing: dict[str, Any] = {}
    for group in _GROUPS:
        if not any(_is_known(getattr(fields, name)) for name in group):
            missing |= {name: getattr(other, name) for name in group}
    return replace(fields, **missing)


def is_complete(fields: Fields) -> bool:
    """Whether a source says where, by whom, when and what was posted: no other is asked then."""
    return bool(fields.platform and fields.account and fields.posted_at and fields.description)


def _is_known(value: Any) -> bool:
    return value is not None and value not in ("", ())
