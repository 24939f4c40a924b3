"""Datasets of 4CAT: the CSV that it offers for download, a row a post.

Belongs here: which of its columns say what, by data source; the rows of its mapped NDJSON too.
Does not: the folder of its video downloader (vidpipe.uploads.metadata.four_cat_downloads), NDJSON
(vidpipe.uploads.metadata.zeeschuimer), or which post a file is of
(vidpipe.uploads.metadata.post_list).

Every data source maps its posts to `id`, `thread_id`, `author`, `body` and `timestamp`, and adds
columns of its own:

| what      | columns                                                                             |
|-----------|-------------------------------------------------------------------------------------|
| account   | `author` (handle), `author_id`, `author_full` / `author_fullname` / `author_name`   |
| time      | `unix_timestamp`, `timestamp` ("YYYY-MM-DD HH:MM:SS")                               |
| page      | `tiktok_url`, `post_url`, `link`, `url`                                             |
| tags      | `hashtags`, `challenges`, `mentions`, each a list with commas                       |
| counts    | `plays` / `views` / `impression_count`, `likes` / `like_count` / `num_likes`,       |
|           | `shares` / `retweet_count`, `comments` / `num_comments` / `reply_count`             |
| sound     | `music_id`, `music_name`                                                            |

`unix_timestamp` is believed before `timestamp`, which some data sources write in the time of the
server. An anonymised dataset has REDACTED for every author. A count of -1 is unknown.

Source: the functions `map_item` of 4CAT's data sources `tiktok`, `instagram`, `twitter-import`,
`telegram`, and `items_to_csv` in its `backend/lib/search.py`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

from vidpipe.uploads.metadata.fields import (
    Fields,
    first_of,
    read_count,
    read_handles,
    read_id,
    read_line,
    read_post_time,
    read_tags,
    read_text,
    read_url,
)
from vidpipe.uploads.metadata.json_sidecar import decoded
from vidpipe.uploads.metadata.manifest import is_manifest_name
from vidpipe.uploads.metadata.post_list import PostList
from vidpipe.uploads.metadata.posts.parts import read_text_language, without_repeats
from vidpipe.uploads.metadata.posts.sites import page_url, platform_of_media, platform_of_url
from vidpipe.uploads.metadata.tables import TableRow, column_name, read_table
from vidpipe.uploads.metadata.titles import one_text

SOURCE = "4cat"

MAX_TABLE_BYTES = 64 * 2**20

_REQUIRED = frozenset(("id", "body"))
_IN_EVERY_DATASET = "thread_id"
_TIMES = ("unix_timestamp", "timestamp")
_PAGES = ("tiktok_url", "post_url", "link", "url", "permalink")
_HANDLES = ("author_username", "author")
_NAMES = ("author_full", "author_fullname", "author_name", "author_display_name")
_VIEWS = ("plays", "views", "view_count", "impression_count", "num_plays")
_LIKES = ("likes", "like_count", "num_likes", "score")
_REPOSTS = ("shares", "retweet_count", "repost_count", "num_shares", "forwards")
_COMMENTS = ("comments", "num_comments", "reply_count", "comment_count", "replies")
_NOBODY = frozenset(("REDACTED", "[deleted]"))  # by 4CAT, and on Reddit


def is_table_name(name: bytes) -> bool:
    """Whether a file of this name may be a dataset."""
    return name.lower().endswith(b".csv") and not is_manifest_name(name)


def is_mapped_row(row: Mapping[str, Any]) -> bool:
    """Whether a row, or the columns of a table, are those that 4CAT maps posts to."""
    return row.keys() >= _REQUIRED and any(name in row for name in _TIMES)


def parse_table(file: BinaryIO, name: str) -> PostList:
    """A dataset; an empty one when the table is something else."""
    posts = PostList()
    table = read_table(decoded(file.read())[0], _REQUIRED)
    columns = dict.fromkeys(map(column_name, table.header))
    if not is_mapped_row(columns):
        if _IN_EVERY_DATASET in columns:
            posts.problem = (
                f"{name} looks like a dataset of 4CAT, but has no columns id, body and timestamp; "
                "correct or remove it and it is read again"
            )
        return posts
    bad: list[TableRow] = []
    for row in table.rows:
        fields = row_fields(row.cells)
        if row.problem or fields.id is None:
            bad.append(row)
        else:
            posts.add(fields)
    if bad:
        posts.problem = (
            f"{name} has {len(bad)} rows that cannot be used (the first, in line {bad[0].line}, "
            f"{bad[0].problem or 'has no id'}); correct or remove them and the file is read again"
        )
    return posts


def row_fields(row: Mapping[str, Any]) -> Fields:
    """What a row says of a post."""
    fields = Fields(source=SOURCE)
    problems = fields.problems
    fields.id = read_id(row, "id", problems)
    fields.account_id = _author(row, ("author_id",), problems)
    fields.account = _author(row, _HANDLES, problems)
    fields.account_name = _author(row, _NAMES, problems)
    read_post_time(fields, row, _TIMES)
    fields.description = one_text(
        read_text(row, "subject", problems) or read_text(row, "title", problems),
        read_text(row, "body", problems),
        names=[name for name in (fields.account, fields.account_name) if name],
        post_id=fields.id,
    )
    tags = [tag for name in ("hashtags", "challenges") for tag in read_tags(row, name, problems)]
    fields.hashtags = without_repeats(tags)
    fields.mentions = read_handles(row, "mentions", problems) or read_handles(
        row, "mentioned", problems
    )
    languages = ("language_guess", "language", "lang")
    fields.language = first_of(row, languages, read_text_language, problems)
    fields.sound_id = read_line(row, "music_id", problems)
    fields.sound_title = read_line(row, "music_name", problems)
    fields.views = first_of(row, _VIEWS, read_count, problems)
    fields.likes = first_of(row, _LIKES, read_count, problems)
    fields.reposts = first_of(row, _REPOSTS, read_count, problems)
    fields.comments = first_of(row, _COMMENTS, read_count, problems)
    _read_page(row, fields)
    return fields


def _author(row: Mapping[str, Any], names: Sequence[str], problems: list[str]) -> str | None:
    found: str | None = first_of(row, names, read_line, problems)
    return None if found in _NOBODY else found


def _read_page(row: Mapping[str, Any], fields: Fields) -> None:
    """The platform by the first address of a known site, and the page of the post."""
    for name in _PAGES:
        url = read_url(row, name, []) if isinstance(row.get(name), str) else None
        platform = platform_of_url(url)
        if platform is None:
            continue
        fields.platform = platform
        page = page_url(platform, fields.account, fields.id)
        fields.url = page if platform_of_media(url) else url
        return
    # Telegram has no address in every row, but columns that nobody else has.
    if "chat" in row and "-" in (fields.id or ""):
        fields.platform = "telegram"
