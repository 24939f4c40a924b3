"""The `clip_embeddings` asset: wiring of the embedding stage to Dagster.

Belongs here: what the UI says and shows of it.
Does not: the models (vidpipe.models.clip), computing what is missing (vidpipe.pipeline.loop).
"""

from dagster import AssetExecutionContext, AssetsDefinition, ResourceParam, asset

from vidpipe.automation.asset_metadata import report_stage, table_metadata
from vidpipe.automation.partitions import DAILY, run_days
from vidpipe.automation.recompute_config import RecomputeConfig
from vidpipe.resources import Stores
from vidpipe.stores.lake import CLIP_EMBEDDINGS


def clip_embeddings_asset(stores: Stores) -> AssetsDefinition:
    @asset(
        **DAILY,
        deps=["keyframes", "ocr_text"],
        group_name="understand",
        kinds={"pytorch", "deltalake"},
        code_version=stores.code_version("clip_embeddings"),
        metadata=table_metadata(CLIP_EMBEDDINGS, stores.settings.lake),
    )
    def clip_embeddings(
        context: AssetExecutionContext, config: RecomputeConfig, stores: ResourceParam[Stores]
    ) -> None:
        """Unit vectors of every keyframe and text, in one space where both can be compared.

        It is made from the pictures of `keyframes`, the accepted lines of `ocr_text` and the
        descriptions of the posts, by the models of `VIDPIPE_CLIP_IMAGE_MODEL` and
        `VIDPIPE_CLIP_TEXT_MODEL`; another model embeds new uploads only, until the job `refresh`
        asks for more. It runs in the job `ingest`, after `ocr_text`.

        When the run fails, mend what its error names (most often a model that is out of reach) and
        materialise the date again; what was finished is kept. Single inputs that failed are rows of
        `vidpipe.video_failures`.
        """
        days = run_days(context)
        pipeline = stores.pipeline
        with stores.session(context) as session:
            report = pipeline.compute(
                session, pipeline.clip_embeddings, days, config.asked(context)
            )
        report_stage(
            context,
            report,
            lake=pipeline.lake,
            table=CLIP_EMBEDDINGS,
            extra={"model": pipeline.model.model_id, "dimensions": pipeline.model.dimensions},
        )

    return clip_embeddings
