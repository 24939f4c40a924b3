"""Freshness as people mean it: nothing that came in waits for long. A quiet weekend fails nothing.

Belongs here: the two checks that say so.
Does not: finding what waits (vidpipe.uploads.registry.waiting_times, vidpipe.topics.unread),
judging them where nothing runs (vidpipe.automation.standing_checks).
"""

from datetime import timedelta
from typing import Any

from dagster import AssetCheckKey, AssetKey
from psycopg import Connection

from vidpipe.automation.corpus_checks import corpus_check
from vidpipe.automation.dated_checks import Verdict
from vidpipe.resources import Stores
from vidpipe.topics.unread import unread_posts
from vidpipe.uploads.registry.waiting_times import long_waits

NAMED = 20  # dates in the metadata

UPLOADS = AssetCheckKey(AssetKey("pgvector_index"), "no_upload_waits_for_long")
TOPICS = AssetCheckKey(AssetKey("account_topics"), "no_post_waits_for_topics")


def uploads_verdict(connection: Connection[Any], stores: Stores) -> Verdict:
    """Whether an upload has waited for long for a run, and on which dates."""
    waits = long_waits(connection, timedelta(hours=stores.settings.fresh_within_h))
    return Verdict(
        not waits,
        {
            "waiting_uploads": sum(wait.uploads for wait in waits),
            "dates": [
                f"{wait.ingest_date}: {wait.uploads} since {wait.since:%Y-%m-%d %H:%M} UTC"
                for wait in waits[:NAMED]
            ],
            "more_dates": len(waits[NAMED:]),
            "within_hours": stores.settings.fresh_within_h,
        },
    )


def topics_verdict(connection: Connection[Any], stores: Stores) -> Verdict:
    """Whether posts of a week that has ended have waited for long for topics."""
    unread = unread_posts(connection, timedelta(hours=stores.settings.fresh_within_h))
    return Verdict(
        not unread, {"waiting_posts": unread, "within_hours": stores.settings.fresh_within_h}
    )


no_upload_waits_for_long = corpus_check(
    UPLOADS,
    uploads_verdict,
    description="No upload has waited longer than `VIDPIPE_FRESH_WITHIN_H` hours for a run that "
    "publishes it; a day without uploads is no failure. This check reads the registry after every "
    "run of `pgvector_index` and with every tick of `uploads_sensor`. To recover: see that the "
    "daemon runs and that the sensor is on, read the errors of the named dates' runs, then "
    "materialise those dates.",
)


no_post_waits_for_topics = corpus_check(
    TOPICS,
    topics_verdict,
    description="No post of a week that has ended still waits for topics `VIDPIPE_FRESH_WITHIN_H` "
    "hours after the weekly schedule was due. This check reads the topic runs after every run of "
    "`account_topics` and with every tick of `uploads_sensor`. To recover: see that the schedule "
    "`weekly_topics` is on, read the error of its last run, then materialise the week that has "
    "ended.",
)
