"""The catalogue of published tables against PostgreSQL's own."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from vidpipe.automation.asset_metadata import table_columns
from vidpipe.publication.tables import (
    FAILURES,
    PLAIN_TABLES,
    DateRows,
    PlainTable,
    compared_columns,
    vector_types,
)
from vidpipe.settings import Settings
from vidpipe.stores.database import connect
from vidpipe.stores.model_registry import VECTOR_TABLES, VectorTable, ensure_model
from vidpipe_tests.publication.published_rows import MODEL


@pytest.fixture(scope="module")
def connection(module_database_settings: Settings) -> Iterator[psycopg.Connection]:
    with connect(module_database_settings, autocommit=True) as opened:
        ensure_model(opened, MODEL)
        yield opened


def columns_of(connection: psycopg.Connection, target: sql.Identifier) -> list[tuple[Any, ...]]:
    """Name and type of each column of a table or view of PostgreSQL, in its order."""
    return connection.execute(
        sql.SQL(
            "select attname, atttypid::regtype::text from pg_attribute"
            " where attrelid = {}::regclass and attnum > 0 and not attisdropped order by attnum"
        ).format(sql.Literal(target.as_string(connection)))
    ).fetchall()


def key_of(connection: psycopg.Connection, name: str) -> set[str]:
    rows = connection.execute(
        "select a.attname from pg_index as i inner join pg_attribute as a"
        " on a.attrelid = i.indrelid and a.attnum = any(i.indkey)"
        " where i.indrelid = %s::regclass and i.indisprimary",
        [name],
    ).fetchall()
    return {column for (column,) in rows}


def spelled(connection: psycopg.Connection, kind: str) -> str:
    """PostgreSQL's own spelling of a type."""
    row = connection.execute("select %s::regtype::text", [kind]).fetchone()
    assert row is not None
    return str(row[0])


@pytest.mark.parametrize("table", PLAIN_TABLES, ids=lambda table: table.name)
def test_the_catalogue_has_the_columns_of_postgresql_in_their_order(
    connection: psycopg.Connection, table: PlainTable
) -> None:
    assert columns_of(connection, table.target) == [
        (column.name, spelled(connection, column.server_type)) for column in table.columns
    ]
    assert key_of(connection, f"{table.schema}.{table.name}") == set(table.key)


@pytest.mark.parametrize("table", PLAIN_TABLES, ids=lambda table: table.name)
def test_postgresql_describes_every_column_of_the_catalogue(
    connection: psycopg.Connection, table: PlainTable
) -> None:
    described = table_columns(connection, f"{table.schema}.{table.name}").columns
    assert [column.name for column in described] == table.column_names
    assert [column.name for column in described if not column.description] == []


@pytest.mark.parametrize("table", VECTOR_TABLES, ids=lambda table: table.name)
def test_tables_of_vectors_are_the_catalogues_too(
    connection: psycopg.Connection, table: VectorTable
) -> None:
    expected = [(name, spelled(connection, kind)) for name, kind in table.types.items()]
    assert columns_of(connection, sql.Identifier("vidpipe", table.name)) == expected
    assert columns_of(connection, sql.Identifier("vidpipe", table.of_model(1))) == expected
    assert key_of(connection, f"vidpipe.{table.of_model(1)}") == set(table.key)
    assert list(vector_types(table)) == list(table.types)


@pytest.mark.parametrize("table", PLAIN_TABLES, ids=lambda table: table.name)
def test_rows_of_a_date_have_every_column_but_the_date_of_failures(table: PlainTable) -> None:
    rows = DateRows.empty()
    types = dict(table.types)
    if table is FAILURES:
        del types["ingest_date"]
    assert getattr(rows, table.name).schema == types


@pytest.mark.parametrize("table", VECTOR_TABLES, ids=lambda table: table.name)
def test_vectors_of_a_date_have_every_column(table: VectorTable) -> None:
    assert getattr(DateRows.empty(), table.name).schema == vector_types(table)


def test_a_compared_column_is_a_column_of_its_table() -> None:
    known = {table.name: set(table.column_names) for table in PLAIN_TABLES}
    known |= {table.name: set(table.columns) for table in VECTOR_TABLES}
    for name, columns in compared_columns().items():
        assert set(columns) <= known[name]
