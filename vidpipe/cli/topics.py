"""`vidpipe topics`: making topic runs, choosing among them, looking at one.

Belongs here: what is said at the terminal. Does not: finding topics (vidpipe.topics).
"""

import json
import sys
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
from dagster import DagsterInstance
from psycopg.rows import dict_row
from rich.console import Console
from rich.table import Table
from rich.text import Text

from vidpipe.automation.partitions import WEEKS
from vidpipe.cli.run import materialize, step_errors
from vidpipe.dagster_storage import VidpipeComputeLogs
from vidpipe.errors import SettingsError, UnknownName
from vidpipe.resources import Stores
from vidpipe.settings import load_settings
from vidpipe.stores.database import connect
from vidpipe.stores.lake_backup import copy_to_lake
from vidpipe.stores.schema_upgrade import upgrade

LARGEST = 10
TOLD = (
    "status",
    "run_no",
    "is_current",
    "videos",
    "contents",
    "topics",
    "account_topics",
    "outlier_share",
    "lineage",
    "notes",
    "report",
)


def make(week: date | None, *, as_json: bool) -> int:
    """Finds the topics of a week through Dagster, and prints the largest; returns the exit code.

    Args:
        week: any day of it; None for the current one.
        as_json: prints one JSON document instead.
    """
    VidpipeComputeLogs.mirrors = False
    settings = load_settings()
    upgrade(settings)
    day = week or datetime.now(UTC).date()
    monday = day - timedelta(days=day.weekday())
    if monday.isoformat() not in WEEKS.get_partition_keys():
        raise SettingsError(f"{day} is in the future, or before VIDPIPE_START_DATE")
    with DagsterInstance.get() as instance:
        stores = Stores(settings)
        result = materialize(instance, stores, "cluster_topics", partition_key=monday.isoformat())
    if not result.success:
        for error in step_errors(result):
            _console().print(f"ERROR {error}")
        return 1
    (event,) = result.get_asset_materialization_events()
    run: dict[str, Any] = {
        name: value.value for name, value in event.materialization.metadata.items()
    }
    if as_json:
        _print_json({name: run[name] for name in TOLD if name in run})
        return 0
    console = _console()
    for note in run["notes"]:
        console.print(f"! {note}")
    if run["status"] == "empty":
        console.print("there is nothing to cluster: vidpipe run --uploads FOLDER comes first")
    elif run["status"] == "unchanged":
        stays = ", which stays the current one" if run["is_current"] else ""
        console.print(f"nothing has changed since run {run['run_no']}{stays}")
    else:
        console.print(
            f"run {run['run_no']}, everything before {monday + timedelta(days=7)}: "
            f"{run['topics']} topics of {run['contents']} contents, {run['account_topics']} within "
            f"accounts, {run['outlier_share']:.0%} in none"
        )
        if run["lineage"]:
            console.print(", ".join(f"{count} {event}" for event, count in run["lineage"].items()))
        if run["is_current"]:
            with connect(settings, autocommit=True) as connection:
                _print_largest(connection)
    if "report" in run:
        console.print(f"report: {run['report']}")
    return 0


def list_runs(*, as_json: bool) -> None:
    """Prints all runs, the oldest first."""
    settings = load_settings()
    upgrade(settings)
    with (
        connect(settings, autocommit=True) as connection,
        connection.cursor(row_factory=dict_row) as cursor,
    ):
        rows = cursor.execute(
            "select run_no, week, made_at, is_current, contents, topics, account_topics,"
            " outlier_share, settings ->> 'threshold' as threshold, report_uri"
            " from vidpipe.topic_runs order by run_no"
        ).fetchall()
    if as_json:
        _print_json(rows)
        return
    table = Table("no", "week", "contents", "topics", "in accounts", "in none", "", box=None)
    for row in rows:
        table.add_row(
            str(row["run_no"]),
            str(row["week"]),
            str(row["contents"]),
            str(row["topics"]),
            str(row["account_topics"]),
            f"{row['outlier_share']:.0%}",
            "current" if row["is_current"] else "",
        )
    _console().print(table if rows else "no topics were found yet: vidpipe topics run")


def promote(run_no: int) -> None:
    """Makes the views show a run.

    Raises:
        UnknownName: there is no such run.
    """
    settings = load_settings()
    upgrade(settings)
    with connect(settings, autocommit=True) as connection:
        try:
            connection.execute("select vidpipe.promote_topic_run(%s)", [run_no])
        except psycopg.errors.NoDataFound as error:
            raise UnknownName(error.diag.message_primary) from error
    copy_to_lake(settings)
    _console().print(f"views show run {run_no} now")


def _print_largest(connection: psycopg.Connection) -> None:
    rows = connection.execute(
        "select topic_id, label, videos, accounts, peak_day from vidpipe.topic_trends"
        " where scope = 'global' order by contents desc, topic_id limit %s",
        [LARGEST],
    ).fetchall()
    table = Table("topic", "words", "posts", "accounts", "most on", box=None)
    for topic_id, label, videos, accounts, peak_day in rows:
        table.add_row(str(topic_id), Text(label), str(videos), str(accounts), str(peak_day or ""))
    _console().print(table)


def _print_json(document: Any) -> None:
    json.dump(document, sys.stdout, indent=2, default=str)
    sys.stdout.write("\n")


def _console() -> Console:
    return Console(highlight=False, markup=False)
