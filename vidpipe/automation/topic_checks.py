"""Checks of the weekly topics, judged week by week.

Belongs here: wrapping what `vidpipe.topics.verification` reads as Dagster checks, and their limits.
Does not: reading it, nor whether posts wait for topics (vidpipe.automation.freshness).
"""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date

from dagster import AssetCheckSeverity

from vidpipe.automation.dated_checks import Verdict, View, dated_check
from vidpipe.automation.partitions import WEEKS
from vidpipe.stores.model_registry import ENOUGH_COVERAGE
from vidpipe.topics import verification

MOST_IN_NO_TOPIC = 0.5
MOST_GONE = 0.5
# Fewer topics come and go with single posts.
FEW_TOPICS = 10


@dated_check(
    asset="account_topics",
    partitions=WEEKS,
    description="The active model has vectors of at least 99 % of the contents that were ingested "
    "before the end of the week: else topics would leave out the others. This check counts in "
    "PostgreSQL after every run of `account_topics`. To recover: `vidpipe refresh` under its "
    "models makes the missing vectors; then materialise the week again.",
)
def model_covers_the_corpus(view: View) -> dict[date, Verdict]:
    verdicts = {}
    for week in view.days:
        contents, covered = verification.coverage(view.session.connection, week)
        verdicts[week] = Verdict(
            covered >= ENOUGH_COVERAGE * contents, {"contents": contents, "covered": covered}
        )
    return verdicts


@dated_check(
    asset="account_topics",
    partitions=WEEKS,
    severity=AssetCheckSeverity.WARN,
    description="At most half of the contents are in no topic of the whole corpus. This check "
    "reads `vidpipe.topic_runs` after every run of `account_topics`. To recover: look at the "
    "thresholds in the metadata of the materialisation; unset `VIDPIPE_TOPIC_THRESHOLD`, or lower "
    "`VIDPIPE_TOPIC_LEAST_VIDEOS` where the corpus is small, and materialise the week again.",
)
def few_contents_are_in_no_topic(view: View) -> dict[date, Verdict]:
    verdicts = {}
    for week, run_no in _standing_runs(view):
        share = verification.outlier_share(view.session.connection, run_no)
        metadata = {"share": share, "limit": MOST_IN_NO_TOPIC, "run_no": run_no}
        verdicts[week] = Verdict(share <= MOST_IN_NO_TOPIC, metadata)
    return verdicts


@dated_check(
    asset="account_topics",
    partitions=WEEKS,
    severity=AssetCheckSeverity.WARN,
    description="Topics go on from the run before: the lineage tells of each what became of it, "
    "and at most half of them are gone. This check reads `vidpipe.topic_lineage` after every run "
    "of `account_topics`. To recover: compare the two runs in their reports; a change of the "
    "model, of the hashtags' weight or of the threshold breaks topics apart. "
    "`vidpipe.promote_topic_run` shows the run before again.",
)
def lineage_is_kept(view: View) -> dict[date, Verdict]:
    verdicts = {}
    for week, run_no in _standing_runs(view):
        found = verification.continuity(view.session.connection, run_no)
        most_gone = MOST_GONE * max(found.previous, FEW_TOPICS)
        verdicts[week] = Verdict(
            not found.untold and found.gone <= most_gone, {**asdict(found), "run_no": run_no}
        )
    return verdicts


def _standing_runs(view: View) -> Iterator[tuple[date, int]]:
    """The weeks whose topics stand, each with the run that made them."""
    for week in view.days:
        run_no = verification.standing_run(view.session.connection, week)
        if run_no is not None:
            yield week, run_no


TOPIC_CHECKS = [model_covers_the_corpus, few_contents_are_in_no_topic, lineage_is_kept]
