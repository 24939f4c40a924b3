"""Tables of vectors filled and indexed beside those that readers use, then swapped with them.

Belongs here: building anew without readers noticing.
Does not: deciding when that is worth it (vidpipe.publication.vectors), the tables and indexes of a
model (vidpipe.stores.model_registry).
"""

import logging
import time
from collections.abc import Mapping, Sequence

import polars as pl
import psycopg
from psycopg import sql

from vidpipe.errors import DatabaseError
from vidpipe.publication.statements import estimated_rows
from vidpipe.stores import locks
from vidpipe.stores.binary_copy import copy_rows
from vidpipe.stores.model_registry import (
    RegisteredModel,
    VectorTable,
    create_index,
    create_key,
    create_vector_table,
    registered_models,
    show_in_view,
)

BUILD_BYTES_PER_ROW = 600  # links of the graph, beside the vector itself
BUILD_MEMORY_MIN_BYTES = 64 * 2**20
BUILD_MEMORY_MAX_BYTES = 2 * 2**30

SWAP_LOCK_TIMEOUT_MS = 500  # readers that arrive meanwhile wait this long at most
SWAP_PAUSE_S = 0.5
SWAP_GIVE_UP_S = 900.0

log = logging.getLogger(__name__)


def fill_beside(
    connection: psycopg.Connection,
    table: VectorTable,
    new: pl.DataFrame,
    model: RegisteredModel,
    parts: Mapping[str, sql.Composable],
) -> None:
    """Fills and indexes a table beside the one that readers use."""
    name = _beside(table, model)
    connection.execute(  # left behind by nothing we know of: a failed publish rolls it back
        sql.SQL("drop table if exists vidpipe.{}").format(sql.Identifier(name))
    )
    create_vector_table(connection, table, model, name)
    beside = sql.Identifier("vidpipe", name)
    for kept in (
        "insert into {beside} ({columns}) select {old} from {target} as t where not {doomed}"
        " and not exists (select from {stage} as s where {same_key})",
        "insert into {beside} ({columns}) select {values} from {stage} as s",
    ):
        connection.execute(sql.SQL(kept).format(**parts, beside=beside))
    copy_rows(connection, beside, new, table.types)
    create_key(connection, table, name)
    _build_index(connection, name, model.dimensions)


def _build_index(connection: psycopg.Connection, name: str, dimensions: int) -> None:
    rows = estimated_rows(connection, sql.Identifier("vidpipe", name))  # exact: the key is new
    needed = rows * (2 * dimensions + BUILD_BYTES_PER_ROW)
    memory = min(max(needed, BUILD_MEMORY_MIN_BYTES), BUILD_MEMORY_MAX_BYTES)
    connection.execute(f"set local maintenance_work_mem = '{memory // 1024}kB'".encode())
    try:
        with connection.transaction():
            create_index(connection, name)
    except (psycopg.errors.DiskFull, psycopg.errors.OutOfMemory):
        # a parallel build shares its memory through /dev/shm, which containers keep at 64 MB
        log.warning(
            "too little shared memory to build %s_hnsw in parallel: one process does it", name
        )
        connection.execute("set local max_parallel_maintenance_workers = 0")
        create_index(connection, name)


def swap_in(
    connection: psycopg.Connection, tables: Sequence[VectorTable], model: RegisteredModel
) -> None:
    """Puts the tables that were filled beside in the places of the old ones.

    Needs every reader out of the old tables for an instant. Waiting in the queue would make all
    later readers wait too: so it asks for the locks briefly, again and again.

    Raises:
        DatabaseError: somebody kept reading the old tables for too long.
    """
    locks.MODELS.take(connection)
    is_active = any(
        known.is_active
        for known in registered_models(connection)
        if known.model_no == model.model_no
    )
    give_up = time.monotonic() + SWAP_GIVE_UP_S
    while True:
        try:
            with connection.transaction():
                connection.execute(f"set local lock_timeout = {SWAP_LOCK_TIMEOUT_MS}".encode())
                for table in tables:
                    _replace(connection, table, model, is_active=is_active)
                connection.execute("set local lock_timeout = 0")
            return
        except psycopg.errors.LockNotAvailable as error:
            if time.monotonic() > give_up:
                raise DatabaseError(
                    "the vectors could not be replaced: a session keeps reading the old ones; find"
                    " it in pg_stat_activity and end it, then run this again"
                ) from error
            log.info("waiting for readers of the old vectors to finish")
            time.sleep(SWAP_PAUSE_S)


def _replace(
    connection: psycopg.Connection, table: VectorTable, model: RegisteredModel, *, is_active: bool
) -> None:
    name, beside = table.of_model(model.model_no), _beside(table, model)
    if is_active:
        show_in_view(connection, table, beside)
    names = {"name": sql.Identifier(name), "beside": sql.Identifier(beside)}
    connection.execute(sql.SQL("drop table vidpipe.{name}").format(**names))
    connection.execute(sql.SQL("alter table vidpipe.{beside} rename to {name}").format(**names))
    for suffix in ("key", "hnsw"):
        connection.execute(
            sql.SQL("alter index vidpipe.{} rename to {}").format(
                sql.Identifier(f"{beside}_{suffix}"), sql.Identifier(f"{name}_{suffix}")
            )
        )


def _beside(table: VectorTable, model: RegisteredModel) -> str:
    return f"{table.of_model(model.model_no)}_beside"
