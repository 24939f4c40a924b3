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
MAX_COUNT = 2**63 - 1
MAX_MEDIA_NUMBER = 2**31 - 1

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A time that nobody knew is 0 in many files, and a day that was made of it is the first of 1970.
_EARLIEST = _EPOCH + timedelta(days=1)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)
_MILLISECONDS_FROM = 1e11  # seconds would be the year 5138
_TAG_SEPARATORS = re.compile(r"[\s,;#]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_DAY_FORMATS = {  # what spreadsheets write; with slashes, day and month cannot be told apart
    re.compile(r"\d{8}"): "%Y%m%d",
    re.compile(r"\d{4}-\d{1,2}-\d{1,2}"): "%Y-%m-%d",
    re.compile(r"\d{4}/\d{1,2}/\d{1,2}"): "%Y/%m/%d",
    re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}"): "%d.%m.%Y",
}
_FIRST_DAY, _LAST_DAY = 1990_01_01, 2199_12_31  # as numbers of seconds, days of August 1970
_GROUPED = re.compile(
    r"\d{1,3}(?:,\d{3})+|\d{1,3}(?:[ \u00a0\u202f'’]\d{3})+|\d{1,3}(?:\.\d{3}){2,}"
)
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+")


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


def read_id(document: Mapping[str, Any], name: str, problems: list[str]) -> str | None:
    """An id; one that a spreadsheet rounded (`1.84E+18`) is none: thousands of posts share it."""
    value = read_line(document, name, problems)
    if value is not None and _ROUNDED.fullmatch(value):
        problems.append(
            f"{name} is {value}, which a spreadsheet rounded; give the column the format Text"
        )
        return None
    return value


def read_language(document: Mapping[str, Any], name: str, problems: list[str]) -> str | None:
    """A BCP 47 tag such as `de` or `pt-BR`."""
    value = read_line(document, name, problems)
    if value is None:
        return None
    tag = value.replace("_", "-")
    if not _LANGUAGE.fullmatch(tag):
        problems.append(f"{name} is not a language tag: {value[:60]}")
        return None
    return tag


def read_count(document: Mapping[str, Any], name: str, problems: list[str]) -> int | None:
    """A whole number from 0 to 2⁶³-1, also written as `1,234` or `1.2e3`; unknown is never 0.

    -1 is how sites write that they do not tell.
    """
    value = document.get(name)
    if value is None or value in ("", -1, "-1"):
        return None
    found = _whole_number(value)
    if found is None or not 0 <= found <= MAX_COUNT:
        problems.append(f"{name} is not a whole number of times: {clean_line(str(value)[:60])}")
        return None
    return found


def read_media_number(document: Mapping[str, Any], name: str, problems: list[str]) -> int | None:
    """The place of a clip in its post, from 1."""
    found: int | None = read_count(document, name, problems)
    if found is not None and not 1 <= found <= MAX_MEDIA_NUMBER:
        problems.append(f"{name} is not a place counted from 1: {found}")
        return None
    return found


def _whole_number(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str):
        text = value.strip()
        if _GROUPED.fullmatch(text):
            text = re.sub(r"\D", "", text)
        if len(text) > 30 or not re.fullmatch(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE]\+?[0-9]{1,2})?", text):
            return None
        value = int(text) if re.fullmatch("-?[0-9]+", text) else float(text)
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    return value


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
    return _names_in_list(document, name, problems, "#＃")


def read_handles(document: Mapping[str, Any], name: str, problems: list[str]) -> tuple[str, ...]:
    """Handles without @, each once: from a list, or from one string with separators."""
    return _names_in_list(document, name, problems, "@＠")


def _names_in_list(
    document: Mapping[str, Any], name: str, problems: list[str], prefix: str
) -> tuple[str, ...]:
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
    tags = [clean_line(tag).lstrip(prefix).strip() for tag in value if isinstance(tag, str)]
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


def read_post_time(fields: Fields, document: Mapping[str, Any], names: Sequence[str]) -> None:
    """Sets the time of the post, and how precise it is, from the first field that says one."""
    for name in names:
        found = _read_moment(document, name, fields.problems)
        if found is not None:
            fields.posted_at, fields.posted_at_precision = found
            return


def read_time(document: Mapping[str, Any], name: str, problems: list[str]) -> datetime | None:
    """A time in UTC: ISO 8601 (without an offset: UTC), a day, or seconds since 1970.

    0, an empty text and the first day of 1970 are what programs write for a time that they do not
    know: they are no time, and no problem either.
    """
    found = _read_moment(document, name, problems)
    return found[0] if found else None


def _read_moment(
    document: Mapping[str, Any], name: str, problems: list[str]
) -> tuple[datetime, str] | None:
    """A time, and `second` or `day`: how precise it is."""
    value = document.get(name)
    if value is None or value == "":
        return None
    try:
        found = _moment(value)
    except (ValueError, OverflowError, TypeError):
        found = None
    if found is not None and found[0] == _EPOCH:
        return None
    if found is None or not _EARLIEST <= found[0] <= _LATEST:
        problems.append(f"{name} is not a time that makes sense: {clean_line(str(value)[:60])}")
        return None
    return found


def _moment(value: Any) -> tuple[datetime, str] | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int) and _FIRST_DAY <= value <= _LAST_DAY:
        value = str(value)
    if isinstance(value, str):
        text = value.strip().removesuffix(" UTC").removesuffix(" GMT")
        day, _, clock = text.partition(" ")
        for form, meaning in _DAY_FORMATS.items():
            if form.fullmatch(day):
                found = datetime.strptime(day, meaning)
                if not clock:
                    return found.replace(tzinfo=UTC), "day"
                text = f"{found:%Y-%m-%d} {clock.strip()}"
        if not re.fullmatch(r"-?\d+(\.\d+)?", text):
            found = datetime.fromisoformat(text)
            found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
            return found, "second"
        value = float(text)
    if isinstance(value, int | float):
        seconds = value / 1000 if abs(value) >= _MILLISECONDS_FROM else value
        return _EPOCH + timedelta(seconds=seconds), "second"
    return None


def type_name(value: Any) -> str:
    """The type of a JSON value as JSON calls it."""
    names = {dict: "object", list: "list", str: "string", bool: "true or false", type(None): "null"}
    return names.get(type(value), "number")
