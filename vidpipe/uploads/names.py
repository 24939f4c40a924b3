"""Names of uploads: which files count as one, and what the path of one says.

Belongs here: telling uploads from other files by name, percent-encoded ids, date folders.
Does not: metadata files beside an upload (vidpipe.uploads.found_uploads), what kind of file bears
a name (vidpipe.uploads.folder, vidpipe.uploads.bucket), or judging bytes (vidpipe.media.container).

Names are untrusted: any bytes but NUL and slash, up to 255 of them. Inside vidpipe a file is known
by its `upload_id`, the percent-encoded path relative to the uploads URL, so that nothing else has
to care.

**What counts as an upload** is decided by content; a name only says where no look is needed. A
suffix of videos makes an upload of a file, whatever is in it: if that is no video, it failed. What
has another suffix or none is looked into once. Hidden and unfinished files are never uploads.
"""

import re
from collections.abc import Iterator
from datetime import date
from urllib.parse import quote_from_bytes

_VIDEO = """
.mp4 .m4v .mov .qt .mkv .webm .avi .divx .ts .m2ts .mts .m2t .mpg .mpeg .mpe .m1v .m2v .vob .flv
.f4v .wmv .asf .3gp .3g2 .3gpp .ogv .ogm .gif .mxf .rm .rmvb .dv
"""
_UNFINISHED = """
.part .partial .crdownload .download .opdownload .filepart .aria2 .ytdl .tmp .temp .swp .!ut .!qb
.bc!
"""

VIDEO_SUFFIXES = frozenset(_VIDEO.encode().split())
"""Suffixes that say a file is a video."""

UNFINISHED_SUFFIXES = frozenset(_UNFINISHED.split())
"""Suffixes that browsers, rsync, yt-dlp and editors give a file that is not finished."""

_MAY_BE_UNFINISHED = re.compile(
    b"|".join(re.escape(suffix.encode()) for suffix in UNFINISHED_SUFFIXES), re.IGNORECASE
)
_FRAGMENT = re.compile(rb"\.part-Frag\d+(\.part)?$", re.IGNORECASE)
_STREAM = re.compile(
    rb"\.f(\d[\w+=-]*|(hls|dash|https?|m3u8|rtmp|h26[45]|bytevc\d|av1|vp9)[_-][\w+=-]*"
    rb"|(video|audio)=[\w+=-]*)",
    re.IGNORECASE,
)
"""How yt-dlp marks one stream of a video before it merges them: `.f137`, `.fhls-1040`."""

DATE_FOLDER = re.compile(r"(?:ingest_date=)?(\d{4}-\d{2}-\d{2})")
"""Name of a date folder, as people or Hive-style tools write it."""


def suffix_of(name: bytes) -> str:
    """The end of a name from its last dot on, in lower case; "" if there is none."""
    return name[len(stem_of(name)) :].lower().decode("latin-1")


def is_video_name(name: bytes) -> bool:
    """Whether the suffix says that a file is a video."""
    dot = name.rfind(b".")
    return dot > 0 and name[dot:].lower() in VIDEO_SUFFIXES


def is_hidden(name: bytes) -> bool:
    """Whether a file is one that programs keep for themselves: rsync's copies, locks, backups."""
    return name.startswith((b".", b"~$")) or name.endswith(b"~")


def finished_name(name: bytes) -> bytes | None:
    """The name that an unfinished download will have; None for a name that is finished.

    `clip.mp4.part` and `clip.mp4.part-Frag3` become `clip.mp4`; so does `clip.temp.mp4`, which
    yt-dlp writes while it merges streams.
    """
    if not _MAY_BE_UNFINISHED.search(name):
        return None
    whole = _FRAGMENT.sub(b"", name)
    if whole != name:
        return whole
    if suffix_of(name) in UNFINISHED_SUFFIXES:
        return stem_of(name)
    stem = stem_of(name)
    if stem.lower().endswith((b".temp", b".part")):
        return stem_of(stem) + name[len(stem) :]
    return None


def stem_of_stream(name: bytes) -> bytes | None:
    """The stem of the video of which a file is one stream; None for a file that is not.

    `Ride.f137.mp4` and `Ride.mp4.f315` are streams of `Ride`.
    """
    if b".f" not in name and b".F" not in name:
        return None
    stem = stem_of(name)
    if _STREAM.fullmatch(stem[len(stem_of(stem)) :]):
        return stem_of(stem)
    if not is_video_name(name) and _STREAM.fullmatch(name[len(stem) :]):
        return stem_of(stem) if is_video_name(stem) else stem
    return None


def stems_of(name: bytes) -> Iterator[bytes]:
    """The stems of files beside a video: its own, and that of the video of which it is a stream."""
    yield stem_of(name)
    whole = stem_of_stream(name)
    if whole is not None:
        yield whole


def stem_of(name: bytes) -> bytes:
    """A file's name without its suffix; a leading dot begins none."""
    dot = name.rfind(b".")
    return name[:dot] if dot > 0 else name


def encoded(path: bytes) -> str:
    """A path relative to the uploads URL as an `upload_id`."""
    return quote_from_bytes(path, safe="/")


def folder_date(upload_id: str) -> tuple[date | None, str | None]:
    """Date of the date folder that an upload lies in, and what is wrong with that folder.

    (None, None) for an upload outside date folders.
    """
    folder, slash, _ = upload_id.partition("/")
    match = DATE_FOLDER.fullmatch(folder.replace("%3D", "=")) if slash else None
    if match is None:
        return None, None
    try:
        return date.fromisoformat(match[1]), None
    except ValueError:
        return None, f"folder {folder} is named like a date, but there is no such day; rename it"


def top_folder(upload_id: str) -> str:
    """The top-level folder of an upload, "" at the root."""
    folder, slash, _ = upload_id.partition("/")
    return folder if slash else ""
