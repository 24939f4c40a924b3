"""Posts of TikTok and Douyin, as their pages and interfaces describe them.

Belongs here: the object of a video, in the layout of the web pages (`createTime`, `stats`) and in
that of the apps (`aweme_id`, `create_time`, `statistics`).
Does not: the programs that keep such objects (vidpipe.uploads.metadata.zeeschuimer,
vidpipe.uploads.metadata.gallery_dl).

| field                                   | says                                              |
|-----------------------------------------|---------------------------------------------------|
| `id`, `aweme_id`                        | the post                                          |
| `author`                                | object of id, uniqueId, nickname; or the handle,  |
|                                         | beside `authorId` and `nickname`                  |
| `desc`, `textLanguage`                  | the caption and its language                      |
| `textExtra[].hashtagName`, `challenges` | hashtags                                          |
| `stats`, `statsV2`                      | counts, as numbers or as strings                  |
| `music`                                 | id and title of the sound                         |
| `duetInfo.duetFromId`                   | the post that this one answers beside; 0 is none  |

Source: the `map_item` of 4CAT's data source `tiktok-search` and Zeeschuimer's module `tiktok.js`.
"""

from collections.abc import Mapping
from typing import Any

from vidpipe.uploads.metadata.fields import (
    Fields,
    first_of,
    read_count,
    read_line,
    read_post_time,
    read_text,
)
from vidpipe.uploads.metadata.posts.parts import (
    read_each_handle,
    read_each_tag,
    read_object,
    read_objects,
    read_reference,
    read_text_language,
    without_repeats,
)
from vidpipe.uploads.metadata.posts.sites import page_url


def is_tiktok_post(document: Mapping[str, Any]) -> bool:
    """Whether an object is a video as TikTok or Douyin describes it."""
    web = {"id", "desc", "createTime"} <= document.keys()
    return web or {"aweme_id", "desc", "create_time"} <= document.keys()


def tiktok_fields(document: Mapping[str, Any], platform: str = "tiktok") -> Fields:
    """What the object of a video says."""
    fields = Fields(platform=platform)
    problems = fields.problems
    fields.id = first_of(document, ("id", "aweme_id"), read_line, problems)
    _read_author(document, fields)
    read_post_time(fields, document, ("createTime", "create_time"))
    fields.description = read_text(document, "desc", problems)
    languages = ("textLanguage", "desc_language")
    fields.language = first_of(document, languages, read_text_language, problems)
    _read_text_extra(document, fields)
    _read_counts(document, fields)
    music = read_object(document, "music", problems)
    fields.sound_id = first_of(music, ("id", "id_str", "mid"), read_line, problems)
    fields.sound_title = read_line(music, "title", problems)
    duet = read_object(document, "duetInfo", problems)
    fields.quote_of = read_reference(duet, "duetFromId", problems, platform)
    fields.url = page_url(platform, fields.account, fields.id)
    return fields


def _read_author(document: Mapping[str, Any], fields: Fields) -> None:
    problems = fields.problems
    if isinstance(document.get("author"), Mapping):
        author = document["author"]
        fields.account_id = first_of(author, ("id", "uid"), read_line, problems)
        fields.account = first_of(author, ("uniqueId", "unique_id"), read_line, problems)
        fields.account_name = read_line(author, "nickname", problems)
    else:
        fields.account_id = read_line(document, "authorId", problems)
        fields.account = read_line(document, "author", problems)
        fields.account_name = read_line(document, "nickname", problems)


def _read_text_extra(document: Mapping[str, Any], fields: Fields) -> None:
    problems = fields.problems
    extra = [
        *read_objects(document, "textExtra", problems),
        *read_objects(document, "text_extra", problems),
    ]
    tags = [
        *read_each_tag(extra, "hashtagName", problems),
        *read_each_tag(extra, "hashtag_name", problems),
        *read_each_tag(read_objects(document, "challenges", problems), "title", problems),
    ]
    fields.hashtags = without_repeats(tags)
    fields.mentions = read_each_handle(extra, "userUniqueId", problems)


def _read_counts(document: Mapping[str, Any], fields: Fields) -> None:
    """Counts are whole in `statsV2` and rounded for show in `stats`, where there are both."""
    problems = fields.problems
    stats = {
        **read_object(document, "statistics", problems),
        **read_object(document, "stats", problems),
        **read_object(document, "statsV2", problems),
    }
    fields.views = first_of(stats, ("playCount", "play_count"), read_count, problems)
    fields.likes = first_of(stats, ("diggCount", "digg_count"), read_count, problems)
    fields.reposts = first_of(stats, ("shareCount", "share_count"), read_count, problems)
    fields.comments = first_of(stats, ("commentCount", "comment_count"), read_count, problems)
