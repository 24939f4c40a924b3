"""All known formats of metadata files, in the order in which they are believed.

Belongs here: one line per format.
Does not: the formats themselves (a module each beside this one).
"""

from vidpipe.uploads.metadata.contract import MetadataFormat, ParsedSidecar
from vidpipe.uploads.metadata.manifest import MANIFEST
from vidpipe.uploads.metadata.native import NATIVE
from vidpipe.uploads.metadata.yt_dlp import YT_DLP
from vidpipe.uploads.sidecars import Sidecar

FORMATS: tuple[MetadataFormat, ...] = (
    NATIVE,
    YT_DLP,
    MANIFEST,
)

_BY_KIND = {known.kind: known for known in FORMATS}


def format_of(sidecar: Sidecar) -> MetadataFormat:
    """The format of a sidecar."""
    return _BY_KIND[sidecar.kind]


def parse(sidecar: Sidecar, data: bytes) -> ParsedSidecar:
    """The content of a sidecar, understood by its format.

    Raises:
        MetadataError: nothing in it can be understood.
    """
    return format_of(sidecar).parse(data, sidecar.name)
