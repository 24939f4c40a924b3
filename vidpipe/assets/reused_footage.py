"""The `reused_footage` asset: wiring of the comparison of footage to Dagster.

Belongs here: what the UI says and shows of it, and what follows a comparison.
Does not: comparing and storing (vidpipe.reuse).
"""

from datetime import date
from typing import TYPE_CHECKING, Any

from dagster import (
    AssetExecutionContext,
    AssetsDefinition,
    MetadataValue,
    ResourceParam,
    asset,
)

from vidpipe.automation.asset_metadata import picture, table_columns
from vidpipe.automation.partitions import DAILY, run_days
from vidpipe.automation.recompute_config import ComparisonConfig
from vidpipe.media.contact_sheet import contact_sheet
from vidpipe.pipeline.stages import Session
from vidpipe.resources import Stores
from vidpipe.reuse.shown_pairs import COLUMNS, pairs_of_frames
from vidpipe.reuse.verification import figures_of
from vidpipe.reuse.version import comparison_version
from vidpipe.reuse.watching import FootageHit, raise_hits, tell_hits
from vidpipe.stores.lake_backup import copy_to_lake
from vidpipe.stores.media_store import MediaStore

if TYPE_CHECKING:
    from vidpipe.reuse.run import ReuseRun

READ_BY_ANALYSTS = (
    "footage_contents",
    "footage_matches",
    "footage_segments",
    "footage_clusters",
    "cluster_members",
    "video_copies",
)


def reused_footage_asset() -> AssetsDefinition:
    @asset(
        **DAILY,
        deps=["keyframes", "pgvector_index"],
        group_name="serve",
        kinds={"opencv", "postgres"},
        code_version=comparison_version(),
        metadata={
            "dagster/table_name": "vidpipe.footage_contents",
            "tables": MetadataValue.md(
                f"Schema `vidpipe`: {', '.join(f'`{name}`' for name in READ_BY_ANALYSTS)}, and the "
                "functions `copies_of` and `copied_within`."
            ),
        },
    )
    def reused_footage(
        context: AssetExecutionContext, config: ComparisonConfig, stores: ResourceParam[Stores]
    ) -> None:
        """Which videos show footage that was posted before, edited or not, and by whom first.

        It is made from the footage prints that come out of `keyframes`: what an ingest date brought
        is compared with all that was compared before it, and each pair of contents once, whichever
        date is run first. It runs in the job `ingest`, after `pgvector_index`, and alone in the job
        `find_reused_footage`; then watched footage looks at the new posts. A date with nothing new
        compares nothing; `force: true` compares all of it again.

        A video that cannot be compared does not fail the run: `vidpipe.footage_contents` says why.
        When the run itself fails, the date is published all the same: mend what the error names
        and materialise this asset for the date again; what was compared is kept.
        """
        from vidpipe.reuse.run import compare_dates  # the code location must load no decoder

        days = run_days(context)
        with stores.session(context) as session:
            run = compare_dates(stores.pipeline, session, days, again=config.force)
            _log(context, run)
            hits = raise_hits(session.connection, context.run.run_id)
            tell_hits(session.connection, stores.settings)
            columns = table_columns(session.connection, "vidpipe.footage_contents")
            shown = _shown_by_date(stores, session, days, run, hits)
        copy_to_lake(stores.settings)
        for day in days:
            context.add_asset_metadata(
                {
                    "dagster/column_schema": columns,
                    **shown[day],
                    "pairs_compared": run.pairs,
                    "run_seconds": round(run.seconds, 2),
                    "comparison_version": comparison_version(),
                },
                partition_key=day.isoformat(),
            )

    return reused_footage


def _log(context: AssetExecutionContext, run: "ReuseRun") -> None:
    """Tells the log of the run what was done, also where that was nothing."""
    if not run.contents:
        context.log.info("reused_footage: every content was compared before; nothing was done")
        return
    contents = ", ".join(f"{count} {outcome}" for outcome, count in sorted(run.contents.items()))
    matches = ", ".join(f"{count} {verdict}" for verdict, count in sorted(run.matches.items()))
    context.log.info(
        f"reused_footage: contents: {contents}; {run.pairs} pairs compared; matches: "
        f"{matches or 'none'}; {len(run.new_copies)} new copies, in {run.seconds:.1f} s"
    )


def _shown_by_date(
    stores: Stores, session: Session, days: list[date], run: "ReuseRun", hits: list[FootageHit]
) -> dict[date, dict[str, Any]]:
    """What the UI shows of each date; a new copy counts on the latest date of its contents."""
    snapshot = stores.pipeline.snapshot(session, days)
    dates = dict(snapshot.contents.select("content_sha256", "ingest_date").iter_rows())
    latest = {pair: max(dates.get(one, days[0]) for one in pair) for pair in run.new_copies}
    media = MediaStore(stores.settings.media)
    shown: dict[date, dict[str, Any]] = {}
    for day in days:
        contents = [content for content, its_day in dates.items() if its_day == day]
        figures = figures_of(session.connection, contents, session.run_id)
        new = [pair for pair, its_day in latest.items() if its_day == day]
        shown[day] = {
            "dagster/partition_row_count": figures.contents,
            "contents": figures.outcomes,
            "compared_now": figures.compared_now,
            "matches": figures.matches,
            "new_copies": len(new),
            "watch_hits": sum(hit.ingest_date == day for hit in hits),
        }
        if tiles := pairs_of_frames(session.connection, media, new):
            sheet = contact_sheet(tiles, columns=COLUMNS)
            shown[day]["new_matches"] = picture(sheet, f"new copies of {day}, frame beside frame")
    return shown
