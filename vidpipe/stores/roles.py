"""Logins for people: read-only ones, and analysts who may also save queries.

Belongs here: creating and equipping logins, their passwords and limits.
Does not: what the groups may do (`sql/roles`), ending those who switch their timeouts off
(vidpipe.stores.session_limits).

Timeouts are set on each login: what is set on a group role does not reach its members.
"""

import os
import secrets
from dataclasses import dataclass

import psycopg
from psycopg import sql

from vidpipe.errors import DatabaseError, SettingsError
from vidpipe.settings import Settings
from vidpipe.stores.database import connect, database_url, said, with_login

PASSWORD_BYTES = 24
MAX_NAME_BYTES = 63
# Of all sessions that a server takes, one login's share: nobody else is kept out by one script.
CONNECTIONS_A_LOGIN = 20


@dataclass(frozen=True)
class Kind:
    """What a login of a group starts with.

    Attributes:
        group: the role that gives it its rights.
        settings: settings of PostgreSQL and their values; the login can change them.
        transaction_limit: how long a transaction may last in all, as PostgreSQL writes it.
    """

    group: str
    settings: tuple[tuple[str, str], ...]
    transaction_limit: str


READER = Kind(
    "vidpipe_reader",
    (
        ("default_transaction_read_only", "on"),
        ("statement_timeout", "5min"),
        ("idle_in_transaction_session_timeout", "1min"),
        ("lock_timeout", "10s"),
    ),
    "30min",
)
ANALYST = Kind(
    "vidpipe_analyst",
    (
        ("statement_timeout", "30min"),
        ("idle_in_transaction_session_timeout", "5min"),
        ("lock_timeout", "10s"),
    ),
    "2h",
)


def grant_reader(settings: Settings, name: str, password: str | None = None) -> str:
    """Creates or equips a login that may read everything in schema `vidpipe` and write nothing.

    Args:
        password: a new one is generated when it is None.

    Returns:
        libpq URL of the login, its password included: the only place where it is shown.

    Raises:
        SettingsError: the name cannot be a login's.
        DatabaseError: this login may not create others, or the name belongs to somebody powerful.
    """
    return _grant(settings, name, password, READER)


def grant_analyst(settings: Settings, name: str, password: str | None = None) -> str:
    """Creates or equips a reader's login that may also save, change and delete queries.

    Raises:
        SettingsError: the name cannot be a login's.
        DatabaseError: this login may not create others, or the name belongs to somebody powerful.
    """
    return _grant(settings, name, password, ANALYST)


def reader_url(settings: Settings) -> str:
    """libpq URL of this installation's own reader login, made on the first call.

    Its password is kept in `HOME/reader.password`, readable by its owner only.

    Raises:
        DatabaseError: the login cannot be made.
    """
    base = database_url(settings)
    with connect(settings, autocommit=True) as connection:
        name = f"{connection.info.dbname}_reader_login"[:MAX_NAME_BYTES]
    kept = settings.home / "reader.password"
    if kept.exists():
        url = with_login(base, user=name, password=kept.read_text("utf-8").strip())
        if _connects(url):
            return url
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    url = grant_reader(settings, name, password)
    settings.home.mkdir(parents=True, exist_ok=True)
    handle = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(password + "\n")
    return url


def _connects(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def _grant(settings: Settings, name: str, password: str | None, kind: Kind) -> str:
    _check_name(name)
    password = password or secrets.token_urlsafe(PASSWORD_BYTES)
    with connect(settings, autocommit=True) as connection:
        try:
            with connection.transaction():
                _equip(connection, name, password, kind)
        except psycopg.errors.InsufficientPrivilege as error:
            raise DatabaseError(
                f"login {connection.info.user} may not create or change login {name!r}"
                f" ({said(error)}): ask a superuser for CREATEROLE, or to run this"
            ) from error
        except psycopg.Error as error:
            raise DatabaseError(f"login {name!r} cannot be made: {said(error)}") from error
    return with_login(database_url(settings), user=name, password=password)


def _check_name(name: str) -> None:
    if not name or "\x00" in name or len(name.encode()) > MAX_NAME_BYTES:
        raise SettingsError(f"{name!r} cannot name a login: use 1 to {MAX_NAME_BYTES} bytes")
    if name.startswith("pg_") or name in ("public", "none", READER.group, ANALYST.group):
        raise SettingsError(f"{name!r} is reserved: choose another name for the login")


def _equip(connection: psycopg.Connection, name: str, password: str, kind: Kind) -> None:
    login, group = sql.Identifier(name), sql.Identifier(kind.group)
    if not _exists(connection, kind.group):
        raise DatabaseError(
            f"group role {kind.group} is missing: ask somebody who may create roles to run"
            f" `create role {kind.group}` on the server, then run `vidpipe db upgrade`"
        )
    if _exists(connection, name):
        _check_harmless(connection, name)
    else:
        connection.execute(sql.SQL("create role {} login").format(login))
    # hashed here, so that the password itself never reaches a server log
    verifier = connection.pgconn.encrypt_password(
        password.encode(), name.encode(), b"scram-sha-256"
    )
    connection.execute(
        sql.SQL("alter role {} login password {}").format(login, sql.Literal(verifier.decode()))
    )
    for other in (READER, ANALYST):
        if other is not kind and _exists(connection, other.group):
            connection.execute(
                sql.SQL("revoke {} from {}").format(sql.Identifier(other.group), login)
            )
    connection.execute(sql.SQL("grant {} to {}").format(group, login))
    connection.execute(
        sql.SQL("alter role {} connection limit {}").format(login, sql.Literal(CONNECTIONS_A_LOGIN))
    )
    database = sql.Identifier(connection.info.dbname)
    connection.execute(sql.SQL("grant connect on database {} to {}").format(database, login))
    connection.execute(sql.SQL("alter role {} in database {} reset all").format(login, database))
    for setting, value in kind.settings:
        connection.execute(
            sql.SQL("alter role {} in database {} set {} = {}").format(
                login, database, sql.Identifier(setting), sql.Literal(value)
            )
        )
    connection.execute(
        sql.SQL("alter role {} in database {} set search_path = {}").format(
            login, database, sql.SQL(", ").join(map(sql.Identifier, _schemas(connection)))
        )
    )
    connection.execute("select '[1]'::vector")  # a setting of a library not yet loaded is refused
    connection.execute(
        sql.SQL("alter role {} in database {} set hnsw.iterative_scan = 'strict_order'").format(
            login, database
        )
    )


def _schemas(connection: psycopg.Connection) -> list[str]:
    """Where a login looks: vidpipe's schema first, then where pgvector's operators are."""
    row = connection.execute(
        "select n.nspname from pg_extension as e inner join pg_namespace as n"
        " on e.extnamespace = n.oid where e.extname = 'vector'"
    ).fetchone()
    return list(dict.fromkeys(["vidpipe", "public", row[0] if row is not None else "public"]))


def _exists(connection: psycopg.Connection, role: str) -> bool:
    return (
        connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone()
        is not None
    )


def _check_harmless(connection: psycopg.Connection, name: str) -> None:
    """Refuses to turn an owner's or administrator's login into a reader.

    Raises:
        DatabaseError: the role can do more than a reader should, or is this session's.
    """
    row = connection.execute(
        "select rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls"
        " or rolname = current_user"
        " or exists (select from pg_database as d where d.datdba = r.oid)"
        " from pg_roles as r where rolname = %s",
        [name],
    ).fetchone()
    if row is not None and row[0]:
        raise DatabaseError(
            f"{name!r} is an administrator's or owner's login and stays as it is:"
            " choose another name"
        )
