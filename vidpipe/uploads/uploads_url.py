"""The uploads URL: whether it is a folder or a bucket, and the URIs below it.

Belongs here: reading VIDPIPE_UPLOADS_URL as an address.
Does not: listing (vidpipe.uploads.listing) or opening (vidpipe.uploads.opening) what lies there.
"""

import os
from urllib.parse import quote_from_bytes, unquote_to_bytes


def is_folder(url: str) -> bool:
    """Whether the uploads lie in a folder of this machine."""
    return "://" not in url or url.startswith("file://")


def folder_path(url: str) -> bytes:
    """Real path of the uploads folder; the folder itself may be reached through links."""
    path = unquote_to_bytes(url.removeprefix("file://")) if url.startswith("file://") else url
    return os.path.realpath(os.fsencode(path))


def root_uri(url: str) -> str:
    """URI of the uploads folder or bucket; with a slash and an upload_id, that of an upload."""
    if is_folder(url):
        return "file://" + quote_from_bytes(folder_path(url), safe="/").rstrip("/")
    return url.rstrip("/")
