"""Freshness as people mean it: nothing that came in waits for long. A quiet weekend fails nothing.

Belongs here: the two checks that say so, and what the sensor tells of them when nothing else runs.
Does not: finding what waits (vidpipe.uploads.registry.waiting_times, vidpipe.topics.unread).

Both look at the whole corpus. They are executed with their asset, and the uploads sensor judges
them with every tick: they also turn red where no run starts at all.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from dagster import (
    AssetCheckEvaluation,
    AssetCheckExecutionContext,
    AssetCheckKey,
    AssetCheckResult,
    AssetCheckSeverity,
    AssetKey,
    DagsterInstance,
    ResourceParam,
    asset_check,
)
from psycopg import Connection

from vidpipe.automation.dated_checks import Verdict
from vidpipe.resources import Stores
from vidpipe.settings import Settings
from vidpipe.topics.unread import unread_posts
from vidpipe.uploads.registry.waiting_times import long_waits

NAMED = 20  # dates in the metadata

UPLOADS = AssetCheckKey(AssetKey("pgvector_index"), "no_upload_waits_for_long")
TOPICS = AssetCheckKey(AssetKey("account_topics"), "no_post_waits_for_topics")


@asset_check(
    asset=UPLOADS.asset_key,
    name=UPLOADS.name,
    description="No upload has waited longer than `VIDPIPE_FRESH_WITHIN_H` hours for a run that "
    "publishes it; a day without uploads is no failure. This check reads the registry after every "
    "run of `pgvector_index` and with every tick of `uploads_sensor`. To recover: see that the "
    "daemon runs and that the sensor is on, read the errors of the named dates' runs, then "
    "materialise those dates.",
)
def no_upload_waits_for_long(
    context: AssetCheckExecutionContext, stores: ResourceParam[Stores]
) -> AssetCheckResult:
    with stores.session(context) as session:
        return _result(uploads_verdict(session.connection, stores.settings))


@asset_check(
    asset=TOPICS.asset_key,
    name=TOPICS.name,
    description="No post of a week that has ended still waits for topics `VIDPIPE_FRESH_WITHIN_H` "
    "hours after the weekly schedule was due. This check reads the topic runs after every run of "
    "`account_topics` and with every tick of `uploads_sensor`. To recover: see that the schedule "
    "`weekly_topics` is on, read the error of its last run, then materialise the week that has "
    "ended.",
)
def no_post_waits_for_topics(
    context: AssetCheckExecutionContext, stores: ResourceParam[Stores]
) -> AssetCheckResult:
    with stores.session(context) as session:
        return _result(topics_verdict(session.connection, stores.settings))


def uploads_verdict(connection: Connection[Any], settings: Settings) -> Verdict:
    """Whether an upload has waited for long for a run, and on which dates."""
    waits = long_waits(connection, timedelta(hours=settings.fresh_within_h))
    return Verdict(
        not waits,
        {
            "waiting_uploads": sum(wait.uploads for wait in waits),
            "dates": [
                f"{wait.ingest_date}: {wait.uploads} since {wait.since:%Y-%m-%d %H:%M} UTC"
                for wait in waits[:NAMED]
            ],
            "more_dates": len(waits[NAMED:]),
            "within_hours": settings.fresh_within_h,
        },
    )


def topics_verdict(connection: Connection[Any], settings: Settings) -> Verdict:
    """Whether posts of a week that has ended have waited for long for topics."""
    unread = unread_posts(connection, timedelta(hours=settings.fresh_within_h))
    return Verdict(not unread, {"waiting_posts": unread, "within_hours": settings.fresh_within_h})


def news(
    instance: DagsterInstance, connection: Connection[Any], settings: Settings
) -> list[AssetCheckEvaluation]:
    """An evaluation of each of the two checks that would say something else than its last one."""
    judge: dict[AssetCheckKey, Callable[[Connection[Any], Settings], Verdict]] = {
        UPLOADS: uploads_verdict,
        TOPICS: topics_verdict,
    }
    records = instance.event_log_storage.get_asset_check_summary_records(list(judge))
    told = []
    for key, verdict_of in judge.items():
        verdict = verdict_of(connection, settings)
        now = AssetCheckEvaluation(
            asset_key=key.asset_key,
            check_name=key.name,
            passed=verdict.passed,
            metadata=verdict.metadata,
            severity=AssetCheckSeverity.WARN,
        )
        last = records[key].last_completed_check_execution_record
        before = last.evaluation if last else None
        if before is None or (before.passed, before.metadata) != (now.passed, now.metadata):
            told.append(now)
    return told


def _result(verdict: Verdict) -> AssetCheckResult:
    return AssetCheckResult(
        passed=verdict.passed, severity=AssetCheckSeverity.WARN, metadata=verdict.metadata
    )
