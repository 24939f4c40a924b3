"""The `query_embeddings` asset: wiring of saved queries to Dagster.

Belongs here: what the UI says and shows of it.
Does not: making vectors (vidpipe.search.saved_queries), looking for posts
(vidpipe.search.watch_lists).
"""

import polars as pl
from dagster import (
    AllPartitionMapping,
    AssetDep,
    AssetExecutionContext,
    AssetsDefinition,
    ResourceParam,
    asset,
)

from vidpipe.automation.asset_metadata import sample_table
from vidpipe.resources import Stores
from vidpipe.search.index_model import model_of_index, settings_of_index
from vidpipe.search.saved_queries import embed_waiting
from vidpipe.search.watch_lists import look_for_watched, tell_hits


def query_embeddings_asset() -> AssetsDefinition:
    @asset(
        group_name="serve",
        kinds={"pytorch", "postgres"},
        deps=["saved_queries", AssetDep("pgvector_index", partition_mapping=AllPartitionMapping())],
        owners=["team:video-pipeline"],
        metadata={"dagster/table_name": "vidpipe.saved_queries"},
    )
    def query_embeddings(context: AssetExecutionContext, stores: ResourceParam[Stores]) -> None:
        """The vectors of saved queries, so that they can be searched for in SQL.

        It is made from the terms in `vidpipe.saved_queries`, by the model of the index; then
        watched queries look for posts that came in meanwhile. It runs in the job `embed_queries`,
        which `query_embeddings_sensor` requests when a query waits for its vector.

        A query that cannot be embedded does not fail the run: the run's metadata names it with the
        problem; correct its terms. When the run itself fails, mend what its error names; the sensor
        requests it again, five times at most.
        """
        with stores.session(context) as session:
            model = model_of_index(session.connection)
            settings = settings_of_index(stores.settings, model.model_id)
            engine = stores.pipeline.engine
            told = embed_waiting(session.connection, settings, engine, model.model_id)
            made = [name for name, reason in told.items() if reason is None]
            # Posts may have come in between the saving of a watched query and its vector.
            look_for_watched(session.connection, context.run.run_id, queries=made)
            tell_hits(session.connection, stores.settings)
        refused = {name: reason for name, reason in told.items() if reason}
        for name, reason in refused.items():
            context.log.warning(f"saved query {name!r}: {reason}")
        context.add_output_metadata(
            {
                "embedded": len(told) - len(refused),
                "refused": len(refused),
                "model": model.model_id,
                "queries": sample_table(
                    pl.DataFrame(
                        {
                            "name": list(told),
                            "problem": [reason or "" for reason in told.values()],
                        },
                        schema={"name": pl.String, "problem": pl.String},
                    )
                ),
            }
        )

    return query_embeddings
