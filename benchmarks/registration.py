"""Registering a large listing: seconds for the first, an unchanged and a digest pass.

    python benchmarks/registration.py [uploads]

Uses an embedded server in a temporary folder, which is stopped and removed at the end.
"""

import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from vidpipe.settings import load_settings
from vidpipe.stores.database import connect
from vidpipe.stores.embedded import server as embedded_server
from vidpipe.stores.schema_upgrade import upgrade
from vidpipe.uploads import registry
from vidpipe.uploads.upload_store import FoundUpload, Listing, top_folder

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=10)


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
    return Listing("/uploads", uploads, read_folders=folders, all_folders=folders, complete=True)


def main(count: int) -> None:
    """Prints a table of seconds."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        server = embedded_server.start(home)
        try:
            settings = load_settings(home=home, database_url=server.url("vidpipe"))
            upgrade(settings)
            listing = large_listing(count)
            with connect(settings, autocommit=True) as connection:
                for number, step in enumerate(("first listing", "same listing again")):
                    begun = time.perf_counter()
                    now = NOW + timedelta(minutes=number)
                    report = registry.register(connection, listing, now=now, settings=settings)
                    print(f"{step:<20} {time.perf_counter() - begun:6.2f} s  {report}")
                begun = time.perf_counter()
                pending = registry.pending_dates(connection, "versions")
                print(
                    f"{'pending dates':<20} {time.perf_counter() - begun:6.2f} s  "
                    f"{len(pending)} dates"
                )
        finally:
            embedded_server.stop(home)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
