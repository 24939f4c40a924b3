"""The metadata of an upload: the first source that can be understood, completed.

Belongs here: asking sources in the order in which they are believed, and what stands in for what
none of them says.
Does not: reading a source (the formats beside this module).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from vidpipe.clean_text import clean_key, clean_line, display_name
from vidpipe.errors import MetadataError
from vidpipe.uploads.metadata.contract import ParsedSidecar
from vidpipe.uploads.metadata.fields import Fields
from vidpipe.uploads.names import DATE_FOLDER
from vidpipe.uploads.sidecars import Sidecar
from vidpipe.uploads.video_ids import video_id_of

MAX_POST_ID_CHARACTERS = 256
MAX_PLATFORM_CHARACTERS = 64
MAX_ACCOUNT_CHARACTERS = 256

LOCAL = "local"
UNKNOWN_ACCOUNT = "unknown"
NO_SOURCE = "none"


@dataclass(frozen=True)
class Metadata:
    """What is known about a post; all texts cleaned, times in UTC."""

    video_id: str
    platform: str
    id: str | None
    account: str
    posted_at: datetime
    description: str
    hashtags: tuple[str, ...]
    url: str | None


@dataclass(frozen=True)
class FoundMetadata:
    """Metadata of an upload, where it comes from, and what was wrong on the way.

    Attributes:
        source: the kind of the format, or `none`.
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
    for sidecar in sidecars:
        try:
            fields = parsed(sidecar).fields_of(upload_id)
        except MetadataError as error:
            problems.append(str(error))
            continue
        if fields is None:
            continue
        problems += [f"{sidecar.name}: {problem}" for problem in fields.problems]
        metadata = _complete(upload_id, fields, modified_at)
        return FoundMetadata(metadata, sidecar.kind, _error(problems))
    metadata = _complete(upload_id, Fields(), modified_at)
    return FoundMetadata(metadata, NO_SOURCE, _error(problems))


def _complete(upload_id: str, fields: Fields, modified_at: datetime) -> Metadata:
    """The fields with what stands in for missing ones."""
    platform = clean_key((fields.platform or LOCAL).lower(), MAX_PLATFORM_CHARACTERS)
    post_id = clean_key(fields.id, MAX_POST_ID_CHARACTERS) if fields.id else None
    known = post_id if fields.platform else None
    return Metadata(
        video_id=video_id_of(platform, known, upload_id),
        platform=platform,
        id=post_id,
        account=clean_key(fields.account, MAX_ACCOUNT_CHARACTERS)
        if fields.account
        else _parent_account(upload_id),
        posted_at=fields.posted_at or modified_at,
        description=fields.description,
        hashtags=fields.hashtags,
        url=fields.url,
    )


def _parent_account(upload_id: str) -> str:
    """Account of an upload without metadata: the folder it lies in, date folders apart."""
    parent = upload_id.rpartition("/")[0].rpartition("/")[2]
    name = clean_key(display_name(parent), MAX_ACCOUNT_CHARACTERS)
    return UNKNOWN_ACCOUNT if not name or DATE_FOLDER.fullmatch(name) else name


def _error(problems: Sequence[str]) -> str | None:
    return f"{MetadataError.__name__}: {clean_line('; '.join(problems))}" if problems else None
