"""Several hosts: whether what this host writes can be read where other hosts work, too.

Belongs here: settings that tie an installation to one host. Does not: whether the places they name
work (vidpipe.doctor.places).
"""

import socket
from collections.abc import Iterator
from ipaddress import ip_address

from psycopg.conninfo import conninfo_to_dict

from vidpipe.doctor.findings import Level, ok, warning
from vidpipe.settings import Settings
from vidpipe.stores.database import normalised_url
from vidpipe.uploads.uploads_url import is_folder


def several(settings: Settings) -> Iterator[tuple[Level, str, str]]:
    """Names what other hosts could not see, where the database suggests that there are others."""
    if settings.database_url is None:
        yield ok("vidpipe's own PostgreSQL serves this host only: everything stays on it")
        return
    host = database_host(settings.database_url.get_secret_value())
    if is_this_host(host):
        yield ok("the database is on this host, and so may be everything else")
        return
    places = {
        "VIDPIPE_UPLOADS_URL": settings.uploads_url,
        "VIDPIPE_LAKE_URL": settings.lake,
        "VIDPIPE_MEDIA_URL": settings.media,
    }
    local = [setting for setting, url in places.items() if url is not None and is_folder(url)]
    for setting in local:
        yield warning(
            f"the database is on {host}, but {places[setting]} is a folder of this host",
            f"if runs or users are on several hosts, set {setting} to a bucket, or to a folder"
            " that all of them mount at the same path",
        )
    if not local:
        yield ok(f"the database is on {host}, and everything else in buckets")


def database_host(url: str) -> str:
    """The host that a database URL names; empty for a socket of this machine.

    Raises:
        SettingsError: it is no PostgreSQL URL.
    """
    parts = conninfo_to_dict(normalised_url(url))
    return str(parts.get("host") or parts.get("hostaddr") or "")


def is_this_host(host: str) -> bool:
    """Whether a name or address is a socket, the loopback interface, or this host by name."""
    if not host or host.startswith("/") or host in ("localhost", socket.gethostname()):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
