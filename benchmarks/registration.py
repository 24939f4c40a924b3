"""Registering many uploads with sidecars: each step against walking the same files (os.walk, stat).

    python benchmarks/registration.py [uploads]

The files are empty: what is measured is listing a folder and taking the listing into the registry.

Uses an embedded server in a temporary folder, which is stopped and removed at the end.
"""

import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from vidpipe.settings import load_settings
from vidpipe.stores.database import connect
from vidpipe.stores.embedded import server as embedded_server
from vidpipe.stores.schema_upgrade import upgrade
from vidpipe.uploads.listing import list_uploads
from vidpipe.uploads.registry.pending_dates import InForce, pending_dates
from vidpipe.uploads.registry.registering import register

LONG_AGO_S = 1_761_955_200


def write_files(uploads: Path, count: int) -> Path:
    """Empty uploads with a native sidecar each, in date folders of ten months."""
    for number in range(count):
        day = f"2026-{number % 10 + 1:02}-{number % 28 + 1:02}"
        account = uploads / day / f"account_{number % 7}"
        account.mkdir(parents=True, exist_ok=True)
        for suffix in ("mp4", "json"):
            path = account / f"video_{number}.{suffix}"
            path.touch()
            os.utime(path, (LONG_AGO_S, LONG_AGO_S))
    return uploads


def walk(uploads: Path) -> float:
    """Seconds that it takes to see every file and its state, and nothing more."""
    begun = time.perf_counter()
    for folder, _, names in os.walk(uploads):
        for name in names:
            Path(folder, name).stat()
    return time.perf_counter() - begun


def main(count: int) -> None:
    """Prints a table of seconds."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        server = embedded_server.start(home)
        try:
            settings = load_settings(home=home, database_url=server.url("vidpipe"))
            upgrade(settings)
            uploads = write_files(home / "uploads", count)
            bound_s = walk(uploads)
            print(f"{'os.walk and stat':<20} {bound_s:6.2f} s")
            with connect(settings, autocommit=True) as connection:
                for step in ("first look", "same files again"):
                    begun = time.perf_counter()
                    listing = list_uploads(str(uploads))
                    listed_s = time.perf_counter() - begun
                    report = register(connection, listing, now=datetime.now(UTC), settings=settings)
                    whole_s = time.perf_counter() - begun
                    print(
                        f"{step:<20} {whole_s:6.2f} s, {whole_s / bound_s:.1f} times as long; "
                        f"listing {listed_s:.2f} s, {listed_s / bound_s:.1f} times  ({report})"
                    )
                begun = time.perf_counter()
                pending = pending_dates(connection, InForce("", "", "", ""))
                print(
                    f"{'pending dates':<20} {time.perf_counter() - begun:6.2f} s  "
                    f"{len(pending)} dates"
                )
        finally:
            embedded_server.stop(home)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
