"""Who posted a video, out of the many fields in which yt-dlp's extractors say it.

Belongs here: which field of which platform holds the stable id, the handle and the shown name.
Does not: what stands in for an id that nobody gives (vidpipe.uploads.metadata.precedence).

Its documentation calls `uploader_id` "nickname or id of the video uploader": every extractor has
its own convention, and `channel` is a name on YouTube and a handle on Instagram. A shown name is
never taken for a handle: two handles with one name are two accounts.

Source: the extractors of yt-dlp 2026.10.26.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from vidpipe.uploads.metadata.fields import Fields, first_of, read_line

_NAMES = ("uploader", "channel", "creator", "creators")
_ADDRESSES = ("uploader_url", "channel_url")
# What platforms make up: numbers (negative for groups), DIDs, YouTube's channels, hashes.
_MADE_ID = re.compile(r"-?\d+|did:.+|UC[\w-]{10,}|[0-9a-f]{16,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-.+")
_NO_HANDLES = re.compile(
    r"|\[deleted\]|profile\.php|about|videos|channel|user|users|accounts?|c|@?MS4wLjABAAAA.*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Convention:
    """Fields that tell an account on one platform, the best first.

    Attributes:
        ids: may hold the stable id, which has the form `id_form`; what has another form is none.
        handles: may hold the handle, which has any other form.
        names: may hold the shown name.
        has_at: whether the site writes handles with a leading @, not only addresses.
    """

    ids: Sequence[str] = ("uploader_id",)
    handles: Sequence[str] = ("uploader_id",)
    names: Sequence[str] = _NAMES
    id_form: re.Pattern[str] = _MADE_ID
    has_at: bool = False


_NUMBER = re.compile(r"\d+")
_DEFAULT = _Convention(ids=("uploader_id", "channel_id"))
_CONVENTIONS: Mapping[str, _Convention] = {
    "youtube": _Convention(
        ids=("channel_id", "uploader_id"),
        names=("channel", "uploader", "creator"),
        id_form=re.compile(r"UC[\w-]+"),
        has_at=True,
    ),
    # `channel_id` is the secUid, of which one account may have several.
    "tiktok": _Convention(
        handles=("uploader",), names=("channel", "creator", "creators"), id_form=_NUMBER
    ),
    "douyin": _Convention(
        handles=("uploader",), names=("channel", "creator", "creators"), id_form=_NUMBER
    ),
    "twitter": _Convention(ids=("channel_id", "uploader_id"), names=("uploader",), id_form=_NUMBER),
    "instagram": _Convention(
        handles=("channel", "uploader_id"), names=("uploader",), id_form=_NUMBER
    ),
    # Other ids begin with `pfbid` and differ from one request to the next.
    "facebook": _Convention(handles=(), names=("uploader",), id_form=_NUMBER),
    "bluesky": _Convention(
        handles=("channel",), names=("uploader",), id_form=re.compile(r"did:.+")
    ),
    # `channel_id` is the community, not who posted.
    "reddit": _Convention(ids=(), handles=("uploader",), names=()),
    "telegram": _Convention(ids=(), handles=("channel_id",), names=("channel",)),
    "snapchat": _Convention(ids=(), handles=("uploader",), names=("channel",)),
    "lbry": _Convention(
        ids=("channel_id",), names=("channel",), id_form=re.compile(r"[0-9a-f]{40}"), has_at=True
    ),
    "twitch": _Convention(names=("uploader", "channel"), id_form=_NUMBER),
    "vimeo": _Convention(ids=(), names=("uploader",)),
    "dailymotion": _Convention(handles=(), id_form=re.compile("x[0-9a-z]+")),
}
# An id is a number of one server among thousands; the account's page tells it from the others.
_MANY_SERVERS = ("peertube",)


def read_account(fields: Fields, document: Mapping[str, Any], platform: str) -> None:
    """Sets id, handle and shown name of the account, as far as an info file tells them.

    Args:
        platform: `extractor_key` of the extractor.
    """
    key = platform.casefold()
    known = next((start for start in _CONVENTIONS if key.startswith(start)), None)
    convention = _CONVENTIONS[known] if known else _DEFAULT
    said = [*_lines(document, convention.ids, fields), *_ends_of_addresses(document)]
    fields.account_id = next((one for one in said if convention.id_form.fullmatch(one)), None)
    if key.startswith(_MANY_SERVERS):
        fields.account_id = _page(document)
    fields.account = next(_handles(document, convention, fields), None)
    names = {**document, "creators": _first_entry(document.get("creators"))}
    fields.account_name = first_of(names, convention.names, read_line, fields.problems)


def _handles(document: Mapping[str, Any], convention: _Convention, fields: Fields) -> Iterator[str]:
    ends = _ends_of_addresses(document)
    if not convention.has_at:
        ends = [end.removeprefix("@") for end in ends]
    for handle in (*_lines(document, convention.handles, fields), *ends):
        if not convention.id_form.fullmatch(handle) and not _NO_HANDLES.fullmatch(handle):
            yield handle


def _lines(document: Mapping[str, Any], names: Sequence[str], fields: Fields) -> list[str]:
    lines = (read_line(document, name, fields.problems) for name in names)
    return [line for line in lines if line]


def _ends_of_addresses(document: Mapping[str, Any]) -> list[str]:
    """The last part of the path of each address of the account."""
    paths = [_path(document.get(name)) for name in _ADDRESSES]
    return [path.rstrip("/").rpartition("/")[2] for path in paths if path]


def _path(address: Any) -> str:
    try:
        return unquote(urlsplit(address).path) if isinstance(address, str) else ""
    except ValueError:
        return ""


def _page(document: Mapping[str, Any]) -> str | None:
    addresses = [document.get(name) for name in _ADDRESSES]
    page = next((one for one in addresses if isinstance(one, str) and _path(one)), None)
    return page.partition("://")[2] if page else None


def _first_entry(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else None
