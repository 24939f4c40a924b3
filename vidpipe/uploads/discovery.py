"""Looking for uploads: one look at the uploads URL, taken into the registry.

Belongs here: how the sensor (bounded ticks) and `vidpipe run` (one whole look) look.
Does not: listing or what a listing changes (the other modules of vidpipe.uploads).
"""

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from psycopg import Connection

from vidpipe.errors import SettingsError, StoreError
from vidpipe.pipeline.stages import Pipeline, Session
from vidpipe.settings import Settings
from vidpipe.stores.lake import RAW_VIDEOS
from vidpipe.uploads import registry
from vidpipe.uploads.registry import RegistrationReport
from vidpipe.uploads.upload_store import list_some_uploads, list_uploads


def look_for_uploads(
    connection: Connection[Any], settings: Settings, *, seconds: float
) -> RegistrationReport:
    """One bounded look: the newest date folders and the next slice of the older ones.

    Raises:
        SettingsError: VIDPIPE_UPLOADS_URL is not set.
    """
    listing = list_some_uploads(
        _uploads_url(settings), after=registry.sweep_position(connection), budget_s=seconds
    )
    return registry.register(connection, listing, now=datetime.now(UTC), settings=settings)


def look_at_all_uploads(connection: Connection[Any], settings: Settings) -> RegistrationReport:
    """One whole look; a second one when something was still arriving, to see whether it is done.

    Raises:
        SettingsError: VIDPIPE_UPLOADS_URL is not set.
        StoreError: nothing could be listed there; the failed look is recorded.
    """
    url = _uploads_url(settings)
    listing = list_uploads(url)
    first = registry.register(connection, listing, now=datetime.now(UTC), settings=settings)
    if listing.failure is not None:
        raise StoreError(listing.failure)
    if not first.waiting:
        return first
    time.sleep(registry.SETTLE.total_seconds())
    second = registry.register(
        connection, list_uploads(url).glance(), now=datetime.now(UTC), settings=settings
    )
    return replace(
        second,
        new=first.new + second.new,
        changed=first.changed + second.changed,
        back=first.back + second.back,
        newly_missing=first.newly_missing,
        removed=first.removed,
        refused_reason=first.refused_reason or second.refused_reason,
    )


def restore_registry(pipeline: Pipeline, session: Session) -> int:
    """Registers again what the lake knows of uploads; returns how many were missing."""
    rows = (
        pipeline.lake.scan(RAW_VIDEOS)
        .select(
            "upload_id",
            "fingerprint",
            "uri",
            "first_seen_at",
            "ingest_date",
            "size_bytes",
            "committed_at",
        )
        .collect()
    )
    return registry.restore_from(session.connection, rows)


def _uploads_url(settings: Settings) -> str:
    if settings.uploads_url is None:
        raise SettingsError(
            "there is nowhere to look for uploads: give --uploads URL or set VIDPIPE_UPLOADS_URL"
        )
    return settings.uploads_url
