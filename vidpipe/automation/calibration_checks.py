"""The check of a calibration: copies are still found as well as before.

Belongs here: wrapping `vidpipe.reuse.calibration.recall` as a Dagster check.
Does not: checks of compared footage (vidpipe.automation.reuse_checks).
"""

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetCheckSeverity,
    ResourceParam,
    asset_check,
)

from vidpipe.resources import Stores


@asset_check(
    asset="reuse_calibration",
    description="Edited copies are still found: recall of no edit fell by more than 0.15 against "
    "the calibration before (by more than its few copies explain by chance), and all of them "
    "together are found in at least 70 % of the cases. This check compares the two newest "
    "calibrations after every run of `reuse_calibration`. To recover: compare one of your own "
    "copies with `vidpipe why`, take a new setting or release back, and run `vidpipe calibrate "
    "--copies 400` to know more exactly.",
)
def reuse_recall_holds(
    context: AssetCheckExecutionContext, stores: ResourceParam[Stores]
) -> AssetCheckResult:
    # Dagster's process loads no decoder.
    from vidpipe.reuse.calibration.recall import LEAST_RECALL, fallen, overall
    from vidpipe.reuse.calibration.store import newest

    with stores.session(context) as session:
        stored = newest(session.connection, 2)
    if not stored:
        return AssetCheckResult(passed=True, metadata={"calibrations": 0})
    falls = fallen(stored[1].edits, stored[0].edits) if len(stored) > 1 else []
    recall = overall(stored[0].edits)
    return AssetCheckResult(
        passed=not falls and (recall is None or recall >= LEAST_RECALL),
        severity=AssetCheckSeverity.WARN,
        metadata={
            "calibration_no": stored[0].number,
            "recall": recall,
            "least": LEAST_RECALL,
            "fallen": len(falls),
            **{fall.edit: f"was {fall.before:.2f}, is {fall.now:.2f}" for fall in falls},
        },
    )
