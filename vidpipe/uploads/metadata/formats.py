"""All known formats of metadata files, in the order in which they are believed.

Belongs here: one line per name that metadata files have, one per kind of what is in them.
Does not: the formats themselves (a module each beside this one).
"""

from typing import BinaryIO

from vidpipe.uploads.metadata.contract import MetadataFormat, ParsedSidecar
from vidpipe.uploads.metadata.four_cat import MAX_TABLE_BYTES, is_table_name, parse_table
from vidpipe.uploads.metadata.four_cat_downloads import (
    MAX_DOWNLOADS_BYTES,
    is_downloads_name,
    parse_downloads,
)
from vidpipe.uploads.metadata.gallery_dl import GALLERY_DL_DOCUMENT
from vidpipe.uploads.metadata.instaloader import (
    INSTALOADER_DOCUMENT,
    instaloader_names,
    parse_instaloader,
)
from vidpipe.uploads.metadata.json_sidecar import UNKNOWN_DOCUMENT, json_parser
from vidpipe.uploads.metadata.manifest import is_manifest_name, parse_manifest
from vidpipe.uploads.metadata.native import NATIVE_DOCUMENT
from vidpipe.uploads.metadata.yt_dlp import YT_DLP_DOCUMENT
from vidpipe.uploads.metadata.zeeschuimer import (
    MAX_POST_LIST_BYTES,
    is_post_list_name,
    parse_post_list,
)
from vidpipe.uploads.names import stem_of, stems_of
from vidpipe.uploads.sidecars import Sidecar

MAX_STREAMED_BYTES = 512 * 2**20
"""Only the small parts of a JSON sidecar are held, but one long text in it is held while it is
skipped."""

# The first that recognises a JSON object reads it; the native one takes what no other knows.
_PROGRAMS = (
    YT_DLP_DOCUMENT,
    GALLERY_DL_DOCUMENT,
    INSTALOADER_DOCUMENT,
)
_DOCUMENTS = (*_PROGRAMS, NATIVE_DOCUMENT)

FORMATS: tuple[MetadataFormat, ...] = (
    MetadataFormat(
        kind="native",
        parse=json_parser(_DOCUMENTS),
        names_beside=lambda upload_name: [stem_of(upload_name) + b".json"],
        max_bytes=MAX_STREAMED_BYTES,
    ),
    MetadataFormat(
        kind="yt-dlp",
        parse=json_parser(_DOCUMENTS),
        names_beside=lambda upload_name: [
            stem + b".info.json" for stem in (*stems_of(upload_name), upload_name)
        ],
        max_bytes=MAX_STREAMED_BYTES,
    ),
    MetadataFormat(
        kind="gallery-dl",
        parse=json_parser((*_PROGRAMS, UNKNOWN_DOCUMENT)),
        names_beside=lambda upload_name: [upload_name + b".json"],
        may_be_silent=True,
        max_bytes=MAX_STREAMED_BYTES,
    ),
    MetadataFormat(
        kind="instaloader",
        parse=parse_instaloader,
        names_beside=instaloader_names,
        may_be_silent=True,
    ),
    MetadataFormat(
        kind="manifest",
        parse=parse_manifest,
        is_shared_name=is_manifest_name,
        max_bytes=64 * 2**20,
    ),
    MetadataFormat(
        kind="4cat-downloads",
        parse=parse_downloads,
        is_shared_name=is_downloads_name,
        knows_posts=True,
        max_bytes=MAX_DOWNLOADS_BYTES,
    ),
    MetadataFormat(
        kind="post-list",
        parse=parse_post_list,
        is_shared_name=is_post_list_name,
        knows_posts=True,
        max_bytes=MAX_POST_LIST_BYTES,
    ),
    MetadataFormat(
        kind="4cat-table",
        parse=parse_table,
        is_shared_name=is_table_name,
        knows_posts=True,
        max_bytes=MAX_TABLE_BYTES,
    ),
)

_BY_KIND = {known.kind: known for known in FORMATS}


def format_of(sidecar: Sidecar) -> MetadataFormat:
    """The format of a sidecar."""
    return _BY_KIND[sidecar.kind]


def parse(sidecar: Sidecar, file: BinaryIO) -> ParsedSidecar:
    """The content of a sidecar, understood by its format.

    Raises:
        MetadataError: nothing in it can be understood.
    """
    return format_of(sidecar).parse(file, sidecar.name)
