"""How long uploads have waited for a run that takes them to PostgreSQL.

Belongs here: reading that from the registry. Does not: which dates a run is to take up
(vidpipe.uploads.registry.pending_dates), what waits because it is still arriving or is held
(vidpipe.uploads.registry.registered_uploads).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from psycopg import Connection


@dataclass(frozen=True)
class LongWait:
    """Uploads of an ingest date that have waited for long: how many, and since when."""

    ingest_date: date
    uploads: int
    since: datetime


def long_waits(connection: Connection[Any], longest: timedelta) -> list[LongWait]:
    """Uploads that came, changed or went longer ago than that and are not published so, by date.

    Settings and models that changed since make nobody wait: what was published with them is there.
    """
    rows = connection.execute(
        """
        with unfinished as (
            select d.ingest_date, p.published_at
            from vidpipe_ops.date_digests as d
            left join vidpipe_ops.published_dates as p using (ingest_date)
            where p.uploads_digest is distinct from d.uploads_digest
        )
        select f.ingest_date, count(*), min(u.changed_at)
        from unfinished as f
        inner join vidpipe_ops.uploads as u using (ingest_date)
        where u.changed_at < now() - %(longest)s
            and (
                f.published_at is null or u.changed_at >= f.published_at
                or u.removed_at is null
                and not exists (
                    select from vidpipe.video_versions as v where v.upload_id = u.upload_id
                )
                and not exists (
                    select from vidpipe_ops.unshown_uploads as n where n.upload_id = u.upload_id
                )
            )
        group by f.ingest_date order by f.ingest_date
        """,
        {"longest": longest},
    ).fetchall()
    return [LongWait(day, uploads, since) for day, uploads, since in rows]
