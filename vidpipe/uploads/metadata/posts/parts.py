"""Parts that the posts of many sites have: objects within objects, clips, languages, references.

Belongs here: reading them without trusting their types.
Does not: which of them a site has (the modules beside this one).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vidpipe.clean_text import clean_line
from vidpipe.uploads.metadata.fields import (
    Fields,
    read_handles,
    read_language,
    read_line,
    read_tags,
    type_name,
)
from vidpipe.uploads.post_ids import names_a_post, post_id_of

MAX_CLIPS = 1000
"""More entries than any site allows in one post; the rest of a longer list is left out."""

# What X calls a text of mentions, tags, pictures or nothing, and TikTok one that it cannot tell.
_NO_LANGUAGES = frozenset(("un", "und", "zxx", "art", "qam", "qct", "qht", "qme", "qst"))


@dataclass(frozen=True, slots=True)
class Clip:
    """One of several media of a post.

    Attributes:
        key: the site's id of it, or its number.
        number: its place among all media of the post, from 1.
        names: what else the site calls it.
    """

    key: str
    number: int
    names: tuple[str, ...] = ()


def read_object(document: Mapping[str, Any], name: str, problems: list[str]) -> Mapping[str, Any]:
    """An object within an object; empty when there is none."""
    value = document.get(name)
    if value is None or isinstance(value, Mapping):
        return value or {}
    problems.append(f"{name} is a {type_name(value)}, not an object")
    return {}


def read_objects(
    document: Mapping[str, Any], name: str, problems: list[str]
) -> Sequence[Mapping[str, Any]]:
    """The objects of a list; whatever else is in it is left out and named."""
    value = document.get(name)
    if value is None:
        return ()
    if not isinstance(value, list):
        problems.append(f"{name} is a {type_name(value)}, not a list")
        return ()
    if not all(isinstance(entry, Mapping) for entry in value):
        problems.append(f"{name} has entries that are not objects")
    return [entry for entry in value if isinstance(entry, Mapping)]


def read_path(document: Mapping[str, Any], names: str, problems: list[str]) -> Mapping[str, Any]:
    """The object at the end of a path of names with dots between them."""
    for name in names.split("."):
        document = read_object(document, name, problems)
    return document


def read_each_tag(
    entries: Iterable[Mapping[str, Any]], name: str, problems: list[str]
) -> tuple[str, ...]:
    """The hashtags that the objects of a list bear in one of their fields."""
    return read_tags({name: _lines(entries, name, problems)}, name, problems)


def read_each_handle(
    entries: Iterable[Mapping[str, Any]], name: str, problems: list[str]
) -> tuple[str, ...]:
    """The handles that the objects of a list bear in one of their fields."""
    return read_handles({name: _lines(entries, name, problems)}, name, problems)


def without_repeats(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags of several lists, each once; one list may have them in lower case."""
    first: dict[str, str] = {}
    for tag in tags:
        first.setdefault(tag.casefold(), tag)
    return tuple(first.values())


def _lines(entries: Iterable[Mapping[str, Any]], name: str, problems: list[str]) -> list[str]:
    return [line for entry in entries if (line := read_line(entry, name, problems))]


def read_text_language(document: Mapping[str, Any], name: str, problems: list[str]) -> str | None:
    """The language of a text; None where the site says that it cannot tell."""
    value = document.get(name)
    if isinstance(value, str) and value.lower() in _NO_LANGUAGES:
        return None
    return read_language(document, name, problems)


def read_reference(
    document: Mapping[str, Any], name: str, problems: list[str], platform: str
) -> str | None:
    """Another post of the same platform, as `platform:id`; 0 is how sites write that it is none."""
    other = read_line(document, name, problems)
    if other is None or not names_a_post(other):
        return None
    return post_id_of(platform, other, None, "")


def set_clip(fields: Fields, clip: Clip) -> None:
    """Says which of several media of its post an upload is."""
    fields.media_key = clean_line(clip.key)
    fields.media_number = clip.number if 1 <= clip.number <= MAX_CLIPS else None
