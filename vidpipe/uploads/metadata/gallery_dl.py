"""Metadata files of gallery-dl (`--write-metadata`): `<file>.json` beside `<file>`.

Belongs here: which of their many fields say what, where they differ from what most sites call it.
Does not: names that sites share (vidpipe.uploads.metadata.posts.other) or TikTok's own object
(vidpipe.uploads.metadata.posts.tiktok), which gallery-dl hands on as it is.

Every file has `category` (the site) and `subcategory` (the kind of page), the file's `filename`,
`extension` and mostly `num`, its place among `count` files of the post. `date` is
"YYYY-MM-DD HH:MM:SS" in UTC.

| site      | post             | file                    | account                                |
|-----------|------------------|-------------------------|----------------------------------------|
| twitter   | `tweet_id`       | `media_id`              | `author`, `user`: {id, name, nick} are |
|           |                  |                         | id, handle and shown name              |
| instagram | `post_shortcode` | `media_id`, `shortcode` | `owner_id`, `username`, `fullname`     |
| tiktok    | `id`             | –                       | `author` {id, uniqueId, nickname}      |
| bluesky   | `post_id`        | `num`                   | `author` {did, handle, displayName}    |
| reddit    | `id`             | `num`                   | `author`                               |
| facebook  | `id` of the file | –                       | `user_id`, `username` (the shown name) |

What reads as if it were something else:

- `retweet_id` is the post that was retweeted, and the retweeter is then `user`, not `author`;
  with its option `retweets = original` gallery-dl writes the same id twice, and it is no repost.
- `quote_id` is the post that quotes this one: it makes this one no quotation.
- A story of Instagram has the account's id for `post_id`, the same every day; its file is the post.
- `num` counts the files of a set on Facebook, which are posts of their own.
- `directlink` and `generic` are no sites.

Source: gallery-dl's extractors of these sites and its postprocessor `metadata`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from vidpipe.uploads.metadata.fields import (
    Fields,
    first_of,
    read_count,
    read_line,
    read_post_time,
    read_url,
)
from vidpipe.uploads.metadata.json_sidecar import DocumentKind
from vidpipe.uploads.metadata.posts.other import other_fields, read_person
from vidpipe.uploads.metadata.posts.parts import (
    Clip,
    read_object,
    read_path,
    read_reference,
    set_clip,
)
from vidpipe.uploads.metadata.posts.sites import page_url
from vidpipe.uploads.metadata.posts.tiktok import tiktok_fields
from vidpipe.uploads.post_ids import NO_PLATFORMS

_OF_A_USER = frozenset(("info", "avatar", "background", "user"))
_FILE_IDS = ("media_id", "file_id")


def gallery_dl_fields(document: Mapping[str, Any]) -> Fields | None:
    """The fields of a metadata file; None when it tells of an account and no post."""
    category = (read_line(document, "category", []) or "").lower()
    fields = tiktok_fields(document) if category == "tiktok" else other_fields(document)
    is_site = category not in NO_PLATFORMS
    fields.platform = category if is_site else None
    if not is_site:
        fields.id = None
        _read_link(document, fields)
    elif category in _DIFFERENCES:
        _DIFFERENCES[category](document, fields)
    if document.get("subcategory") in _OF_A_USER and not (fields.id and fields.posted_at):
        return None
    if is_site and not _is_post_of_its_own(document, category):
        _read_clip(document, fields)
    fields.url = fields.url or page_url(fields.platform, fields.account, fields.id)
    return fields


def _recognises(document: Mapping[str, Any]) -> bool:
    is_native = "platform" in document or "posted_at" in document
    return not is_native and all(
        isinstance(document.get(name), str) for name in ("category", "subcategory")
    )


GALLERY_DL_DOCUMENT = DocumentKind(
    source="gallery-dl",
    recognises=_recognises,
    fields_of=lambda document, _upload_id: gallery_dl_fields(document),
)


def _read_clip(document: Mapping[str, Any], fields: Fields) -> None:
    """Which file of the post it is, where the post has several."""
    number = read_count(document, "num", fields.problems) if "num" in document else None
    count = read_count(document, "count", fields.problems) if "count" in document else None
    if number is None or (count if count is not None else number) < 2:
        return
    key = first_of(document, _FILE_IDS, read_line, fields.problems)
    set_clip(fields, Clip(key or str(number), number))


def _is_post_of_its_own(document: Mapping[str, Any], category: str) -> bool:
    return category == "facebook" or (category == "instagram" and _is_story(document))


def _is_story(document: Mapping[str, Any]) -> bool:
    page = document.get("post_url")
    return document.get("subcategory") in ("stories", "highlights") or (
        isinstance(page, str) and "/stories/" in page
    )


def _read_link(document: Mapping[str, Any], fields: Fields) -> None:
    """A file that was given by its address: the address is all that is known of it."""
    domain, path = read_line(document, "domain", []), read_line(document, "path", [])
    if domain and path:
        query = read_line(document, "query", [])
        address = f"https://{domain}/{path.lstrip('/')}" + (f"?{query}" if query else "")
        fields.url = read_url({"path": address}, "path", fields.problems)


def _twitter(document: Mapping[str, Any], fields: Fields) -> None:
    problems = fields.problems
    fields.reply_to = read_reference(document, "reply_id", problems, "twitter")
    original = read_line(document, "retweet_id", problems)
    if original not in (None, "0", fields.id):
        fields.repost_of = read_reference(document, "retweet_id", problems, "twitter")
        read_person(read_object(document, "user", problems), fields)


def _instagram(document: Mapping[str, Any], fields: Fields) -> None:
    if _is_story(document):
        names = ("shortcode", "media_id")
        fields.id = first_of(document, names, read_line, fields.problems)
        read_post_time(fields, document, ("date", "post_date"))


def _facebook(_document: Mapping[str, Any], fields: Fields) -> None:
    fields.account, fields.account_name = None, fields.account


def _bluesky(document: Mapping[str, Any], fields: Fields) -> None:
    problems = fields.problems
    languages = document.get("langs")
    if isinstance(languages, list) and languages and isinstance(languages[0], str):
        fields.language = read_line({"langs": languages[0]}, "langs", problems)
    parent = read_line(read_path(document, "reply.parent", problems), "uri", problems)
    if parent:
        key = {"uri": parent.rpartition("/")[2]}
        fields.reply_to = read_reference(key, "uri", problems, "bluesky")


def _reddit(_document: Mapping[str, Any], fields: Fields) -> None:
    """All deleted accounts are called the same, and are not one account.

    `author_fullname` is an id within Reddit, such as `t2_abc`; nobody is shown it as a name.
    """
    fields.account_name = None
    if fields.account == "[deleted]":
        fields.account = None


_DIFFERENCES: Mapping[str, Callable[[Mapping[str, Any], Fields], None]] = {
    "twitter": _twitter,
    "instagram": _instagram,
    "facebook": _facebook,
    "bluesky": _bluesky,
    "reddit": _reddit,
}
