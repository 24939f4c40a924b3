"""Checks of the whole corpus that the uploads sensor judges, too: they turn red where nothing runs.

Belongs here: which checks these are, and which of them have news.
Does not: judging (vidpipe.automation.freshness, vidpipe.automation.settings_checks,
vidpipe.automation.checks).
"""

from dataclasses import dataclass
from typing import Any

from dagster import AssetCheckEvaluation, AssetCheckKey, AssetCheckSeverity, DagsterInstance
from psycopg import Connection

from vidpipe.automation import freshness, settings_checks, uploads_checks
from vidpipe.automation.corpus_checks import Judge
from vidpipe.automation.dated_checks import Verdict
from vidpipe.resources import Stores


@dataclass(frozen=True)
class StandingCheck:
    """A check that is judged with every tick.

    Attributes:
        key: the check.
        verdict: what it says.
        glance: a cheap part of the verdict: while that stays, so does the verdict.
    """

    key: AssetCheckKey
    verdict: Judge
    glance: Judge


STANDING = (
    StandingCheck(uploads_checks.LOOK, uploads_checks.look_verdict, uploads_checks.look_verdict),
    StandingCheck(freshness.UPLOADS, freshness.uploads_verdict, freshness.uploads_verdict),
    StandingCheck(freshness.TOPICS, freshness.topics_verdict, freshness.topics_verdict),
    StandingCheck(
        settings_checks.MODELS, settings_checks.models_verdict, settings_checks.models_verdict
    ),
    StandingCheck(
        settings_checks.SETTINGS, settings_checks.settings_verdict, settings_checks.outdated_span
    ),
)


def news(
    instance: DagsterInstance, connection: Connection[Any], stores: Stores
) -> list[AssetCheckEvaluation]:
    """An evaluation of each check that would say something else than it said last."""
    records = instance.event_log_storage.get_asset_check_summary_records(
        [check.key for check in STANDING]
    )
    told = []
    for check in STANDING:
        last = records[check.key].last_completed_check_execution_record
        seen = _evaluation(check.key, check.glance(connection, stores))
        if last is None or not _says(last.evaluation, seen):
            told.append(_evaluation(check.key, check.verdict(connection, stores)))
    return told


def _evaluation(key: AssetCheckKey, verdict: Verdict) -> AssetCheckEvaluation:
    return AssetCheckEvaluation(
        asset_key=key.asset_key,
        check_name=key.name,
        passed=verdict.passed,
        metadata=verdict.metadata,
        severity=AssetCheckSeverity.WARN,
    )


def _says(last: AssetCheckEvaluation | None, seen: AssetCheckEvaluation) -> bool:
    """Whether the last evaluation says what was seen just now, and maybe more."""
    return (
        last is not None
        and last.passed == seen.passed
        and all(last.metadata.get(name) == value for name, value in seen.metadata.items())
    )
