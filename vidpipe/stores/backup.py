"""Saving and restoring what nothing else holds: the owned tables, in one file.

Belongs here: the format of that file and the transaction that restores it.
Does not: derived tables (`vidpipe db rebuild` makes them from the lake), nor which tables are owned
(`sql/ownership.toml`).

The file is a zip: `manifest.json` and one CSV per table, as COPY writes it.
"""

import hashlib
import io
import json
import os
import tomllib
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import psycopg
from psycopg import sql

from vidpipe.errors import DatabaseError, StoreError
from vidpipe.packaged import packaged
from vidpipe.settings import Settings
from vidpipe.stores import locks
from vidpipe.stores.database import connect, said
from vidpipe.stores.model_identity import ModelIdentity
from vidpipe.stores.model_registry import activate, active_model, ensure_model, registered_models

FORMAT = "vidpipe backup"
FORMAT_VERSION = 1
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Ownership:
    """Lists of tables, with their schema: those saved, those rebuilt, those that are neither."""

    owned: tuple[str, ...]
    derived: tuple[str, ...]
    transient: tuple[str, ...]


def ownership() -> Ownership:
    """The lists of `sql/ownership.toml`."""
    lists = tomllib.loads((packaged("sql") / "ownership.toml").read_text("utf-8"))
    return Ownership(tuple(lists["owned"]), tuple(lists["derived"]), tuple(lists["transient"]))


def backup(settings: Settings, path: Path) -> dict[str, int]:
    """Writes all owned tables as of one moment; the file appears only when it is whole.

    Returns:
        Rows per table.

    Raises:
        StoreError: the file cannot be written.
        DatabaseError: PostgreSQL cannot be read.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with connect(settings) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
                rows = _write(connection, archive)
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror or error}") from error
    except psycopg.Error as error:
        raise DatabaseError(f"the backup failed: {said(error)}") from error
    finally:
        partial.unlink(missing_ok=True)
    return rows


def restore(settings: Settings, path: Path) -> dict[str, int]:
    """Makes the owned tables what they were in a backup; all of them or none.

    The schema must be there (`vidpipe db upgrade`). Models of the backup are registered again and
    the one active then is made active, without vectors until the next rebuild.

    Returns:
        Rows per table.

    Raises:
        StoreError: the file is no backup, is damaged, or was made by a newer vidpipe.
        DatabaseError: PostgreSQL refused it; nothing was changed then.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            manifest, tables = _read(path, archive)
    except FileNotFoundError as error:
        raise StoreError(f"{path} does not exist") from error
    except (OSError, zipfile.BadZipFile, zipfile.LargeZipFile, KeyError, ValueError) as error:
        raise StoreError(f"{path} is not a backup of vidpipe, or is damaged: {error}") from error
    with connect(settings, autocommit=True) as connection:
        _check_schema(connection, path, manifest)
        try:
            with connection.transaction():
                locks.PUBLISH.take(connection)
                return _restore(connection, manifest, tables)
        except psycopg.Error as error:
            raise DatabaseError(f"{path} cannot be restored: {said(error)}") from error


def _write(connection: psycopg.Connection, archive: zipfile.ZipFile) -> dict[str, int]:
    tables: dict[str, dict[str, Any]] = {}
    for name in ownership().owned:
        columns = _columns(connection, name)
        statement = sql.SQL("copy (select {} from {}) to stdout (format csv, header)").format(
            sql.SQL(", ").join(map(sql.Identifier, columns)), _identifier(name)
        )
        digest = hashlib.sha256()
        with archive.open(f"{name}.csv", "w") as file, connection.cursor() as cursor:
            with cursor.copy(statement) as copy:
                for block in copy:
                    digest.update(block)
                    file.write(block)
            rows = cursor.rowcount
        tables[name] = {"columns": columns, "rows": rows, "sha256": digest.hexdigest()}
    models = registered_models(connection)
    schema = connection.execute(
        "select name from vidpipe_ops.schema_versions where name like 'tables/%' order by name"
    ).fetchall()
    manifest = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "created_at": datetime.now(UTC).isoformat(),
        "schema": [name for (name,) in schema],
        "models": [
            {
                "model_id": model.model_id,
                "dimensions": model.dimensions,
                "is_active": model.is_active,
            }
            for model in models
        ],
        "tables": tables,
    }
    archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
    return {name: table["rows"] for name, table in tables.items()} | {"vidpipe.models": len(models)}


def _read(path: Path, archive: zipfile.ZipFile) -> tuple[dict[str, Any], dict[str, bytes]]:
    manifest = json.loads(archive.read(MANIFEST))
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ValueError(f"its {MANIFEST} is of something else")
    if manifest["format_version"] > FORMAT_VERSION:
        raise StoreError(f"{path} was made by a newer vidpipe: upgrade vidpipe, then restore it")
    shapes = {"tables": dict, "models": list, "schema": list}
    if not all(isinstance(manifest[name], shape) for name, shape in shapes.items()):
        raise ValueError(f"its {MANIFEST} is malformed")
    tables = {name: archive.read(f"{name}.csv") for name in manifest["tables"]}
    for name, content in tables.items():
        if hashlib.sha256(content).hexdigest() != manifest["tables"][name]["sha256"]:
            raise ValueError(f"{name}.csv is not what was saved")
    unknown = sorted(set(tables) - set(ownership().owned))
    if unknown:
        raise StoreError(f"{path} holds tables that this vidpipe does not own: {unknown}")
    return manifest, tables


def _check_schema(connection: psycopg.Connection, path: Path, manifest: Mapping[str, Any]) -> None:
    row = connection.execute("select to_regclass('vidpipe_ops.schema_versions')").fetchone()
    if row is None or row[0] is None:
        raise DatabaseError("the database has no vidpipe schema yet: run `vidpipe db upgrade`")
    applied = {
        name
        for (name,) in connection.execute("select name from vidpipe_ops.schema_versions").fetchall()
    }
    missing = [name for name in manifest["schema"] if name not in applied]
    if missing:
        raise StoreError(
            f"{path} needs {', '.join(missing)}, which this database lacks: upgrade vidpipe, run"
            " `vidpipe db upgrade`, then restore it"
        )


def _restore(
    connection: psycopg.Connection, manifest: Mapping[str, Any], tables: dict[str, bytes]
) -> dict[str, int]:
    for model in manifest["models"]:
        ensure_model(connection, ModelIdentity(model["model_id"], model["dimensions"]))
    for model in manifest["models"]:
        active = active_model(connection)
        if model["is_active"] and (active is None or active.model_id != model["model_id"]):
            activate(connection, model["model_id"])
    rows = {"vidpipe.models": len(manifest["models"])}
    # Rules for what people write are not asked: posts, say, come back with the next rebuild only.
    _switch_triggers(connection, tables, "disable")
    for name in reversed(tables):
        connection.execute(sql.SQL("delete from {}").format(_identifier(name)))
    for name, content in tables.items():
        columns = manifest["tables"][name]["columns"]
        statement = sql.SQL("copy {} ({}) from stdin (format csv, header match)").format(
            _identifier(name), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        with connection.cursor() as cursor:
            with cursor.copy(statement) as copy:
                source = io.BytesIO(content)
                while block := source.read(1 << 20):
                    copy.write(block)
            rows[name] = cursor.rowcount
        _advance_sequences(connection, name, columns)
    _switch_triggers(connection, tables, "enable")
    return rows


def _switch_triggers(
    connection: psycopg.Connection, tables: Iterable[str], switch: Literal["disable", "enable"]
) -> None:
    """Switches the triggers of tables, but those of foreign keys, off or on again."""
    statement = sql.SQL("alter table {} {} trigger user")
    for name in tables:
        connection.execute(statement.format(_identifier(name), sql.SQL(switch)))


def _advance_sequences(connection: psycopg.Connection, table: str, columns: list[str]) -> None:
    """Lets numbered columns go on after the restored numbers."""
    for column in columns:
        row = connection.execute(
            "select pg_get_serial_sequence(%s, %s)", [table, column]
        ).fetchone()
        if row is not None and row[0] is not None:
            connection.execute(
                sql.SQL("select setval({}, coalesce(max({}), 0) + 1, false) from {}").format(
                    sql.Literal(row[0]), sql.Identifier(column), _identifier(table)
                )
            )


def _columns(connection: psycopg.Connection, table: str) -> list[str]:
    """Stored columns of a table, without those that PostgreSQL computes."""
    rows = connection.execute(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0"
        " and not attisdropped and attgenerated = '' order by attnum",
        [table],
    ).fetchall()
    return [name for (name,) in rows]


def _identifier(table: str) -> sql.Identifier:
    return sql.Identifier(*table.split(".", 1))
