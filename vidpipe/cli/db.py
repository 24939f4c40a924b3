"""`vidpipe db …`: upgrade, address, rebuild, backup, logins."""

from pathlib import Path
from typing import Any

from psycopg import Connection, sql
from rich.console import Console

from vidpipe.cli.progress import stage_progress
from vidpipe.pipeline.stages import Session
from vidpipe.publication.dates import publish_dates
from vidpipe.publication.publish import forget_published
from vidpipe.resources import Stores
from vidpipe.settings import load_settings
from vidpipe.stores import backup as owned_backup
from vidpipe.stores import roles, schema_upgrade
from vidpipe.stores.database import connect, database_url, shown
from vidpipe.stores.lake_backup import restore_from_lake
from vidpipe.uploads.registry.registered_uploads import ingest_dates
from vidpipe.uploads.registry.restoring import restore_registry


def _say(line: str) -> None:
    Console(highlight=False, soft_wrap=True, markup=False).print(line)


def upgrade() -> None:
    """Applies what is missing and says what it was."""
    applied = schema_upgrade.upgrade(load_settings())
    _say(f"applied: {', '.join(applied)}" if applied else "the schema was up to date")


def status() -> None:
    """Prints the server, its version, and rows per table."""
    settings = load_settings()
    with connect(settings, autocommit=True) as connection:
        [version] = connection.execute("show server_version").fetchone() or ("unknown",)
        _say(f"server    {shown(database_url(settings))} (PostgreSQL {version})")
        tables = connection.execute(
            "select schemaname, relname, pg_size_pretty(pg_total_relation_size(relid))"
            " from pg_stat_user_tables where schemaname in ('vidpipe', 'vidpipe_ops') order by 1, 2"
        ).fetchall()
        rows = [
            (f"{schema}.{table}", _count(connection, schema, table), size)
            for schema, table, size in tables
        ]
    for name, count, size in rows:
        _say(f"{name:<44} {count:>12} rows {size:>10}")
    if not rows:
        _say("the schema is missing: vidpipe db upgrade makes it")


def _count(connection: Connection[Any], schema: str, table: str) -> int:
    counting = sql.SQL("select count(*) from {}").format(sql.Identifier(schema, table))
    row = connection.execute(counting).fetchone()
    return int(row[0]) if row else 0


def url(role: str) -> None:
    """Prints a libpq URL: the owner's, or that of a login that may only read."""
    settings = load_settings()
    if role == "reader":
        schema_upgrade.upgrade(settings)
        _say(roles.reader_url(settings))
    else:
        _say(database_url(settings))


def rebuild() -> None:
    """Fills the registry and the analysts' tables from the lake; decodes and embeds nothing."""
    settings = load_settings()
    schema_upgrade.upgrade(settings)
    stores = Stores(settings)
    with stage_progress() as progress, connect(settings, autocommit=True) as connection:
        if not ingest_dates(connection) and restore_from_lake(settings):
            _say("owned tables restored from their copy in the lake")
        session = Session(connection, progress=progress)
        restored = restore_registry(stores.pipeline.lake, connection)
        days = ingest_dates(connection)
        forget_published(connection)
        publish_dates(stores.pipeline, session, days)
    _say(f"{restored} uploads registered again, {len(days)} ingest dates published")


def backup(path: Path) -> None:
    """Saves the owned tables to a file."""
    owned_backup.backup(load_settings(), path)
    _say(f"saved to {path}")


def restore(path: Path) -> None:
    """Puts the owned tables back from a file."""
    settings = load_settings()
    schema_upgrade.upgrade(settings)
    owned_backup.restore(settings, path)
    _say(f"restored from {path}; vidpipe db rebuild fills the rest from the lake")


def grant(name: str, kind: str) -> None:
    """Creates or equips a login and prints its URL."""
    settings = load_settings()
    schema_upgrade.upgrade(settings)
    equip = roles.grant_reader if kind == "reader" else roles.grant_analyst
    _say(equip(settings, name))
