"""`vidpipe status`: what is waiting, running, failed and indexed."""

import json
import sys
from typing import Any

from dagster import DagsterInstance, DagsterRunStatus, RunsFilter
from rich.console import Console

from vidpipe.automation.dead_runs import UNFINISHED
from vidpipe.resources import Stores
from vidpipe.settings import load_settings
from vidpipe.stores.database import connect
from vidpipe.stores.schema_upgrade import upgrade
from vidpipe.uploads.registry.pending_dates import pending_dates
from vidpipe.uploads.registry.registered_uploads import held_uploads, waiting_uploads
from vidpipe.uploads.registry.sweeps import sweep_problems

SHOWN = 20


def status(*, as_json: bool) -> None:
    """Prints counts and names as text or as one JSON document."""
    found = _status()
    if as_json:
        json.dump(found, sys.stdout, indent=2, default=str)
        sys.stdout.write("\n")
        return
    console = Console(highlight=False, soft_wrap=True, markup=False)
    for heading in ("waiting", "held", "pending_dates", "running", "failed_runs", "failures"):
        lines = found[heading]
        console.print(f"{heading.replace('_', ' '):<14} {len(lines)}")
        for line in lines[:SHOWN]:
            console.print(f"    {line}")
        if len(lines) > SHOWN:
            console.print(f"    … and {len(lines) - SHOWN} more")
    for problem in found["problems"]:
        console.print(f"! {problem}")
    indexed = ", ".join(f"{count} {name}" for name, count in found["indexed"].items())
    console.print(f"{'indexed':<14} {indexed}")


def _status() -> dict[str, Any]:
    settings = load_settings()
    upgrade(settings)
    stores = Stores(settings)
    with connect(settings, autocommit=True) as connection, DagsterInstance.get() as instance:
        versions = stores.code_version("pgvector_index")
        pending = pending_dates(connection, versions) if versions else []
        failed = instance.get_runs(RunsFilter(statuses=[DagsterRunStatus.FAILURE]), limit=SHOWN)
        running = instance.get_runs(RunsFilter(statuses=[*UNFINISHED, DagsterRunStatus.QUEUED]))
        sentences = connection.execute(
            "select sentence from vidpipe.video_failures order by ingest_date desc, sentence"
        ).fetchall()
        return {
            "waiting": waiting_uploads(connection),
            "held": held_uploads(connection)["sentence"].to_list(),
            "pending_dates": [
                f"{one.ingest_date}: {one.waiting_uploads} of {one.uploads} uploads wait"
                for one in pending
            ],
            "running": [f"{run.run_id} {run.job_name} {run.status.value}" for run in running],
            "failed_runs": [f"{run.run_id} {run.job_name}" for run in failed],
            "failures": [sentence for (sentence,) in sentences],
            "problems": sweep_problems(connection),
            "indexed": {
                name: connection.execute(query).fetchone()[0]  # type: ignore[index]
                for name, query in {
                    "videos": "select count(*) from vidpipe.videos where removed_at is null",
                    "accounts": "select count(*) from vidpipe.accounts",
                    "contents": "select count(*) from vidpipe.contents",
                    "keyframes": "select count(*) from vidpipe.keyframes",
                    "ocr_lines": "select count(*) from vidpipe.ocr_lines",
                }.items()
            },
        }
