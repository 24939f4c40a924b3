"""Alerts: one JSON document posted to an address that the user chose; off by default.

Belongs here: sending. Does not: deciding what is worth an alert (watch_lists, sensors, checks).
"""

import json
import logging
from typing import Any, Literal
from urllib.error import URLError
from urllib.request import Request, urlopen

from vidpipe.settings import Settings

TIMEOUT_S = 10.0
MOST_DETAILS = 200  # of one alert; more are counted

Kind = Literal["watch_hits", "footage_watch_hits", "failed_run", "quality_drop", "missing_model"]

log = logging.getLogger(__name__)


def send_alert(settings: Settings, kind: Kind, title: str, details: list[dict[str, Any]]) -> bool:
    """Posts `{"kind", "title", "details", "left_out"}` to VIDPIPE_ALERT_URL.

    An address that does not answer is logged and stops nothing: what was to be told stands in the
    database and in Dagster, too. Details hold what strangers wrote: the receiver must escape them.

    Returns:
        Whether the address took it; False when there is none.
    """
    if settings.alert_url is None:
        return False
    document = {
        "kind": kind,
        "title": title,
        "details": details[:MOST_DETAILS],
        "left_out": max(0, len(details) - MOST_DETAILS),
    }
    request = Request(  # the settings allow http and https only
        settings.alert_url.get_secret_value(),
        data=json.dumps(document).encode(),
        headers={"Content-Type": "application/json", "User-Agent": "vidpipe"},
    )
    try:
        with urlopen(request, timeout=TIMEOUT_S):
            return True
    except (URLError, OSError, ValueError) as error:
        log.warning("the alert %r could not be sent to VIDPIPE_ALERT_URL: %s", title, error)
        return False
