"""How failures of the embedded server are told.

Belongs here: what to do about an error of the operating system, and the hint every message ends on.
Does not: deciding that something failed (the modules beside this one).
"""

import contextlib
from collections.abc import Iterator

from vidpipe.errors import DatabaseError
from vidpipe.stores.embedded.paths import ServerPaths

OWN_SERVER_HINT = "or set VIDPIPE_DATABASE_URL to a PostgreSQL server with pgvector"


@contextlib.contextmanager
def explained(paths: ServerPaths) -> Iterator[None]:
    """Turns an error of the operating system into one that says what to do."""
    try:
        yield
    except PermissionError as error:
        raise DatabaseError(
            f"{error.filename or paths.root}: permission denied. The PostgreSQL server under "
            f"{paths.root} belongs to another user; run vidpipe as that user, choose another "
            f"VIDPIPE_HOME, {OWN_SERVER_HINT}"
        ) from error
    except OSError as error:
        raise DatabaseError(
            f"the PostgreSQL server under {paths.root} cannot be managed: {error}. "
            f"Free space or repair the folder, choose another VIDPIPE_HOME, {OWN_SERVER_HINT}"
        ) from error
