"""The `account_topics` asset: wiring of topic runs to Dagster.

Belongs here: the weekly partition, what the UI says and shows of a run, the link to its report.
Does not: finding topics (vidpipe.topics).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import polars as pl
from dagster import (
    AllPartitionMapping,
    AssetDep,
    AssetExecutionContext,
    AssetsDefinition,
    BackfillPolicy,
    MetadataValue,
    ResourceParam,
    asset,
)
from psycopg import Connection

from vidpipe.automation.asset_metadata import picture, sample_table, table_columns
from vidpipe.automation.partitions import WEEKS, run_days
from vidpipe.errors import StoreError, VidpipeError
from vidpipe.media.contact_sheet import contact_sheet
from vidpipe.pipeline.contract import digest
from vidpipe.resources import Stores
from vidpipe.stores.lake_backup import copy_to_lake
from vidpipe.stores.media_store import MediaStore
from vidpipe.topics.run import ALGORITHM, TopicWorker, topic_settings

TIMEOUT_S = 6 * 3600.0
SHOWN = 20  # topics in the table
PICTURED = 12  # topics in the picture


def account_topics_asset(stores: Stores) -> AssetsDefinition:
    @asset(
        partitions_def=WEEKS,
        deps=[AssetDep("pgvector_index", partition_mapping=AllPartitionMapping())],
        group_name="understand",
        kinds={"postgres", "scikitlearn"},
        owners=["team:video-pipeline"],
        backfill_policy=BackfillPolicy.single_run(),
        code_version=digest({"algorithm": ALGORITHM, **asdict(topic_settings(stores.settings))}),
        metadata={"dagster/table_name": "vidpipe.topics"},
    )
    def account_topics(context: AssetExecutionContext, stores: ResourceParam[Stores]) -> None:
        """What all videos, and those of each account, are about: topics with names and trends.

        It is made from the vectors and words in PostgreSQL of everything that was ingested before
        the end of the week: `vidpipe.topics`, the tables beside it, and a report. It runs in the
        job `cluster_topics`, on Mondays for the week that has ended; it stops early when nothing
        has changed since the run before. Many weeks are one run, the oldest first.

        When the run fails, the topics of the run before stay. Where it says that the active model
        lacks vectors, launch the job `refresh` for all dates under its models first; then
        materialise the week again.
        """
        with stores.session(context) as session:
            columns = table_columns(session.connection, "vidpipe.topics")
            for week, run in _runs(stores, run_days(context), context.run.run_id):
                context.log.info(f"topics of the week of {week}: {run['status']}")
                context.add_asset_metadata(
                    {
                        "dagster/column_schema": columns,
                        "dagster/partition_row_count": _topics(session.connection, run["run_no"]),
                        **_told(session.connection, stores, run),
                    },
                    partition_key=week.isoformat(),
                )
        copy_to_lake(stores.settings)

    return account_topics


def _runs(
    stores: Stores, weeks: Sequence[date], run_id: str
) -> Iterator[tuple[date, dict[str, Any]]]:
    """One topic run a week, in order, in one worker process.

    Raises:
        VidpipeError: one could not be made; those before it are kept.
    """
    items = [[{"week": week.isoformat(), "dagster_run_id": run_id}] for week in weeks]
    outcomes = stores.pipeline.engine.run(
        TopicWorker(stores.settings), items, workers=1, timeout_s=TIMEOUT_S, ahead=0
    )
    for outcome in outcomes:
        week = date.fromisoformat(outcome.items[0]["week"])
        if outcome.rows is None:
            raise VidpipeError(
                f"no topics were found of the week of {week}: {outcome.error}"
            ) from outcome.error
        yield week, outcome.rows[0]


def _told(connection: Connection[Any], stores: Stores, run: Mapping[str, Any]) -> dict[str, Any]:
    """What became of a run, and the largest topics if it is the one that the views show."""
    metadata: dict[str, Any] = {
        name: value
        for name, value in run.items()
        if name not in ("notes", "lineage", "report_uri", "model_uri") and value is not None
    }
    metadata |= {"notes": list(run["notes"]), "lineage": run["lineage"]}
    if run["report_uri"]:
        metadata["report"] = _link(run["report_uri"])
    if run["model_uri"]:
        metadata["bertopic_model"] = _link(run["model_uri"])
    if run["status"] == "made" and run["is_current"]:
        metadata |= _shown(connection, stores)
    return metadata


def _topics(connection: Connection[Any], run_no: int | None) -> int:
    """Rows of `vidpipe.topics` of the run that stands for a week."""
    (count,) = connection.execute(
        "select count(*) from vidpipe.topics where run_no = %s", [run_no]
    ).fetchone() or (0,)
    return int(count)


def _link(uri: str) -> MetadataValue:
    return MetadataValue.url(uri) if "://" in uri else MetadataValue.path(uri)


def _shown(connection: Connection[Any], stores: Stores) -> dict[str, MetadataValue]:
    """The largest global topics, with a picture each, and the thresholds that were compared."""
    rows = connection.execute(
        "select t.topic_id, t.label, t.contents, n.videos, n.accounts,"
        " (select min(k.image_uri) from vidpipe.keyframes as k"
        " where k.keyframe_sha256 = t.keyframes[1])"
        " from vidpipe.current_topics as t"
        " inner join vidpipe.topic_trends as n on t.topic_id = n.topic_id"
        " where t.scope = 'global' order by t.contents desc, t.topic_id limit %s",
        [SHOWN],
    ).fetchall()
    table = pl.DataFrame(
        [row[:5] for row in rows],
        schema=["topic_id", "label", "contents", "videos", "accounts"],
        orient="row",
    )
    (compared,) = connection.execute(
        "select candidates from vidpipe.topic_runs where is_current"
    ).fetchone() or ([],)
    media = MediaStore(stores.settings.media)
    pictures = [
        (_image(media, uri), f"{topic_id}: {label}")
        for topic_id, label, _, _, _, uri in rows[:PICTURED]
    ]
    shown = {"largest_topics": sample_table(table, rows=SHOWN)}
    if compared:
        shown["thresholds"] = sample_table(pl.DataFrame(compared), rows=len(compared))
    if pictures:
        shown["pictures"] = picture(contact_sheet(pictures, columns=4), "largest topics")
    return shown


def _image(media: MediaStore, uri: str | None) -> bytes:
    """A keyframe's JPEG; nothing where it is gone."""
    try:
        return media.get(uri) if uri else b""
    except StoreError:
        return b""
