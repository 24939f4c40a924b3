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
from vidpipe.uploads.registry.pending_dates import pending_dates
from vidpipe.uploads.registry.registering import register
from vidpipe_tests.uploads.listings import large_listing

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)


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
                    report = register(connection, listing, now=now, settings=settings)
                    print(f"{step:<20} {time.perf_counter() - begun:6.2f} s  {report}")
                begun = time.perf_counter()
                pending = pending_dates(connection, "versions")
                print(
                    f"{'pending dates':<20} {time.perf_counter() - begun:6.2f} s  "
                    f"{len(pending)} dates"
                )
        finally:
            embedded_server.stop(home)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
