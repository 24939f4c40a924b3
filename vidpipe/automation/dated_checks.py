"""Checks that are judged partition by partition: no date's success hides another's warning.

Belongs here: handing what a check finds on each partition to Dagster, as one evaluation each.
Does not: which checks there are (vidpipe.automation.checks, vidpipe.automation.topic_checks).

A run over a range executes a check once for all of its partitions, for which Dagster's
`AssetCheckResult` can say one thing only. So these checks yield the evaluations themselves. A run
without partitions, as from the button of a check, looks at the newest partitions.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from dagster import (
    AssetCheckEvaluation,
    AssetCheckExecutionContext,
    AssetChecksDefinition,
    AssetCheckSeverity,
    AssetKey,
    AssetRecordsFilter,
    DagsterEventType,
    DagsterInstance,
    DynamicPartitionsDefinition,
    Output,
    PreviewWarning,
    ResourceParam,
    asset_check,
)
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationTargetMaterializationData as Target,
)
from dagster._core.definitions.partitions.context import partition_loading_context

from vidpipe.automation.partitions import INGEST_DATES
from vidpipe.pipeline.stages import Session
from vidpipe.resources import Stores

# Partitions of checks are a preview; `constraints.txt` pins the Dagster that they are tested with.
warnings.filterwarnings("ignore", category=PreviewWarning)

RECENT = 30


@dataclass(frozen=True)
class Verdict:
    """Whether a check holds on one partition, and what it shows of it."""

    passed: bool
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class View:
    """What a check looks at: partitions, named by their days, and what it needs for that."""

    stores: Stores
    session: Session
    days: Sequence[date]


Look = Callable[[View], Mapping[date, Verdict]]
"""What a check finds; it holds on partitions of which nothing is said."""


def dated_check(
    *,
    asset: str,
    description: str,
    name: str | None = None,
    partitions: DynamicPartitionsDefinition = INGEST_DATES,
    severity: AssetCheckSeverity = AssetCheckSeverity.ERROR,
    blocking: bool = False,
) -> Callable[[Look], AssetChecksDefinition]:
    """Makes a function that looks at partitions a check of an asset that has them.

    Args:
        asset: the asset that is checked.
        description: what holds, when the check looks, and how to recover.
        name: name of the check; the function's unless given.
        partitions: the partitions of the asset.
        severity: whether it is an error or a warning where the check does not hold.
        blocking: whether the run goes no further where the check does not hold.
    """

    def made(look: Look) -> AssetChecksDefinition:
        check_name = name or look.__name__

        # Dagster takes generators from every op; the decorator's type knows of results only.
        @asset_check(  # type: ignore[arg-type]
            asset=asset,
            name=check_name,
            description=description,
            partitions_def=partitions,
            blocking=blocking,
        )
        def check(
            context: AssetCheckExecutionContext, stores: ResourceParam[Stores]
        ) -> Iterator[Any]:
            step = context.op_execution_context
            has_partitions = step.has_partition_key or step.has_partition_key_range
            days = _days(context, partitions) if has_partitions else _newest(context, partitions)
            with stores.session(context) as session:
                found = look(View(stores, session, days))
            verdicts = {day.isoformat(): found.get(day, Verdict(passed=True)) for day in days}
            targets = _materialisations(context.instance, AssetKey(asset), list(verdicts))
            if not has_partitions:
                yield evaluation(_summary(verdicts))
            for key, verdict in verdicts.items():
                yield evaluation(verdict, key, targets.get(key))
            yield Output(None)

        def evaluation(
            verdict: Verdict, partition: str | None = None, target: Target | None = None
        ) -> AssetCheckEvaluation:
            return AssetCheckEvaluation(
                asset_key=AssetKey(asset),
                check_name=check_name,
                passed=verdict.passed,
                metadata=verdict.metadata,
                severity=severity,
                blocking=blocking,
                partition=partition,
                target_materialization_data=target,
            )

        return check

    return made


def _days(
    context: AssetCheckExecutionContext, partitions: DynamicPartitionsDefinition
) -> list[date]:
    """The run's partitions. Dagster knows those of a check only where its job has one kind."""
    with partition_loading_context(dynamic_partitions_store=context.instance):
        keys = partitions.get_partition_keys_in_range(
            context.op_execution_context.partition_key_range
        )
    return [date.fromisoformat(key) for key in keys]


def _newest(
    context: AssetCheckExecutionContext, partitions: DynamicPartitionsDefinition
) -> list[date]:
    keys = partitions.get_partition_keys(dynamic_partitions_store=context.instance)
    return [date.fromisoformat(key) for key in sorted(keys)[-RECENT:]]


def _summary(verdicts: Mapping[str, Verdict]) -> Verdict:
    """What a run without partitions says of all that it looked at."""
    failing = [key for key, verdict in verdicts.items() if not verdict.passed]
    return Verdict(not failing, {"failing": failing, "looked_at": len(verdicts)})


def _materialisations(
    instance: DagsterInstance, asset: AssetKey, keys: Sequence[str]
) -> dict[str, Target]:
    """The newest materialisation of each partition: an evaluation counts until the next one."""
    newest = instance.event_log_storage.get_latest_storage_id_by_partition(
        asset, DagsterEventType.ASSET_MATERIALIZATION, set(keys)
    )
    if not newest:
        return {}
    records = instance.fetch_materializations(
        AssetRecordsFilter(asset_key=asset, storage_ids=list(newest.values())), limit=len(newest)
    ).records
    return {
        str(record.partition_key): Target(
            storage_id=record.storage_id, run_id=record.run_id, timestamp=record.timestamp
        )
        for record in records
    }
