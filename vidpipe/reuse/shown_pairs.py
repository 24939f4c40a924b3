"""Keyframes of two contents that show the same moment, as near as keyframes can.

Belongs here: choosing the frames of matches for a contact sheet. Does not: drawing it
(vidpipe.media.contact_sheet), frames between keyframes (vidpipe.reuse.aligned_frames).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from vidpipe.reuse.matches import Match, Segment
from vidpipe.reuse.store import match_of
from vidpipe.stores.media_store import MediaStore

PAIRS = 12
"""Pairs on one sheet."""
COLUMNS = 4
"""Two pairs in a row."""
OUTSIDE = 2.0
"""A second outside the aligned stretch weighs as much as so many seconds apart."""


@dataclass(frozen=True)
class Frame:
    """A keyframe: when it is shown (s), and where its picture is."""

    time_s: float
    image_uri: str


def pairs_of_frames(
    connection: psycopg.Connection, media: MediaStore, pairs: Sequence[tuple[str, str]]
) -> list[tuple[bytes, str]]:
    """Pictures and captions of the first pairs of contents, two for each: first, then second.

    Args:
        connection: where matches and keyframes are published.
        media: where the pictures are.
        pairs: `content_sha256` of both; pairs without a match or keyframes are left out.

    Raises:
        StoreError: a picture cannot be read.
    """
    tiles: list[tuple[bytes, str]] = []
    for a, b in pairs:
        if len(tiles) >= 2 * PAIRS:
            break
        match = match_of(connection, a, b)
        if match is None or not match.segments:
            continue
        chosen = nearest_frames(match.segments[0], _frames(connection, a), _frames(connection, b))
        if chosen is not None:
            first, second = chosen
            tiles.append((media.get(first.image_uri), _caption(connection, a, first.time_s)))
            tiles.append((media.get(second.image_uri), _second(connection, match, second.time_s)))
    return tiles


def nearest_frames(
    segment: Segment, frames: Sequence[Frame], others: Sequence[Frame]
) -> tuple[Frame, Frame] | None:
    """The two frames that are nearest to one moment of an aligned stretch; None without frames."""

    def apart_s(pair: tuple[Frame, Frame]) -> float:
        first, second = pair
        expected_s = segment.offset_s + segment.speed * first.time_s
        outside_s = max(segment.a_start_s - first.time_s, first.time_s - segment.a_end_s, 0.0)
        return abs(second.time_s - expected_s) + OUTSIDE * outside_s

    return min(((one, other) for one in frames for other in others), key=apart_s, default=None)


def _frames(connection: psycopg.Connection, content: str) -> list[Frame]:
    rows = connection.execute(
        "select timestamp_s, image_uri from vidpipe.keyframes where content_sha256 = %s order by 1",
        [content],
    ).fetchall()
    return [Frame(*row) for row in rows]


def _second(connection: psycopg.Connection, match: Match, time_s: float) -> str:
    verdict = match.verdict.value.replace("_", " ")
    return f"{_caption(connection, match.b, time_s)}: {verdict}, read from the left"


def _caption(connection: psycopg.Connection, content: str, time_s: float) -> str:
    """The earliest post of a content, and a time in it."""
    row = connection.execute(
        "select video_id from vidpipe.videos where content_sha256 = %s"
        " order by removed_at is not null, posted_at nulls last, video_id limit 1",
        [content],
    ).fetchone()
    return f"{row[0] if row else content[:8]} {time_s:.1f} s"
