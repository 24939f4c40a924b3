"""Names of uploads: which files count as one, and what the path of one says.

Belongs here: telling uploads from other files by name, percent-encoded ids, date folders.
Does not: metadata files beside an upload (vidpipe.uploads.found_uploads), what kind of file bears
a name (vidpipe.uploads.folder, vidpipe.uploads.bucket), or judging bytes (vidpipe.media.container).

Names are untrusted: any bytes but NUL and slash, up to 255 of them. Inside vidpipe a file is known
by its `upload_id`, the percent-encoded path relative to the uploads URL, so that nothing else has
to care.

**What counts as an upload.** Its type is decided by content later, so a name only excludes: hidden
files and folders (leading dot), unfinished downloads (`.part`, `.crdownload`, `.tmp`, …), and names
that say they are something other than video (text, pictures, sound, subtitles, archives: see
`OTHER_SUFFIXES`; READMEs and the like). Everything else, also without or with an unknown suffix,
is an upload and gets an outcome.
"""

import re
from datetime import date
from urllib.parse import quote_from_bytes

_UNFINISHED = """
.part .partial .crdownload .download .opdownload .filepart .aria2 .ytdl .tmp .temp .swp .!ut
"""
_OTHER = """
.json .jsonl .ndjson .csv .tsv .txt .md .rst .log .nfo .xml .yaml .yml .toml .ini .html .htm .css
.js .py .sh .sql .pdf .doc .docx .xls .xlsx .parquet .description .annotations .url .webloc .lnk
.desktop .sha256 .sha1 .md5 .sig .asc .torrent .db .sqlite .bak
.jpg .jpeg .jpe .png .webp .bmp .tif .tiff .heic .heif .avif .svg .ico .psd
.srt .vtt .ass .ssa .lrc .ttml .sub .idx
.mp3 .m4a .aac .wav .flac .oga .opus .wma .mid .aiff
.zip .gz .tgz .bz2 .xz .zst .7z .rar .tar
"""

UNFINISHED_SUFFIXES = frozenset(_UNFINISHED.split())
"""Suffixes that browsers, rsync, yt-dlp and editors give a file that is not finished."""

OTHER_SUFFIXES = frozenset(_OTHER.split())
"""Suffixes that say a file is something other than a video: texts and data, pictures, subtitles,
sound, archives. `.gif` and `.ogg` may well be videos."""

OTHER_NAMES = frozenset(
    b"readme license licence copying notice changelog makefile authors thumbs.db "
    b"_success _started _committed".split()
)

DATE_FOLDER = re.compile(r"(?:ingest_date=)?(\d{4}-\d{2}-\d{2})")
"""Name of a date folder, as people or Hive-style tools write it."""


def is_upload_name(name: bytes) -> bool:
    """Whether a file of this name is an upload; the module's charter has the rule."""
    lowered = name.lower()
    if lowered.startswith((b".", b"~$", b"._")) or lowered.endswith(b"~"):
        return False
    stem = stem_of(lowered)
    suffix = lowered[len(stem) :].decode("latin-1")
    if suffix in UNFINISHED_SUFFIXES or suffix in OTHER_SUFFIXES or suffix.startswith(".part-"):
        return False
    # yt-dlp writes `name.temp.mp4` while it merges streams.
    return not stem.endswith((b".temp", b".part")) and lowered not in OTHER_NAMES


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
