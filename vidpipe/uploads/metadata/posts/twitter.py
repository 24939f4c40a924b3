"""Posts of X (Twitter), as its pages describe them.

Belongs here: the object of a post with its `legacy` part, in the layout of today (`rest_id`,
`core.user_results`) and in that of 2022 (`user` beside `legacy`).
Does not: the programs that keep such objects (vidpipe.uploads.metadata.zeeschuimer).

| field                                             | says                               |
|---------------------------------------------------|------------------------------------|
| `rest_id`, `legacy.id_str`                        | the post                           |
| `core.user_results.result` (`rest_id`; `core` or  | the account: id, `screen_name`,    |
| `legacy`), `user`                                 | `name`                             |
| `legacy.full_text`, `note_tweet`                  | the text, short and whole          |
| `legacy.created_at`                               | "Wed Oct 10 20:19:24 +0000 2018"   |
| `legacy.entities`                                 | hashtags and mentions              |
| `legacy.extended_entities.media`                  | the media                          |
| `legacy.…_count`, `views.count`                   | counts                             |
| `legacy.in_reply_to_status_id_str`, …             | the posts that it refers to        |

Source: the `map_item` of 4CAT's data source `twitter-import`, Zeeschuimer's module `twitter.js`.
"""

import html
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
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
    MAX_CLIPS,
    Clip,
    read_each_handle,
    read_each_tag,
    read_object,
    read_objects,
    read_path,
    read_reference,
    read_text_language,
)
from vidpipe.uploads.metadata.posts.sites import page_url

PLATFORM = "twitter"

_CREATED_AT = "%a %b %d %H:%M:%S %z %Y"
_LINKS_AT_THE_END = re.compile(r"(?:\s*https://t\.co/\w+)+\s*$")


def is_twitter_post(document: Mapping[str, Any]) -> bool:
    """Whether an object is a post as X describes it."""
    return isinstance(document.get("legacy"), Mapping) and (
        "rest_id" in document or document.get("type") == "adaptive"
    )


def twitter_fields(document: Mapping[str, Any]) -> Fields:
    """What the object of a post says."""
    fields = Fields(platform=PLATFORM)
    problems = fields.problems
    legacy = read_object(document, "legacy", problems)
    fields.id = read_line(document, "rest_id", problems)
    fields.id = fields.id or first_of(legacy, ("id_str", "id"), read_line, problems)
    _read_account(document, legacy, fields)
    _read_time(legacy, fields)
    fields.description = _text(document, legacy, problems)
    fields.language = read_text_language(legacy, "lang", problems)
    entities = read_object(legacy, "entities", problems)
    tags = read_objects(entities, "hashtags", problems)
    mentions = read_objects(entities, "user_mentions", problems)
    fields.hashtags = read_each_tag(tags, "text", problems)
    fields.mentions = read_each_handle(mentions, "screen_name", problems)
    views = {
        **read_object(document, "ext_views", problems),
        **read_object(document, "views", problems),
    }
    fields.views = read_count(views, "count", problems)
    fields.likes = read_count(legacy, "favorite_count", problems)
    fields.reposts = read_count(legacy, "retweet_count", problems)
    fields.comments = read_count(legacy, "reply_count", problems)
    fields.reply_to = read_reference(legacy, "in_reply_to_status_id_str", problems, PLATFORM)
    fields.quote_of = read_reference(legacy, "quoted_status_id_str", problems, PLATFORM)
    fields.repost_of = _repost_of(legacy, problems)
    fields.url = page_url(PLATFORM, fields.account, fields.id)
    return fields


def twitter_clips(document: Mapping[str, Any], problems: list[str]) -> Sequence[Clip]:
    """The media of a post that has several, pictures too: they are numbered together."""
    legacy = read_object(document, "legacy", problems)
    media = read_objects(read_object(legacy, "extended_entities", problems), "media", problems)
    clips = []
    for number, entry in enumerate(media[:MAX_CLIPS], start=1):
        key = read_line(entry, "id_str", problems)
        clips.append(Clip(key or str(number), number, (key,) if key else ()))
    return clips if len(clips) > 1 else ()


def _read_account(document: Mapping[str, Any], legacy: Mapping[str, Any], fields: Fields) -> None:
    problems = fields.problems
    user = read_path(document, "core.user_results.result", problems)
    names = {
        **read_object(document, "user", problems),
        **read_object(user, "legacy", problems),
        **read_object(user, "core", problems),
    }
    fields.account_id = (
        read_line(user, "rest_id", problems)
        or read_line(legacy, "user_id_str", problems)
        or read_line(names, "id_str", problems)
    )
    fields.account = read_line(names, "screen_name", problems)
    fields.account_name = read_line(names, "name", problems)


def _read_time(legacy: Mapping[str, Any], fields: Fields) -> None:
    written = legacy.get("created_at")
    if isinstance(written, str):
        with suppress(ValueError):
            written = datetime.strptime(written, _CREATED_AT).isoformat()
    read_post_time(fields, {"created_at": written}, ("created_at",))


def _text(document: Mapping[str, Any], legacy: Mapping[str, Any], problems: list[str]) -> str:
    """The text without the links to its own media that X puts at its end."""
    note = read_path(document, "note_tweet.note_tweet_results.result", problems)
    text = read_text(note, "text", problems) or read_text(legacy, "full_text", problems)
    return _LINKS_AT_THE_END.sub("", html.unescape(text))


def _repost_of(legacy: Mapping[str, Any], problems: list[str]) -> str | None:
    original = read_path(legacy, "retweeted_status_result.result", problems)
    original = read_object(original, "tweet", problems) or original
    return read_reference(original, "rest_id", problems, PLATFORM) or read_reference(
        legacy, "retweeted_status_id_str", problems, PLATFORM
    )
