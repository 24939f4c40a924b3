"""`vidpipe run`: every pending ingest date, through Dagster, without a UI.

Belongs here: registering uploads and the closing summary.
Does not: the runs (vidpipe.automation.pending_ingest); a run here and one from the UI do the same.
"""

import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from vidpipe.cli.options import demo_models_option, json_option, uploads_option, with_environment
from vidpipe.cli.output import print_json, print_line

if TYPE_CHECKING:
    from vidpipe.automation.pending_ingest import RunSummary
    from vidpipe.settings import Settings


@click.command()
@uploads_option
@demo_models_option
@json_option
@with_environment
def run(as_json: bool) -> None:
    """Register uploads and take every pending ingest date to PostgreSQL, without a UI.

    The run goes through Dagster and can be looked at in the UI later.
    """
    sys.exit(run_pending(as_json=as_json))


def run_pending(*, as_json: bool) -> int:
    """Takes all pending dates to PostgreSQL and returns the exit code.

    Raises:
        VidpipeError: a setting, the database or a model is missing; nothing was decoded.
    """
    from dagster import DagsterInstance

    from vidpipe.automation.dead_runs import mark_dead_runs
    from vidpipe.automation.pending_ingest import ingest_pending
    from vidpipe.cli.environment import upgraded_settings
    from vidpipe.cli.progress import stage_progress
    from vidpipe.dagster_storage import VidpipeComputeLogs
    from vidpipe.definitions import build_defs
    from vidpipe.resources import Stores
    from vidpipe.stores.database import connect
    from vidpipe.uploads.discovery import look_at_all_uploads

    started = time.perf_counter()
    VidpipeComputeLogs.mirrors = False
    settings = upgraded_settings()
    with stage_progress() as progress, DagsterInstance.get() as instance:
        stores = Stores(settings, progress)
        stores.pipeline.model  # noqa: B018  a missing model must be known before any decode
        marked_failed = mark_dead_runs(instance, settings)
        with connect(settings, autocommit=True) as connection:
            registration = str(look_at_all_uploads(connection, settings))
        startup_seconds = time.perf_counter() - started
        ingest = build_defs(stores).resolve_job_def("ingest")
        summary = ingest_pending(ingest, instance, stores)
    summary.marked_failed = marked_failed
    summary.registration = registration
    summary.startup_seconds = startup_seconds
    if as_json:
        print_json(asdict(summary))
    else:
        print_summary(summary, settings)
    return 0 if summary.ok else 1


def print_summary(summary: "RunSummary", settings: "Settings") -> None:
    """Says what runs did, and what comes next."""
    from vidpipe.models.bundled_pair import DEMO_PAIR_NOTE, is_demo_pair

    if summary.marked_failed:
        print_line(f"marked failed, because their process is gone: {summary.marked_failed}")
    if summary.registration:
        print_line(summary.registration)
    if not summary.dates and summary.registration:
        print_line("nothing to do: every registered upload is indexed")
    for name, stage in summary.stages.items():
        print_line(
            f"{name:<16} {stage.seen:>7} seen {stage.new:>7} new {stage.failed:>5} failed "
            f"{stage.seconds:>8.1f} s"
        )
    if summary.runs:
        print_line(
            f"{'pgvector_index':<16} {summary.rows_written:>7} rows written"
            f"{summary.publish_seconds:>23.1f} s"
        )
        print_line(
            f"{'reused_footage':<16} {summary.compared:>7} compared {summary.new_copies:>3} copies"
            f"{summary.compare_seconds:>21.1f} s"
        )
    for sentence in summary.failures:
        print_line(f"! {sentence}")
    for error in summary.errors:
        print_line(f"ERROR {error}")
    if summary.dates and summary.ok:
        print_line(
            f"{len(summary.dates)} ingest dates indexed in {summary.seconds:.1f} s "
            f"(start-up {summary.startup_seconds:.1f} s). Next: vidpipe status, "
            "vidpipe search --image FILE, vidpipe db url --role reader"
        )
    if summary.active_model not in ("", summary.model):
        print_line(
            f"searches still use {summary.active_model}; vidpipe model list compares it with "
            f"{summary.model}, vidpipe model activate switches"
        )
    if is_demo_pair(settings):
        print_line(DEMO_PAIR_NOTE)
