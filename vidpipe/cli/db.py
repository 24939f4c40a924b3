"""`vidpipe db`: check, upgrade, address, rebuild, backup, logins.

Belongs here: what is said at the terminal. Does not: any of it (vidpipe.stores), filling tables
from the lake (vidpipe.publication).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vidpipe.cli.db_check import check
from vidpipe.cli.options import demo_models_option, with_environment
from vidpipe.cli.output import print_line

if TYPE_CHECKING:
    from psycopg import Connection


@click.group()
def db() -> None:
    """The database: check, upgrade, address, rebuild, backup, logins."""


db.add_command(check)


@db.command("upgrade")
@with_environment
def upgrade_schema() -> None:
    """Bring the schema up to date; safe to repeat and on a live database."""
    from vidpipe.settings import load_settings
    from vidpipe.stores.schema_upgrade import upgrade

    applied = upgrade(load_settings())
    print_line(f"applied: {', '.join(applied)}" if applied else "the schema was up to date")


@db.command("status")
@with_environment
def status() -> None:
    """Show the server, the schema and what each table holds."""
    from vidpipe.settings import load_settings
    from vidpipe.stores.database import connect, database_url, shown

    settings = load_settings()
    with connect(settings, autocommit=True) as connection:
        [version] = connection.execute("show server_version").fetchone() or ("unknown",)
        print_line(f"server    {shown(database_url(settings))} (PostgreSQL {version})")
        tables = connection.execute(
            "select schemaname, relname, pg_size_pretty(pg_total_relation_size(relid))"
            " from pg_stat_user_tables where schemaname in ('vidpipe', 'vidpipe_ops') order by 1, 2"
        ).fetchall()
        rows = [
            (f"{schema}.{table}", _count(connection, schema, table), size)
            for schema, table, size in tables
        ]
    for name, count, size in rows:
        print_line(f"{name:<44} {count:>12} rows {size:>10}")
    if not rows:
        print_line("the schema is missing: vidpipe db upgrade makes it")


def _count(connection: "Connection[Any]", schema: str, table: str) -> int:
    from psycopg import sql

    counting = sql.SQL("select count(*) from {}").format(sql.Identifier(schema, table))
    row = connection.execute(counting).fetchone()
    return int(row[0]) if row else 0


@db.command("url")
@click.option(
    "--role",
    type=click.Choice(["owner", "reader"]),
    default="owner",
    show_default=True,
    help="Whose login: the owner's, or one that may only read.",
)
@with_environment
def url(role: str) -> None:
    """Print a libpq URL, starting the embedded server where that is used."""
    from vidpipe.cli.environment import upgraded_settings
    from vidpipe.settings import load_settings
    from vidpipe.stores.database import database_url
    from vidpipe.stores.roles import reader_url

    if role == "reader":
        print_line(reader_url(upgraded_settings()))
    else:
        print_line(database_url(load_settings()))


@db.command("rebuild")
@demo_models_option
@with_environment
def rebuild() -> None:
    """Fill the tables again from the lake; no video is decoded, no model called."""
    from vidpipe.cli.environment import upgraded_settings
    from vidpipe.cli.progress import stage_progress
    from vidpipe.pipeline.stages import Pipeline, Session
    from vidpipe.publication.dates import publish_dates
    from vidpipe.publication.transaction import empty_published_tables
    from vidpipe.stores.database import connect
    from vidpipe.stores.lake_backup import restore_from_lake
    from vidpipe.uploads.registry.registered_uploads import ingest_dates
    from vidpipe.uploads.registry.restoring import restore_registry

    settings = upgraded_settings()
    pipeline = Pipeline.from_settings(settings)
    with stage_progress() as progress, connect(settings, autocommit=True) as connection:
        if not ingest_dates(connection) and restore_from_lake(settings):
            print_line("owned tables restored from their copy in the lake")
        restored = restore_registry(pipeline.lake, connection)
        days = ingest_dates(connection)
        empty_published_tables(connection)
        publish_dates(pipeline, Session(connection, progress=progress), days)
    print_line(f"{restored} uploads registered again, {len(days)} ingest dates published")


@db.command("backup")
@click.argument("path", type=click.Path(path_type=Path))
@with_environment
def save_backup(path: Path) -> None:
    """Save the tables that cannot be rebuilt from the lake."""
    from vidpipe.settings import load_settings
    from vidpipe.stores.backup import backup

    backup(load_settings(), path)
    print_line(f"saved to {path}")


@db.command("restore")
@click.argument("path", type=click.Path(path_type=Path))
@with_environment
def restore_backup(path: Path) -> None:
    """Put back what `backup` saved."""
    from vidpipe.cli.environment import upgraded_settings
    from vidpipe.stores.backup import restore

    restore(upgraded_settings(), path)
    print_line(f"restored from {path}; vidpipe db rebuild fills the rest from the lake")


@db.command("grant-reader")
@click.argument("name")
@with_environment
def add_reader(name: str) -> None:
    """Create or equip a login that may read the schema `vidpipe`; prints its URL."""
    from vidpipe.cli.environment import upgraded_settings
    from vidpipe.stores.roles import grant_reader

    print_line(grant_reader(upgraded_settings(), name))


@db.command("grant-analyst")
@click.argument("name")
@with_environment
def add_analyst(name: str) -> None:
    """Create or equip a login that may also save queries; prints its URL."""
    from vidpipe.cli.environment import upgraded_settings
    from vidpipe.stores.roles import grant_analyst

    print_line(grant_analyst(upgraded_settings(), name))
