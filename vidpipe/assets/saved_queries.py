"""The `saved_queries` asset: what analysts ask again and again. Nothing here makes it.

Belongs here: what the UI says of it. Does not: their vectors (vidpipe.assets.query_embeddings).
"""

from dagster import AssetSpec


def saved_queries_asset() -> AssetSpec:
    """The external asset that `query_embeddings` is made of."""
    return AssetSpec(
        "saved_queries",
        description="The queries that analysts keep: their names, terms and whether they are "
        "watched. It is made by analysts, in SQL or with `vidpipe query save`; vidpipe only reads "
        "it. `query_embeddings_sensor` looks every 15 seconds for queries without a vector.\n\n"
        "Where a query has no vector, see what the last run of `query_embeddings` says of it.",
        group_name="serve",
        kinds={"postgres"},
        owners=["team:video-pipeline"],
        metadata={"dagster/table_name": "vidpipe.saved_queries"},
    )
