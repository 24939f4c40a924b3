"""Loading the vectors of a date: into the table that readers use, or into one beside it.

Belongs here: which vectors are new, changed or gone, and the choice between keeping an index up to
date and building it anew.
Does not: building anew (vidpipe.publication.index_rebuilding), the tables and indexes of a model
(vidpipe.stores.model_registry).
"""

from collections.abc import Mapping

import polars as pl
import psycopg
from psycopg import sql

from vidpipe.publication.counts import PublishReport, TableCounts
from vidpipe.publication.index_rebuilding import fill_beside
from vidpipe.publication.statements import column_list, count, same_key
from vidpipe.publication.work_tables import SCOPES
from vidpipe.stores.binary_copy import copy_rows
from vidpipe.stores.model_registry import (
    VECTOR_TABLES,
    RegisteredModel,
    VectorTable,
    registered_models,
)

# Inserting a row into a live HNSW index takes about as long as building one over five rows: from
# this share of new rows on, building anew is faster, and readers are not slowed by it.
REBUILD_RATIO = 5
REBUILD_MIN_ROWS = 500


def delete_in_other_models(connection: psycopg.Connection, model: RegisteredModel) -> None:
    """Deletes what no date shows any more from the tables of all models but one."""
    for other in registered_models(connection):
        for table in VECTOR_TABLES if other.model_no != model.model_no else ():
            connection.execute(
                sql.SQL("delete from {} as t where {}").format(
                    sql.Identifier("vidpipe", table.of_model(other.model_no)),
                    sql.SQL(SCOPES[table.name].gone),
                )
            )


def load_vectors(
    connection: psycopg.Connection,
    table: VectorTable,
    frame: pl.DataFrame,
    model: RegisteredModel,
    report: PublishReport,
) -> bool:
    """Brings one kind of vectors up to date; true when a table beside the old one was filled."""
    scope = SCOPES[table.name]
    stage = sql.Identifier("pg_temp", f"stage_{table.name}")
    columns = [*table.columns, "embedding"]
    parts: dict[str, sql.Composable] = {
        "target": sql.Identifier("vidpipe", table.of_model(model.model_no)),
        "stage": stage,
        "key": column_list(table.key),
        "keys": column_list(table.key, "t"),
        "columns": column_list(columns),
        "values": column_list(columns, "s"),
        "old": column_list(columns, "t"),
        "same_key": same_key(table.key),
        "gone": sql.SQL(scope.gone),
        "arriving": sql.SQL(scope.arriving),
    }
    parts["doomed"] = sql.SQL(
        "(({gone}) or ({arriving}) and not exists (select from {stage} as s where {same_key}))"
    ).format(**parts)
    parts["differs"] = sql.SQL("{same_key} and ({old}) is distinct from ({values})").format(**parts)
    new, known = _split_known(connection, table, frame, parts)
    _stage_known(connection, table, known, model, stage)
    doomed, changed = (
        count(connection, sql.SQL(query).format(**parts))
        for query in (
            "select count(*) from {target} as t where {doomed}",
            "select count(*) from {target} as t inner join {stage} as s on {differs}",
        )
    )
    report.tables[table.name] = TableCounts(len(new), changed, doomed, len(known) - changed)
    if _is_worth_rebuilding(connection, parts["target"], len(new) + changed):
        fill_beside(connection, table, new, model, parts)
        return True
    if doomed:
        connection.execute(sql.SQL("delete from {target} as t where {doomed}").format(**parts))
    if changed:
        connection.execute(
            sql.SQL(
                "update {target} as t set ({columns}) = row({values}) from {stage} as s"
                " where {differs}"
            ).format(**parts)
        )
    copy_rows(connection, parts["target"], new, table.types)
    return False


def _split_known(
    connection: psycopg.Connection,
    table: VectorTable,
    frame: pl.DataFrame,
    parts: Mapping[str, sql.Composable],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows whose keys the table lacks, and those it has: only the latter need comparing."""
    rows = connection.execute(
        sql.SQL("select {keys} from {target} as t where {arriving}").format(**parts)
    ).fetchall()
    if not rows:
        return frame, frame.clear()
    known = pl.DataFrame(rows, schema=dict.fromkeys(table.key, pl.String()), orient="row")
    on = list(table.key)
    return (
        frame.join(known, on=on, how="anti", maintain_order="left"),
        frame.join(known, on=on, how="semi", maintain_order="left"),
    )


def _stage_known(
    connection: psycopg.Connection,
    table: VectorTable,
    known: pl.DataFrame,
    model: RegisteredModel,
    stage: sql.Identifier,
) -> None:
    connection.execute(
        sql.SQL("create temp table {} (like vidpipe.{}) on commit drop").format(
            stage, sql.Identifier(table.of_model(model.model_no))
        )
    )
    copy_rows(connection, stage, known, table.types)
    connection.execute(sql.SQL("analyze {} ({})").format(stage, column_list(table.key)))


def _is_worth_rebuilding(
    connection: psycopg.Connection, target: sql.Composable, arriving: int
) -> bool:
    if arriving < REBUILD_MIN_ROWS:
        return False
    most = REBUILD_RATIO * arriving
    existing = count(
        connection,
        sql.SQL("select count(*) from (select from {} limit {}) as t").format(
            target, sql.Literal(most + 1)
        ),
    )
    return existing <= most
