"""Listings that were never read from a folder, for tests and benchmarks of the registry."""

from datetime import UTC, datetime

from vidpipe.uploads.found_uploads import FoundUpload
from vidpipe.uploads.listing import Listing
from vidpipe.uploads.names import top_folder

LONG_AGO = datetime(2026, 10, 31, 12, tzinfo=UTC)


def large_listing(count: int) -> Listing:
    """A listing of this many uploads in date folders of ten months."""
    uploads = tuple(
        FoundUpload(
            upload_id=f"2026-{n % 10 + 1:02}-{n % 28 + 1:02}/account_{n % 997}/video_{n}.mp4",
            size_bytes=n,
            modified_at=LONG_AGO,
            fingerprint=f"{n}-1761955200000000000;",
            own_fingerprint=f"{n}-1761955200000000000;",
            sidecar_fingerprint="",
            settled_at=LONG_AGO,
            manifest_modified_at=None,
            sidecars=(),
        )
        for n in range(count)
    )
    folders = ("", *sorted({top_folder(upload.upload_id) for upload in uploads}))
    return Listing("/uploads", uploads, read_folders=folders, all_folders=folders)
