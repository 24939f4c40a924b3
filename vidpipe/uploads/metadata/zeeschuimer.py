"""Lists of posts as Zeeschuimer saves them, and 4CAT after it: one JSON object a line (NDJSON).

Belongs here: lines of Zeeschuimer, and 4CAT's writing of the same; reading them in a stream.
Does not: the posts of a site (vidpipe.uploads.metadata.posts), rows that 4CAT mapped
(vidpipe.uploads.metadata.four_cat), or which post a file is of
(vidpipe.uploads.metadata.post_list).

| line                                                            | written by                     |
|-----------------------------------------------------------------|--------------------------------|
| `item_id`, `timestamp_collected` (ms), `source_platform`        | Zeeschuimer                    |
| ("tiktok.com"), `data` {the site's own object}                  |                                |
| the object, with the rest under `__import_meta`                 | 4CAT, importing that           |
| the object alone                                                | 4CAT before it kept the rest   |
| `id`, `body`, `timestamp`, …                                    | 4CAT, mapped                   |
| `category`, `subcategory`, …                                    | gallery-dl, into one file      |

Zeeschuimer names files for nobody: people download the videos of its list and name them by the
posts' ids. Lines of comments (`tiktok.com-comments` and the like) speak of no post. A part of an
Instagram post that was seen in passing (`_zs_partial`) never replaces the whole.

Source: Zeeschuimer's `zs-background.js`, `import_from_file` in 4CAT's `backend/lib/search.py`,
the postprocessor `metadata` of gallery-dl in mode `jsonl`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from vidpipe.uploads.metadata.fields import Fields, read_line, read_time
from vidpipe.uploads.metadata.four_cat import SOURCE as FOUR_CAT
from vidpipe.uploads.metadata.four_cat import is_mapped_row, row_fields
from vidpipe.uploads.metadata.gallery_dl import GALLERY_DL_DOCUMENT
from vidpipe.uploads.metadata.json_sidecar import decoded, json_value
from vidpipe.uploads.metadata.manifest import is_manifest_name
from vidpipe.uploads.metadata.post_list import PostList
from vidpipe.uploads.metadata.posts.instagram import (
    instagram_clips,
    instagram_fields,
    is_instagram_post,
)
from vidpipe.uploads.metadata.posts.other import other_fields
from vidpipe.uploads.metadata.posts.parts import Clip
from vidpipe.uploads.metadata.posts.sites import platform_of_host
from vidpipe.uploads.metadata.posts.tiktok import is_tiktok_post, tiktok_fields
from vidpipe.uploads.metadata.posts.twitter import is_twitter_post, twitter_clips, twitter_fields

SOURCE = "zeeschuimer"

MAX_POST_LIST_BYTES = 2**30
MAX_LINE_BYTES = 8 * 2**20

_LARGEST_EXACT_NUMBER = 2**53
_MARKS = (b'"source_platform"', b'"__import_meta"')


def is_post_list_name(name: bytes) -> bool:
    """Whether a file of this name may be a list of posts, one a line."""
    return name.lower().endswith((b".ndjson", b".jsonl")) and not is_manifest_name(name)


def parse_post_list(file: BinaryIO, name: str) -> PostList:
    """A list of posts; an empty one when the file is something else.

    The file is read line by line, and of each line only what is believed is kept.
    """
    posts = PostList()
    bad: list[int] = []
    is_marked = False
    for number, line in enumerate(_lines(file), start=1):
        if not line.strip():
            continue
        document = _object(line)
        if document is None:
            bad.append(number)
            is_marked = is_marked or any(mark in line for mark in _MARKS)
        elif not _add(posts, document) and _is_wrapped(document):
            bad.append(number)
            is_marked = True
    # Lines that nobody can read are at fault only in a file that is such a list.
    if bad and (is_marked or len(posts)):
        posts.problem = (
            f"{name} has {len(bad)} lines that are not posts as Zeeschuimer or 4CAT writes them "
            f"(the first is line {bad[0]}); correct or remove them and the file is read again"
        )
    return posts


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file; one beyond the limit comes as its beginning."""
    while line := file.readline(MAX_LINE_BYTES):
        if len(line) == MAX_LINE_BYTES and not line.endswith(b"\n"):
            while (rest := file.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
                pass
        yield line


def _object(line: bytes) -> Mapping[str, Any] | None:
    try:
        document = json_value(decoded(line)[0].replace("\0", ""))
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _is_wrapped(document: Mapping[str, Any]) -> bool:
    return "source_platform" in document and "data" in document


def _add(posts: PostList, document: Mapping[str, Any]) -> bool:
    """Adds what a line says; whether it is a line of a known kind, if only of a comment."""
    if _is_wrapped(document):
        return _add_item(posts, document.get("data"), document, SOURCE)
    if isinstance(document.get("__import_meta"), Mapping):
        return _add_item(posts, document, document["__import_meta"], FOUR_CAT)
    if GALLERY_DL_DOCUMENT.recognises(document):
        return _add_downloaded(posts, document)
    if is_mapped_row(document):
        fields = row_fields(document)
    elif is_tiktok_post(document) or is_instagram_post(document) or is_twitter_post(document):
        return _add_item(posts, document, {}, FOUR_CAT)
    else:
        return False
    posts.add(fields)
    return True


def _add_item(posts: PostList, item: Any, collected: Mapping[str, Any], source: str) -> bool:
    """Adds a site's own object, and when it was seen."""
    if not isinstance(item, Mapping):
        return False
    site = str(collected.get("source_platform") or "").lower()
    if "comments" in site:
        return True
    fields, clips = _described(item, platform_of_host(site) or site or None)
    fields.source = source
    seen_at = read_time(collected, "timestamp_collected", fields.problems)
    counts = (fields.views, fields.likes, fields.reposts, fields.comments)
    if any(count is not None for count in counts):
        fields.engagement_read_at = seen_at
    fields.id = fields.id or read_line(collected, "item_id", fields.problems)
    if fields.id is None:
        return False
    if item.get("_zs_partial") is True and fields.id in posts:
        return True
    names = [_exact_id(collected.get("item_id")), *(_exact_id(item.get(n)) for n in ("pk", "id"))]
    posts.add(fields, [name for name in names if name], clips)
    return True


def _exact_id(value: Any) -> str | None:
    """An id; not one that JavaScript rounded: it may be another post's."""
    if isinstance(value, int) and value > _LARGEST_EXACT_NUMBER:
        return None
    return read_line({"id": value}, "id", [])


def _described(item: Mapping[str, Any], platform: str | None) -> tuple[Fields, Sequence[Clip]]:
    """What an object says, read by its layout: several sites share one."""
    problems: list[str] = []
    clips: Sequence[Clip] = ()
    if is_twitter_post(item):
        fields, clips = twitter_fields(item), twitter_clips(item, problems)
    elif is_instagram_post(item) or platform == "instagram":
        fields = instagram_fields(item, platform or "instagram")
        clips = instagram_clips(item, problems)
    elif is_tiktok_post(item):
        fields = tiktok_fields(item, platform or "tiktok")
    else:
        fields = other_fields(item)
        fields.platform = platform
    fields.problems += problems
    return fields, clips


def _add_downloaded(posts: PostList, document: Mapping[str, Any]) -> bool:
    """Adds a file that gallery-dl downloaded: its post, or one of the clips of that."""
    fields = GALLERY_DL_DOCUMENT.fields_of(document, "")
    if fields is None or fields.id is None:
        return False
    fields.source = GALLERY_DL_DOCUMENT.source
    number = fields.media_number
    names = [name for name in (fields.media_key, number and f"{fields.id}_{number}") if name]
    if fields.media_key is None:
        posts.add(fields)
    else:
        posts.add_file(fields, names)
    return True
