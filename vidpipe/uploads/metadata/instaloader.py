"""Metadata files of instaloader: `<stem>.json.xz`, or `<stem>.json`, one for all media of a post.

Belongs here: which uploads such a file lies beside, unpacking it, and the account or post in it.
Does not: the fields of a post (vidpipe.uploads.metadata.posts.instagram).

A file is `{"node": {…}, "instaloader": {"version", "node_type"}}`. `node` is Instagram's own
object, in the layout of the graph, with that of the apps under `iphone_struct` where instaloader
asked both. Node types are `Post`, `StoryItem`, and `Profile`, `Hashtag` and `TopSearchResults`,
which speak of no upload.

Files are called `YYYY-MM-DD_HH-MM-SS_UTC`, or as `--filename-pattern` says; the media of a post
that has several are `…_UTC_1.jpg`, `…_UTC_2.mp4`, beside one `…_UTC.json.xz`. Captions in
`….txt`, `…_comments.json` and `…_location.txt` are side files.

Source: `instaloader.structures` (`save_structure_to_file`, `Post`, `StoryItem`) and
`Instaloader.download_post` of instaloader 4.
"""

import io
import lzma
import re
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO
from urllib.parse import unquote

from vidpipe.uploads.metadata.contract import ParsedSidecar
from vidpipe.uploads.metadata.fields import Fields, read_line
from vidpipe.uploads.metadata.json_sidecar import (
    UNKNOWN_DOCUMENT,
    DocumentKind,
    json_parser,
    unreadable,
)
from vidpipe.uploads.metadata.posts.instagram import instagram_clips, instagram_fields
from vidpipe.uploads.metadata.posts.parts import Clip, read_object, set_clip
from vidpipe.uploads.names import stem_of

MAX_UNPACKED_BYTES = 64 * 2**20
_MAX_UNPACKING_MEMORY_BYTES = 256 * 2**20

_POST_TYPES = frozenset(("Post", "StoryItem"))
_NUMBERED = re.compile(rb"(.+)_(\d{1,3})")
_SEVERAL = frozenset(("GraphSidecar", "XDTGraphSidecar"))


def instaloader_names(upload_name: bytes) -> Sequence[bytes]:
    """Files that may speak for an upload: its own, and its post's where it is one of several.

    Not every `name.json` speaks for `name_2.mp4`: only a packed one, which nobody else writes, or
    one with instaloader's own stamp of time.
    """
    stem = stem_of(upload_name)
    names = [stem + b".json.xz"]
    numbered = _NUMBERED.fullmatch(stem)
    if numbered is not None:
        post = numbered[1]
        names += [post + b".json.xz", *([post + b".json"] if post.endswith(b"_UTC") else [])]
    return names


def parse_instaloader(file: BinaryIO, name: str) -> ParsedSidecar:
    """A metadata file, packed or not; one of another program speaks for nobody.

    Raises:
        MetadataError: it cannot be unpacked, or is no JSON object.
    """
    data = file.read()
    if name.endswith(".xz"):
        data = _unpacked(data, name)
    return _parse_json(io.BytesIO(data), name)


def instaloader_fields(document: Mapping[str, Any], upload_id: str) -> Fields | None:
    """The fields of a post or story, and which of its media the upload is; None: of neither."""
    written = document["instaloader"]
    if (read_line(written, "node_type", []) or "Post") not in _POST_TYPES:
        return None
    problems: list[str] = []
    node = document["node"]
    node = {**read_object(node, "iphone_struct", problems), **node}
    fields = instagram_fields(node)
    fields.problems += problems
    clip = _clip(node, fields, upload_id)
    if clip is not None:
        set_clip(fields, clip)
    return fields


INSTALOADER_DOCUMENT = DocumentKind(
    source="instaloader",
    recognises=lambda document: all(
        isinstance(document.get(name), Mapping) for name in ("node", "instaloader")
    ),
    fields_of=instaloader_fields,
)

_parse_json = json_parser((INSTALOADER_DOCUMENT, UNKNOWN_DOCUMENT))


def _clip(node: Mapping[str, Any], fields: Fields, upload_id: str) -> Clip | None:
    """Which of several media an upload is, by the number at the end of its name."""
    clips = instagram_clips(node, fields.problems)
    name = unquote(upload_id.rpartition("/")[2], errors="replace")
    stem = name.rpartition(".")[0] or name
    numbered = re.fullmatch(r"(.+)_(\d{1,3})", stem)
    is_several = bool(clips) or read_line(node, "__typename", []) in _SEVERAL
    if numbered is None or stem == fields.id:
        return None
    number = int(numbered[2])
    if not is_several and not numbered[1].endswith("_UTC"):
        return None
    known = next((clip for clip in clips if clip.number == number), None)
    return known or Clip(str(number), number)


def _unpacked(data: bytes, name: str) -> bytes:
    """The content of an xz file, within limits: a few kB can unpack to gigabytes.

    Raises:
        MetadataError: it is damaged, cut off, or unpacks to more than the limit.
    """
    unpacker = lzma.LZMADecompressor(memlimit=_MAX_UNPACKING_MEMORY_BYTES)
    try:
        text = unpacker.decompress(data, MAX_UNPACKED_BYTES)
    except (lzma.LZMAError, EOFError, MemoryError) as error:
        raise unreadable(name, f"cannot be unpacked ({error})") from None
    if not unpacker.eof:
        if len(text) >= MAX_UNPACKED_BYTES:
            raise unreadable(name, f"unpacks to more than {MAX_UNPACKED_BYTES >> 20} MB")
        raise unreadable(name, "cannot be unpacked (its end is missing)")
    return text
