"""Comparisons in PostgreSQL: which contents were compared, what was found, by whom it is read.

Belongs here: rows of contents, matches and segments, and the lock around writing them.
Does not: comparing (vidpipe.reuse.comparison), clusters (vidpipe.reuse.cluster_store), erasing
(vidpipe.reuse.forgetting).
"""

from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, LiteralString

import psycopg

from vidpipe.groups.lineage import Step
from vidpipe.reuse.cluster_store import recluster
from vidpipe.reuse.matches import Match, Segment, Verdict
from vidpipe.stores import locks

SEGMENT_COLUMNS: LiteralString = (
    "a_start_s, a_end_s, b_start_s, b_end_s, speed, is_mirrored, a_box, b_box, signal, a_view,"
    " b_view, score, motion, likeness, surety, samples, a_coverage, b_coverage,"
    " is_common"
)
MATCH_COLUMNS: LiteralString = (
    "content_a, content_b, verdict, coverage_a, coverage_b, matched_s, offset_s, speed,"
    " is_mirrored, edits, signals, e_value, comparison_version, dagster_run_id"
)


class Outcome(StrEnum):
    """What became of a content that was to be compared."""

    COMPARED = "compared"
    """It was compared with all others."""
    STATIC = "static"
    """Nothing moves in it: pictures cannot tell a copy."""
    TOO_SHORT = "too_short"
    """It has too few moments to compare."""
    NO_PRINT = "no_print"
    """Its footage print could not be made or read."""


@dataclass(frozen=True)
class ComparedContent:
    """A content and what became of it.

    Attributes:
        content: its `content_sha256`.
        outcome: what became of it.
        samples: sampled moments that are neither dark nor flat.
        effective_duration_s: duration without dark and flat stretches (s); None if unknown.
        print_version: version of the footage print; None if there was none.
        reason: why it could not be compared, in a sentence; None if it was.
    """

    content: str
    outcome: Outcome
    samples: int
    effective_duration_s: float | None
    print_version: str | None
    reason: str | None = None


@dataclass(frozen=True)
class StoredContent:
    """A content as it was compared last.

    Attributes:
        content: what became of it.
        comparison_version: digest of the algorithm and the settings.
        compared_no: number in the order of comparing.
    """

    content: ComparedContent
    comparison_version: str
    compared_no: int


@dataclass(frozen=True)
class Written:
    """What writing comparisons has changed.

    Attributes:
        new_copies: pairs of contents, the smaller digest first, that were no copies before.
        lost_copies: pairs that were copies before and are none now.
        steps: what became of clusters that did not simply go on; a step names ids of clusters.
    """

    new_copies: tuple[tuple[str, str], ...]
    lost_copies: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]


def one_at_a_time(connection: psycopg.Connection) -> AbstractContextManager[None]:
    """Waits until nobody else compares contents or erases comparisons, and keeps others out.

    Args:
        connection: autocommit.
    """
    return locks.FOOTAGE.held(connection)


def write_comparisons(
    connection: psycopg.Connection,
    contents: Sequence[ComparedContent],
    matches: Iterable[Match],
    comparison_version: str,
    *,
    judged_anew: Sequence[Match] = (),
    pending: Collection[str] = (),
    dagster_run_id: str | None = None,
) -> Written:
    """Stores what comparing contents with all that are there has found, in one transaction.

    All that was stored of pairs with one of the contents is replaced: a pair that is not among the
    matches is no match any more, unless its other content is still to be compared. A pair that was
    found before keeps the time when it was first found. Clusters follow in the same transaction.
    Writing the same again changes nothing but times.

    Args:
        connection: autocommit, held by `one_at_a_time` from reading what is there.
        contents: the contents that were compared, with one another and with all that are stored;
            and those that could not be.
        matches: what was found, either way round; each has one of the contents at least, and no
            content that is neither stored nor among them.
        comparison_version: digest of the algorithm and the settings.
        judged_anew: stored matches of other pairs whose verdict has changed.
        pending: stored contents with which these were not compared, because they are to be compared
            again themselves.
        dagster_run_id: the Dagster run, which is kept with the rows.
    """
    names = sorted({one.content for one in contents})
    touched = sorted({*names, *(content for one in judged_anew for content in (one.a, one.b))})
    read = (match if match.a < match.b else match.exchanged for match in (*matches, *judged_anew))
    ordered = list({(match.a, match.b): match for match in read}.values())
    with connection.transaction():
        before = _copies_with(connection, touched)
        _write_contents(connection, contents, comparison_version, dagster_run_id)
        _drop_matches(connection, names, ordered, pending)
        _write_matches(connection, ordered, comparison_version, dagster_run_id)
        after = _copies_with(connection, touched)
        steps = recluster(connection, touched, dagster_run_id)
    return Written(tuple(sorted(after - before)), tuple(sorted(before - after)), tuple(steps))


def stored_contents(connection: psycopg.Connection) -> dict[str, StoredContent]:
    """All contents that were compared or could not be, by `content_sha256`."""
    rows = connection.execute(
        "select content_sha256, outcome, samples, effective_duration_s, print_version, reason,"
        " comparison_version, compared_no from vidpipe.footage_contents order by compared_no"
    ).fetchall()
    return {
        content: StoredContent(
            ComparedContent(content, Outcome(outcome), samples, duration_s, print_version, reason),
            version,
            number,
        )
        for content, outcome, samples, duration_s, print_version, reason, version, number in rows
    }


def matches_of(connection: psycopg.Connection, content: str) -> list[Match]:
    """All matches of a content, read from it, copies first, then those that cover it most."""
    own = _read_matches(connection, "content_a = %(a)s or content_b = %(a)s", {"a": content})
    read = [match if match.a == content else match.exchanged for match in own]
    return sorted(read, key=lambda one: (not one.verdict.is_copy, -one.a_coverage, one.b))


def matches_among(connection: psycopg.Connection, contents: Sequence[str]) -> list[Match]:
    """All matches of any of these contents."""
    return _read_matches(
        connection, "content_a = any(%(c)s) or content_b = any(%(c)s)", {"c": list(contents)}
    )


def match_of(connection: psycopg.Connection, a: str, b: str) -> Match | None:
    """The match of two contents, read from the first to the second; None if there is none."""
    pair = {"a": min(a, b), "b": max(a, b)}
    found = _read_matches(connection, "content_a = %(a)s and content_b = %(b)s", pair)
    if not found:
        return None
    return found[0] if found[0].a == a else found[0].exchanged


def _copies_with(connection: psycopg.Connection, contents: Sequence[str]) -> set[tuple[str, str]]:
    rows = connection.execute(
        "select content_a, content_b from vidpipe.footage_matches where is_copy"
        " and (content_a = any(%(contents)s) or content_b = any(%(contents)s))",
        {"contents": list(contents)},
    ).fetchall()
    return {(a, b) for a, b in rows}


def _write_contents(
    connection: psycopg.Connection,
    contents: Sequence[ComparedContent],
    version: str,
    run_id: str | None,
) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into vidpipe.footage_contents (content_sha256, outcome, reason, samples,"
            " effective_duration_s, print_version, comparison_version, dagster_run_id)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict (content_sha256) do update set"
            " outcome = excluded.outcome, reason = excluded.reason, samples = excluded.samples,"
            " effective_duration_s = excluded.effective_duration_s,"
            " print_version = excluded.print_version,"
            " comparison_version = excluded.comparison_version, compared_no = default,"
            " compared_at = now(), dagster_run_id = excluded.dagster_run_id",
            [
                (
                    one.content,
                    one.outcome.value,
                    one.reason,
                    one.samples,
                    one.effective_duration_s,
                    one.print_version,
                    version,
                    run_id,
                )
                for one in contents
            ],
        )


def _drop_matches(
    connection: psycopg.Connection,
    contents: Sequence[str],
    matches: Sequence[Match],
    pending: Collection[str],
) -> None:
    """Drops what was stored of pairs with one of the contents and was not found again."""
    connection.execute(
        "delete from vidpipe.footage_matches"
        " where (content_a = any(%(contents)s) or content_b = any(%(contents)s))"
        " and content_a <> all(%(pending)s) and content_b <> all(%(pending)s)"
        " and (content_a, content_b) not in ("
        "select * from unnest(%(a)s::text[], %(b)s::text[]))",
        {
            "contents": list(contents),
            "pending": list(pending),
            "a": [match.a for match in matches],
            "b": [match.b for match in matches],
        },
    )


def _write_matches(
    connection: psycopg.Connection,
    matches: Sequence[Match],
    version: str,
    run_id: str | None,
) -> None:
    connection.execute(
        "create temp table arriving_matches on commit drop as"
        f" select {MATCH_COLUMNS} from vidpipe.footage_matches with no data"
    )
    statement = f"copy arriving_matches ({MATCH_COLUMNS}) from stdin"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for match in matches:
            copy.write_row(_match_row(match, version, run_id))
    updates = ", ".join(f"{name} = excluded.{name}" for name in MATCH_COLUMNS.split(", ")[2:])
    for change in (
        "delete from vidpipe.footage_segments as s using arriving_matches as a"
        " where s.content_a = a.content_a and s.content_b = a.content_b",
        f"insert into vidpipe.footage_matches ({MATCH_COLUMNS})"
        f" select {MATCH_COLUMNS} from arriving_matches"
        f" on conflict (content_a, content_b) do update set {updates}, compared_at = now()",
        "drop table arriving_matches",
    ):
        connection.execute(change.encode())
    statement = (
        "copy vidpipe.footage_segments (content_a, content_b, segment_no, offset_s,"
        f" {SEGMENT_COLUMNS}) from stdin"
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for match in matches:
            for number, segment in enumerate(match.segments):
                copy.write_row((match.a, match.b, number, segment.offset_s, *_segment_row(segment)))


def _match_row(match: Match, version: str, run_id: str | None) -> tuple[Any, ...]:
    strongest = match.segments[0] if match.segments else None
    a_s = _covered_s((one.a_start_s, one.a_end_s) for one in match.segments)
    b_s = _covered_s((one.b_start_s, one.b_end_s) for one in match.segments)
    return (
        match.a,
        match.b,
        match.verdict.value,
        match.a_coverage,
        match.b_coverage,
        min(a_s, b_s),
        strongest.offset_s if strongest else None,
        strongest.speed if strongest else None,
        strongest.is_mirrored if strongest else None,
        list(match.edits),
        sorted({one.signal for one in match.segments}),
        match.e_value,
        version,
        run_id,
    )


def _covered_s(stretches: Iterable[tuple[float, float]]) -> float:
    """Seconds that stretches cover together, those that overlap counted once."""
    covered, reached = 0.0, float("-inf")
    for start, end in sorted(stretches):
        covered += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return covered


def _segment_row(segment: Segment) -> tuple[Any, ...]:
    values = []
    for field in fields(segment):
        value = getattr(segment, field.name)
        values.append(list(value) if isinstance(value, tuple) else value)
    return tuple(values)


def _read_matches(
    connection: psycopg.Connection, condition: LiteralString, parameters: dict[str, Any]
) -> list[Match]:
    """The matches that a condition chooses, the first content of each the smaller digest."""
    segments: dict[tuple[str, str], list[Segment]] = {}
    for a, b, *values in connection.execute(
        f"select content_a, content_b, {SEGMENT_COLUMNS} from vidpipe.footage_segments"
        f" where {condition} order by content_a, content_b, segment_no",
        parameters,
    ).fetchall():
        row: list[Any] = [tuple(one) if isinstance(one, list) else one for one in values]
        segments.setdefault((a, b), []).append(Segment(*row))
    rows = connection.execute(
        "select content_a, content_b, verdict, coverage_a, coverage_b, e_value, edits"
        f" from vidpipe.footage_matches where {condition} order by content_a, content_b",
        parameters,
    ).fetchall()
    return [
        Match(
            a,
            b,
            Verdict(verdict),
            a_coverage,
            b_coverage,
            tuple(segments.get((a, b), ())),
            e_value,
            tuple(edits),
        )
        for a, b, verdict, a_coverage, b_coverage, e_value, edits in rows
    ]
