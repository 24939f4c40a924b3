"""The `clip_embeddings` asset: unit vectors of every keyframe and text of a date, in one space.

Belongs here: wiring of the embedding stage to Dagster.
Does not: models (vidpipe.models.clip).
"""

from dagster import AssetExecutionContext, AssetsDefinition, ResourceParam, asset

from vidpipe.automation.materialization import DAILY, ingest_dates, report_stage, table_metadata
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
        description=__doc__,
    )
    def clip_embeddings(context: AssetExecutionContext, stores: ResourceParam[Stores]) -> None:
        days = ingest_dates(context)
        pipeline = stores.pipeline
        with stores.session(context) as session:
            report = pipeline.compute(session, pipeline.clip_embeddings, days)
            inputs = pipeline.snapshot(session, days).embedding_inputs
        report_stage(
            context,
            report,
            rows=inputs,
            extra={"model": pipeline.model.model_id, "dimensions": pipeline.model.dimensions},
        )

    return clip_embeddings
