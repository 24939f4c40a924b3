"""Everything that Dagster loads, put together.

Belongs here: assembly only.
Does not: any asset, check, sensor or resource itself.
"""

from dagster import Definitions, in_process_executor

from vidpipe.assets.account_topics import account_topics_asset
from vidpipe.assets.clip_embeddings import clip_embeddings_asset
from vidpipe.assets.keyframes import keyframes_asset
from vidpipe.assets.ocr_text import ocr_text_asset
from vidpipe.assets.pgvector_index import pgvector_index_asset
from vidpipe.assets.query_embeddings import query_embeddings_asset
from vidpipe.assets.raw_videos import raw_videos_asset
from vidpipe.assets.reuse_calibration import reuse_calibration_asset
from vidpipe.assets.reused_footage import reused_footage_asset
from vidpipe.assets.saved_queries import saved_queries_asset
from vidpipe.assets.search_quality import search_quality_asset
from vidpipe.assets.uploads import uploads_asset
from vidpipe.automation.checks import asset_checks
from vidpipe.automation.jobs import JOBS
from vidpipe.automation.schedules import SCHEDULES
from vidpipe.automation.sensors import SENSORS
from vidpipe.resources import Stores


def build_defs(stores: Stores | None = None) -> Definitions:
    """The definitions of one installation; tests pass stores with settings of their own."""
    stores = stores or Stores()
    return Definitions(
        assets=[
            uploads_asset(),
            raw_videos_asset(stores),
            keyframes_asset(stores),
            ocr_text_asset(stores),
            clip_embeddings_asset(stores),
            pgvector_index_asset(stores),
            reused_footage_asset(),
            reuse_calibration_asset(),
            account_topics_asset(stores),
            saved_queries_asset(),
            query_embeddings_asset(),
            search_quality_asset(),
        ],
        asset_checks=asset_checks(),
        jobs=JOBS,
        schedules=SCHEDULES,
        sensors=SENSORS,
        resources={"stores": stores},
        # Steps share one process: it holds no model (workers do), and a process a step costs
        # seconds. What people materialise in the UI is executed like the jobs.
        executor=in_process_executor,
    )


defs = build_defs()
