"""Helpers of tests about uploads folders and buckets: files of any name, and what is read back."""

import os
from pathlib import Path
from typing import Any

from vidpipe.uploads.found_uploads import FoundUpload
from vidpipe.uploads.listing import Listing
from vidpipe.uploads.opening import local_copy

PLENTY = 1 << 20


def put(root: Path, name: str | bytes, content: bytes = b"video") -> bytes:
    """Writes a file below a folder, whatever its name; returns its path."""
    path = os.path.join(os.fsencode(root), os.fsencode(name))  # noqa: PTH118 (bytes)
    os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120 (bytes)
    with open(path, "wb") as file:  # noqa: PTH123 (bytes)
        file.write(content)
    return path


def by_id(listing: Listing) -> dict[str, FoundUpload]:
    """The uploads of a listing by their ids."""
    return {upload.upload_id: upload for upload in listing.uploads}


def read(url: Path | str, upload_id: str, **options: Any) -> bytes:
    """The bytes that `local_copy` offers."""
    with local_copy(str(url), upload_id, **{"max_bytes": PLENTY, **options}) as path:
        return Path(path).read_bytes()
