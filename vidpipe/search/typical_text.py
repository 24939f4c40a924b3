"""The typical text of an index: a vector of what its texts have in common.

Belongs here: reading it. Does not: taking it away from a query (term_algebra.py).
"""

import psycopg
from psycopg import sql

from vidpipe.search.term_algebra import Vector
from vidpipe.stores.model_registry import RegisteredModel

SAMPLE = 10_000  # texts; more would not move the mean
FEW = 30  # texts whose mean counts half: of so few it says what they are about, too


def typical_text(connection: psycopg.Connection, model: RegisteredModel) -> Vector | None:
    """The mean of the unit vectors of descriptions and OCR texts; shorter where there are few.

    Args:
        connection: to the database of the index.
        model: whose vectors are meant, active or not.

    Returns:
        float32, shape (dimensions,), length below 1; None without texts.
    """
    table = sql.Identifier("vidpipe", f"text_embeddings_m{model.model_no}")
    row = connection.execute(
        sql.SQL(
            "select count(*), avg(embedding) from"
            " (select embedding from {} order by video_id, kind limit %s) as sample"
        ).format(table),
        [SAMPLE],
    ).fetchone()
    if row is None or not row[0]:
        return None
    texts, mean = row
    typical: Vector = mean.to_numpy().astype("float32") * (texts / (texts + FEW))
    return typical
