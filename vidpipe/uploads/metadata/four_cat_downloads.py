"""The folder of 4CAT's video downloaders: `.metadata.json` beside the videos.

Belongs here: which file of the folder belongs to which post.
Does not: what is known of the posts, which is in the dataset (vidpipe.uploads.metadata.four_cat).

| written by         | layout                                                                      |
|--------------------|-----------------------------------------------------------------------------|
| 4CAT since 2026    | `{"schema_version": 1, "from_dataset", "items": {file name: {"filename",    |
|                    | "post_ids", "url", "extra"}}, "failures": […]}`                             |
| 4CAT before        | `{address: {"success", "post_ids", "from_dataset", "files": [{"filename",   |
|                    | "success", "metadata"}]}}`                                                  |
| … for TikTok       | the same by post id, with the address under "url"                           |
| … for Telegram,    | the same by address or file name, with "filename" in place of "files", or   |
| pictures           | "post_id" in place of "post_ids"                                            |

`metadata`, later `extra`, is what yt-dlp says of the file where 4CAT downloaded by yt-dlp; it
speaks of the post only where it has the post's id. A link that several posts share is a file of
each of them: it is shown with the first that is listed.

Source: `common/lib/archive_metadata.py`, `processors/visualisation/download_videos.py`,
`download_telegram_videos.py` and `datasources/tiktok_urls/search_tiktok_urls.py` of 4CAT.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO
from urllib.parse import unquote

import ijson

from vidpipe.uploads.metadata.fields import Fields, read_line, read_url
from vidpipe.uploads.metadata.four_cat import SOURCE
from vidpipe.uploads.metadata.json_sidecar import decoded, parsed_json, unreadable
from vidpipe.uploads.metadata.posts.parts import Clip, set_clip
from vidpipe.uploads.metadata.posts.sites import platform_of_media, platform_of_url
from vidpipe.uploads.metadata.yt_dlp import yt_dlp_fields

MAX_DOWNLOADS_BYTES = 2**30
MAX_WHOLE_BYTES = 32 * 2**20
"""A larger list is read as a stream."""

_VERSION_WITHIN_BYTES = 4096


def is_downloads_name(name: bytes) -> bool:
    """Whether a file of this name lists what 4CAT downloaded into its folder."""
    return name == b".metadata.json"


@dataclass(frozen=True)
class Downloads:
    """What 4CAT downloaded into a folder: by file name, and by post what yt-dlp says of it."""

    files: Mapping[str, Fields]
    by_yt_dlp: Mapping[str, Fields] = field(default_factory=dict)

    def fields_of(self, upload_id: str) -> Fields | None:
        """Post, address and clip of the upload; None when it is not listed."""
        name = unquote(upload_id.rpartition("/")[2], errors="surrogateescape")
        fields = self.files.get(_plain(name))
        return fields and replace(fields, problems=list(fields.problems))

    def fields_of_post(self, platform: str | None, post_id: str) -> Fields | None:
        """What yt-dlp says of a post; None where 4CAT did not download it by yt-dlp."""
        fields = self.by_yt_dlp.get(post_id)
        return fields if fields and platform in (None, fields.platform) else None


def parse_downloads(file: BinaryIO, name: str) -> Downloads:
    """The list of a folder; an empty one when the file is something else.

    Raises:
        MetadataError: it is no JSON.
    """
    files: dict[str, Fields] = {}
    by_yt_dlp: dict[str, Fields] = {}
    for file_name, key, entry, extra in _entries(_members(file, name)):
        fields = _file_fields(entry, key)
        if isinstance(extra, Mapping) and "extractor" in extra and fields.id:
            said = yt_dlp_fields(extra)
            said.platform = said.platform and said.platform.lower()
            if said.id == fields.id:
                fields.platform = said.platform
                by_yt_dlp[fields.id] = said
        files[_plain(file_name)] = fields
    _number_clips(files)
    return Downloads(files, by_yt_dlp)


def _members(file: BinaryIO, name: str) -> Iterator[tuple[str, Any]]:
    """The members of the object that lists the files; those of a large one come one by one.

    What yt-dlp says of one video takes up to a megabyte, and a folder may have thousands.
    """
    start = file.read(MAX_WHOLE_BYTES + 1)
    is_versioned = b'"schema_version"' in start[:_VERSION_WITHIN_BYTES]
    if len(start) > MAX_WHOLE_BYTES:
        file.seek(0)
        try:
            yield from ijson.kvitems(file, "items" if is_versioned else "", use_float=True)
        except (ijson.JSONError, ValueError) as error:
            raise unreadable(name, f"is not valid JSON ({str(error).splitlines()[0]})") from None
        return
    document = parsed_json(decoded(start)[0], name)
    if isinstance(document, dict) and is_versioned:
        document = document.get("items")
    if isinstance(document, dict):
        yield from document.items()


def _entries(
    members: Iterable[tuple[str, Any]],
) -> Iterator[tuple[str, str, Mapping[str, Any], Any]]:
    """File name, key, entry with the posts, and what yt-dlp says, of every file."""
    for key, entry in members:
        if not isinstance(entry, Mapping) or not ({"post_ids", "post_id"} & entry.keys()):
            continue
        files = entry.get("files")
        for file in files if isinstance(files, list) else [entry]:
            name = file.get("filename") if isinstance(file, Mapping) else None
            if isinstance(name, str) and name:
                yield name, key, entry, file.get("metadata", file.get("extra"))


def _file_fields(entry: Mapping[str, Any], key: str) -> Fields:
    """The post of a file: without a dataset only its id, and its address."""
    fields = Fields(source=SOURCE)
    ids = entry.get("post_ids", entry.get("post_id"))
    ids = ids if isinstance(ids, list) else [ids]
    known = [found for one in ids if (found := read_line({"post_ids": one}, "post_ids", []))]
    fields.id = known[0] if known else None
    if isinstance(entry.get("url"), str):
        fields.url = read_url(entry, "url", fields.problems)
    elif key.startswith(("http://", "https://")):
        fields.url = read_url({"url": key}, "url", fields.problems)
    # A page that a post links to may be on another platform than the post.
    if fields.id and fields.id in (fields.url or ""):
        fields.platform = platform_of_url(fields.url)
    else:
        fields.platform = platform_of_media(fields.url)
    return fields


def _number_clips(files: Mapping[str, Fields]) -> None:
    """Numbers the files of posts that have several, in the order of the list."""
    several = Counter(fields.id for fields in files.values())
    seen: Counter[str | None] = Counter()
    for name, fields in files.items():
        if fields.id is None or several[fields.id] < 2:
            continue
        seen[fields.id] += 1
        set_clip(fields, Clip(name, seen[fields.id]))


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2][:4096])
