"""Posts of sites whose layout nobody here knows: what most of them call things.

Belongs here: names that many sites share, in the order in which they are believed.
Does not: sites with layouts of their own (the modules beside this one), or what a program adds
(vidpipe.uploads.metadata.gallery_dl, vidpipe.uploads.metadata.zeeschuimer).

Source: the metadata of gallery-dl's extractors of Twitter, Instagram, Bluesky, Reddit, Mastodon,
Facebook and Tumblr, compared.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vidpipe.uploads.metadata.fields import (
    Fields,
    first_of,
    read_count,
    read_handles,
    read_line,
    read_post_time,
    read_tags,
    read_text,
    read_url,
)
from vidpipe.uploads.metadata.posts.parts import read_each_tag, read_text_language
from vidpipe.uploads.metadata.titles import one_text

_IDS = ("tweet_id", "post_shortcode", "post_id", "status_id", "id", "id_str", "gallery_id")
_PERSONS = ("author", "user", "uploader", "owner", "account", "creator", "artist", "blog")
_PERSON_IDS = ("id", "did", "uid", "pk", "user_id", "account_id", "uuid")
_PERSON_HANDLES = ("uniqueId", "username", "screen_name", "handle", "acct", "login", "name")
_PERSON_NAMES = ("nick", "nickname", "displayName", "display_name", "full_name", "fullname", "name")
_ACCOUNT_IDS = ("owner_id", "user_id", "author_id", "uploader_id", "account_id", "channel_id")
_ACCOUNT_HANDLES = ("username", *_PERSONS, "author_name", "blog_name", "channel")
_ACCOUNT_NAMES = ("fullname", "full_name", "display_name", "author_fullname", "nickname")
_TIMES = ("post_date", "date", "created_at", "createdAt", "created_utc", "published", "timestamp")
_TEXTS = ("content", "text", "caption", "description", "desc", "selftext", "body")
_LANGUAGES = ("lang", "language")
_PAGES = ("post_url", "webpage_url", "permalink_url", "permalink", "page_url", "pageurl", "uri")
_VIEWS = ("view_count", "views", "viewCount", "play_count", "playCount")
_LIKES = ("favorite_count", "like_count", "likes", "likeCount", "favourites_count", "score", "ups")
_REPOSTS = ("retweet_count", "repost_count", "repostCount", "reblogs_count", "share_count")
_COMMENTS = ("reply_count", "comment_count", "replyCount", "replies_count", "num_comments")


def other_fields(document: Mapping[str, Any]) -> Fields:
    """What an object says of a post, as far as it uses the usual names."""
    fields = Fields()
    problems = fields.problems
    fields.id = _first(document, _IDS, read_line, problems)
    _read_account(document, fields)
    read_post_time(fields, document, _plain(document, _TIMES))
    fields.description = one_text(
        _text(document, "title"),
        next((text for name in _TEXTS if (text := _text(document, name))), ""),
        names=[name for name in (fields.account, fields.account_name) if name],
        post_id=fields.id,
    )
    fields.hashtags = _read_hashtags(document, problems)
    fields.mentions = _read_mentions(document, problems)
    fields.language = _first(document, _LANGUAGES, read_text_language, problems)
    fields.url = _page(document)
    fields.views = _first(document, _VIEWS, read_count, problems)
    fields.likes = _first(document, _LIKES, read_count, problems)
    fields.reposts = _first(document, _REPOSTS, read_count, problems)
    fields.comments = _first(document, _COMMENTS, read_count, problems)
    return fields


def read_person(person: Mapping[str, Any], fields: Fields) -> None:
    """An account that is described by an object."""
    problems = fields.problems
    fields.account_id = _first(person, _PERSON_IDS, read_line, problems)
    fields.account = _first(person, _PERSON_HANDLES, read_line, problems)
    shown = _first(person, _PERSON_NAMES, read_line, problems)
    fields.account_name = shown if shown != fields.account else None


def _read_account(document: Mapping[str, Any], fields: Fields) -> None:
    """An account's own fields are of the post; objects beside them may be of a visitor."""
    has_own_fields = isinstance(document.get("username"), str)
    persons = [document[name] for name in _PERSONS if isinstance(document.get(name), Mapping)]
    if persons and not has_own_fields:
        read_person(persons[0], fields)
        return
    problems = fields.problems
    fields.account_id = _first(document, _ACCOUNT_IDS, read_line, problems)
    fields.account = _first(document, _ACCOUNT_HANDLES, read_line, problems)
    fields.account_name = _first(document, _ACCOUNT_NAMES, read_line, problems)


def _first(
    document: Mapping[str, Any],
    names: Sequence[str],
    read: Callable[[Mapping[str, Any], str, list[str]], Any],
    problems: list[str],
) -> Any:
    return first_of(document, _plain(document, names), read, problems)


def _plain(document: Mapping[str, Any], names: Sequence[str]) -> Sequence[str]:
    """Names of strings and numbers; lists and objects of these names mean something else here."""
    return [
        name
        for name in names
        if isinstance(document.get(name), str | int | float)
        and not isinstance(document[name], bool)
    ]


def _text(document: Mapping[str, Any], name: str) -> str:
    return read_text(document, name, []) if isinstance(document.get(name), str) else ""


def _read_hashtags(document: Mapping[str, Any], problems: list[str]) -> tuple[str, ...]:
    """Hashtags of the first list that has any, of strings or of objects that bear a name."""
    for name in ("hashtags", "tags"):
        entries = _objects(document.get(name))
        found = read_each_tag(entries, "name", problems) or read_each_tag(entries, "text", problems)
        if not entries:
            found = read_tags(document, name, problems)
        if found:
            return found
    return ()


def _read_mentions(document: Mapping[str, Any], problems: list[str]) -> tuple[str, ...]:
    entries = _objects(document.get("mentions"))
    if not entries:
        return read_handles(document, "mentions", problems)
    handles = [_first(entry, _PERSON_HANDLES, read_line, problems) for entry in entries]
    known = [handle for handle in handles if handle]
    return read_handles({"mentions": known}, "mentions", problems)


def _objects(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list; none of anything else."""
    entries = value if isinstance(value, list) else []
    return [entry for entry in entries if isinstance(entry, Mapping)]


def _page(document: Mapping[str, Any]) -> str | None:
    """The address of the post's page; `url` is left aside, it is mostly that of the file."""
    for name in _PAGES:
        if isinstance(document.get(name), str) and (url := read_url(document, name, [])):
            return url
    return None
