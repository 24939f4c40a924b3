"""The metadata of an upload: the first source that can be understood, completed.

Belongs here: asking sources in the order in which they are believed, and what stands in for what
none of them says.
Does not: reading a source (the formats beside this module).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from vidpipe.clean_text import clean_key, clean_line, display_name
from vidpipe.errors import MetadataError
from vidpipe.uploads.metadata.captions import hashtags_in, mentions_in
from vidpipe.uploads.metadata.completion import completed, is_complete
from vidpipe.uploads.metadata.contract import KnowsPosts, ParsedSidecar
from vidpipe.uploads.metadata.fields import Fields
from vidpipe.uploads.metadata.formats import format_of
from vidpipe.uploads.names import DATE_FOLDER
from vidpipe.uploads.post_ids import post_id_of
from vidpipe.uploads.sidecars import Sidecar

MAX_POST_ID_CHARACTERS = 256
MAX_PLATFORM_CHARACTERS = 64
MAX_ACCOUNT_CHARACTERS = 256

LOCAL = "local"
UNKNOWN_ACCOUNT = "unknown"
NO_SOURCE = "none"


@dataclass(frozen=True)
class Metadata:
    """What is known about a post and the clip that an upload is of it.

    All texts are cleaned, times are in UTC.

    Attributes:
        video_id: the post's id as the metadata claim it; uploads that share it are sorted into
            clips and versions later (vidpipe.uploads.video_resolution).
        account_id: what tells accounts apart: the platform's own id, else the handle, else the
            name, else the folder.
        account_source: which of these it is: `id`, `handle`, `name` or `folder`.
        posted_at_precision: `second`, `day`, or `file` for the time of the uploaded file.

    The other attributes are those of `vidpipe.uploads.metadata.fields.Fields`.
    """

    video_id: str
    platform: str
    id: str | None
    account: str
    posted_at: datetime
    description: str
    hashtags: tuple[str, ...]
    url: str | None
    media_key: str | None
    media_number: int | None
    account_id: str
    account_name: str | None
    account_source: str
    posted_at_precision: str
    mentions: tuple[str, ...]
    language: str | None
    sound_id: str | None
    sound_title: str | None
    views: int | None
    likes: int | None
    reposts: int | None
    comments: int | None
    engagement_read_at: datetime | None
    reply_to: str | None
    repost_of: str | None
    quote_of: str | None


@dataclass(frozen=True)
class FoundMetadata:
    """Metadata of an upload, where it comes from, and what was wrong on the way.

    Attributes:
        source: the program that wrote the file that was believed, or `none`.
        error: a sentence that begins with the error's class, or None.
    """

    metadata: Metadata
    source: str
    error: str | None


def find_metadata(
    upload_id: str,
    sidecars: Sequence[Sidecar],
    *,
    modified_at: datetime,
    parsed: Callable[[Sidecar], ParsedSidecar],
) -> FoundMetadata:
    """Metadata of an upload from the first of its sidecars that can be understood.

    Args:
        upload_id: percent-encoded path of the upload.
        sidecars: the most trusted first.
        modified_at: time of the file, for `posted_at` where nothing better is known.
        parsed: fetches and parses a sidecar; may remember one that many uploads share. Raises
            MetadataError when it must not be read or cannot be understood.

    Returns:
        Always something; `error` names the sources that were at fault.
    """
    problems: list[str] = []
    for place, sidecar in enumerate(sidecars):
        try:
            fields = parsed(sidecar).fields_of(upload_id)
        except MetadataError as error:
            problems.append(str(error))
            continue
        if fields is None:
            continue
        problems += [f"{sidecar.name}: {problem}" for problem in fields.problems]
        if format_of(sidecar).knows_posts:
            others = [*sidecars[place + 1 :], sidecar]
            fields = _completed(fields, others, parsed, problems)
        metadata = _complete(upload_id, fields, modified_at)
        return FoundMetadata(metadata, fields.source, _error(problems))
    metadata = _complete(upload_id, Fields(), modified_at)
    return FoundMetadata(metadata, NO_SOURCE, _error(problems))


def _completed(
    fields: Fields,
    others: Sequence[Sidecar],
    parsed: Callable[[Sidecar], ParsedSidecar],
    problems: list[str],
) -> Fields:
    """The fields of a list's post, with what other lists say where they leave something open."""
    for other in others:
        if fields.id is None or is_complete(fields):
            break
        if not format_of(other).knows_posts:
            continue
        try:
            known = cast(KnowsPosts, parsed(other))
        except MetadataError as error:
            problems.append(str(error))
            continue
        platform = fields.platform.lower() if fields.platform else None
        said = known.fields_of_post(platform, fields.id)
        if said is not None:
            problems += [f"{other.name}: {problem}" for problem in said.problems]
            fields = completed(fields, said)
    return fields


def _complete(upload_id: str, fields: Fields, modified_at: datetime) -> Metadata:
    """The fields with what stands in for missing ones: the caption for lists of its names, too."""
    platform = clean_key((fields.platform or LOCAL).lower(), MAX_PLATFORM_CHARACTERS)
    native_id = clean_key(fields.id, MAX_POST_ID_CHARACTERS) if fields.id else None
    account = _account(upload_id, fields)
    return Metadata(
        video_id=post_id_of(platform, native_id, fields.url, upload_id),
        platform=platform,
        id=native_id,
        account=account.handle,
        posted_at=fields.posted_at or modified_at,
        description=fields.description,
        hashtags=fields.hashtags or hashtags_in(fields.description),
        url=fields.url,
        media_key=clean_key(fields.media_key, MAX_POST_ID_CHARACTERS) if fields.media_key else None,
        media_number=fields.media_number,
        account_id=account.id,
        account_name=account.name,
        account_source=account.source,
        posted_at_precision=(fields.posted_at_precision or "second")
        if fields.posted_at
        else "file",
        mentions=fields.mentions or mentions_in(fields.description),
        language=fields.language,
        sound_id=fields.sound_id,
        sound_title=fields.sound_title,
        views=fields.views,
        likes=fields.likes,
        reposts=fields.reposts,
        comments=fields.comments,
        engagement_read_at=fields.engagement_read_at,
        reply_to=fields.reply_to,
        repost_of=fields.repost_of,
        quote_of=fields.quote_of,
    )


@dataclass(frozen=True)
class _Account:
    id: str
    handle: str
    name: str | None
    source: str


def _account(upload_id: str, fields: Fields) -> _Account:
    """Who posted it: what is stable is the key, and what is missing is stood in for."""
    known_id, handle, name = (
        clean_key(text, MAX_ACCOUNT_CHARACTERS) if text else None
        for text in (fields.account_id, fields.account, fields.account_name)
    )
    candidates = (("id", known_id), ("handle", handle), ("name", name))
    for source, text in candidates:
        if text:
            return _Account(text, handle or name or text, name, source)
    folder = _parent_account(upload_id)
    return _Account(folder, folder, None, "folder")


def _parent_account(upload_id: str) -> str:
    """Account of an upload without metadata: the folder it lies in, date folders apart."""
    parent = upload_id.rpartition("/")[0].rpartition("/")[2]
    name = clean_key(display_name(parent), MAX_ACCOUNT_CHARACTERS)
    return UNKNOWN_ACCOUNT if not name or DATE_FOLDER.fullmatch(name) else name


def _error(problems: Sequence[str]) -> str | None:
    said = clean_line("; ".join(dict.fromkeys(problems)))
    return f"{MetadataError.__name__}: {said}" if problems else None
