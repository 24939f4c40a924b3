"""Posts that no topic run has read although their week has ended.

Belongs here: counting them. Does not: giving them provisional topics (provisional.py).
"""

from datetime import timedelta
from typing import Any

from psycopg import Connection

# The schedule `weekly_topics` is due on Monday at this hour (UTC).
DUE = timedelta(hours=5)


def unread_posts(connection: Connection[Any], patience: timedelta) -> int:
    """Shown posts that came before this week began and that the current topic run has not read.

    What comes in after the run of its week waits for the next one. None is counted until the
    run of the week that has ended is late by more than `patience`.
    """
    row = connection.execute(
        """
        with week as (select date_trunc('week', now() at time zone 'UTC') as began)
        select count(*)
        from vidpipe.videos as v
        cross join week as w
        left join vidpipe.topic_runs as r on r.is_current
        left join vidpipe_ops.seen_videos as s on v.video_id = s.video_id
        where now() at time zone 'UTC' > w.began + %(due)s + %(patience)s
            and v.removed_at is null
            and v.ingest_date < w.began::date
            and coalesce(s.seen_at at time zone 'UTC' < w.began, true)
            and (r.run_no is null or v.ingest_date >= r.week + 7 or s.seen_at > r.made_at)
            and exists (
                select from vidpipe.keyframes as k where k.content_sha256 = v.content_sha256
            )
        """,
        {"due": DUE, "patience": patience},
    ).fetchone()
    assert row is not None
    count: int = row[0]
    return count
