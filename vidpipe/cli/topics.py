"""`vidpipe topics`: making topic runs, choosing among them, looking at one.

Belongs here: what is said at the terminal. Does not: finding topics (vidpipe.topics).
"""

import sys
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from vidpipe.cli.options import DATE, json_option, with_environment
from vidpipe.cli.output import print_fitted, print_json
from vidpipe.errors import SettingsError, UnknownName

if TYPE_CHECKING:
    import psycopg

    from vidpipe.settings import Settings

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
    "bertopic_model",
)


@click.group()
def topics() -> None:
    """What videos are about: found every week, kept from week to week."""


@topics.command("run")
@click.option("--week", type=DATE, help="Any day of the week [the current one].")
@json_option
@with_environment
def run(week: datetime | None, as_json: bool) -> None:
    """Find the topics of everything ingested before the end of a week, and write a report."""
    sys.exit(find_topics(week and week.date(), as_json=as_json))


def find_topics(week: date | None, *, as_json: bool) -> int:
    """Finds the topics of a week through Dagster, and prints the largest; returns the exit code.

    Args:
        week: any day of it; None for the current one.
        as_json: prints one JSON document instead.
    """
    from dagster import DagsterInstance

    from vidpipe.automation.in_process import materialize, step_errors
    from vidpipe.automation.partitions import keep_weeks, monday
    from vidpipe.cli.environment import upgraded_settings
    from vidpipe.dagster_storage import VidpipeComputeLogs
    from vidpipe.definitions import build_defs
    from vidpipe.resources import Stores

    VidpipeComputeLogs.mirrors = False
    settings = upgraded_settings()
    today = datetime.now(UTC).date()
    day = week or today
    chosen = monday(day)
    if not monday(settings.start_date) <= chosen <= today:
        raise SettingsError(f"{day} is in the future, or before VIDPIPE_START_DATE")
    cluster_topics = build_defs(Stores(settings)).resolve_job_def("cluster_topics")
    with DagsterInstance.get() as instance:
        keep_weeks(instance, [chosen])
        result = materialize(cluster_topics, instance, settings, partition_key=chosen.isoformat())
    if not result.success:
        for error in step_errors(result):
            print_fitted(f"ERROR {error}")
        return 1
    (event,) = result.get_asset_materialization_events()
    found: dict[str, Any] = {
        name: value.value for name, value in event.materialization.metadata.items()
    }
    if as_json:
        print_json({name: found[name] for name in TOLD if name in found})
    else:
        _print(settings, found, chosen)
    return 0


@topics.command("list")
@json_option
@with_environment
def list_runs(as_json: bool) -> None:
    """Show all topic runs, and which one the views show."""
    from psycopg.rows import dict_row
    from rich.table import Table

    from vidpipe.cli.environment import upgraded_settings
    from vidpipe.stores.database import connect

    settings = upgraded_settings()
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
        print_json(rows)
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
    print_fitted(table if rows else "no topics were found yet: vidpipe topics run")


@topics.command("promote")
@click.argument("run_no", type=int, metavar="RUN")
@with_environment
def promote(run_no: int) -> None:
    """Let the views show RUN, a newer or an older one."""
    import psycopg

    from vidpipe.cli.environment import upgraded_settings
    from vidpipe.stores.database import connect
    from vidpipe.stores.lake_backup import copy_to_lake

    settings = upgraded_settings()
    with connect(settings, autocommit=True) as connection:
        try:
            connection.execute("select vidpipe.promote_topic_run(%s)", [run_no])
        except psycopg.errors.NoDataFound as error:
            raise UnknownName(error.diag.message_primary) from error
    copy_to_lake(settings)
    print_fitted(f"views show run {run_no} now")


def _print(settings: "Settings", found: dict[str, Any], monday: date) -> None:
    """Prints what a run found, as its asset tells it."""
    from vidpipe.stores.database import connect

    for note in found["notes"]:
        print_fitted(f"! {note}")
    if found["status"] == "empty":
        print_fitted("there is nothing to cluster: vidpipe run --uploads FOLDER comes first")
    elif found["status"] == "unchanged":
        stays = ", which stays the current one" if found["is_current"] else ""
        print_fitted(f"nothing has changed since run {found['run_no']}{stays}")
    else:
        print_fitted(
            f"run {found['run_no']}, everything before {monday + timedelta(days=7)}: "
            f"{found['topics']} topics of {found['contents']} contents, "
            f"{found['account_topics']} within accounts, {found['outlier_share']:.0%} in none"
        )
        if found["lineage"]:
            print_fitted(", ".join(f"{count} {event}" for event, count in found["lineage"].items()))
        if found["is_current"]:
            with connect(settings, autocommit=True) as connection:
                _print_largest(connection)
    if "report" in found:
        print_fitted(f"report: {found['report']}")


def _print_largest(connection: "psycopg.Connection") -> None:
    from rich.table import Table
    from rich.text import Text

    rows = connection.execute(
        "select topic_id, label, videos, accounts, peak_day from vidpipe.topic_trends"
        " where scope = 'global' order by contents desc, topic_id limit %s",
        [LARGEST],
    ).fetchall()
    table = Table("topic", "words", "posts", "accounts", "most on", box=None)
    for topic_id, label, videos, accounts, peak_day in rows:
        table.add_row(str(topic_id), Text(label), str(videos), str(accounts), str(peak_day or ""))
    print_fitted(table)
