"""Bringing a database to the schema of this version: `vidpipe db upgrade`.

Belongs here: which files of `sql/` are applied, in which order, under which locks.
Does not: what they say (`sql/`), nor the tables of a model
(vidpipe.stores.model_registry).

`sql/tables/NNNN_name.sql` are applied once, in order. All other `sql/*/*.sql` can be repeated; they
are applied when any of them, or the tables, changed, so that an upgrade with nothing to do takes no
lock that an analyst's long query could hold up.
"""

import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from vidpipe.errors import DatabaseError
from vidpipe.packaged import packaged
from vidpipe.settings import Settings
from vidpipe.stores import locks, stored_words
from vidpipe.stores.closing import all_databases, close_databases, close_to_everybody
from vidpipe.stores.database import connect, register_types, said
from vidpipe.stores.requirements import inside, server
from vidpipe.stores.requirements.pgvector import MIN_PGVECTOR, pgvector_versions, version_numbers

LOCK_TIMEOUT_MS = 2_000  # an upgrade that waits for a lock makes everybody else wait behind it
LOCK_TRIES = 30
LOCK_PAUSE_S = 1.0
REPEATABLE = "repeatable files"
REPEATABLE_ORDER = ("functions", "views", "roles")

log = logging.getLogger(__name__)

SCHEMA_VERSIONS = """
create schema if not exists vidpipe_ops;
create table if not exists vidpipe_ops.schema_versions (
    name text primary key,
    sha256 text not null,
    applied_at timestamptz not null default now()
);
comment on table vidpipe_ops.schema_versions is
'One row per file of sql/tables that was applied, and one for the repeatable files together.';
comment on column vidpipe_ops.schema_versions.name is 'Name of the file.';
comment on column vidpipe_ops.schema_versions.sha256 is 'SHA-256 (hex) of what was applied.';
comment on column vidpipe_ops.schema_versions.applied_at is 'When it was applied.';
"""


@dataclass(frozen=True)
class SqlFile:
    """One file of `sql/`."""

    name: str
    text: str

    @property
    def sha256(self) -> str:
        """Digest of its text (hex)."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def upgrade(settings: Settings) -> list[str]:
    """Applies what the database lacks; safe to repeat and safe while people read.

    Returns:
        Names of the files that were applied, in order; empty when the schema was up to date.

    Raises:
        DatabaseError: the server is too old, pgvector is missing or too old, a right is missing, or
            a lock could not be had; the message says what to do.
    """
    with connect(settings, autocommit=True) as connection:
        applied = upgrade_connection(connection)
        if (
            settings.database_url is None
        ):  # a server of vidpipe's own: nobody has business elsewhere
            close_databases(connection, all_databases(connection))
    return applied


def upgrade_connection(connection: psycopg.Connection, folder: Path | None = None) -> list[str]:
    """Upgrades over an autocommit connection, from the packaged folder or another one.

    Raises:
        DatabaseError: see `upgrade`.
    """
    tables, repeatable = sql_files(folder or packaged("sql"))
    check_server(connection)
    with locks.UPGRADE.held(connection):
        ensure_pgvector(connection)
        applied = _apply_missing(connection, tables, repeatable)
        close_to_everybody(connection)
        _cut_words_again(connection)
        return applied


def _cut_words_again(connection: psycopg.Connection) -> None:
    """Cuts stored words again where the rules for them have changed.

    Raises:
        DatabaseError: PostgreSQL refused it.
    """
    try:
        stored_words.cut_again(connection)
    except psycopg.Error as error:
        raise DatabaseError(f"stored words cannot be cut again: {said(error)}") from error


def pending(connection: psycopg.Connection, folder: Path | None = None) -> list[str]:
    """Names of the files that an upgrade would apply now, without applying any."""
    tables, repeatable = sql_files(folder or packaged("sql"))
    row = connection.execute("select to_regclass('vidpipe_ops.schema_versions')").fetchone()
    applied = _applied(connection) if row is not None and row[0] is not None else {}
    missing = [file.name for file in tables if file.name not in applied]
    if missing or applied.get(REPEATABLE) != _digest(repeatable):
        missing += [file.name for file in repeatable]
    return missing


def sql_files(folder: Path) -> tuple[list[SqlFile], list[SqlFile]]:
    """The tables files by number, and the repeatable files in the order they are applied."""

    def read(path: Path) -> SqlFile:
        return SqlFile(path.relative_to(folder).as_posix(), path.read_text("utf-8"))

    def place(path: Path) -> tuple[int, str]:
        kind = path.parent.name
        known = kind in REPEATABLE_ORDER
        return (REPEATABLE_ORDER.index(kind) if known else 0, path.as_posix())

    paths = list(folder.glob("*/*.sql"))
    tables = sorted(path for path in paths if path.parent.name == "tables")
    repeatable = sorted((path for path in paths if path.parent.name != "tables"), key=place)
    return [read(path) for path in tables], [read(path) for path in repeatable]


def check_server(connection: psycopg.Connection) -> None:
    """Refuses a server or database that an upgrade would fail on, and says all that is missing.

    Raises:
        DatabaseError: something that `vidpipe db check` lists as blocking is missing.
    """
    found = [*server.of_server(connection, connection.info.dbname), *inside.of_database(connection)]
    blocking = [one.what for one in found if one.blocks]
    if blocking:
        raise DatabaseError(
            f"{'; '.join(blocking)} (vidpipe db check has the SQL for an administrator)"
        )


def ensure_pgvector(connection: psycopg.Connection) -> None:
    """Makes sure that the extension is there, new enough and loaded in this session.

    A function that sets `hnsw.…` can only be created by a non-superuser once the library is loaded.
    """
    installed, _, _ = pgvector_versions(connection)
    if installed is None:
        _change_extension(connection, "create extension if not exists vector with schema public")
    elif version_numbers(installed) < MIN_PGVECTOR:
        _change_extension(connection, "alter extension vector update")
    connection.execute("select '[1]'::vector")
    register_types(connection)


def _change_extension(connection: psycopg.Connection, statement: str) -> None:
    try:
        connection.execute(statement.encode())
    except psycopg.Error as error:
        raise DatabaseError(f"`{statement}` failed: {said(error)}") from error


def _apply_missing(
    connection: psycopg.Connection, tables: list[SqlFile], repeatable: list[SqlFile]
) -> list[str]:
    _in_transaction(connection, "the schema's own table", lambda: _run(connection, SCHEMA_VERSIONS))
    applied = _applied(connection)
    missing = [file for file in tables if file.name not in applied]
    for file in tables:
        if applied.get(file.name, file.sha256) != file.sha256:
            log.warning(
                "%s changed since it was applied here: put changes into a new file", file.name
            )
    for file in missing:
        _in_transaction(connection, file.name, lambda file=file: _apply(connection, [file]))  # type: ignore[misc]
    done = [file.name for file in missing]
    if missing or applied.get(REPEATABLE) != _digest(repeatable):

        def all_repeatable() -> None:
            _apply(connection, repeatable, REPEATABLE)

        _in_transaction(connection, REPEATABLE, all_repeatable)
        _set_on_database(connection)
        done += [file.name for file in repeatable]
    return done


def _applied(connection: psycopg.Connection) -> dict[str, str]:
    rows = connection.execute("select name, sha256 from vidpipe_ops.schema_versions").fetchall()
    return dict(rows)


def _digest(files: list[SqlFile]) -> str:
    return hashlib.sha256("".join(file.name + file.sha256 for file in files).encode()).hexdigest()


def _apply(connection: psycopg.Connection, files: list[SqlFile], name: str | None = None) -> None:
    for file in files:
        try:
            _run(connection, file.text)
        except psycopg.errors.LockNotAvailable:
            raise
        except psycopg.Error as error:
            raise DatabaseError(f"{file.name} cannot be applied: {said(error)}") from error
    connection.execute(
        "insert into vidpipe_ops.schema_versions (name, sha256) values (%s, %s)"
        " on conflict (name) do update set sha256 = excluded.sha256, applied_at = now()",
        [name or files[0].name, _digest(files) if name else files[0].sha256],
    )


def _run(connection: psycopg.Connection, text: str) -> None:
    connection.execute(text.encode())


def _in_transaction(connection: psycopg.Connection, name: str, work: Callable[[], object]) -> None:
    """Runs `work` in one transaction, again from its start when a lock cannot be had soon."""
    for attempt in range(LOCK_TRIES):
        try:
            with connection.transaction():
                connection.execute(f"set local lock_timeout = {LOCK_TIMEOUT_MS}".encode())
                connection.execute("set local client_min_messages = warning")
                work()
            return
        except psycopg.errors.LockNotAvailable:
            log.info("%s waits for a lock that somebody holds (try %d)", name, attempt + 1)
            time.sleep(LOCK_PAUSE_S)
        except psycopg.errors.InsufficientPrivilege as error:
            raise DatabaseError(
                f"{name} cannot be applied: {said(error)}; login {connection.info.user} must own"
                f" database {connection.info.dbname} or have CREATE on it"
            ) from error
        except psycopg.Error as error:
            raise DatabaseError(f"{name} cannot be applied: {said(error)}") from error
    raise DatabaseError(
        f"{name} could not be applied: other sessions kept its tables locked; find them in"
        " pg_stat_activity, end them, and run this again"
    )


def _set_on_database(connection: psycopg.Connection) -> None:
    """Gives every session of the database complete results under filters, where that is allowed."""
    statement = sql.SQL("alter database {} set hnsw.iterative_scan = 'strict_order'")
    try:
        connection.execute(statement.format(sql.Identifier(connection.info.dbname)))
    except psycopg.errors.InsufficientPrivilege:
        log.warning(
            "login %s does not own database %s: set hnsw.iterative_scan = strict_order there, or"
            " filtered vector queries written by hand may return too few rows",
            connection.info.user,
            connection.info.dbname,
        )
