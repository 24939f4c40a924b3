"""Where the words of a question stand in what was found: field, frame, line and box.

Belongs here: reading the places of results, and the frame that shows them.
Does not: finding words (sql/functions/words.sql).
"""

from typing import Any

import psycopg
from psycopg.rows import dict_row

Row = dict[str, Any]


def with_places(connection: psycopg.Connection, found: list[Row], words: str) -> list[Row]:
    """Results with `places`, empty where the words do not stand.

    Args:
        connection: to the database of the index.
        found: rows of `vidpipe.search_hybrid`. Where looks show no frame, the first with the words
            is shown.
        words: the question that they answer.
    """
    holding = [row for row in found if row["words_rank"] is not None]
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            "select h.rank as of_rank, p.* from unnest(%s::int[], %s::text[], %s::text[])"
            " as h (rank, video_id, content_sha256)"
            " cross join lateral vidpipe.word_places(h.video_id, %s, h.content_sha256)"
            " with ordinality as p order by h.rank, p.ordinality",
            [
                [row["rank"] for row in holding],
                [row["video_id"] for row in holding],
                [row["content_sha256"] for row in holding],
                words,
            ],
        ).fetchall()
    places: dict[int, list[Row]] = {row["rank"]: [] for row in found}
    for row in rows:
        place = {name: row[name] for name in row if name not in ("of_rank", "ordinality")}
        places[row["of_rank"]].append(place)
    return [_with_frame(row | {"places": places[row["rank"]]}) for row in found]


def _with_frame(row: Row) -> Row:
    """A result with the first frame in which its words stand, if the looks show no frame."""
    frames = [place for place in row["places"] if place["segment"] is not None]
    if row["segment"] is not None or not frames:
        return row
    shown = ("segment", "timestamp_s", "keyframe_sha256", "image_uri")
    return row | {name: frames[0][name] for name in shown}
