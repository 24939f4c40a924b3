"""What a file is, told by its first bytes: a video, or one of the things that lie beside videos.

Belongs here: signatures of containers that are read, of pictures, sound, documents and archives.
Does not: opening files (vidpipe.uploads.opening) or whether a container really holds a video
(vidpipe.media.container).

Names lie and are missing: thumbnails are called `.image`, videos have no suffix at all. What is
unknown by its bytes is called what its suffix says; what neither knows may be a video.
"""

import re
from typing import Literal

ContentKind = Literal[
    "video", "picture", "sound", "subtitles", "text", "document", "archive", "data", "unknown"
]

HEAD_BYTES = 1024
"""So many bytes from the start of a file tell what it is."""

_TS_PACKETS = (188, 192)  # bytes: broadcast, and Blu-ray with a time before each packet

_SIGNATURES: tuple[tuple[bytes, ContentKind], ...] = (
    (b"\x1aE\xdf\xa3", "video"),  # Matroska and WebM
    (b"FLV", "video"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video"),  # ASF, WMV
    (b"\x00\x00\x01\xba", "video"),  # MPEG-PS
    (b"\x00\x00\x01\xb3", "video"),
    (b"GIF87a", "video"),
    (b"GIF89a", "video"),
    (b"\xff\xd8\xff", "picture"),
    (b"\x89PNG\r\n\x1a\n", "picture"),
    (b"BM", "picture"),
    (b"II*\x00", "picture"),
    (b"MM\x00*", "picture"),
    (b"\x00\x00\x01\x00", "picture"),  # ICO
    (b"8BPS", "picture"),
    (b"\x00\x00\x00\x0cJXL ", "picture"),
    (b"\xff\x0a", "picture"),  # a bare JPEG XL stream
    (b"ID3", "sound"),
    (b"fLaC", "sound"),
    (b"#!AMR", "sound"),
    (b"MThd", "sound"),
    (b"caff", "sound"),
    (b"%PDF", "document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "document"),  # OLE: old Office files, Thumbs.db
    (b"PK\x03\x04", "archive"),
    (b"PK\x05\x06", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ\x00", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"Rar!", "archive"),
    (b"\x28\xb5\x2f\xfd", "archive"),  # Zstandard
    (b"SQLite format 3\x00", "data"),
    (b"\x00\x00\x00\x01Bud1", "data"),  # .DS_Store
)
_MOV_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"styp")
_PICTURE_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis", b"hevc")
_SOUND_BRANDS = (b"M4A ", b"M4B ", b"M4P ")
_RIFF: dict[bytes, ContentKind] = {b"AVI ": "video", b"WAVE": "sound", b"WEBP": "picture"}

_BY_SUFFIX: dict[ContentKind, str] = {
    "picture": """
.jpg .jpeg .jpe .png .webp .bmp .tif .tiff .heic .heif .avif .svg .ico .psd .image .thm .jxl
""",
    "subtitles": """
.srt .vtt .ass .ssa .lrc .ttml .sub .idx .sup .json3 .srv1 .srv2 .srv3 .sbv .dfxp .scc
""",
    "sound": ".mp3 .m4a .aac .wav .flac .oga .opus .wma .mid .aiff .amr .mka .weba",
    "text": """
.json .jsonl .ndjson .csv .tsv .txt .md .rst .log .nfo .xml .yaml .yml .toml .ini .html .htm .css
.js .py .sh .sql .description .annotations .url .webloc .lnk .desktop .sha256 .sha1 .md5 .sig .asc
.mhtml .xmp .aae .identifier .m3u .m3u8 .mpd .ytdl
""",
    "document": ".pdf .doc .docx .xls .xlsx .parquet",
    "archive": ".zip .gz .tgz .bz2 .xz .zst .7z .rar .tar .torrent",
    # .cpi to .bup are the indices that cameras and DVDs keep beside their clips.
    "data": ".db .sqlite .bak .aria2 .ds_store .cpi .mpl .bdm .bdmv .clpi .mpls .modd .ifo .bup",
}
_KINDS = {suffix: kind for kind, suffixes in _BY_SUFFIX.items() for suffix in suffixes.split()}

_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")
_TEXT_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def kind_of_content(head: bytes, suffix: str) -> ContentKind:
    """What a file is.

    Args:
        head: its first bytes, at most `HEAD_BYTES`.
        suffix: end of its name in lower case, with the dot; "" if it has none.

    Returns:
        `video` for a container that is read, whatever its name; `unknown` may be a damaged one.
    """
    told = _by_bytes(head)
    named = _KINDS.get(suffix)
    if told is None:
        return named or "unknown"
    if told == "video" and _is_shared(head, named):
        return named or "video"
    if told == "text" and named in ("subtitles", "picture"):  # captions; drawings in SVG
        return named
    return told


def _is_shared(head: bytes, named: ContentKind | None) -> bool:
    """Whether the container holds other things than videos, and the name says one of them."""
    shared = {
        "sound": (b"\x1aE\xdf\xa3", b"\x30\x26\xb2\x75"),
        "picture": (b"GIF8",),
        "subtitles": (b"\x00\x00\x01\xba",),  # those of DVDs, whose .idx tells their times
    }
    return named is not None and head.startswith(shared.get(named, ()))


def _by_bytes(head: bytes) -> ContentKind | None:
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    return _by_structure(head) or ("text" if _is_text(head) else None)


def _by_structure(head: bytes) -> ContentKind | None:
    """What a file is whose signature does not stand at its start, or is not enough."""
    if head[4:8] in _MOV_BOXES:
        return _by_brand(head[8:12]) if head[4:8] == b"ftyp" else "video"
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[:4] == b"OggS":
        return "video" if b"theora" in head or b"video" in head else "sound"
    if _is_transport_stream(head):
        return "video"
    is_sound_frame = len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0  # MP3, AAC
    return "sound" if is_sound_frame and not head.startswith(_BYTE_ORDER_MARKS) else None


def _by_brand(brand: bytes) -> ContentKind:
    if brand in _PICTURE_BRANDS:
        return "picture"
    return "sound" if brand in _SOUND_BRANDS else "video"


def _is_transport_stream(head: bytes) -> bool:
    """Whether sync bytes repeat; a capture may begin in the middle of a packet."""
    return any(
        all(head[place] == 0x47 for place in range(start, len(head), size))
        for size in _TS_PACKETS
        if len(head) >= 3 * size
        for start in range(size)
    )


def _is_text(head: bytes) -> bool:
    if head.startswith(_BYTE_ORDER_MARKS):
        return True
    if not head or _TEXT_CONTROLS.search(head):
        return False
    try:
        # The last character may be cut in two.
        head[: max(1, len(head) - 3)].decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
