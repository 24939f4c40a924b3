"""Checks that look at the whole corpus, whatever dates their run is about.

Belongs here: making one of a verdict. Does not: verdicts (vidpipe.automation.freshness,
settings_checks, uploads_checks), judging them where nothing runs
(vidpipe.automation.standing_checks), checks of dates (vidpipe.automation.dated_checks).
"""

from collections.abc import Callable
from typing import Any

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckKey,
    AssetCheckResult,
    AssetChecksDefinition,
    AssetCheckSeverity,
    ResourceParam,
    asset_check,
)
from psycopg import Connection

from vidpipe.automation.dated_checks import Verdict
from vidpipe.resources import Stores

Judge = Callable[[Connection[Any], Stores], Verdict]


def corpus_check(key: AssetCheckKey, judge: Judge, description: str) -> AssetChecksDefinition:
    """A check that warns where the verdict is bad, and stops no run.

    Args:
        key: its asset and name.
        judge: gives the verdict.
        description: what holds, when the check looks, and how to recover.
    """

    @asset_check(asset=key.asset_key, name=key.name, description=description)
    def check(
        context: AssetCheckExecutionContext, stores: ResourceParam[Stores]
    ) -> AssetCheckResult:
        with stores.session(context) as session:
            verdict = judge(session.connection, stores)
        return AssetCheckResult(
            passed=verdict.passed, severity=AssetCheckSeverity.WARN, metadata=verdict.metadata
        )

    return check
