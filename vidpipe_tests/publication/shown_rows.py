"""What a database shows after publishing, and which of its rows were written."""

import psycopg

SHOWN = (
    "vidpipe.videos",
    "vidpipe.video_versions",
    "vidpipe.contents",
    "vidpipe.keyframes",
    "vidpipe.ocr_lines",
    "vidpipe.video_words",
    "vidpipe.frame_embeddings",
    "vidpipe.content_embeddings",
    "vidpipe.text_embeddings",
    "vidpipe_ops.failures",
    "vidpipe_ops.unshown_uploads",
    "vidpipe_ops.date_contents",
)


def shown_rows(connection: psycopg.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Every row that is shown, by table."""
    return {
        table: sorted(connection.execute(f"select t::text from {table} as t").fetchall())
        for table in SHOWN
    }


def row_versions(connection: psycopg.Connection) -> list[tuple[object, ...]]:
    """Place and writing transaction of every row of every real table."""
    tables = connection.execute(
        "select relnamespace::regnamespace || '.' || relname from pg_class where relkind = 'r'"
        " and relnamespace in ('vidpipe'::regnamespace, 'vidpipe_ops'::regnamespace) order by 1"
    ).fetchall()
    return [
        (table, *row)
        for (table,) in tables
        for row in connection.execute(
            f"select ctid::text, xmin::text, xmax::text from {table} order by ctid"
        ).fetchall()
    ]
