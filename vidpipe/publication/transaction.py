"""Publishing an ingest date: what analysts see of it becomes exactly what the lake holds.

Belongs here: the transaction that turns a date's rows into rows of the analysts' tables, step by
step.
Does not: the rows (vidpipe.publication.assembly), the order of dates (vidpipe.publication.dates),
or the steps (vidpipe.publication.checking, merging, renamed_videos, vectors, searched_words).

One transaction: a reader sees a date as it was or as it is, never a part. Rows that did not change
are not written, so that publishing an unchanged date costs readers and disks nothing.
"""

import time
from datetime import date

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from vidpipe.errors import DatabaseError
from vidpipe.publication.checking import checked_rows
from vidpipe.publication.counts import PublishReport, TableCounts
from vidpipe.publication.index_rebuilding import swap_in
from vidpipe.publication.merging import merge_rows
from vidpipe.publication.renamed_videos import follow_renamed_videos, note_renamed_videos
from vidpipe.publication.searched_words import refresh_words
from vidpipe.publication.statements import estimated_rows
from vidpipe.publication.tables import KEYFRAMES, PLAIN_TABLES, DateRows
from vidpipe.publication.vectors import delete_in_other_models, load_vectors
from vidpipe.publication.work_tables import (
    make_work_tables,
    note_gone_keyframes,
    note_old_keyframes,
    release_contents,
)
from vidpipe.stores import locks
from vidpipe.stores.database import said
from vidpipe.stores.model_identity import ModelIdentity
from vidpipe.stores.model_registry import (
    VECTOR_TABLES,
    RegisteredModel,
    ensure_model,
    registered_models,
)
from vidpipe.uploads.registry.pending_dates import UNKNOWN, MadeOf, note_published

ANALYZE_SHARE = 0.2
STATISTICS = 30  # 9,000 rows a table tell the planner enough; the usual 100 takes thrice as long


def publish_rows(
    connection: psycopg.Connection,
    rows: DateRows,
    *,
    ingest_date: date,
    model: ModelIdentity,
    made_of: MadeOf = UNKNOWN,
) -> PublishReport:
    """Makes the analysts' tables show exactly these rows for a date.

    Args:
        connection: a connection outside any transaction; concurrent calls wait for each other.
        rows: everything that the date shows.
        ingest_date: the date.
        model: the model that made the vectors; a new one is registered and gets tables.
        made_of: digests to keep in `vidpipe_ops.published_dates`, by which the caller can tell
            later whether the date would change.

    Raises:
        DatabaseError: the rows contradict each other or the model, or PostgreSQL refused them;
            nothing was changed then.
    """
    if connection.info.transaction_status != TransactionStatus.IDLE:
        raise ValueError("publish_rows needs a connection outside any transaction: commit first")
    started = time.monotonic()
    checked = checked_rows(rows, ingest_date, model)
    report = PublishReport()
    try:
        with connection.transaction():
            connection.execute("set local client_min_messages = warning")
            connection.execute(f"set local default_statistics_target = {STATISTICS}".encode())
            locks.PUBLISH.take(connection)
            registered = ensure_model(connection, model)
            _publish(connection, checked, ingest_date, registered, report)
            note_published(connection, ingest_date, made_of, has_changed=report.written > 0)
    except psycopg.Error as error:
        raise DatabaseError(f"{ingest_date} could not be published: {said(error)}") from error
    except ValueError as error:  # from encoding
        raise DatabaseError(f"{ingest_date} could not be published: {error}") from error
    report.seconds = time.monotonic() - started
    return report


def empty_published_tables(connection: psycopg.Connection) -> None:
    """Empties every derived table, those of all models included, before a rebuild from the lake."""
    names = [table.target for table in PLAIN_TABLES]
    names += [sql.Identifier("vidpipe", "video_words")]
    names += [sql.Identifier("vidpipe_ops", name) for name in ("published_dates", "date_contents")]
    with connection.transaction():
        locks.PUBLISH.take(connection)
        for model in registered_models(connection):
            names += [
                sql.Identifier("vidpipe", table.of_model(model.model_no)) for table in VECTOR_TABLES
            ]
        connection.execute(sql.SQL("truncate {}").format(sql.SQL(", ").join(names)))


def _publish(
    connection: psycopg.Connection,
    rows: DateRows,
    ingest_date: date,
    model: RegisteredModel,
    report: PublishReport,
) -> None:
    make_work_tables(connection, rows)
    release_contents(connection, ingest_date)
    note_old_keyframes(connection)
    note_renamed_videos(connection)
    for table in PLAIN_TABLES:
        counts = merge_rows(connection, table, getattr(rows, table.name), ingest_date)
        report.tables[table.name] = counts
        if table is KEYFRAMES:
            note_gone_keyframes(connection)
        _analyze(connection, table.target, counts)
    follow_renamed_videos(connection)
    delete_in_other_models(connection, model)
    beside = [
        vectors
        for vectors in VECTOR_TABLES
        if load_vectors(connection, vectors, getattr(rows, vectors.name), model, report)
    ]
    report.tables["video_words"] = refresh_words(connection)
    if beside:
        swap_in(connection, beside, model)
        report.index_rebuilt = True


def _analyze(connection: psycopg.Connection, target: sql.Identifier, counts: TableCounts) -> None:
    """Tells the planner about a table that changed much; autovacuum would, a minute too late."""
    if not counts.written:
        return
    rows = estimated_rows(connection, target)
    if counts.written > ANALYZE_SHARE * rows:
        connection.execute(sql.SQL("analyze {}").format(target))
