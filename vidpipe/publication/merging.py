"""Merging a date's rows into the plain tables: rows that did not change are not written.

Belongs here: tables without vectors, and noting whose searched words a change touches.
Does not: which rows a publication is about (vidpipe.publication.work_tables), tables of vectors
(vidpipe.publication.vectors).
"""

from datetime import date

import polars as pl
import psycopg
from psycopg import sql

from vidpipe.publication.counts import TableCounts
from vidpipe.publication.statements import column_list, same_key
from vidpipe.publication.tables import CONTENTS, KEYFRAMES, OCR_LINES, VIDEOS, PlainTable
from vidpipe.publication.work_tables import SCOPES
from vidpipe.stores.binary_copy import copy_rows

TRACKED = (VIDEOS, KEYFRAMES, OCR_LINES)  # what the searched words of a post are made of


def merge_rows(
    connection: psycopg.Connection, table: PlainTable, frame: pl.DataFrame, ingest_date: date
) -> TableCounts:
    """Makes a table hold exactly the frame's rows for what arrives, and nothing for what is gone.

    Rows go straight into the table when it has none for what arrives, as on a date's first
    publication; else they are staged and compared, and only what differs is written.
    """
    day = sql.Literal(ingest_date)
    parts: dict[str, sql.Composable] = {
        "target": table.target,
        "stage": sql.Identifier("pg_temp", f"stage_{table.name}"),
        "same_key": same_key(table.key),
        "key": column_list(table.key),
        "columns": column_list(table.column_names),
        "values": column_list(table.column_names, "s"),
        "old": column_list(table.column_names, "t"),
        "gone": sql.SQL(SCOPES[table.name].gone).format(date=day),
        "arriving": sql.SQL(SCOPES[table.name].arriving).format(date=day),
    }
    deleted = _tracked(
        connection, table, sql.SQL("delete from {target} as t where {gone}").format(**parts)
    )
    some_known = sql.SQL("select from {target} as t where {arriving} limit 1").format(**parts)
    if connection.execute(some_known).fetchone() is None:
        copy_rows(connection, table.target, frame, table.server_types)
        if table is KEYFRAMES or table is OCR_LINES:
            connection.execute(
                "insert into changed_keyframes select content_sha256 from arriving_contents"
            )
        elif table is VIDEOS:
            connection.execute("insert into changed_videos select video_id from arriving_videos")
        return TableCounts(inserted=len(frame), deleted=deleted)
    connection.execute(
        sql.SQL("create temp table {stage} (like {target}) on commit drop").format(**parts)
    )
    copy_rows(connection, parts["stage"], frame, table.server_types)
    connection.execute(sql.SQL("analyze {stage} ({key})").format(**parts))
    if table is CONTENTS:  # the date of first sight stays, whatever order dates are published in
        connection.execute(
            "update stage_contents as s set ingest_date = t.ingest_date from vidpipe.contents as t"
            " where t.content_sha256 = s.content_sha256 and t.ingest_date < s.ingest_date"
        )
    deleted += _tracked(
        connection,
        table,
        sql.SQL(
            "delete from {target} as t where {arriving}"
            " and not exists (select from {stage} as s where {same_key})"
        ).format(**parts),
    )
    updated = _tracked(
        connection,
        table,
        sql.SQL(
            "update {target} as t set ({columns}) = row({values}) from {stage} as s"
            " where {same_key} and ({old}) is distinct from ({values})"
        ).format(**parts),
    )
    inserted = _tracked(
        connection,
        table,
        sql.SQL(
            "insert into {target} as t ({columns}) select {values} from {stage} as s"
            " where not exists (select from {target} as t where {same_key})"
        ).format(**parts),
    )
    return TableCounts(inserted, updated, deleted, len(frame) - inserted - updated)


def _tracked(connection: psycopg.Connection, table: PlainTable, change: sql.Composed) -> int:
    """Runs a change, notes whose searched words it touches, and returns how many rows changed."""
    if table not in TRACKED:
        return connection.execute(change).rowcount
    return connection.execute(
        sql.SQL("with written as ({} returning t.{}) insert into {} select * from written").format(
            change,
            sql.Identifier(table.key[0]),
            sql.Identifier("pg_temp", f"changed_{table.name}"),
        )
    ).rowcount
