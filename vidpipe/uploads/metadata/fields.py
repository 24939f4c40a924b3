"""Fields of metadata files, read one by one: whatever is in them, clean values come out.

Belongs here: what a source may say of a post, and making sense of texts, times, hashtags and
addresses that strangers wrote.
Does not: which fields a format has (a module each beside this one) or what stands in for missing
ones (vidpipe.uploads.metadata.precedence).
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from vidpipe.clean_text import clean_key, clean_line, clean_text

MAX_URL_CHARACTERS = 2048
MAX_HASHTAGS = 100
MAX_HASHTAG_CHARACTERS = 200

_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)
_MILLISECONDS_FROM = 1e11  # seconds would be the year 5138
_TAG_SEPARATORS = re.compile(r"[\s,;#]+")


@dataclass
class Fields:
    """What one source says of an upload, as far as it makes sense; `problems` names the rest.

    Attributes:
        source: the program that wrote it, as `vidpipe.videos.metadata_source` calls it.
        platform: where it was posted, as the source calls it.
        id: of the post within the platform.
        media_key: what tells this clip from the others of its post: the platform's id of the file,
            or its name in a list that has several files of one post; None for the only one.
        media_number: place of the clip in its post, from 1, where the source says it.
        account_id: what the platform itself knows the account by; survives renaming.
        account: the handle.
        account_name: the name shown beside the post.
        posted_at: time of the post in UTC.
        posted_at_precision: `second` or `day`.
        description: what the poster wrote, once.
        hashtags: without #.
        mentions: handles that the text names, without @.
        url: address of the post.
        language: BCP 47 tag, as the platform says.
        sound_id, sound_title: the platform's id and name of the sound that the clip uses.
        views, likes, reposts, comments: counts at `engagement_read_at`.
        reply_to, repost_of, quote_of: posts that this one refers to, as `platform:id`.
    """

    source: str = ""
    platform: str | None = None
    id: str | None = None
    media_key: str | None = None
    media_number: int | None = None
    account_id: str | None = None
    account: str | None = None
    account_name: str | None = None
    posted_at: datetime | None = None
    posted_at_precision: str | None = None
    description: str = ""
    hashtags: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    url: str | None = None
    language: str | None = None
    sound_id: str | None = None
    sound_title: str | None = None
    views: int | None = None
    likes: int | None = None
    reposts: int | None = None
    comments: int | None = None
    engagement_read_at: datetime | None = None
    reply_to: str | None = None
    repost_of: str | None = None
    quote_of: str | None = None
    problems: list[str] = field(default_factory=list)


def first_of(
    document: Mapping[str, Any],
    names: Sequence[str],
    read: Callable[[Mapping[str, Any], str, list[str]], Any],
    problems: list[str],
) -> Any:
    """The value of the first of several fields that says something."""
    for name in names:
        value = read(document, name, problems)
        if value is not None:
            return value
    return None


def read_line(document: Mapping[str, Any], name: str, problems: list[str]) -> str | None:
    """A one-line string; whole numbers are welcome (ids often are)."""
    value = document.get(name)
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**30:
        value = str(value)
    if not isinstance(value, str):
        problems.append(f"{name} is a {type_name(value)}, not a string")
        return None
    return clean_line(value) or None


def read_text(document: Mapping[str, Any], name: str, problems: list[str]) -> str:
    """A text of any length and many lines; empty when there is none."""
    value = document.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        problems.append(f"{name} is a {type_name(value)}, not a string")
        return ""
    return clean_text(value).strip()


def read_tags(document: Mapping[str, Any], name: str, problems: list[str]) -> tuple[str, ...]:
    """Hashtags without #, each once: from a list, or from one string with separators."""
    value = document.get(name)
    if value is None:
        return ()
    if isinstance(value, str):
        value = _listed(value)
    if not isinstance(value, list):
        problems.append(f"{name} is a {type_name(value)}, not a list")
        return ()
    if not all(isinstance(tag, str) for tag in value):
        problems.append(f"{name} has entries that are not strings")
    tags = [clean_line(tag).lstrip("#").strip() for tag in value if isinstance(tag, str)]
    kept = [clean_key(tag, MAX_HASHTAG_CHARACTERS) for tag in dict.fromkeys(tags) if tag]
    return tuple(kept[:MAX_HASHTAGS])


def _listed(text: str) -> list[Any]:
    """A list written into one string: JSON, or words separated by spaces, commas or #."""
    if text.lstrip().startswith("["):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, list):
            return value
    return [word for word in _TAG_SEPARATORS.split(text) if word]


def read_url(document: Mapping[str, Any], name: str, problems: list[str]) -> str | None:
    """An http(s) address; `javascript:` and the like must never become a link."""
    value = read_line(document, name, problems)
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        good = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good or len(value) > MAX_URL_CHARACTERS:
        problems.append(f"{name} is not an http or https address")
        return None
    return quote(value, safe="%/:=&?~#+!$,;'@()*[]")


def read_time(document: Mapping[str, Any], name: str, problems: list[str]) -> datetime | None:
    """A time in UTC: ISO 8601 (without an offset: UTC), YYYYMMDD, or seconds since 1970."""
    value = document.get(name)
    if value is None or value == "":
        return None
    try:
        found = _moment(value)
    except (ValueError, OverflowError, TypeError):
        found = None
    if found is None or not _EARLIEST <= found <= _LATEST:
        problems.append(f"{name} is not a time that makes sense: {clean_line(str(value)[:60])}")
        return None
    return found


def _moment(value: Any) -> datetime | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        text = value.strip()
        if re.fullmatch(r"\d{8}", text):
            return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC)
        if not re.fullmatch(r"\d+(\.\d+)?", text):
            found = datetime.fromisoformat(text)
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        value = float(text)
    if isinstance(value, int | float):
        seconds = value / 1000 if abs(value) >= _MILLISECONDS_FROM else value
        return _EARLIEST + timedelta(seconds=seconds)
    return None


def type_name(value: Any) -> str:
    """The type of a JSON value as JSON calls it."""
    names = {dict: "object", list: "list", str: "string", bool: "true or false", type(None): "null"}
    return names.get(type(value), "number")
