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
from vidpipe.settings import Settings
from vidpipe.uploads.listing import list_some_uploads, list_uploads
from vidpipe.uploads.registry.registering import SETTLE, register
from vidpipe.uploads.registry.registration_report import RegistrationReport
from vidpipe.uploads.registry.sweeps import sweep_position


def look_for_uploads(
    connection: Connection[Any], settings: Settings, *, seconds: float
) -> RegistrationReport:
    """One bounded look: the newest date folders and the next slice of the older ones.

    Raises:
        SettingsError: VIDPIPE_UPLOADS_URL is not set.
    """
    listing = list_some_uploads(
        _uploads_url(settings), after=sweep_position(connection), budget_s=seconds
    )
    return register(
        connection, listing, now=datetime.now(UTC), settings=settings, look_seconds=seconds / 2
    )


def look_at_all_uploads(connection: Connection[Any], settings: Settings) -> RegistrationReport:
    """One whole look; a second one when something was still arriving, to see whether it is done.

    Raises:
        SettingsError: VIDPIPE_UPLOADS_URL is not set.
        StoreError: nothing could be listed there; the failed look is recorded.
    """
    url = _uploads_url(settings)
    listing = list_uploads(url)
    first = register(connection, listing, now=datetime.now(UTC), settings=settings)
    if listing.failure is not None:
        raise StoreError(listing.failure)
    if not first.waiting:
        return first
    time.sleep(SETTLE.total_seconds())
    second = register(
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


def _uploads_url(settings: Settings) -> str:
    if settings.uploads_url is None:
        raise SettingsError(
            "there is nowhere to look for uploads: give --uploads URL or set VIDPIPE_UPLOADS_URL"
        )
    return settings.uploads_url
