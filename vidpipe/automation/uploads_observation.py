"""The registry's figures, as observations of the external asset `uploads`.

Belongs here: telling them when they change. Does not: counting (vidpipe.uploads.registry).
"""

from typing import Any

from dagster import AssetKey, AssetObservation, DagsterInstance
from psycopg import Connection

from vidpipe.uploads.registry.registered_uploads import registry_figures

UPLOADS = AssetKey("uploads")


def uploads_observation(
    instance: DagsterInstance, connection: Connection[Any], uploads_url: str
) -> AssetObservation | None:
    """The figures of now, unless they were told before."""
    now = AssetObservation(UPLOADS, metadata={"url": uploads_url, **registry_figures(connection)})
    told = instance.fetch_observations(UPLOADS, limit=1).records
    last = told[0].event_log_entry.asset_observation if told else None
    return None if last is not None and last.metadata == now.metadata else now
