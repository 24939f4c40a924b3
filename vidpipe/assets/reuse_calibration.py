"""The `reuse_calibration` asset: wiring of the calibration of reused footage to Dagster.

Belongs here: what the UI says and shows of it.
Does not: measuring and storing (vidpipe.reuse.calibration), whether recall fell
(vidpipe.automation.calibration_checks).
"""

from typing import TYPE_CHECKING, Any

import polars as pl
from dagster import AssetExecutionContext, AssetsDefinition, MetadataValue, ResourceParam, asset

from vidpipe.automation.asset_metadata import picture, sample_table, table_columns
from vidpipe.errors import TooFewContents
from vidpipe.resources import Stores
from vidpipe.reuse.version import comparison_version
from vidpipe.stores.lake_backup import copy_to_lake

if TYPE_CHECKING:
    from vidpipe.reuse.calibration.figures import Calibration

EDITS_SHOWN = 60


def reuse_calibration_asset() -> AssetsDefinition:
    @asset(
        group_name="serve",
        kinds={"opencv", "postgres"},
        owners=["team:video-pipeline"],
        deps=["reused_footage"],
        code_version=comparison_version(),
        metadata={
            "dagster/table_name": "vidpipe.reuse_calibrations",
            "tables": MetadataValue.md(
                "Schema `vidpipe`: `reuse_calibrations`, `reuse_calibration_edits`."
            ),
        },
    )
    def reuse_calibration(context: AssetExecutionContext, stores: ResourceParam[Stores]) -> None:
        """How well copies are found among the videos of this installation, and how sure chance
        makes unrelated ones.

        It is made by editing a sample of the uploads (mirrored, cropped, captioned, trimmed, …) and
        looking for their sources, and by comparing pairs that have nothing to do with each other.
        From then on E-values follow from what was measured. It runs in the job
        `calibrate_reused_footage` by itself when 20 contents are compared, then every month; by
        hand with `vidpipe calibrate`.

        When an edit is found less often than before, the check `reuse_recall_holds` fails. When the
        run itself fails, the calibration of before stays in force: mend what the error names and
        materialise it again. Where fewer than 5 contents can be edited, nothing is calibrated, and
        the metadata say so.
        """
        from vidpipe.reuse.calibration.run import calibrate  # the code location loads no decoder

        with stores.session(context) as session:
            try:
                found = calibrate(stores.pipeline, session)
            except TooFewContents as error:
                context.log.warning(str(error))
                context.add_output_metadata({"calibrated": False, "why_not": str(error)})
                return
            columns = table_columns(session.connection, "vidpipe.reuse_calibrations")
        copy_to_lake(stores.settings)
        context.add_output_metadata({"dagster/column_schema": columns, **shown_of(found)})

    return reuse_calibration


def shown_of(found: "Calibration") -> dict[str, Any]:
    """What the UI shows of a calibration."""
    from vidpipe.reuse.calibration.curve import curve

    tail, check = found.tail, found.check
    edits = [
        {
            "edit": one.edit,
            "copies": one.copies,
            "recall": one.recall,
            "proposed": one.proposed,
            "verdict right": one.verdict_right,
            "offset error (s)": one.offset_error_s,
        }
        for one in found.edits
    ]
    return {
        "calibrated": True,
        "contents": found.contents,
        "corpus_contents": found.corpus,
        "copies": found.copies,
        "recall": found.recall,
        "recall_by_edit": sample_table(
            pl.DataFrame(edits, infer_schema_length=None), rows=EDITS_SHOWN
        ),
        "chance": picture(curve(found), "how sure unrelated pairs are"),
        "unrelated_pairs": tail.pairs,
        "pairs_in_tail": tail.reached,
        "tail_share": tail.share,
        "tail_start_nats": tail.start_nats,
        "tail_scale_nats": tail.scale_nats,
        "needed_nats": found.needed_nats,
        "other_half": f"{check.observed} of {check.pairs} pairs in the tail, "
        f"{check.expected:.2g} expected",
        "other_half_agrees": check.holds,
        "unknown_copies": [f"{a[:12]} {b[:12]}" for a, b in found.unknown_copies],
        "left_out": list(found.left_out),
        "run_seconds": round(found.seconds, 2),
    }
