"""The database: whether vidpipe's own server could start, or yours answers and has what it needs.

Belongs here: looking at it. Does not: starting, creating or upgrading anything (vidpipe.stores).
"""

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime

from psycopg import Connection

from vidpipe.doctor.findings import Level, error, ok, warning
from vidpipe.settings import Settings
from vidpipe.stores.database import connect, database_url, shown
from vidpipe.stores.database_check import shortcomings
from vidpipe.stores.embedded.account import server_account
from vidpipe.stores.embedded.binaries import installed_binaries
from vidpipe.stores.embedded.failures import OWN_SERVER_HINT
from vidpipe.stores.embedded.paths import ServerPaths
from vidpipe.stores.embedded.process import ready_port
from vidpipe.stores.schema_upgrade import pending

START_S = 10.0
CLOCKS_APART_S = 30.0


def database(settings: Settings) -> Iterator[tuple[Level, str, str]]:
    """Whether there is a database to work with."""
    if settings.database_url is None:
        yield _own_server(settings)
        return
    lacking = shortcomings(settings)
    for one in lacking:
        sql = " ".join(one.statements)
        remedy = f"in database {one.database}: {sql}" if sql else "vidpipe db check says more"
        yield (error if one.blocks else warning)(one.what, remedy)
    if any(one.blocks for one in lacking):
        return
    with connect(settings, autocommit=True) as connection:
        yield ok(f"{shown(database_url(settings))} answers")
        missing = pending(connection)
        if missing:
            yield warning(
                f"{len(missing)} files of the schema are not applied yet",
                "nothing: vidpipe db upgrade, vidpipe up and vidpipe run apply them",
            )
        yield _clocks(connection)


def _own_server(settings: Settings) -> tuple[Level, str, str]:
    """Whether PostgreSQL's programs run here; a server of this home that runs is left alone."""
    paths = ServerPaths.of(settings.home)
    if (port := ready_port(paths)) is not None:
        return ok(f"vidpipe's own PostgreSQL runs on port {port}")
    account = server_account(paths)
    program = installed_binaries() / "postgres"
    try:
        ended = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=START_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        return error(f"{program} cannot be run: {problem}", f"reinstall it, {OWN_SERVER_HINT}")
    if ended.returncode != 0:
        said = " ".join((ended.stderr or ended.stdout).split())
        return error(f"{program} cannot be run: {said}", f"reinstall it, {OWN_SERVER_HINT}")
    return ok(f"{ended.stdout.strip()} can be started for this host, as user {account.uid}")


def _clocks(connection: Connection) -> tuple[Level, str, str]:
    """The clocks of this host and of the server: uploads get their dates from both."""
    row = connection.execute("select clock_timestamp()").fetchone()
    apart_s = abs((datetime.now(UTC) - row[0]).total_seconds()) if row else 0.0
    if apart_s > CLOCKS_APART_S:
        return warning(
            f"the clocks of this host and of the database are {apart_s:.0f} s apart",
            "let a time service set both",
        )
    return ok("the clocks of this host and of the database agree")
