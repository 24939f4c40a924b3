"""Checks of reused footage: all was compared, nothing doubtful is called a copy, watched footage.

Belongs here: wrapping the findings of `vidpipe.reuse.verification` as Dagster checks.
Does not: finding anything itself, whether copies are still found (calibration).
"""

from dataclasses import astuple, fields
from datetime import date

import polars as pl
from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetCheckSeverity,
    ResourceParam,
    asset_check,
)

from vidpipe.automation.asset_metadata import sample_table
from vidpipe.automation.dated_checks import Verdict, View, dated_check
from vidpipe.resources import Stores
from vidpipe.reuse import verification
from vidpipe.reuse.watching import FootageHit, hits_of_run


@dated_check(
    asset="reused_footage",
    description="Every content of the date was compared with all others, or there is a row that "
    "says why not. This check compares `vidpipe.footage_contents` with the lake after every run of "
    "`reused_footage`. To recover: materialise `reused_footage` for the named dates; what was "
    "compared is kept.",
)
def every_content_was_compared(view: View) -> dict[date, Verdict]:
    snapshot = view.stores.pipeline.snapshot(view.session, view.days)
    missing = verification.not_compared(view.session.connection, snapshot.contents)
    named = missing.select("content_sha256", "upload_id", "ingest_date")
    return {
        day: Verdict(passed=False, metadata={"findings": one.height, "sample": sample_table(one)})
        for (day,), one in named.group_by("ingest_date", maintain_order=True)
    }


@dated_check(
    asset="reused_footage",
    severity=AssetCheckSeverity.WARN,
    description="No match that is called a copy is so weak that chance would make one among all "
    "unrelated pairs: its E-value is within the limit. This check reads "
    "`vidpipe.footage_matches` after every run of `reused_footage`. To recover: look at the named "
    "pairs with `vidpipe why`, and launch the job `find_reused_footage` with `force: true` for the "
    "named dates.",
)
def no_copy_is_doubtful(view: View) -> dict[date, Verdict]:
    snapshot = view.stores.pipeline.snapshot(view.session, view.days)
    verdicts = {}
    for day in view.days:
        contents = snapshot.on(day, snapshot.contents)["content_sha256"].to_list()
        found = verification.doubtful_copies(view.session.connection, contents)
        verdicts[day] = Verdict(
            found.is_empty(), {"doubtful": found.height, "sample": sample_table(found)}
        )
    return verdicts


@dated_check(
    asset="reused_footage",
    severity=AssetCheckSeverity.WARN,
    description="The share of contents without a footage print, which no copy can be found of, is "
    "within `VIDPIPE_FAILURE_SHARE_LIMIT`. This check reads `vidpipe.footage_contents` after every "
    "run of `reused_footage`. To recover: read `vidpipe.video_failures` for the named dates; after "
    "a limit was raised, materialise `keyframes` and then `reused_footage`.",
)
def no_print_share_is_low(view: View) -> dict[date, Verdict]:
    snapshot = view.stores.pipeline.snapshot(view.session, view.days)
    limit = view.stores.settings.failure_share_limit
    verdicts = {}
    for day in view.days:
        contents = snapshot.on(day, snapshot.contents)["content_sha256"].to_list()
        share = verification.figures_of(view.session.connection, contents).no_print_share
        verdicts[day] = Verdict(share <= limit, {"share": share, "limit": limit})
    return verdicts


@asset_check(
    asset="reused_footage",
    description="No new post shows watched footage again; those that do are named. This check "
    "reads what the run of `reused_footage` found among new posts. To recover: there is no fault "
    "to mend; look at the posts, `vidpipe.footage_watch_hits` keeps them.",
)
def no_watched_footage_is_hit(
    context: AssetCheckExecutionContext, stores: ResourceParam[Stores]
) -> AssetCheckResult:
    with stores.session(context) as session:
        hits = hits_of_run(session.connection, context.run.run_id)
    posts = pl.DataFrame(
        [astuple(hit) for hit in hits],
        schema=[field.name for field in fields(FootageHit)],
        orient="row",
    )
    return AssetCheckResult(
        passed=not hits,
        severity=AssetCheckSeverity.WARN,
        metadata={"hits": len(hits), "posts": sample_table(posts, rows=50)},
    )


DATED_REUSE_CHECKS = [every_content_was_compared, no_copy_is_doubtful, no_print_share_is_low]
REUSE_CHECKS = [*DATED_REUSE_CHECKS, no_watched_footage_is_hit]
