"""Posts that show the footage of a post or of a file, and who posted it first.

Belongs here: reading them, verdicts and times in plain words.
Does not: finding copies (vidpipe.reuse.run, vidpipe.reuse.outside), printing
(vidpipe.cli.copies), the functions that analysts call (sql/functions/reused_footage.sql).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row

from vidpipe.errors import UnknownName
from vidpipe.reuse.cluster_store import clusters_of
from vidpipe.reuse.footage import Footage
from vidpipe.reuse.matches import Match, Verdict
from vidpipe.reuse.store import matches_of
from vidpipe.reuse.worker import outcome_of

PLAIN = {
    Verdict.IDENTICAL: "is the same video",
    Verdict.NEAR_DUPLICATE: "is the same footage, edited",
    Verdict.CLIP_OF: "shows all of it, and more",
    Verdict.CONTAINS: "shows a part of it, and nothing else",
    Verdict.SHARES_FOOTAGE: "shares footage with it, and each shows more",
    Verdict.SAME_SCENE: "looks like it, but what moves is not the same: no copy",
    Verdict.COMMON_SEGMENT: "shares with it only what many videos show, as an intro: no copy",
    Verdict.STATIC: "shows the same picture, in which nothing moves: no verdict is possible",
}
"""What the other video does to the one that was asked for, by verdict read from that."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Copies:
    """What is known of the footage of a post or a file.

    Attributes:
        asked: the post's id of now, or the path of the file.
        content_sha256: its bytes.
        outcome: what became of them: `compared`, `static`, `too_short`, `no_print`; None if they
            were not compared yet.
        reason: why they could not be compared, in a sentence.
        copies: posts that show its footage, with the columns of `vidpipe.footage_copy`, in the
            order of posting.
        no_copies: number of other contents that have something to do with it, by verdict.
        clusters: rows of `vidpipe.footage_cluster_summaries` that it belongs to, or for a file
            those of its copies.
    """

    asked: str
    content_sha256: str
    outcome: str | None
    reason: str | None
    copies: list[Row]
    no_copies: dict[str, int]
    clusters: list[Row]


def content_of_video(connection: psycopg.Connection, video: str) -> tuple[str, str]:
    """Id of now and `content_sha256` of a post, by its id of now or of before.

    Raises:
        UnknownName: there is no such post.
    """
    row = connection.execute(
        "select video_id, content_sha256 from vidpipe.videos"
        " where video_id = vidpipe.video_id_of(%s)",
        [video],
    ).fetchone()
    if row is None:
        raise UnknownName(f"{video} is neither a video (platform:id) nor a file")
    return row[0], row[1]


def outcomes_of(
    connection: psycopg.Connection, contents: Sequence[str]
) -> dict[str, tuple[str, str | None]]:
    """What became of contents that were to be compared, and why those that were not could not be.

    Contents that no run has compared yet are left out.
    """
    rows = connection.execute(
        "select content_sha256, outcome, reason from vidpipe.footage_contents"
        " where content_sha256 = any(%s)",
        [list(contents)],
    ).fetchall()
    return {content: (outcome, reason) for content, outcome, reason in rows}


def copies_of_video(
    connection: psycopg.Connection, video: str, *, least_coverage: float = 0.0
) -> Copies:
    """What is stored of a post's footage.

    Args:
        connection: to an upgraded database.
        video: id of the post, of now or of before.
        least_coverage: leaves out pairs of which neither is covered so far, 0 to 1.

    Raises:
        UnknownName: there is no such post.
    """
    video_id, content = content_of_video(connection, video)
    copies = _rows(
        connection, "select * from vidpipe.copies_of(%s, %s::real)", [video_id, least_coverage]
    )
    outcome, reason = outcomes_of(connection, [content]).get(content, (None, None))
    return Copies(
        video_id,
        content,
        outcome,
        reason,
        copies,
        _counted(matches_of(connection, content)),
        _clusters(connection, [content]),
    )


def copies_of_file(
    connection: psycopg.Connection,
    path: str,
    footage: Footage,
    matches: Sequence[Match],
    *,
    least_coverage: float = 0.0,
) -> Copies:
    """The posts behind the matches of a file from outside (vidpipe.reuse.outside).

    Args:
        connection: to an upgraded database.
        path: what the file is called.
        footage: its print.
        matches: read from the file.
        least_coverage: leaves out pairs of which neither is covered so far, 0 to 1.
    """
    known = outcome_of(footage, None)
    copies = {match.b: match for match in matches if match.verdict.is_copy}
    rows = [
        _row_of_match(post, copies[post["content_sha256"]])
        for post in _rows(connection, POSTS, [list(copies)])
    ]
    return Copies(
        path,
        footage.content,
        known.outcome.value,
        known.reason,
        [row for row in rows if max(row["coverage"], row["copy_coverage"]) >= least_coverage],
        _counted(matches),
        _clusters(connection, list(copies)),
    )


POSTS = (
    "select v.video_id, v.platform, v.account_id, v.account, t.posted_at, v.content_sha256"
    " from vidpipe.videos as v cross join lateral"
    " (select vidpipe.believed_time(v.posted_at, v.ingest_date) as posted_at) as t"
    " where v.content_sha256 = any(%s) and v.removed_at is null"
    " order by t.posted_at nulls last, v.video_id"
)


def _row_of_match(post: Row, match: Match) -> Row:
    """A post with what a match says, in the columns of `vidpipe.footage_copy`."""
    strongest = match.segments[0] if match.segments else None
    return {
        "video_id": post["video_id"],
        "verdict": match.verdict.value,
        "coverage": match.a_coverage,
        "copy_coverage": match.b_coverage,
        "platform": post["platform"],
        "account_id": post["account_id"],
        "account": post["account"],
        "posted_at": post["posted_at"],
        "lag_s": None,
        "content_sha256": post["content_sha256"],
        "offset_s": strongest and strongest.offset_s,
        "speed": strongest and strongest.speed,
        "is_mirrored": strongest and strongest.is_mirrored,
        "edits": list(match.edits),
        "signals": sorted({one.signal for one in match.segments}) or ["bytes"],
        "e_value": match.e_value,
        "intervals": [
            {
                "start_s": one.a_start_s,
                "end_s": one.a_end_s,
                "copy_start_s": one.b_start_s,
                "copy_end_s": one.b_end_s,
                "is_common": one.is_common,
            }
            for one in sorted(match.segments, key=lambda one: (one.a_start_s, one.b_start_s))
        ],
    }


def _counted(matches: Sequence[Match]) -> dict[str, int]:
    """Matches that are no copies, by verdict."""
    counts: dict[str, int] = {}
    for match in matches:
        if not match.verdict.is_copy:
            counts[match.verdict.value] = counts.get(match.verdict.value, 0) + 1
    return counts


def _clusters(connection: psycopg.Connection, contents: Sequence[str]) -> list[Row]:
    """The clusters of contents, those with most posts first."""
    ids = {one.cluster_id for content in contents for one in clusters_of(connection, content)}
    return _rows(
        connection,
        "select * from vidpipe.footage_cluster_summaries where cluster_id = any(%s)"
        " order by posts desc, cluster_id",
        [list(ids)],
    )


def _rows(connection: psycopg.Connection, query: str, values: Sequence[Any]) -> list[Row]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query.encode(), values).fetchall()
