"""`vidpipe refresh`: results that are made anew, on purpose.

Belongs here: which dates and results are meant, what it would take, the closing summary.
Does not: the runs (vidpipe.automation.pending_ingest), what is made anew
(vidpipe.pipeline.recompute).
"""

import sys
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from vidpipe.cli.options import demo_models_option, json_option, with_environment
from vidpipe.cli.output import print_json, print_line

if TYPE_CHECKING:
    from vidpipe.pipeline.outdated import OutdatedWork
    from vidpipe.resources import Stores

STAGES = ("raw_videos", "keyframes", "ocr_text", "clip_embeddings")


class DateRange(click.ParamType[tuple[date, date]]):
    """A date, or two with dots between them, both included."""

    name = "DATE[..DATE]"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[date, date]:
        """The first and the last date."""
        first, _, last = str(value).partition("..")
        try:
            return date.fromisoformat(first), date.fromisoformat(last or first)
        except ValueError:
            self.fail(f"{value} is no date like 2026-11-02, or 2026-11-02..2026-11-09", param, ctx)


@click.command()
@click.option(
    "--dates",
    "ranges",
    type=DateRange(),
    multiple=True,
    help="Only these ingest dates; may be repeated. Default: all that were made under other "
    "settings.",
)
@click.option("--force", is_flag=True, help="Also what was made under the settings in force.")
@click.option(
    "--stage",
    "stages",
    type=click.Choice(STAGES),
    multiple=True,
    help="Only results of this stage; may be repeated. raw_videos reads metadata again and "
    "decodes nothing; keyframes makes footage prints, too. Default: all.",
)
@click.option(
    "--item",
    "items",
    multiple=True,
    metavar="ID",
    help="Only what belongs to this upload, video, content or keyframe; may be repeated.",
)
@click.option("--reason", default="", help="Why; it is kept with the run.")
@click.option("--estimate", is_flag=True, help="Only say what it would take.")
@demo_models_option
@json_option
@with_environment
def refresh(
    ranges: tuple[tuple[date, date], ...],
    force: bool,
    stages: tuple[str, ...],
    items: tuple[str, ...],
    reason: str,
    estimate: bool,
    as_json: bool,
) -> None:
    """Make anew what was made under other settings or by another model, and publish it.

    A changed setting recomputes nothing by itself: new uploads are made under the new settings, old
    results stay until this command, the job `refresh` or VIDPIPE_REFRESH=auto asks for new ones.
    """
    from dagster import DagsterInstance

    from vidpipe.automation.pending_ingest import ingest_days
    from vidpipe.automation.recompute_config import REFRESH_JOB
    from vidpipe.cli.environment import upgraded_settings
    from vidpipe.cli.progress import stage_progress
    from vidpipe.cli.run import print_summary
    from vidpipe.dagster_storage import VidpipeComputeLogs
    from vidpipe.definitions import build_defs
    from vidpipe.resources import Stores

    VidpipeComputeLogs.mirrors = False
    settings = upgraded_settings()
    with stage_progress() as progress:
        stores = Stores(settings, progress)
        days, work = _chosen(stores, ranges, items, force=force)
        if estimate:
            _print_estimate(work, as_json=as_json)
            return
        if not as_json:
            print_line(f"dates that are made anew: {len(days)}" if force else str(work))
        config = {"refresh": True, "force": force, "items": list(items), "reason": reason}
        with DagsterInstance.get() as instance:
            job = build_defs(stores).resolve_job_def(REFRESH_JOB)
            ops = {stage: config for stage in STAGES if stage in (stages or STAGES)}
            if force and not (stages or items):
                ops["reused_footage"] = {"force": True}
            # Named items leave the dates between them alone; each must be found by the run.
            between = sys.maxsize if items else 0
            summary = ingest_days(job, instance, stores, days, ops, between=between)
    if as_json:
        print_json(asdict(summary))
    else:
        print_summary(summary, settings)
    sys.exit(0 if summary.ok else 1)


def _chosen(
    stores: "Stores",
    ranges: tuple[tuple[date, date], ...],
    items: tuple[str, ...],
    *,
    force: bool,
) -> "tuple[list[date], OutdatedWork]":
    """The dates that are meant, and what was made under other settings on them.

    Raises:
        UnknownName: no upload was ever registered on the dates that were asked for, or an item
            belongs to none of them.
    """
    from vidpipe.errors import UnknownName
    from vidpipe.pipeline.outdated import outdated_work
    from vidpipe.pipeline.recompute import dates_of_items
    from vidpipe.pipeline.stages import Session
    from vidpipe.stores.database import connect
    from vidpipe.uploads.registry.registered_uploads import ingest_dates

    with connect(stores.settings, autocommit=True) as connection:
        days = ingest_dates(connection)
        if ranges:
            days = [day for day in days if any(first <= day <= last for first, last in ranges)]
            if not days:
                raise UnknownName(
                    "no upload is registered on these dates; vidpipe status tells which"
                )
        session = Session(connection)
        if items:
            days = dates_of_items(stores.pipeline.snapshot(session, days), items)
        work = outdated_work(stores.pipeline, session, days)
    return (days if force else work.dates), work


def _print_estimate(work: "OutdatedWork", *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(work))
    else:
        print_line(str(work))
