"""An uploads folder and its registry, with a clock that the test moves."""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from vidpipe.publication.transaction import publish_rows
from vidpipe.settings import Settings
from vidpipe.uploads.listing import list_some_uploads, list_uploads
from vidpipe.uploads.registry import registered_uploads
from vidpipe.uploads.registry.pending_dates import InForce, MadeOf, pending_dates, uploads_digests
from vidpipe.uploads.registry.registering import register
from vidpipe.uploads.registry.registration_report import RegistrationReport
from vidpipe.uploads.registry.sweeps import sweep_position
from vidpipe_tests.publication.published_rows import MODEL, date_rows

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
LONG_AGO = datetime(2026, 11, 1, tzinfo=UTC)
Connection = psycopg.Connection[Any]


class World:
    """An uploads folder, its registry, and a clock that the test moves."""

    def __init__(self, root: Path, connection: Connection, settings: Settings) -> None:
        self.root, self.connection, self.settings = root, connection, settings
        self.now = NOW

    def put(self, name: str, content: str = "video", at: datetime = LONG_AGO) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        os.utime(path, (at.timestamp(), at.timestamp()))
        return path

    def look(self, **later: float) -> RegistrationReport:
        """A whole listing, a minute (or `later`) after the last one."""
        self.now += timedelta(**(later or {"minutes": 1}))
        return register(
            self.connection, list_uploads(str(self.root)), now=self.now, settings=self.settings
        )

    def tick(self, **bounds: Any) -> RegistrationReport:
        self.now += timedelta(minutes=1)
        after = sweep_position(self.connection)
        listing = list_some_uploads(str(self.root), after=after, **bounds)
        return register(self.connection, listing, now=self.now, settings=self.settings)

    def row(self, upload_id: str) -> dict[str, Any]:
        with self.connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
            cursor.execute("select * from vidpipe_ops.uploads where upload_id = %s", [upload_id])
            found = cursor.fetchone()
        assert found is not None
        return found

    def ids(self, day: date) -> list[str]:
        return [item["upload_id"] for item in registered_uploads.items(self.connection, [day])]

    def pending(self, versions: str = "v1") -> list[date]:
        return [one.ingest_date for one in pending_dates(self.connection, in_force(versions))]

    def publish(self, versions: str = "v1") -> None:
        """Publishes every pending date, without any rows."""
        days = self.pending(versions)
        for day, digest in uploads_digests(self.connection, days).items():
            self.publish_as(day, digest, versions)

    def publish_as(self, day: date, digest: str, versions: str = "v1") -> None:
        """Publishes a date, without any rows, as one whose uploads have this digest."""
        publish_rows(
            self.connection,
            date_rows([], ingest_date=day),
            ingest_date=day,
            model=MODEL,
            made_of=MadeOf(digest, versions),
        )


def in_force(versions: str, *, refreshes: bool = False) -> InForce:
    """Settings in force, of which only the stage versions matter."""
    return InForce(versions, "limits", versions, versions, refreshes)
