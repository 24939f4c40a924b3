"""Posts of Instagram and Threads, as their pages and interfaces describe them.

Belongs here: the object of a post in the layout of the graph (`shortcode`, `owner`, `edge_…`) and
in that of the apps (`code`, `user`, `carousel_media`); instaloader keeps both in one object.
Does not: the programs that keep such objects (vidpipe.uploads.metadata.instaloader,
vidpipe.uploads.metadata.zeeschuimer).

| graph                               | apps                                 | says                |
|-------------------------------------|--------------------------------------|---------------------|
| `shortcode`                         | `code`                               | the post            |
| `owner {id, username, full_name}`   | `user {pk, username, full_name}`     | the account         |
| `taken_at_timestamp`, `date`        | `taken_at`                           | when it was posted  |
| `edge_media_to_caption`             | `caption.text`                       | the caption         |
| `edge_sidecar_to_children`          | `carousel_media`                     | several media       |
| `edge_media_preview_like.count`, …  | `like_count`, `comment_count`, …     | counts              |
| `clips_music_attribution_info`      | `clips_metadata`                     | the sound           |

A like count of -1 is a hidden one. A story has no code; its id is the number that codes are
written from. Source: the data source `instagram-search` of 4CAT and the class `Post` of
instaloader.
"""

from collections.abc import Mapping, Sequence
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
    read_object,
    read_objects,
    read_path,
)
from vidpipe.uploads.metadata.posts.sites import page_url

_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_MAX_MEDIA_ID_DIGITS = 24

_VIEWS = ("video_view_count", "video_play_count", "play_count", "ig_play_count", "view_count")


def is_instagram_post(document: Mapping[str, Any]) -> bool:
    """Whether an object is a post as Instagram or Threads describes it."""
    graph = {"shortcode", "taken_at_timestamp"} <= document.keys()
    return graph or {"code", "taken_at"} <= document.keys()


def instagram_fields(document: Mapping[str, Any], platform: str = "instagram") -> Fields:
    """What the object of a post, or of a story, says."""
    fields = Fields(platform=platform)
    problems = fields.problems
    fields.id = first_of(document, ("shortcode", "code"), read_line, problems)
    if fields.id is None:
        media_id = first_of(document, ("pk", "id"), read_line, problems)
        fields.id = code_of(media_id) if media_id else None
    _read_account(document, fields)
    times = ("taken_at_timestamp", "taken_at", "date")
    read_post_time(fields, document, times)
    fields.description = _caption(document, problems)
    _read_counts(document, fields)
    _read_sound(document, fields)
    fields.url = page_url(platform, fields.account, fields.id)
    return fields


def instagram_clips(document: Mapping[str, Any], problems: list[str]) -> Sequence[Clip]:
    """The media of a post that has several, pictures too: they are numbered together."""
    edges = read_objects(
        read_object(document, "edge_sidecar_to_children", problems), "edges", problems
    )
    media = [read_object(edge, "node", problems) for edge in edges]
    media = media or list(read_objects(document, "carousel_media", problems))
    clips = []
    for number, entry in enumerate(media[:MAX_CLIPS], start=1):
        key = first_of(entry, ("pk", "id"), read_line, problems)
        names = [read_line(entry, name, problems) for name in ("shortcode", "code")]
        names += [key, key and key.partition("_")[0]]
        clips.append(Clip(key or str(number), number, tuple(name for name in names if name)))
    return clips if len(clips) > 1 else ()


def code_of(media_id: str) -> str:
    """The code in a post's address, of the number that the apps know it by.

    A code is that number to the base 64. An id that is no number stays what it is.
    """
    digits = media_id.partition("_")[0]
    if not (digits.isascii() and digits.isdigit()) or len(digits) > _MAX_MEDIA_ID_DIGITS:
        return media_id
    number, code = int(digits), ""
    while number:
        number, digit = divmod(number, 64)
        code = _DIGITS[digit] + code
    return code or media_id


def _read_account(document: Mapping[str, Any], fields: Fields) -> None:
    problems = fields.problems
    owner = read_object(document, "owner", problems)
    user = {**read_object(document, "user", problems), **owner}
    fields.account_id = first_of(user, ("pk", "id", "pk_id"), read_line, problems)
    fields.account = read_line(user, "username", problems)
    fields.account_name = read_line(user, "full_name", problems)


def _caption(document: Mapping[str, Any], problems: list[str]) -> str:
    if isinstance(document.get("caption"), str):
        return read_text(document, "caption", problems)
    edges = read_objects(
        read_object(document, "edge_media_to_caption", problems), "edges", problems
    )
    texts = [read_text(read_object(edge, "node", problems), "text", problems) for edge in edges]
    return "\n".join(texts) or read_text(
        read_object(document, "caption", problems), "text", problems
    )


def _read_counts(document: Mapping[str, Any], fields: Fields) -> None:
    problems = fields.problems

    def count(edges: Sequence[str], names: Sequence[str]) -> int | None:
        for edge in edges:
            found = read_count(read_object(document, edge, problems), "count", problems)
            if found is not None:
                return found
        known: int | None = first_of(document, names, read_count, problems)
        return known

    comments = (
        "edge_media_to_comment",
        "edge_media_to_parent_comment",
        "edge_media_preview_comment",
    )
    fields.comments = count(comments, ("comment_count",))
    if document.get("like_and_view_counts_disabled") is True:
        return  # what is given then are the few that a visitor may see
    fields.likes = count(("edge_media_preview_like", "edge_liked_by"), ("like_count",))
    fields.views = first_of(document, _VIEWS, read_count, problems)
    fields.reposts = first_of(document, ("reshare_count", "repost_count"), read_count, problems)


def _read_sound(document: Mapping[str, Any], fields: Fields) -> None:
    problems = fields.problems
    music = read_path(document, "clips_metadata.music_info.music_asset_info", problems)
    original = read_path(document, "clips_metadata.original_sound_info", problems)
    attributed = read_object(document, "clips_music_attribution_info", problems)
    sound = {**attributed, **original, **music}
    ids = ("audio_cluster_id", "audio_asset_id", "audio_id")
    fields.sound_id = first_of(sound, ids, read_line, problems)
    titles = ("title", "original_audio_title", "song_name")
    fields.sound_title = first_of(sound, titles, read_line, problems)
