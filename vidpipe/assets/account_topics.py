"""The `account_topics` asset: wiring of topic runs to Dagster.

Belongs here: the weekly partition, what the UI says and shows of a run, the link to its report.
Does not: finding topics (vidpipe.topics).
"""

from datetime import date, timedelta
from typing import Any

import polars as pl
from dagster import (
    AllPartitionMapping,
    AssetDep,
    AssetExecutionContext,
    AssetsDefinition,
    FreshnessPolicy,
    MetadataValue,
    ResourceParam,
    asset,
)
from psycopg import Connection

from vidpipe.automation.asset_metadata import picture, sample_table
from vidpipe.automation.partitions import WEEKS
from vidpipe.errors import StoreError, VidpipeError
from vidpipe.media.contact_sheet import contact_sheet
from vidpipe.resources import Stores
from vidpipe.stores.lake_backup import copy_to_lake
from vidpipe.stores.media_store import MediaStore
from vidpipe.topics.run import TopicWorker

TIMEOUT_S = 6 * 3600.0
SHOWN = 20  # topics in the table
PICTURED = 12  # topics in the picture


def account_topics_asset() -> AssetsDefinition:
    @asset(
        partitions_def=WEEKS,
        deps=[AssetDep("pgvector_index", partition_mapping=AllPartitionMapping())],
        group_name="understand",
        kinds={"postgres", "scikitlearn"},
        owners=["team:video-pipeline"],
        freshness_policy=FreshnessPolicy.time_window(
            fail_window=timedelta(days=9), warn_window=timedelta(days=8)
        ),
        metadata={"dagster/table_name": "vidpipe.topics"},
    )
    def account_topics(context: AssetExecutionContext, stores: ResourceParam[Stores]) -> None:
        """What all videos, and those of each account, are about: topics with names and trends.

        It is made from the vectors and words in PostgreSQL of everything that was ingested before
        the end of the week: `vidpipe.topics`, the tables beside it, and a report. It runs in the
        job `cluster_topics`, on Mondays for the week that has ended; it stops early when nothing
        has changed since the run before.

        When the run fails, the topics of the run before stay. Where it says that the active model
        lacks vectors, materialise `pgvector_index` for all dates first; then materialise the week
        again.
        """
        week = date.fromisoformat(context.partition_key)
        with stores.session(context) as session:
            run = _make(stores, week, context.run.run_id)
            context.log.info(f"topics of the week of {week}: {run['status']}")
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
                metadata |= _shown(session.connection, stores)
        if run["status"] == "made" or run["report_uri"]:
            copy_to_lake(stores.settings)
        context.add_output_metadata(metadata)

    return account_topics


def _make(stores: Stores, week: date, run_id: str) -> dict[str, Any]:
    """One run, in a worker process.

    Raises:
        VidpipeError: it could not be made.
    """
    item = {"week": week.isoformat(), "dagster_run_id": run_id}
    (outcome,) = stores.pipeline.engine.run(
        TopicWorker(stores.settings), [[item]], workers=1, timeout_s=TIMEOUT_S
    )
    if outcome.rows is None:
        raise VidpipeError(f"no topics were found: {outcome.error}") from outcome.error
    return outcome.rows[0]


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
