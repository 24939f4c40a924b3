"""The `uploads` asset: what others put under the uploads URL. Nothing here makes it.

Belongs here: what the UI says of it. Does not: looking at it (vidpipe.automation.sensors), the
figures of the registry (vidpipe.automation.uploads_observation).
"""

from dagster import AssetSpec

from vidpipe.automation.uploads_observation import UPLOADS


def uploads_asset() -> AssetSpec:
    """The external asset that everything is made of."""
    return AssetSpec(
        UPLOADS,
        description="The files that arrive under `VIDPIPE_UPLOADS_URL`, with or without metadata "
        "beside them. It is made by whoever uploads; vidpipe only looks. `uploads_sensor` lists "
        "them every 30 seconds and notes here how many are registered, held, waiting and gone, "
        "whenever that changes.\n\nWhere the figures stand still although files arrive, see that "
        "the sensor is on and what its ticks say; `vidpipe uploads check` explains each file of a "
        "folder.",
        group_name="ingest",
        kinds={"file"},
        owners=["team:video-pipeline"],
        metadata={"dagster/table_name": "vidpipe_ops.uploads"},
    )
