"""Asset checks: what must hold of published data, and how to recover when it does not.

Belongs here: wrapping the findings of `vidpipe.publication.verification` as Dagster checks;
blocking where going on would publish wrong data.
Does not: finding anything itself.

What holds of a date is judged date by date (vidpipe.automation.dated_checks); what holds of the
whole corpus is judged once a run.
"""

from datetime import date

import polars as pl
from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetChecksDefinition,
    AssetCheckSeverity,
    AssetKey,
    ResourceParam,
    asset_check,
)
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.tags import PRIORITY_TAG

from vidpipe.automation.asset_metadata import sample_table
from vidpipe.automation.calibration_checks import reuse_recall_holds
from vidpipe.automation.dated_checks import Verdict, View, dated_check
from vidpipe.automation.freshness import no_post_waits_for_topics, no_upload_waits_for_long
from vidpipe.automation.partitions import INGEST_DATES
from vidpipe.automation.reuse_checks import DATED_REUSE_CHECKS, REUSE_CHECKS
from vidpipe.automation.settings_checks import made_under_settings_in_force, models_are_here
from vidpipe.automation.topic_checks import TOPIC_CHECKS
from vidpipe.automation.uploads_checks import uploads_look_complete
from vidpipe.publication import verification
from vidpipe.resources import Stores
from vidpipe.search.quality_history import drops
from vidpipe.search.watch_lists import HIT_COLUMNS, hits_of_run
from vidpipe.stores.lake import ASSET_TABLES, LakeTable
from vidpipe.uploads.registry.pending_dates import published_otherwise
from vidpipe.uploads.registry.registered_uploads import ingest_dates

MIN_ANN_RECALL = 0.95
NAMED = 50  # dates and checks in the metadata
DAILY_ASSETS = (*(table.name for table in ASSET_TABLES), "pgvector_index", "reused_footage")


def asset_checks() -> list[AssetChecksDefinition]:
    """All checks of the code location."""
    return [
        *_checks_of_ingest(),
        uploads_look_complete,
        ann_recall_is_high,
        no_partition_failed,
        no_watched_query_is_hit,
        no_date_fails_a_check,
        no_upload_waits_for_long,
        no_post_waits_for_topics,
        models_are_here,
        made_under_settings_in_force,
        search_quality_holds,
        *REUSE_CHECKS,
        reuse_recall_holds,
        *TOPIC_CHECKS,
    ]


def checks_of_dates() -> list[AssetChecksDefinition]:
    """The checks of the daily assets that are judged date by date."""
    return [*_checks_of_ingest(), *DATED_REUSE_CHECKS]


def _checks_of_ingest() -> list[AssetChecksDefinition]:
    return [
        every_content_has_a_keyframe,
        vectors_are_good,
        rows_equal_the_lake,
        every_upload_is_accounted_for,
        *(failure_share_is_low(table) for table in ASSET_TABLES),
    ]


@dated_check(
    asset="keyframes",
    blocking=True,
    description="Every content has at least one keyframe or a recorded failure. This check reads "
    "the lake after every run of `keyframes`; where it does not hold, the run goes no further. To "
    "recover: materialise `keyframes` for the named dates again; what is there is kept.",
)
def every_content_has_a_keyframe(view: View) -> dict[date, Verdict]:
    return _by_date(
        verification.contents_without_keyframe(
            view.stores.pipeline.snapshot(view.session, view.days)
        )
    )


@dated_check(
    asset="clip_embeddings",
    blocking=True,
    description="Every vector has the model's dimensions, is finite and of unit length. This "
    "check reads the lake after every run of `clip_embeddings`; where it does not hold, the run "
    "goes no further and analysts see the dates as before. To recover: look whether the model's "
    "files are whole, then materialise `clip_embeddings` for the named dates with `force: true`.",
)
def vectors_are_good(view: View) -> dict[date, Verdict]:
    snapshot = view.stores.pipeline.snapshot(view.session, view.days)
    return _by_date(verification.wrong_vectors(snapshot, view.stores.pipeline.model.dimensions))


@dated_check(
    asset="pgvector_index",
    description="PostgreSQL holds the rows that the lake holds, table by table. This check "
    "compares the two after every run of `pgvector_index`; it leaves out dates that were "
    "published under other settings, of which `made_under_settings_in_force` tells. To recover: "
    "materialise `pgvector_index` for the named dates, or run `vidpipe db rebuild`.",
)
def rows_equal_the_lake(view: View) -> dict[date, Verdict]:
    pipeline, session = view.stores.pipeline, view.session
    others = published_otherwise(session.connection, pipeline.in_force)
    days = [day for day in view.days if day not in others]
    return _by_date(verification.row_differences(pipeline, session, days)) if days else {}


@dated_check(
    asset="pgvector_index",
    description="Every upload is shown, an earlier version, failed, removed, held, or a side file: "
    "none was lost without a word. This check reads `vidpipe.upload_outcomes` after every run of "
    "`pgvector_index`. To recover: materialise the named dates again; if an upload stays "
    "unaccounted, that is a fault of vidpipe: please report it with the row of the view.",
)
def every_upload_is_accounted_for(view: View) -> dict[date, Verdict]:
    return _by_date(verification.unaccounted_uploads(view.session.connection, view.days))


@asset_check(
    asset="pgvector_index",
    description="The vector index finds what exact search finds (recall@10 over sampled "
    "keyframes). This check asks PostgreSQL both ways after every run of `pgvector_index`. To "
    "recover: `vidpipe db rebuild` builds the index anew.",
)
def ann_recall_is_high(
    context: AssetCheckExecutionContext, stores: ResourceParam[Stores]
) -> AssetCheckResult:
    with stores.session(context) as session:
        recall = verification.ann_recall(session.connection)
    return AssetCheckResult(
        passed=recall is None or recall >= MIN_ANN_RECALL,
        severity=AssetCheckSeverity.WARN,
        metadata={"recall_at_10": recall, "least": MIN_ANN_RECALL},
    )


@asset_check(
    asset="pgvector_index",
    description="No date's last run failed, in any of the daily assets. This check looks at all "
    "dates after every run of `pgvector_index`. To recover: open the named dates' runs, read "
    "their errors, and materialise those dates again.",
)
def no_partition_failed(
    context: AssetCheckExecutionContext, stores: ResourceParam[Stores]
) -> AssetCheckResult:
    with stores.session(context) as session:
        days = [day.isoformat() for day in ingest_dates(session.connection)]
    failed: dict[str, list[str]] = {}
    for name in DAILY_ASSETS:
        status = context.instance.get_status_by_partition(AssetKey(name), days, INGEST_DATES)
        for key, state in (status or {}).items():
            if state is not None and state.value == "FAILED":
                failed.setdefault(key, []).append(name)
    listed = [f"{key}: {', '.join(names)}" for key, names in sorted(failed.items())]
    return AssetCheckResult(
        passed=not failed,
        severity=AssetCheckSeverity.WARN,
        metadata={"failed_partitions": listed},
    )


@asset_check(
    asset="pgvector_index",
    op_tags={PRIORITY_TAG: "-1"},  # after the checks that it reads
    description="No date fails a check that is judged date by date, in any of the daily assets: "
    "those that do are named, whichever date a run was about. This check reads Dagster's records "
    "after every run of `pgvector_index`. To recover: do what the named checks say of the named "
    "dates.",
)
def no_date_fails_a_check(
    context: AssetCheckExecutionContext, stores: ResourceParam[Stores]
) -> AssetCheckResult:
    keys = [key for one in checks_of_dates() for key in one.check_keys]
    with stores.session(context) as session:
        days = {day.isoformat() for day in ingest_dates(session.connection)}
    failing = sorted(
        f"{info.partition_key}: {info.check_key.to_user_string()}"
        for info in context.instance.event_log_storage.get_asset_check_partition_info(keys)
        if info.partition_key in days
        and info.latest_execution_status == AssetCheckExecutionRecordStatus.FAILED
    )
    return AssetCheckResult(
        passed=not failing,
        severity=AssetCheckSeverity.WARN,
        metadata={"failing": failing[:NAMED], "more": len(failing[NAMED:])},
    )


@asset_check(
    asset="pgvector_index",
    description="No new post matches a watched query; those that do are named. This check reads "
    "what the run of `pgvector_index` found among its posts. To recover: there is no fault to "
    "mend; look at the posts, `vidpipe.watch_hits` keeps them.",
)
def no_watched_query_is_hit(
    context: AssetCheckExecutionContext, stores: ResourceParam[Stores]
) -> AssetCheckResult:
    with stores.session(context) as session:
        hits = hits_of_run(session.connection, context.run.run_id)
    return AssetCheckResult(
        passed=not hits,
        severity=AssetCheckSeverity.WARN,
        metadata={
            "hits": len(hits),
            "posts": sample_table(pl.DataFrame(hits, schema=HIT_COLUMNS), rows=50),
        },
    )


@asset_check(
    asset="search_quality",
    description="No figure fell below the 95 % interval that it had in the run before, with the "
    "same queries and model. This check compares the two newest runs after every run of "
    "`search_quality`. To recover: look at the worst queries; take a new setting back.",
)
def search_quality_holds(
    context: AssetCheckExecutionContext, stores: ResourceParam[Stores]
) -> AssetCheckResult:
    with stores.session(context) as session:
        fallen = drops(session.connection)
    return AssetCheckResult(
        passed=not fallen,
        severity=AssetCheckSeverity.WARN,
        metadata={
            "fallen": len(fallen),
            **{
                f"{drop.group} {drop.measure}": f"was {drop.before:.3f} (at least {drop.low:.3f}), "
                f"is {drop.now:.3f}"
                for drop in fallen
            },
        },
    )


def failure_share_is_low(table: LakeTable) -> AssetChecksDefinition:
    """A check that a stage's share of failed items is within VIDPIPE_FAILURE_SHARE_LIMIT."""

    @dated_check(
        asset=table.name,
        name="failure_share_is_low",
        severity=AssetCheckSeverity.WARN,
        description="The share of failed items of each date is within "
        "`VIDPIPE_FAILURE_SHARE_LIMIT`. This check counts in the lake after every run of "
        f"`{table.name}`. To recover: read `vidpipe.video_failures` for the named dates; failures "
        "count under the limits they met, so raising a limit tries them again.",
    )
    def check(view: View) -> dict[date, Verdict]:
        shares = verification.failure_shares(
            view.stores.pipeline.snapshot(view.session, view.days), table
        )
        limit = view.stores.settings.failure_share_limit
        return {
            day: Verdict(share <= limit, {"share": share, "limit": limit})
            for day, share in shares.items()
        }

    return check


def _by_date(wrong: pl.DataFrame) -> dict[date, Verdict]:
    """A verdict for each date with findings."""
    return {
        day: Verdict(
            passed=False, metadata={"findings": found.height, "sample": sample_table(found)}
        )
        for (day,), found in wrong.group_by("ingest_date", maintain_order=True)
    }
