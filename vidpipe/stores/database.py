"""Connections to PostgreSQL: which server, how to reach it, what went wrong in words.

Belongs here: URLs and connections, to the user's server or to the embedded one.
Does not: the embedded server's life (vidpipe.stores.embedded), tables
(vidpipe.stores.schema_upgrade) or rows (vidpipe.publication).
"""

from urllib.parse import quote, urlencode

import psycopg
from pgvector.psycopg import register_vector
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from vidpipe.errors import DatabaseError, SettingsError
from vidpipe.settings import Settings
from vidpipe.stores.closing import close_databases
from vidpipe.stores.requirements.server import DAGSTER_SUFFIX

APPLICATION_NAME = "vidpipe"
CONNECT_TIMEOUT_S = 15
# First statement of a transaction whose queries shall all see the same moment.
ONE_MOMENT = "set transaction isolation level repeatable read"


def database_url(settings: Settings) -> str:
    """libpq URL of the database; starts the embedded server if none is set.

    Raises:
        SettingsError: VIDPIPE_DATABASE_URL is not a PostgreSQL URL.
        DatabaseError: the embedded server cannot be started.
    """
    if settings.database_url is None:
        from vidpipe.stores.embedded import server as embedded_server

        server = embedded_server.start(settings.home, settings.server_idle_hours)
        return server.url("vidpipe")
    return normalised_url(settings.database_url.get_secret_value())


def dagster_database_url(settings: Settings) -> str:
    """libpq URL of Dagster's own database `<name>_dagster` on the same server, made if absent.

    Raises:
        SettingsError: VIDPIPE_DATABASE_URL is not a PostgreSQL URL.
        DatabaseError: the server cannot be reached or the database cannot be made.
    """
    base = database_url(settings)
    name = str(conninfo_to_dict(base)["dbname"]) + DAGSTER_SUFFIX
    url = with_login(base, database=name)
    with connect_url(base, autocommit=True) as connection:
        if not _exists(connection, name):
            _create(connection, name)
        close_databases(connection, [name])
    return url


def _create(connection: psycopg.Connection, name: str) -> None:
    try:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
        pass  # another process was faster
    except psycopg.errors.InsufficientPrivilege as error:
        raise DatabaseError(
            f"database {name} for Dagster is missing and login {connection.info.user} may not"
            f" create it: create it, owned by {connection.info.user} (vidpipe db check has the"
            " SQL)"
        ) from error
    except psycopg.Error as error:
        raise DatabaseError(f"database {name} cannot be created: {said(error)}") from error


def connect(settings: Settings, *, autocommit: bool = False) -> psycopg.Connection:
    """A connection with pgvector's types registered, if the extension is there.

    Raises:
        SettingsError: VIDPIPE_DATABASE_URL is not a PostgreSQL URL.
        DatabaseError: the server cannot be reached; the message says where it was looked for.
    """
    try:
        return connect_url(database_url(settings), autocommit=autocommit)
    except DatabaseError:
        if settings.database_url is not None:
            raise
        # The embedded server stopped just then, because nobody had used it: it is started again.
        return connect_url(database_url(settings), autocommit=autocommit)


def connect_if_running(settings: Settings) -> psycopg.Connection | None:
    """An autocommit connection; None where the embedded server is used and does not run.

    Raises:
        SettingsError: VIDPIPE_DATABASE_URL is not a PostgreSQL URL.
        DatabaseError: the server cannot be reached.
    """
    if settings.database_url is not None:
        return connect(settings, autocommit=True)
    from vidpipe.stores.embedded import server as embedded_server

    server = embedded_server.running(settings.home)
    return None if server is None else connect_url(server.url("vidpipe"), autocommit=True)


def connect_url(url: str, *, autocommit: bool = False) -> psycopg.Connection:
    """A connection as `connect` makes it, to a given libpq URL.

    Raises:
        DatabaseError: the server cannot be reached.
    """
    try:
        connection = psycopg.connect(
            url,
            autocommit=True,
            application_name=APPLICATION_NAME,
            client_encoding="utf8",
            connect_timeout=CONNECT_TIMEOUT_S,
        )
    except psycopg.Error as error:
        raise DatabaseError(
            f"PostgreSQL at {shown(url)} cannot be reached: {said(error)};"
            " check VIDPIPE_DATABASE_URL (vidpipe db check says what is missing)"
        ) from error
    try:
        register_types(connection)
        connection.autocommit = autocommit
    except psycopg.Error as error:
        connection.close()
        raise DatabaseError(f"PostgreSQL at {shown(url)} hung up: {said(error)}") from error
    return connection


def has_schema(connection: psycopg.Connection) -> bool:
    """Whether the database was ever upgraded; before that it has none of vidpipe's tables."""
    row = connection.execute("select to_regclass('vidpipe.models') is not null").fetchone()
    return row is not None and bool(row[0])


def register_types(connection: psycopg.Connection) -> None:
    """Teaches a connection pgvector's types; does nothing where the extension is missing."""
    if psycopg.types.TypeInfo.fetch(connection, "vector") is not None:
        register_vector(connection)


def with_login(
    url: str, *, database: str | None = None, user: str | None = None, password: str | None = None
) -> str:
    """The URL with another database, login or password."""
    parts = conninfo_to_dict(url)
    changes = {"dbname": database, "user": user, "password": password}
    parts.update({key: value for key, value in changes.items() if value is not None})
    return _as_url({key: str(value) for key, value in parts.items() if value is not None})


def shown(url: str) -> str:
    """Host, port and database of a URL, fit for a message: no login, no password."""
    parts = conninfo_to_dict(url)
    host = parts.get("host") or parts.get("hostaddr") or "the local socket"
    return f"{host}:{parts.get('port') or 5432}/{parts.get('dbname') or ''}"


def said(error: psycopg.Error) -> str:
    """What the server said, in one line."""
    text = error.diag.message_primary or str(error)
    return " ".join(text.split()) or type(error).__name__


def normalised_url(url: str) -> str:
    """A libpq URL that names its database, from whatever form libpq or SQLAlchemy takes.

    Raises:
        SettingsError: it is no PostgreSQL URL, or names no database.
    """
    scheme, separator, rest = url.partition("://")
    if separator and scheme.split("+")[0] in ("postgresql", "postgres"):
        url = f"postgresql://{rest}"
    elif separator:
        raise SettingsError(
            f"VIDPIPE_DATABASE_URL is of kind {scheme}://; it must be postgresql://…"
        )
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # libpq's message may quote the URL, password and all
        raise SettingsError(
            "VIDPIPE_DATABASE_URL is not a libpq URL; write"
            " postgresql://LOGIN:PASSWORD@HOST:PORT/DATABASE, special characters percent-encoded"
        ) from None
    if not parts.get("dbname"):
        raise SettingsError("VIDPIPE_DATABASE_URL names no database: end it in /DATABASE")
    return _as_url({key: str(value) for key, value in parts.items() if value is not None})


def _as_url(parts: dict[str, str]) -> str:
    rest = dict(parts)
    user, password = rest.pop("user", ""), rest.pop("password", "")
    host, port, name = rest.pop("host", ""), rest.pop("port", ""), rest.pop("dbname", "")
    if host.startswith("/") or "," in host:
        rest["host"] = host
        host = ""
        if port:
            rest["port"] = port
            port = ""
    login = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
    address = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
    options = f"?{urlencode(rest, quote_via=quote)}" if rest else ""
    return f"postgresql://{login}{'@' if login else ''}{address}/{quote(name, safe='')}{options}"


def _exists(connection: psycopg.Connection, name: str) -> bool:
    row = connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone()
    return row is not None
